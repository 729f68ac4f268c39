//! Ends of the protocol made by hand, to speak it wrongly.

use axum::body::Body;
use hyper::client::conn::http2::{Connection, SendRequest};
use hyper_util::rt::{TokioExecutor, TokioIo};
use tokio::net::TcpStream;

/// An HTTP/2 client over plain TCP.
pub(crate) async fn http2(
    stream: TcpStream,
) -> (
    SendRequest<Body>,
    Connection<TokioIo<TcpStream>, Body, TokioExecutor>,
) {
    hyper::client::conn::http2::handshake(TokioExecutor::new(), TokioIo::new(stream))
        .await
        .expect("HTTP/2")
}
