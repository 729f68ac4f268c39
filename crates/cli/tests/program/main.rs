//! The real program, as people run it: `atelier serve` killed and started again, and the commands.

mod commands;
mod program;
mod start;
mod survival;
