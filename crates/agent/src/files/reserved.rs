//! Names that are the agent's own.

use atelier_api::agent::trash::TRASH_DIRECTORY;

use super::temporary::is_temporary;

/// The directory in a root that holds what replacements can be undone from.
pub(crate) const UNDO_DIRECTORY: &str = ".atelier-undo";

/// Tells whether a name is one that the agent gives to what nobody else is to see: what is being written,
/// the trash, and what replacements are undone from. Lists, watches, searches, copies and archives leave it out.
pub(crate) fn is_reserved(name: &[u8]) -> bool {
    is_temporary(name) || name == TRASH_DIRECTORY.as_bytes() || name == UNDO_DIRECTORY.as_bytes()
}
