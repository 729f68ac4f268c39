//! Options of a TCP socket that carries a tunnel.

use std::io;
use std::os::fd::AsFd;

use socket2::SockRef;

/// Unsent bytes that may stand in the kernel. What stands there, no keystroke can overtake.
const UNSENT: u32 = 16 << 10;

/// Sets what a tunnel's socket needs, on both ends: no delay for small writes, few unsent bytes in
/// the kernel, and the BBR congestion control where the machine allows it.
///
/// # Errors
/// When the socket refuses; BBR's absence is none.
pub fn tune(socket: &impl AsFd) -> io::Result<()> {
    let socket = SockRef::from(socket);
    socket.set_tcp_nodelay(true)?;
    socket.set_tcp_notsent_lowat(UNSENT)?;
    if socket.set_tcp_congestion(b"bbr").is_err() {
        tracing::trace!("this machine offers no BBR; the line keeps the default");
    }
    Ok(())
}
