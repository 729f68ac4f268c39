//! What has changed in files: differences, staging, discarding, committing, conflicts.

mod commit;
mod content;
mod diff;
mod discard;
mod patch;
mod resolve;
mod restore;
mod stage;

pub(super) use commit::{commit, draft};
pub(super) use content::content;
pub(super) use diff::diff;
pub(super) use discard::discard;
pub(super) use resolve::resolve;
pub(super) use restore::restore;
pub(super) use stage::{stage, unstage};
