//! A body in small pieces, so that the reader's buffers, which grow to the largest frame that ever came, stay
//! small on ten thousand lines.

use std::pin::Pin;
use std::task::{Context, Poll, ready};

use axum::body::Body;
use bytes::Bytes;
use hyper::body::{Body as HttpBody, Frame, SizeHint};

use crate::settings::INTERACTIVE_PIECE;

/// Gives what the body gives, cut into pieces of at most [`INTERACTIVE_PIECE`] bytes.
pub(super) struct Pieces {
    body: Body,
    /// What the body gave and is not passed on yet.
    rest: Bytes,
}

impl Pieces {
    pub(super) fn new(body: Body) -> Self {
        Self {
            body,
            rest: Bytes::new(),
        }
    }

    fn next(&mut self) -> Frame<Bytes> {
        let length = self.rest.len().min(INTERACTIVE_PIECE);
        Frame::data(self.rest.split_to(length))
    }
}

impl HttpBody for Pieces {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        let this = &mut *self;
        if !this.rest.is_empty() {
            return Poll::Ready(Some(Ok(this.next())));
        }
        let frame = match ready!(Pin::new(&mut this.body).poll_frame(cx)) {
            Some(Ok(frame)) => frame,
            ended => return Poll::Ready(ended),
        };
        Poll::Ready(Some(Ok(match frame.into_data() {
            Ok(data) => {
                this.rest = data;
                this.next()
            }
            Err(trailers) => trailers,
        })))
    }

    fn is_end_stream(&self) -> bool {
        self.rest.is_empty() && self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        let rest = self.rest.len() as u64;
        let inner = self.body.size_hint();
        let mut hint = SizeHint::new();
        if let Some(upper) = inner.upper() {
            hint.set_upper(upper + rest);
        }
        hint.set_lower(inner.lower() + rest);
        hint
    }
}

#[cfg(test)]
mod tests {
    use http_body_util::BodyExt as _;

    use super::*;

    #[tokio::test]
    async fn a_body_comes_whole_in_small_pieces() {
        let whole: Vec<u8> = (0..INTERACTIVE_PIECE * 2 + 7)
            .map(|at| u8::try_from(at % 251).unwrap())
            .collect();
        let mut pieces = Pieces::new(Body::from(whole.clone()));
        assert_eq!(pieces.size_hint().exact(), Some(whole.len() as u64));
        let (mut lengths, mut came) = (Vec::new(), Vec::new());
        while let Some(frame) = pieces.frame().await {
            let data = frame.unwrap().into_data().unwrap();
            lengths.push(data.len());
            came.extend_from_slice(&data);
            let left = (whole.len() - came.len()) as u64;
            assert_eq!(pieces.size_hint().exact(), Some(left));
        }
        assert_eq!(lengths, [INTERACTIVE_PIECE, INTERACTIVE_PIECE, 7]);
        assert_eq!(came, whole);
        assert!(pieces.is_end_stream());
    }
}
