//! Names that are the agent's own.

use atelier_api::agent::trash::TRASH_DIRECTORY;

use super::temporary::is_temporary;

/// Tells whether a name is one that the agent gives to what nobody else is to see: what is being written,
/// and the trash. Lists, watches, searches, copies and archives leave it out.
pub(crate) fn is_reserved(name: &[u8]) -> bool {
    is_temporary(name) || name == TRASH_DIRECTORY.as_bytes()
}
