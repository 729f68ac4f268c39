//! The job engine on a real database, with scripted jobs and a clock that stands still; and its
//! public routes.

#![expect(
    clippy::unwrap_used,
    reason = "Clippy's exception for tests does not reach their helper functions"
)]

mod ending;
mod order;
mod recovery;
mod routes;
mod script;
mod time;
