//! The commits: log, one of them, who wrote a line.

mod blame;
mod log;
mod view;

pub(super) use blame::blame;
pub(super) use log::{log, seconds};
pub(super) use view::view;
