//! Search: texts in files, replacing what was found, and finding files by parts of their names. The wire
//! contract stands in [`atelier_api::agent::search`]; why it is so, in decision 0014.
//!
//! Invariants: no link is followed, so that nothing outside of the root is read ([`scope`]); what is kept
//! in memory is bounded, whatever the files hold; a search whose caller goes away ends within
//! milliseconds; a file is replaced whole or not at all, and only the version that was searched
//! ([`replace`]).

mod content;
mod globs;
mod lines;
mod names;
mod outbox;
mod pattern;
mod reader;
mod replace;
mod routes;
mod scope;
mod sink;
mod text;
mod undo;
mod writing;

pub(crate) use routes::routes;
