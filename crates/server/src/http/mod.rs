//! The edge: extractors and answers that speak the one error body.

mod connection;
mod ctx;
mod extract;
mod first_bytes;
mod listen;
mod openly;
pub(crate) mod paging;
mod preview_threads;
pub(crate) mod problem;
mod serving;
mod tls;

pub(crate) use connection::{Connection, Peer};
pub(crate) use extract::JSON_BODY_MAX;
pub use extract::{Json, Path, Query};
pub(crate) use listen::Listener;
pub(crate) use openly::Openly;
pub(crate) use preview_threads::{Applications, PreviewThreads};
pub(crate) use serving::{Answering, serve};
pub(crate) use tls::Certificate;
pub use tls::TlsError;
