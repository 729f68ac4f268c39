//! What goes toward the node on one stream, as fast as the node takes it.
//!
//! A stream that is dropped before its end is reset with `CANCEL`, which the node's reader gets as an error: half
//! an upload never passes for a whole one.

use std::future::poll_fn;
use std::pin::Pin;
use std::task::Poll;

use axum::body::{Body, Bytes};
use h2::{Reason, SendStream};
use http_body::{Body as _, Frame};

/// What can happen while a body is waited for.
enum Next {
    Frame(Option<Result<Frame<Bytes>, axum::Error>>),
    /// The node wants no more.
    Reset,
}

/// Sends a request's body to its end. One that breaks off resets the stream.
pub(crate) async fn send_body(
    mut body: Body,
    mut stream: SendStream<Bytes>,
) -> Result<(), h2::Error> {
    loop {
        room(&mut stream).await?;
        let next = poll_fn(|cx| match stream.poll_reset(cx) {
            Poll::Ready(_) => Poll::Ready(Next::Reset),
            Poll::Pending => Pin::new(&mut body).poll_frame(cx).map(Next::Frame),
        });
        let frame = match next.await {
            Next::Frame(Some(Ok(frame))) => frame,
            Next::Frame(None) => return stream.send_data(Bytes::new(), true),
            Next::Frame(Some(Err(error))) => {
                tracing::debug!(%error, "the body of a request to a node broke off");
                stream.send_reset(Reason::CANCEL);
                return Ok(());
            }
            Next::Reset => return Ok(()),
        };
        match frame.into_data() {
            Ok(data) => {
                let ends = body.is_end_stream();
                stream.send_data(data, ends)?;
                if ends {
                    return Ok(());
                }
            }
            Err(frame) => {
                if let Ok(trailers) = frame.into_trailers() {
                    return stream.send_trailers(trailers);
                }
            }
        }
    }
}

/// Waits until something may be sent. What is then sent may be more: h2 keeps the rest until the window
/// opens, and says that there is no room meanwhile.
pub(crate) async fn room(stream: &mut SendStream<Bytes>) -> Result<(), h2::Error> {
    stream.reserve_capacity(1);
    while stream.capacity() == 0 {
        match poll_fn(|cx| stream.poll_capacity(cx)).await {
            Some(more) => more.map(drop)?,
            None => return Err(Reason::STREAM_CLOSED.into()),
        }
    }
    Ok(())
}
