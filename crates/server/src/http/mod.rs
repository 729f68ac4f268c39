//! The edge: extractors and answers that speak the one error body.

mod ctx;
mod extract;
mod problem;

pub use extract::{Json, Path, Query};
