//! Configuration.

/// The configuration.
#[derive(Debug, Clone, Default)]
pub struct Config {}
