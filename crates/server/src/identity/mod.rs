//! Identity: accounts, browser sessions, personal access tokens, and the first set-up.

/// What identity keeps in memory.
#[derive(Debug, Clone, Default)]
pub struct Identity {}
