//! The tunnel over real sockets on loopback.
#![expect(clippy::unwrap_used, reason = "a failed step fails the test")]

mod lab;

mod fencing;
mod handshake;
mod heartbeat;
mod limits;
mod links;
mod refusals;
mod transport;
