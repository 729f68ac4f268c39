//! The tunnel over real sockets on loopback.

mod lab;

mod fencing;
mod handshake;
mod heartbeat;
mod limits;
mod links;
mod refusals;
mod transport;
