//! What goes toward the node on one stream, as fast as the node takes it.

use std::future::poll_fn;
use std::pin::Pin;
use std::task::Poll;

use axum::body::{Body, Bytes};
use h2::{Reason, SendStream};
use http_body::{Body as _, Frame};

/// This side of a stream. Unless it was ended, dropping it resets the stream with an error: by itself h2 would
/// reset it with `CANCEL`, which hyper's server takes for the end of the body, so that half an
/// upload would pass for a whole one.
pub(crate) struct Sending {
    stream: SendStream<Bytes>,
    ended: bool,
}

/// What can happen while a body is waited for.
enum Next {
    Frame(Option<Result<Frame<Bytes>, axum::Error>>),
    /// The node wants no more.
    Reset,
}

impl Sending {
    pub(crate) fn new(stream: SendStream<Bytes>) -> Self {
        Self {
            stream,
            ended: false,
        }
    }

    /// Sends a request's body. One that breaks off resets the stream.
    pub(crate) async fn body(mut self, mut body: Body) -> Result<(), h2::Error> {
        loop {
            self.room().await?;
            let next = poll_fn(|cx| match self.stream.poll_reset(cx) {
                Poll::Ready(_) => Poll::Ready(Next::Reset),
                Poll::Pending => Pin::new(&mut body).poll_frame(cx).map(Next::Frame),
            });
            let frame = match next.await {
                Next::Frame(Some(Ok(frame))) => frame,
                Next::Frame(None) => return self.end(),
                Next::Frame(Some(Err(error))) => {
                    tracing::debug!(%error, "the body of a request to a node broke off");
                    return Ok(());
                }
                Next::Reset => {
                    self.ended = true;
                    return Ok(());
                }
            };
            match frame.into_data() {
                Ok(data) => {
                    self.ended = body.is_end_stream();
                    self.stream.send_data(data, self.ended)?;
                }
                Err(frame) => {
                    if let Ok(trailers) = frame.into_trailers() {
                        self.ended = true;
                        self.stream.send_trailers(trailers)?;
                    }
                }
            }
            if self.ended {
                return Ok(());
            }
        }
    }

    /// Sends these bytes when there is room for some.
    pub(crate) async fn data(&mut self, data: Bytes) -> Result<(), h2::Error> {
        self.room().await?;
        self.stream.send_data(data, false)
    }

    /// Says that there is no more.
    pub(crate) fn end(mut self) -> Result<(), h2::Error> {
        self.ended = true;
        self.stream.send_data(Bytes::new(), true)
    }

    /// Waits until something may be sent. What is then sent may be more: h2 keeps the rest until the
    /// window opens, and says that there is no room meanwhile.
    async fn room(&mut self) -> Result<(), h2::Error> {
        self.stream.reserve_capacity(1);
        while self.stream.capacity() == 0 {
            match poll_fn(|cx| self.stream.poll_capacity(cx)).await {
                Some(more) => more.map(drop)?,
                None => return Err(Reason::STREAM_CLOSED.into()),
            }
        }
        Ok(())
    }
}

impl Drop for Sending {
    fn drop(&mut self) {
        if !self.ended {
            self.stream.send_reset(Reason::INTERNAL_ERROR);
        }
    }
}
