//! Terminals and processes through the agent's socket, with real programs.

mod flow;
mod frames;
mod processes;
mod resume;
mod socket;
mod support;
mod terminals;
