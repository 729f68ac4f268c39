//! Plain TCP over the same line: the baseline.

use std::io::{self, Read as _, Write as _};
use std::net::{self, SocketAddr};
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread;
use std::time::Instant;

use anyhow::ensure;
use atelier_testkit::network::{Machine, THERE};
use bytes::Bytes;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

use crate::report::{self, Samples};

/// How much is read or written at once, in bytes.
const CHUNK: usize = 256 << 10;

/// What is asked for, before a number of bytes.
const DOWN: u8 = b'd';
const UP: u8 = b'u';
const ECHO: u8 = b'e';

/// The other machine's server. It ends with the harness.
#[derive(Debug, Clone)]
pub(super) struct Far {
    address: SocketAddr,
}

impl Far {
    pub(super) fn serve(machine: &Machine) -> io::Result<Self> {
        machine.run(|| Self::listen(THERE))
    }

    fn listen(address: &str) -> io::Result<Self> {
        let listener = net::TcpListener::bind((address, 0))?;
        let address = listener.local_addr()?;
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                thread::spawn(move || answer(stream));
            }
        });
        Ok(Self { address })
    }
}

/// Answers until the other side goes.
fn answer(mut stream: net::TcpStream) -> io::Result<()> {
    stream.set_nodelay(true)?;
    let mut buffer = vec![0; CHUNK];
    loop {
        let mut asked = [0; 9];
        stream.read_exact(&mut asked)?;
        let [what, number @ ..] = asked;
        let mut left = u64::from_be_bytes(number);
        while left > 0 {
            let most = CHUNK.min(usize::try_from(left).unwrap_or(CHUNK));
            let count = if what == DOWN {
                stream.write(&buffer[..most])?
            } else {
                stream.read(&mut buffer[..most])?
            };
            if count == 0 {
                return Ok(());
            }
            if what == ECHO {
                stream.write_all(&buffer[..count])?;
            }
            left -= count as u64;
        }
        if what == UP {
            stream.write_all(b".")?;
        }
    }
}

/// A connection to it.
#[derive(Debug)]
pub(super) struct Plain(TcpStream);

impl Plain {
    pub(super) async fn open(far: &Far) -> anyhow::Result<Self> {
        let stream = TcpStream::connect(far.address).await?;
        stream.set_nodelay(true)?;
        Ok(Self(stream))
    }

    async fn ask(&mut self, what: u8, bytes: u64) -> io::Result<()> {
        let mut asked = [what; 9];
        asked[1..].copy_from_slice(&bytes.to_be_bytes());
        self.0.write_all(&asked).await
    }

    /// Receives so much, and counts it as it comes.
    pub(super) async fn down(&mut self, bytes: u64, received: &AtomicU64) -> anyhow::Result<()> {
        self.ask(DOWN, bytes).await?;
        let mut buffer = vec![0; CHUNK];
        let mut left = bytes;
        while left > 0 {
            let count = self.0.read(&mut buffer).await?;
            ensure!(count > 0, "the connection ended");
            received.fetch_add(count as u64, Ordering::Relaxed);
            left = left.saturating_sub(count as u64);
        }
        Ok(())
    }

    /// Sends this, until it has arrived.
    pub(super) async fn up(&mut self, content: &Bytes) -> anyhow::Result<()> {
        self.ask(UP, content.len() as u64).await?;
        self.0.write_all(content).await?;
        self.0.read_u8().await?;
        Ok(())
    }

    /// Round trips of one byte each.
    pub(super) async fn echo(&mut self, keys: u32) -> anyhow::Result<Samples> {
        self.ask(ECHO, keys.into()).await?;
        let mut samples = Samples::new();
        for _ in 0..keys {
            let began = Instant::now();
            self.0.write_all(b"x").await?;
            ensure!(self.0.read_u8().await? == b'x', "an x must come back");
            samples.push(began.elapsed());
        }
        Ok(samples)
    }

    /// MB/s of so much, received.
    pub(super) async fn rate(&mut self, bytes: u64) -> anyhow::Result<f64> {
        let began = Instant::now();
        self.down(bytes, &AtomicU64::new(0)).await?;
        Ok(report::rate(bytes, began.elapsed()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_connection_goes_down_up_and_echoes_in_turn() {
        let far = Far::listen("127.0.0.1").unwrap();
        let mut plain = Plain::open(&far).await.unwrap();
        let received = AtomicU64::new(0);
        for turn in 1..=2 {
            plain.down(3_000_000, &received).await.unwrap();
            assert_eq!(received.load(Ordering::Relaxed), turn * 3_000_000);
            plain.up(&Bytes::from(vec![7; 1_000_000])).await.unwrap();
            let keys = plain.echo(10).await.unwrap();
            assert!(keys.median() > std::time::Duration::ZERO);
        }
    }
}
