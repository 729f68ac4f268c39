//! Search, through the agent's own router, on real files.

mod bad;
mod names;
mod replace;
mod support;
mod text;
mod undo;
