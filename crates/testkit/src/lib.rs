//! What tests share.

mod database;

pub use database::{DATABASE_URL_VARIABLE, TestDb};
