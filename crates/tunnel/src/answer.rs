//! Answers' bodies on their way, and an end for those that nobody reads.
//!
//! A reader that stops keeps up to a stream's window of memory and one of the connection's streams. A
//! download may pause, but not for ever.

use std::collections::HashMap;
use std::fmt;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use axum::body::Bytes;
use h2::{Reason, RecvStream};
use http::HeaderMap;
use http::header::CONTENT_LENGTH;
use http_body::{Body, Frame, SizeHint};
use parking_lot::Mutex;
use tokio::sync::OwnedSemaphorePermit;
use tokio::time::Instant;

use crate::line::{End, LineState};
use crate::link::LinkError;

/// Smaller answers are not watched: what they may hold is small, and they are the many.
const SMALL: u64 = 64 << 10;

/// A body that the node sends. Each part that is read makes room for another.
pub(crate) struct Incoming {
    stream: RecvStream,
    /// How many bytes are still to come, where the node has said so.
    left: Option<u64>,
}

impl Incoming {
    pub(crate) fn new(headers: &HeaderMap, stream: RecvStream) -> Self {
        // h2 has seen to it that it is a number, and that no more nor less comes.
        let length = headers.get(CONTENT_LENGTH);
        let left = length.and_then(|length| length.to_str().ok()?.parse().ok());
        Self { stream, left }
    }

    fn poll_frame(
        &mut self,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, h2::Error>>> {
        match ready!(self.stream.poll_data(cx)) {
            Some(Ok(data)) => {
                self.stream.flow_control().release_capacity(data.len())?;
                self.left = self.left.map(|left| left.saturating_sub(data.len() as u64));
                Poll::Ready(Some(Ok(Frame::data(data))))
            }
            // It needs no more of the request, and has sent all (RFC 9113 §8.1).
            Some(Err(error)) if error.reason() == Some(Reason::NO_ERROR) => Poll::Ready(None),
            Some(Err(error)) => Poll::Ready(Some(Err(error))),
            None => {
                let trailers = ready!(self.stream.poll_trailers(cx))?;
                Poll::Ready(trailers.map(|trailers| Ok(Frame::trailers(trailers))))
            }
        }
    }

    fn is_end_stream(&self) -> bool {
        self.stream.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        match self.left {
            Some(left) => SizeHint::with_exact(left),
            None if self.is_end_stream() => SizeHint::with_exact(0),
            None => SizeHint::default(),
        }
    }
}

/// The answers of one connection that are being read.
#[derive(Default)]
pub(crate) struct Answers {
    watched: Mutex<(u64, HashMap<u64, Arc<Watched>>)>,
}

struct Watched(Mutex<Reading>);

struct Reading {
    /// `None` once it was taken away from a reader that stopped.
    body: Option<Incoming>,
    /// When the reader last asked; while it waits for the node it is not the one who stops.
    asked: Instant,
    waits: bool,
}

impl fmt::Debug for Answers {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let watched = self.watched.lock().1.len();
        f.debug_struct("Answers")
            .field("watched", &watched)
            .finish()
    }
}

impl Answers {
    /// Wraps a body; it counts as under way until it is dropped.
    pub(crate) fn wrap(
        self: &Arc<Self>,
        body: Incoming,
        line: Arc<LineState>,
        permit: OwnedSemaphorePermit,
    ) -> Answer {
        let small = body.is_end_stream() || body.size_hint().exact().is_some_and(|n| n <= SMALL);
        let watched = Arc::new(Watched(Mutex::new(Reading {
            body: Some(body),
            asked: Instant::now(),
            waits: false,
        })));
        let number = (!small).then(|| {
            let mut all = self.watched.lock();
            all.0 += 1;
            let number = all.0;
            all.1.insert(number, watched.clone());
            number
        });
        Answer {
            watched,
            number,
            answers: self.clone(),
            line,
            _permit: permit,
        }
    }

    /// Takes away the bodies that nobody has read for so long. Called from within HTTP/2's own polling,
    /// where a body must not be dropped: that is done by a task.
    pub(crate) fn reset_stalled(&self, after: Duration) {
        let now = Instant::now();
        let stalled: Vec<Incoming> = self
            .watched
            .lock()
            .1
            .values()
            .filter_map(|watched| {
                let mut reading = watched.0.try_lock()?;
                let stalled =
                    !reading.waits && now.saturating_duration_since(reading.asked) >= after;
                if stalled { reading.body.take() } else { None }
            })
            .collect();
        if !stalled.is_empty() {
            tracing::info!(streams = stalled.len(), "reset answers that nobody reads");
            tokio::spawn(async move { drop(stalled) });
        }
    }
}

/// An answer's body. Its errors say why the line ended.
pub(crate) struct Answer {
    watched: Arc<Watched>,
    number: Option<u64>,
    answers: Arc<Answers>,
    line: Arc<LineState>,
    _permit: OwnedSemaphorePermit,
}

impl Drop for Answer {
    fn drop(&mut self) {
        if let Some(number) = self.number {
            self.answers.watched.lock().1.remove(&number);
        }
    }
}

impl Body for Answer {
    type Data = Bytes;
    type Error = LinkError;

    fn poll_frame(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, LinkError>>> {
        let mut reading = self.watched.0.lock();
        let Some(body) = &mut reading.body else {
            return Poll::Ready(Some(Err(LinkError::Stalled)));
        };
        let polled = body.poll_frame(cx);
        reading.waits = polled.is_pending();
        if self.number.is_some() {
            reading.asked = Instant::now();
        }
        polled.map_err(|error| LinkError::Broken(explain(&self.line, &error)))
    }

    fn is_end_stream(&self) -> bool {
        let reading = self.watched.0.lock();
        reading.body.as_ref().is_some_and(Incoming::is_end_stream)
    }

    fn size_hint(&self) -> SizeHint {
        let reading = self.watched.0.lock();
        reading
            .body
            .as_ref()
            .map(Incoming::size_hint)
            .unwrap_or_default()
    }
}

/// Why a request or an answer broke off: the line's end, if it has ended, for HTTP/2's own words say little.
pub(crate) fn explain(line: &LineState, error: &h2::Error) -> End {
    let ended = line.ended().cloned();
    ended.unwrap_or_else(|| End::Failed(error.to_string()))
}
