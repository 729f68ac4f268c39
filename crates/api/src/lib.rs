//! Types that cross a process border: the public API (`v1`), the node API (`node`), the workspace
//! agent's API (`agent`), and what they share: ids, times, the error body and paging.
//!
//! Invariant: this crate knows no tokio, axum or SQL. Wire types only grow: a field is added as
//! optional, never renamed or removed while a supported peer may send it.

pub mod agent;
pub mod ids;
pub mod node;
pub mod page;
pub mod problem;
pub mod time;
pub mod v1;

pub use page::Page;
pub use problem::{ErrorCode, Problem};
pub use time::Timestamp;
