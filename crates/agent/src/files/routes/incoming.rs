//! The body of an upload, in portions that follow the disk: as much as comes while the one before is written, and
//! enough to be worth the way to another thread and back.

use std::mem;
use std::pin::pin;

use axum::body::{Body, BodyDataStream, HttpBody as _};
use bytes::Bytes;
use futures_util::{FutureExt as _, StreamExt as _};

/// How much may wait in memory while what came before it is written, in bytes.
const PORTION_MAX: usize = 1024 * 1024;

/// How much is worth a write of its own, in bytes; less waits for more. Written as it came, an upload through a tunnel
/// lost a tenth of its rate to threads that woke each other.
const PORTION_MIN: usize = 512 * 1024;

/// How many pieces make a portion at most: as many as are written together, and no list that a line which gives single
/// bytes makes long.
const PIECES_MAX: usize = 1024;

/// What is still to be written.
pub(super) struct Incoming {
    body: BodyDataStream,
    chunks: Vec<Bytes>,
    length: usize,
    end: Option<Result<(), axum::Error>>,
}

impl Incoming {
    pub(super) fn new(body: Body) -> Self {
        Self {
            body: body.into_data_stream(),
            chunks: Vec::new(),
            length: 0,
            end: None,
        }
    }

    /// Takes what there is already, or what comes first.
    pub(super) async fn begin(&mut self) {
        self.take().await;
        while self.takes_more() && self.take().now_or_never().is_some() {}
    }

    /// Takes what comes until `writing` is done.
    pub(super) async fn take_while<T>(&mut self, writing: impl Future<Output = T>) -> T {
        let mut writing = pin!(writing);
        loop {
            let takes_more = self.takes_more();
            tokio::select! {
                biased;
                () = self.take(), if takes_more => {}
                written = &mut writing => return written,
            }
        }
    }

    /// Takes on until there is enough for a write, or all.
    pub(super) async fn gather(&mut self) {
        while self.takes_more() && self.length < PORTION_MIN {
            self.take().await;
        }
    }

    /// What was taken since the last portion.
    pub(super) fn portion(&mut self) -> Vec<Bytes> {
        self.length = 0;
        mem::take(&mut self.chunks)
    }

    /// Set when nothing more comes; an error when that was too early.
    pub(super) fn end(&mut self) -> Option<Result<(), axum::Error>> {
        self.end.take()
    }

    fn takes_more(&self) -> bool {
        self.end.is_none() && self.length < PORTION_MAX && self.chunks.len() < PIECES_MAX
    }

    /// Takes what comes next. Nothing is lost when the future is dropped.
    async fn take(&mut self) {
        match self.body.next().await {
            Some(Ok(chunk)) => {
                self.length += chunk.len();
                self.chunks.push(chunk);
                if self.body.is_end_stream() {
                    self.end = Some(Ok(()));
                }
            }
            Some(Err(error)) => self.end = Some(Err(error)),
            None => self.end = Some(Ok(())),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::io;

    use futures_util::stream;

    use super::*;

    const PIECE: usize = 100 * 1024;

    fn body(pieces: usize, ends_well: bool) -> Body {
        let broken = (!ends_well).then(|| Err(io::Error::from(io::ErrorKind::ConnectionReset)));
        let pieces = (0..pieces).map(|_| Ok(Bytes::from(vec![7; PIECE])));
        // One at a time, as from a line that is no faster than the disk.
        let slow = stream::iter(pieces.chain(broken)).then(async |piece| {
            tokio::task::yield_now().await;
            piece
        });
        Body::from_stream(slow)
    }

    async fn portions(mut incoming: Incoming) -> (Vec<usize>, bool) {
        let mut portions = Vec::new();
        incoming.begin().await;
        loop {
            portions.push(incoming.portion().iter().map(Bytes::len).sum());
            if let Some(end) = incoming.end() {
                return (portions, end.is_ok());
            }
            incoming.take_while(async {}).await;
            incoming.gather().await;
        }
    }

    #[tokio::test]
    async fn the_first_piece_is_written_at_once_and_what_follows_together() {
        let (portions, ended_well) = portions(Incoming::new(body(20, true))).await;
        assert_eq!(portions, [1, 6, 6, 6, 1].map(|pieces| pieces * PIECE));
        assert!(ended_well);
    }

    #[tokio::test]
    async fn what_came_before_a_body_broke_off_is_still_there() {
        let (portions, ended_well) = portions(Incoming::new(body(3, false))).await;
        assert_eq!(portions.iter().sum::<usize>(), 3 * PIECE);
        assert!(!ended_well);
    }

    #[tokio::test]
    async fn no_more_than_a_portion_waits_in_memory() {
        for (piece, together) in [(PIECE, 11), (1, PIECES_MAX)] {
            let pieces =
                (0..3 * together).map(move |_| Ok::<_, io::Error>(Bytes::from(vec![7; piece])));
            let mut incoming = Incoming::new(Body::from_stream(stream::iter(pieces)));
            incoming.begin().await;
            assert_eq!(incoming.portion().len(), together);
            incoming.take_while(tokio::task::yield_now()).await;
            incoming.gather().await;
            assert_eq!(incoming.portion().len(), together);
        }
    }
}
