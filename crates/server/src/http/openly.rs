//! Answers that are the same for everybody.

/// Rides on a response of a public operation: what it denies to exist does not exist for those who sign in
/// either, so that signing in must not be asked for.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Openly;
