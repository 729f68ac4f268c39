//! Terminals and processes through the agent's socket, with real programs.

mod bridge;
mod bridge_bad;
mod flow;
mod frames;
mod ports;
mod presence;
mod processes;
mod recordings;
mod resume;
mod shells;
mod socket;
mod support;
mod terminals;
