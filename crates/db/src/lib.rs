//! The database: one handle for SQLite (embedded, the default) and PostgreSQL, with one SQL text.
//!
//! Write SQL in the common subset with `$1` placeholders; see decision 0001. What the two engines
//! do differently stands in this crate: how they are opened, how a transaction locks
//! ([`Tx::lock`]), and how errors read ([`DbError`]).
//!
//! Invariant: this crate knows no product type; the tables are known by name only to their owners'
//! `store.rs` and to the migrations.

mod cache;
mod error;
mod handle;
mod migrations;
mod open;
mod tx;

pub use cache::ReadCache;
pub use error::{DbError, OpenError};
pub use handle::{Db, Engine};
pub use open::{DbOptions, Durability};
pub use sqlx;
pub use tx::Tx;

/// A row of either engine.
pub type Row = sqlx::any::AnyRow;
/// A connection of either engine, to execute statements on.
pub type Connection = sqlx::AnyConnection;
