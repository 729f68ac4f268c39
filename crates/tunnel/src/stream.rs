//! A WebSocket's bytes on a stream of their own (RFC 8441). No frame is parsed.

use std::io;

use axum::body::Bytes;
use bytes::BytesMut;
use h2::{Reason, RecvStream, SendStream};
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _};
use tokio::sync::OwnedSemaphorePermit;

use crate::sending::room;
use crate::settings::PIPE;

/// What is left of the buffer when a new one is made: a keystroke takes a few bytes of it.
const SCRAP: usize = 1 << 10;

/// The control plane's end of a stream that carries bytes both ways. It counts as a request under way.
pub(crate) struct Stream {
    toward: SendStream<Bytes>,
    from: RecvStream,
    permit: OwnedSemaphorePermit,
}

impl Stream {
    pub(crate) fn new(
        toward: SendStream<Bytes>,
        from: RecvStream,
        permit: OwnedSemaphorePermit,
    ) -> Self {
        Self {
            toward,
            from,
            permit,
        }
    }

    /// Passes bytes until both ways have ended, or one breaks.
    pub(crate) async fn pass<C>(self, caller: C) -> io::Result<()>
    where
        C: AsyncRead + AsyncWrite,
    {
        let (reading, writing) = tokio::io::split(caller);
        let passing = tokio::try_join!(
            toward_node(reading, self.toward),
            from_node(self.from, writing)
        );
        drop(self.permit);
        passing.map(|_| ())
    }
}

async fn toward_node(
    mut caller: impl AsyncRead + Unpin,
    mut node: SendStream<Bytes>,
) -> io::Result<()> {
    let mut buffer = BytesMut::new();
    loop {
        if buffer.capacity() < SCRAP {
            buffer.reserve(PIPE);
        }
        if caller.read_buf(&mut buffer).await? == 0 {
            return node.send_data(Bytes::new(), true).map_err(io::Error::other);
        }
        room(&mut node).await.map_err(io::Error::other)?;
        node.send_data(buffer.split().freeze(), false)
            .map_err(io::Error::other)?;
    }
}

async fn from_node(mut node: RecvStream, mut caller: impl AsyncWrite + Unpin) -> io::Result<()> {
    while let Some(data) = node.data().await {
        let data = match data {
            Ok(data) => data,
            Err(error) => {
                if let Some(Reason::NO_ERROR | Reason::CANCEL) = error.reason() {
                    // The node has let go of it, having sent all, and takes nothing more.
                    caller.shutdown().await?;
                }
                return Err(io::Error::other(error));
            }
        };
        caller.write_all(&data).await?;
        caller.flush().await?;
        let taken = node.flow_control().release_capacity(data.len());
        taken.map_err(io::Error::other)?;
    }
    caller.shutdown().await
}
