//! The edge: extractors and answers that speak the one error body.

mod connection;
mod ctx;
mod extract;
mod openly;
pub(crate) mod paging;
pub(crate) mod problem;
mod tls;

pub(crate) use connection::{Connection, Listener, Peer};
pub(crate) use extract::JSON_BODY_MAX;
pub use extract::{Json, Path, Query};
pub(crate) use openly::Openly;
pub use tls::TlsError;
pub(crate) use tls::TlsListener;
