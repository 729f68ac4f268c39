//! The database handle on both engines: SQLite by default, PostgreSQL where
//! `ATELIER_TEST_DATABASE_URL` names a server.

#![expect(
    clippy::unwrap_used,
    reason = "Clippy's exception for tests does not reach their helper functions"
)]

mod open;
mod open_sqlite;
mod transactions;
