//! Writing frames.

use std::future::poll_fn;
use std::io::{self, IoSlice};
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use tokio::io::AsyncWrite;
use tokio_tungstenite::tungstenite::protocol::frame::FrameHeader;
use tokio_tungstenite::tungstenite::protocol::frame::coding::{Control, Data, OpCode};

use super::Closing;

/// How long a peer may take to read our farewell.
const CLOSE_TIMEOUT: Duration = Duration::from_secs(5);

/// The most pieces that a payload comes in.
const PIECES_MAX: usize = 3;

/// The longest header that a server sends.
const HEADER_MAX_BYTES: usize = 10;

/// A close frame's reason is at most this long (RFC 6455 §5.5.1).
const REASON_MAX_BYTES: usize = 123;

/// Writes frames to the peer.
///
/// A frame goes to the socket straight from where it lies. Only when the socket takes a part of it
/// is the rest copied, because its source (a ring) may move on; so at most one frame is ever held.
pub(crate) struct Writer<W> {
    io: W,
    rest: Vec<u8>,
    written: usize,
}

impl<W: AsyncWrite + Unpin> Writer<W> {
    pub(crate) fn new(io: W) -> Self {
        Self {
            io,
            rest: Vec::new(),
            written: 0,
        }
    }

    /// Sends a binary frame made of `pieces`. When it is ready, the whole frame is on its way or
    /// held; when it is pending, nothing was taken and `pieces` may be others next time.
    pub(crate) fn poll_binary(
        &mut self,
        cx: &mut Context<'_>,
        pieces: &[&[u8]],
    ) -> Poll<io::Result<()>> {
        self.poll_frame(cx, OpCode::Data(Data::Binary), pieces)
    }

    /// Sends a binary message.
    pub(crate) async fn binary(&mut self, payload: &[u8]) -> io::Result<()> {
        poll_fn(|cx| self.poll_binary(cx, &[payload])).await
    }

    /// Sends a text message.
    pub(crate) async fn text(&mut self, payload: &str) -> io::Result<()> {
        self.frame(OpCode::Data(Data::Text), payload.as_bytes())
            .await
    }

    /// Asks whether the peer is there.
    pub(crate) async fn ping(&mut self) -> io::Result<()> {
        self.frame(OpCode::Control(Control::Ping), &[]).await
    }

    /// Answers a ping.
    pub(crate) async fn pong(&mut self, payload: &[u8]) -> io::Result<()> {
        self.frame(OpCode::Control(Control::Pong), payload).await
    }

    /// Waits until the socket has taken everything.
    pub(crate) async fn flush(&mut self) -> io::Result<()> {
        poll_fn(|cx| self.poll_rest(cx)).await
    }

    /// Says goodbye, and gives up on a peer that does not read it.
    pub(crate) async fn close(mut self, closing: &Closing) {
        let mut payload = closing.code.to_be_bytes().to_vec();
        let cut = closing.detail.floor_char_boundary(REASON_MAX_BYTES);
        payload.extend_from_slice(&closing.detail.as_bytes()[..cut]);
        let farewell = async {
            self.frame(OpCode::Control(Control::Close), &payload)
                .await?;
            self.flush().await?;
            poll_fn(|cx| Pin::new(&mut self.io).poll_shutdown(cx)).await
        };
        if let Ok(Err(error)) = tokio::time::timeout(CLOSE_TIMEOUT, farewell).await {
            tracing::debug!(%error, "a peer was gone before it could be told so");
        }
    }

    async fn frame(&mut self, opcode: OpCode, payload: &[u8]) -> io::Result<()> {
        poll_fn(|cx| self.poll_frame(cx, opcode, &[payload])).await
    }

    fn poll_frame(
        &mut self,
        cx: &mut Context<'_>,
        opcode: OpCode,
        pieces: &[&[u8]],
    ) -> Poll<io::Result<()>> {
        ready!(self.poll_rest(cx))?;
        let length: usize = pieces.iter().map(|piece| piece.len()).sum();
        let header = FrameHeader {
            opcode,
            mask: None,
            ..FrameHeader::default()
        };
        let mut bytes = [0; HEADER_MAX_BYTES];
        let mut unused = &mut bytes[..];
        header
            .format(length as u64, &mut unused)
            .expect("a header fits its buffer");
        let used = HEADER_MAX_BYTES - unused.len();

        let mut parts = [&[][..]; PIECES_MAX + 1];
        parts[0] = &bytes[..used];
        parts[1..=pieces.len()].copy_from_slice(pieces);
        let slices = parts.map(IoSlice::new);
        let mut taken = ready!(Pin::new(&mut self.io).poll_write_vectored(cx, &slices))?;
        if taken == 0 {
            return Poll::Ready(Err(io::ErrorKind::WriteZero.into()));
        }
        for part in parts {
            let skip = taken.min(part.len());
            taken -= skip;
            self.rest.extend_from_slice(&part[skip..]);
        }
        Poll::Ready(Ok(()))
    }

    fn poll_rest(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        while self.written < self.rest.len() {
            let rest = &self.rest[self.written..];
            match ready!(Pin::new(&mut self.io).poll_write(cx, rest))? {
                0 => return Poll::Ready(Err(io::ErrorKind::WriteZero.into())),
                count => self.written += count,
            }
        }
        if self.written > 0 {
            // Freed rather than kept: most viewers never need it.
            self.rest = Vec::new();
            self.written = 0;
        }
        Poll::Ready(Ok(()))
    }
}

#[cfg(test)]
mod tests {
    use tokio::io::AsyncReadExt;

    use super::*;

    #[tokio::test]
    async fn a_frame_that_has_begun_no_longer_needs_its_source() {
        let (io, mut peer) = tokio::io::duplex(8);
        let mut writer = Writer::new(io);
        let mut source = [b'a'; 20];
        poll_fn(|cx| writer.poll_binary(cx, &[&source[..10], &source[10..]]))
            .await
            .expect("taken");
        source.fill(b'z');
        // The next frame waits; it is not mixed into the first.
        let pending = poll_fn(|cx| Poll::Ready(writer.poll_binary(cx, &[b"b"]).is_pending())).await;
        assert!(pending);
        let reading = tokio::spawn(async move {
            let mut bytes = Vec::new();
            peer.read_to_end(&mut bytes).await.expect("read");
            bytes
        });
        writer.binary(b"b").await.expect("taken");
        writer.close(&Closing::new(1000, "é".repeat(100))).await;
        let bytes = reading.await.expect("joined");
        assert_eq!(&bytes[..2], &[0x82, 20]);
        assert_eq!(&bytes[2..22], &[b'a'; 20]);
        assert_eq!(&bytes[22..25], &[0x82, 1, b'b']);
        assert_eq!(&bytes[25..29], &[0x88, 124, 0x03, 0xe8]);
        assert_eq!(
            String::from_utf8(bytes[29..].to_vec()).expect("UTF-8"),
            "é".repeat(61)
        );
    }
}
