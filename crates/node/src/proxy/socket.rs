//! Connecting to the socket of a workspace's agent.
//!
//! The directory with the socket is writable by the workspace, which might put anything in the
//! socket's place: a symbolic link to another service's socket, say, to have the node talk to it.
//! So the directory is held open, the name in it is opened without following links and must be a
//! socket, and the one who listens must be the workspace's user. Going through `/proc/self/fd` also
//! lifts the limit of 108 bytes on a socket's path.

use std::future::Future;
use std::io;
use std::os::fd::{AsRawFd, OwnedFd};
use std::path::{Path, PathBuf};
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use http::Uri;
use hyper_util::rt::TokioIo;
use rustix::fs::{CWD, FileType, Mode, OFlags, fstat, openat};
use rustix::net::sockopt::set_socket_send_buffer_size;
use tokio::net::UnixStream;

/// The socket's name in its directory.
const SOCKET: &str = "agent.sock";

/// How much of a request may wait in the kernel for the agent, in bytes, where the kernel allows it: an
/// upload then crosses in few turns of the two processes.
const SEND_BUFFER: usize = 1024 * 1024;

/// Where an agent listens.
#[derive(Debug, Clone)]
pub(crate) struct AgentSocket {
    directory: Arc<OwnedFd>,
    /// Who must be listening, where the workspace has a user of its own.
    peer: Option<u32>,
}

impl AgentSocket {
    /// Holds the directory of a socket that may not exist yet.
    pub(crate) fn open(directory: &Path, peer: Option<u32>) -> io::Result<Self> {
        let flags = OFlags::PATH | OFlags::DIRECTORY | OFlags::NOFOLLOW | OFlags::CLOEXEC;
        Ok(Self {
            directory: Arc::new(openat(CWD, directory, flags, Mode::empty())?),
            peer,
        })
    }

    /// A short path to the socket, valid in this process as long as this value lives.
    pub(crate) fn path(&self) -> PathBuf {
        PathBuf::from(format!(
            "/proc/self/fd/{}/{SOCKET}",
            self.directory.as_raw_fd()
        ))
    }

    async fn connect(self) -> io::Result<UnixStream> {
        let flags = OFlags::PATH | OFlags::NOFOLLOW | OFlags::CLOEXEC;
        let socket = openat(&self.directory, SOCKET, flags, Mode::empty())?;
        if FileType::from_raw_mode(fstat(&socket)?.st_mode) != FileType::Socket {
            return Err(io::Error::other(
                "what stands in the socket's place is no socket",
            ));
        }
        let stream = UnixStream::connect(format!("/proc/self/fd/{}", socket.as_raw_fd())).await?;
        if let Some(peer) = self.peer
            && stream.peer_cred()?.uid() != peer
        {
            return Err(io::Error::other(
                "someone else listens on the agent's socket",
            ));
        }
        // Less is slower, not wrong.
        let _ = set_socket_send_buffer_size(&stream, SEND_BUFFER);
        Ok(stream)
    }
}

impl tower::Service<Uri> for AgentSocket {
    type Response = TokioIo<UnixStream>;
    type Error = io::Error;
    type Future = Pin<Box<dyn Future<Output = io::Result<TokioIo<UnixStream>>> + Send>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, _: Uri) -> Self::Future {
        let connecting = self.clone().connect();
        Box::pin(async { Ok(TokioIo::new(connecting.await?)) })
    }
}
