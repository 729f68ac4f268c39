//! Giving a connection away: the node speaks to the application itself, and no byte passes through here.
//!
//! Copying costs two more turns of two processes for each request and answer; a preview of many small
//! answers spends a third of its time there.

use std::io::{self, IoSlice};
use std::mem::MaybeUninit;
use std::os::fd::AsFd;
use std::time::Duration;

use atelier_api::agent::ports::PASS_READY;
use hyper::upgrade::{OnUpgrade, Parts};
use hyper_util::rt::TokioIo;
use rustix::cmsg_space;
use rustix::net::{SendAncillaryBuffer, SendAncillaryMessage, SendFlags, sendmsg};
use tokio::io::{AsyncReadExt as _, Interest};
use tokio::net::{TcpStream, UnixStream};

/// How long the caller may take to be ready.
const READY_WITHIN: Duration = Duration::from_secs(10);

/// Gives the connection to the caller, once it is ready.
pub(super) async fn socket(caller: OnUpgrade, stream: TcpStream) {
    match tokio::time::timeout(READY_WITHIN, pass(caller, stream)).await {
        Ok(Ok(())) => {}
        Ok(Err(error)) => tracing::debug!(%error, "a connection could not be given away"),
        Err(_) => tracing::debug!("a connection was asked for and not taken"),
    }
}

async fn pass(caller: OnUpgrade, stream: TcpStream) -> io::Result<()> {
    let caller = caller.await.map_err(io::Error::other)?;
    let Parts { io, read_buf, .. } = caller
        .downcast::<TokioIo<UnixStream>>()
        .map_err(|_| io::Error::other("the caller did not come over the agent's socket"))?;
    let mut caller = io.into_inner();
    let ready = match read_buf.first() {
        Some(byte) => *byte,
        None => caller.read_u8().await?,
    };
    if ready != PASS_READY {
        return Err(io::Error::other("the caller is not ready for a socket"));
    }
    let sent = caller
        .async_io(Interest::WRITABLE, || send(&caller, &stream))
        .await?;
    // A stream takes one byte whole or not at all.
    debug_assert_eq!(sent, 1);
    Ok(())
}

fn send(caller: impl AsFd, stream: impl AsFd) -> io::Result<usize> {
    let descriptors = [stream.as_fd()];
    let mut space = [MaybeUninit::uninit(); cmsg_space!(ScmRights(1))];
    let mut ancillary = SendAncillaryBuffer::new(&mut space);
    let fits = ancillary.push(SendAncillaryMessage::ScmRights(&descriptors));
    debug_assert!(fits, "the space is made for one descriptor");
    let byte = [IoSlice::new(&[PASS_READY])];
    let flags = SendFlags::NOSIGNAL | SendFlags::DONTWAIT;
    Ok(sendmsg(caller, &byte, &mut ancillary, flags)?)
}
