//! The link between the control plane and a node: how a request reaches the node's router.
//!
//! Invariant: this crate knows no product type, only HTTP, bytes, and opaque JSON for who the node is.
//!
//! A node behind a firewall dials out. The connection is a WebSocket; over it the roles turn round: the
//! node *serves* HTTP/2 and the control plane is the client (decision 0003). [`Link`] is all that
//! callers see; it also holds a router in the same process, and no feature can tell the two apart.
//!
//! # The protocol, version 1
//!
//! 1. **Upgrade.** `GET` with `Upgrade: websocket` (RFC 6455) to the control plane's address, TLS outside
//!    of loopback. An answer other than 101 is a failed attempt; its `Retry-After` is obeyed.
//! 2. **Handshake.** WebSocket text messages of one JSON object each, at most 32 KiB, 10 s for each:
//!
//!    | from | message |
//!    | --- | --- |
//!    | control plane | `{"type":"challenge","protocols":[min,max],"nonce":"64 hex digits"}` |
//!    | node | `{"type":"hello","protocol":1,"lane":"interactive","instance":"…","port":52814,"identity":{…}}` |
//!    | control plane | `{"type":"welcome","ping_every_ms":5000,"ping_timeout_ms":4000,"redial_within_ms":2000,"data":{…}}` |
//!    | or | `{"type":"refused","reason":"busy","detail":"…","retry_after_ms":1500,"url":"…"}` |
//!
//!    The control plane may take its time with `challenge` (15 s at most): where many come at once, each waits
//!    its turn on its open line. `refused` may also come in place of it. Reasons: `starting busy moved revoked version
//!    duplicate denied`; `url` comes with `moved`. `identity` and `data` are opaque here; the identity
//!    must prove possession of a key by signing the nonce. `instance` is random for each start of the
//!    daemon. Unknown fields are passed over.
//! 3. **HTTP/2**, prior knowledge, in binary messages whose borders mean nothing: at most 64 KiB are
//!    sent in one, frames above 256 KiB end the connection. The control plane is the client, the node
//!    the server with `SETTINGS_ENABLE_CONNECT_PROTOCOL`. Windows, frames and streams: `settings.rs`.
//! 4. **Heartbeat.** The control plane sends a WebSocket ping every `ping_every_ms` (up to a fiftieth of it later, so that
//!    those of many lines leave together);
//!    the pong gives the line's round trip. Each side takes the line for dead that was silent for
//!    `ping_every_ms + ping_timeout_ms` (9 s): the control plane misses pongs, the node pings.
//!    An interactive line on which one TCP connection reaches from end to end is left to the two kernels (TCP keepalive,
//!    RFC 9293 §3.8.4, and the user timeout, RFC 5482: 9 s as well) and pinged every 30 s, or every 5 s while requests
//!    are under way. It is one where the `port` that the node says it dials from is the one that the control plane sees.
//! 5. **Lanes.** `interactive` stands always. `bulk` is a second connection, dialed when the control
//!    plane asks (`POST /-/tunnel/bulk` on the first: 202, or 404 from a node without one) and ended
//!    by it after two minutes without a request. `GET /-/tunnel/probe` is answered 204. Nothing under
//!    `/-/tunnel/` reaches the node's router.
//! 6. **WebSockets of browsers** cross as extended CONNECT (RFC 8441), `:protocol websocket`, answered 200
//!    by the node; their bytes, masks and all, pass untouched.
//! 7. **Coming back.** A node dials again with full jitter, from 0.2 s up to 30 s. Where the other side ended the line,
//!    all nodes may have lost theirs: none of its ceilings is then below the `redial_within_ms` that it was told.
//!
//! # The control plane's endpoint
//!
//! It calls [`tune`] on every socket: for the interactive lane, and again once the node has said which it is. The node's end is [`Dialer`], and [`reach`] for a check.
//!
//! ```no_run
//! use std::sync::Arc;
//!
//! use atelier_tunnel::{AcceptOptions, Authenticator, NotAnUpgrade, Tunnels, accept, upgrade};
//! use axum::{body::Body, extract::Request, response::Response};
//!
//! async fn endpoint<A: Authenticator<Grant = String> + Send + 'static>(
//!     mut request: Request,
//!     (options, authenticator, tunnels): (AcceptOptions, Arc<A>, Tunnels<String>),
//! ) -> Result<Response, NotAnUpgrade> {
//!     let (response, io) = upgrade(&mut request)?;
//!     tokio::spawn(async move {
//!         let Ok(io) = io.await else { return };
//!         let Ok(accepted) = accept(io, &options, &*authenticator).await else { return };
//!         let (node, hello) = (accepted.grant, accepted.hello);
//!         if let Ok(attached) = tunnels.attach(&node, &hello.instance, accepted.connection) {
//!             let (why, was_newest) = attached.ended().await;
//!             // If it was the newest of its lane, and the lane interactive, the node is offline.
//!         }
//!     });
//!     Ok(response)
//! }
//! ```

mod accept;
mod admission;
mod answer;
mod bytes;
mod connection;
mod dial;
mod forward;
mod frame;
mod handshake;
mod line;
mod link;
mod pieces;
mod sending;
mod settings;
mod socket;
mod stream;
mod tunnels;
mod upgrade;

pub use accept::{AcceptError, AcceptOptions, Accepted, Admitted, Attempt, Authenticator, accept};
pub use admission::Admission;
pub use connection::Connection;
pub use dial::{
    Asked, DialConfig, DialError, Dialer, Identity, InvalidConfig, Proxy, Reached, State, Trust,
    reach,
};
pub use handshake::{Challenge, HandshakeError, Hello, PROTOCOLS, Reason, Refusal};
pub use line::End;
pub use link::{AnswerWithin, Answering, InProcess, Link, LinkError};
pub use settings::{Heartbeat, Lane};
pub use socket::{peer, tune};
pub use tunnels::{Attached, NoSuchDaemon, Tunnel, Tunnels};
pub use upgrade::{NotAnUpgrade, upgrade};
