//! Where an archive's bytes go: in chunks, to whoever receives them.

use std::io::{self, Write};
use std::sync::Arc;

use bytes::{Bytes, BytesMut};
use parking_lot::Mutex;
use tokio::sync::mpsc;

/// How large a chunk is, in bytes: as large as when a file is read.
const CHUNK_BYTES: usize = 256 * 1024;

/// Takes bytes, and waits while the receiver is behind. Clones write to the same receiver.
#[derive(Debug, Clone)]
pub(super) struct Sink(Arc<Mutex<State>>);

#[derive(Debug)]
struct State {
    chunk: BytesMut,
    chunks: mpsc::Sender<io::Result<Bytes>>,
    /// The receiver has gone. What is still written, as by a writer that is dropped, goes nowhere.
    is_gone: bool,
}

impl Sink {
    pub(super) fn new(chunks: mpsc::Sender<io::Result<Bytes>>) -> Self {
        Self(Arc::new(Mutex::new(State {
            chunk: BytesMut::with_capacity(CHUNK_BYTES),
            chunks,
            is_gone: false,
        })))
    }

    /// Fails when the receiver has gone: what compresses well could be read for long before a chunk is full.
    pub(super) fn check(&self) -> io::Result<()> {
        let mut state = self.0.lock();
        state.is_gone |= state.chunks.is_closed();
        if state.is_gone {
            return Err(io::ErrorKind::BrokenPipe.into());
        }
        Ok(())
    }

    /// Sends what is left; or, where it failed, that: the receiver must not take a part for the whole.
    pub(super) fn finish(self, outcome: io::Result<()>) {
        let mut state = self.0.lock();
        if state.is_gone {
            return;
        }
        match outcome {
            Ok(()) => drop(state.send()),
            Err(error) => {
                tracing::debug!(%error, "an archive broke off");
                drop(state.chunks.blocking_send(Err(error)));
            }
        }
    }
}

impl State {
    fn send(&mut self) -> io::Result<()> {
        let chunk = self.chunk.split().freeze();
        self.chunk.reserve(CHUNK_BYTES);
        self.chunks.blocking_send(Ok(chunk)).map_err(|_| {
            self.is_gone = true;
            io::ErrorKind::BrokenPipe.into()
        })
    }
}

impl Write for Sink {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let mut state = self.0.lock();
        if state.is_gone {
            return Ok(bytes.len());
        }
        let taken = bytes.len().min(CHUNK_BYTES - state.chunk.len());
        state.chunk.extend_from_slice(&bytes[..taken]);
        if state.chunk.len() >= CHUNK_BYTES {
            state.send()?;
        }
        Ok(taken)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
