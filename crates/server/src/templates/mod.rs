//! Templates.

/// The templates.
#[derive(Debug, Clone, Default)]
pub struct Templates {}
