//! A socket that an agent gave away.
//!
//! Invariant: the agent runs user code, may hold the same socket still, and shares its settings with us. It
//! could make it block, or linger when it is closed. So no call here waits, whatever is set, and closing,
//! which nothing keeps from waiting, is done where waiting hurts nobody.

#[cfg(test)]
mod tests;

use std::io;
use std::mem::MaybeUninit;
use std::os::fd::{AsFd, OwnedFd};
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use atelier_api::agent::ports::PASS_READY;
use hyper::upgrade::{Parts, Upgraded};
use hyper_util::rt::TokioIo;
use rustix::cmsg_space;
use rustix::net::sockopt::{set_socket_linger, socket_domain, socket_type};
use rustix::net::{
    AddressFamily, RecvAncillaryBuffer, RecvAncillaryMessage, RecvFlags, SendAncillaryBuffer,
    SendFlags, SocketType, recv, recvmsg, send, sendmsg,
};
use tokio::io::unix::AsyncFd;
use tokio::io::{AsyncRead, AsyncWrite, AsyncWriteExt as _, Interest, ReadBuf};
use tokio::net::UnixStream;

/// How much is read at once, in bytes.
const READ_MAX: usize = 64 * 1024;

/// A connection whose other holder is not trusted.
#[derive(Debug)]
pub(crate) struct Passed {
    /// Absent only while it is dropped.
    socket: Option<AsyncFd<OwnedFd>>,
}

impl Passed {
    /// Takes the socket that the agent has promised.
    pub(super) async fn take(upgraded: Upgraded) -> io::Result<Self> {
        let Parts { io, read_buf, .. } = upgraded
            .downcast::<TokioIo<UnixStream>>()
            .map_err(|_| io::Error::other("the agent was not reached over its socket"))?;
        if !read_buf.is_empty() {
            return Err(io::Error::other("the agent spoke before it was asked to"));
        }
        let mut agent = io.into_inner();
        agent.write_u8(PASS_READY).await?;
        let socket = agent
            .async_io(Interest::READABLE, || receive(&agent))
            .await?;
        Self::new(socket)
    }

    fn new(socket: OwnedFd) -> io::Result<Self> {
        let domain = socket_domain(&socket)?;
        let families = [
            AddressFamily::INET,
            AddressFamily::INET6,
            AddressFamily::UNIX,
        ];
        if socket_type(&socket)? != SocketType::STREAM || !families.contains(&domain) {
            return Err(io::Error::other("what the agent gave is no connection"));
        }
        #[expect(unsafe_code, reason = "the only way to wait for a descriptor")]
        // SAFETY: the AsyncFd owns the socket, which nothing replaces or closes while it does.
        let socket = unsafe { AsyncFd::register(socket) }?;
        Ok(Self {
            socket: Some(socket),
        })
    }

    fn socket(&self) -> &AsyncFd<OwnedFd> {
        self.socket
            .as_ref()
            .expect("it is there until it is dropped")
    }

    fn poll_send(
        &self,
        cx: &mut Context<'_>,
        mut send: impl FnMut(&OwnedFd) -> rustix::io::Result<usize>,
    ) -> Poll<io::Result<usize>> {
        loop {
            let mut guard = ready!(self.socket().poll_write_ready(cx))?;
            if let Ok(sent) = guard.try_io(|socket| Ok(send(socket.get_ref())?)) {
                return Poll::Ready(sent);
            }
        }
    }
}

/// The one descriptor that comes with the agent's byte.
fn receive(agent: impl AsFd) -> io::Result<OwnedFd> {
    let mut space = [MaybeUninit::uninit(); cmsg_space!(ScmRights(1))];
    let mut ancillary = RecvAncillaryBuffer::new(&mut space);
    let mut byte = [0];
    let mut bytes = [io::IoSliceMut::new(&mut byte)];
    let flags = RecvFlags::CMSG_CLOEXEC | RecvFlags::DONTWAIT;
    let received = recvmsg(agent, &mut bytes, &mut ancillary, flags)?;
    if received.bytes == 0 {
        return Err(io::ErrorKind::UnexpectedEof.into());
    }
    // What else may have come is closed here.
    let mut descriptors = ancillary.drain().filter_map(|message| match message {
        RecvAncillaryMessage::ScmRights(mut descriptors) => descriptors.next(),
        _ => None,
    });
    descriptors
        .next()
        .ok_or_else(|| io::Error::other("the agent gave no socket"))
}

impl AsyncRead for Passed {
    fn poll_read(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let room = buffer.remaining().min(READ_MAX);
        loop {
            let mut guard = ready!(self.socket().poll_read_ready(cx))?;
            let read = guard.try_io(|socket| {
                let into = buffer.initialize_unfilled_to(room);
                let (_, read) = recv(socket.get_ref(), into, RecvFlags::DONTWAIT)?;
                Ok(read)
            });
            if let Ok(read) = read {
                let read = read?;
                if (1..room).contains(&read) {
                    // There is no more for now: asking again would be a call for nothing.
                    guard.clear_ready();
                }
                buffer.advance(read);
                return Poll::Ready(Ok(()));
            }
        }
    }
}

impl AsyncWrite for Passed {
    fn poll_write(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        let flags = SendFlags::DONTWAIT | SendFlags::NOSIGNAL;
        self.poll_send(cx, |socket| send(socket, bytes, flags))
    }

    fn poll_write_vectored(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        slices: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let flags = SendFlags::DONTWAIT | SendFlags::NOSIGNAL;
        self.poll_send(cx, |socket| {
            sendmsg(socket, slices, &mut SendAncillaryBuffer::default(), flags)
        })
    }

    fn is_write_vectored(&self) -> bool {
        true
    }

    fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn poll_shutdown(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(rustix::net::shutdown(
            self.socket().get_ref(),
            rustix::net::Shutdown::Write,
        )?))
    }
}

impl Drop for Passed {
    fn drop(&mut self) {
        let Some(socket) = self.socket.take().map(AsyncFd::into_inner) else {
            return;
        };
        let _ = set_socket_linger(&socket, None);
        // Without a runtime the process ends.
        if let Ok(runtime) = tokio::runtime::Handle::try_current() {
            runtime.spawn_blocking(move || drop(socket));
        }
    }
}
