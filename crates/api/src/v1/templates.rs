//! Templates.

use serde::{Deserialize, Serialize};

/// A recipe that a workspace is created from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Template {
    /// Its name, as in `template.toml`'s folder: `rust`.
    pub name: String,
    /// What to show: `Rust`.
    pub title: String,
    /// One sentence.
    pub description: String,
    /// The icon's name.
    pub icon: String,
    /// The command that builds and starts it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub start_command: Option<String>,
    /// Programs that it needs on the server.
    #[serde(default)]
    pub requires: Vec<String>,
}

/// All templates.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct TemplateList {
    /// `empty` first, then by title.
    pub items: Vec<Template>,
}
