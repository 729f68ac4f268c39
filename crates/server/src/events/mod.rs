//! Events: news for whoever watches, published after the commit, over `GET /api/v1/events`.
//!
//! The bus (`bus.rs`) numbers what is published and keeps the newest in a bounded history; each
//! watcher walks it with a cursor of its own. `session.rs` is one watcher's side of the protocol
//! ([`atelier_api::v1::events`]) without a transport, `routes.rs` its WebSocket.
//!
//! Invariant: publishing never waits for a watcher, and a slow one costs no memory. Whoever has
//! fallen behind the history is told so, and reads again what is shown.
//!
//! Invariant: what an actor may not see is not sent; rights are asked for each event, and a
//! connection whose actor's rights have changed is closed.

mod bus;
mod routes;
mod session;
mod topics;

pub use bus::Bus;
pub use routes::routes;
