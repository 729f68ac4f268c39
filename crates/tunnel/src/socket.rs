//! Options of a TCP socket that carries a tunnel.

use std::io;
use std::os::fd::AsFd;

use socket2::SockRef;

use crate::settings::Lane;

/// Sets what a tunnel's socket needs, on both ends: no delay for small writes, few unsent bytes in
/// the kernel, and the BBR congestion control where the machine allows it.
///
/// # Errors
/// When the socket refuses; BBR's absence is none.
pub fn tune(socket: &impl AsFd, lane: Lane) -> io::Result<()> {
    let socket = SockRef::from(socket);
    socket.set_tcp_nodelay(true)?;
    socket.set_tcp_notsent_lowat(lane.unsent())?;
    if socket.set_tcp_congestion(b"bbr").is_err() {
        tracing::trace!("this machine offers no BBR; the line keeps the default");
    }
    Ok(())
}
