//! Templates: recipes that workspaces are created from, folders of real files below `templates/`,
//! embedded into the program.
//!
//! A folder holds `template.toml` and `files/`, which is copied into an empty `/workspace`. A file
//! named `_gitignore` becomes `.gitignore`: our own repository must not apply it.

mod catalog;
mod routes;

pub use catalog::{TemplateError, Templates};
pub(crate) use routes::routes;
