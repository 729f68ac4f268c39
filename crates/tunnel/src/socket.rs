//! Options of a TCP socket that carries a tunnel.

use std::io;
use std::mem::{size_of, zeroed};
use std::net::SocketAddr;
use std::os::fd::{AsFd, AsRawFd as _};
use std::time::Duration;

use socket2::{SockRef, TcpKeepalive};

use crate::settings::Lane;

/// `TCP_RTO_MIN_US` of `linux/tcp.h`, since Linux 6.15.
const TCP_RTO_MIN_US: libc::c_int = 45;

/// The shortest time after which a packet without an answer is sent again. The kernel's 200 ms are
/// what a lost keystroke waits, as no later one tells of its loss; to repeat one needlessly costs little.
const RESEND_MIN_US: libc::c_int = 10_000;

/// After this silence the kernel asks the other one whether it is there …
const ASK_AFTER: Duration = Duration::from_secs(4);
/// … and again so often …
const ASK_EVERY: Duration = Duration::from_secs(1);
/// … and gives the connection up when nothing was answered, or nothing that was sent was acknowledged, for so long
/// (RFC 5482).
pub(crate) const GIVEN_UP_AFTER: Duration = Duration::from_secs(9);

/// A line with less than this round trip is a short one: BBR's pacing gains nothing there, and costs a fifth of the
/// rate between two processes of one machine.
const SHORT: Duration = Duration::from_millis(1);

/// Sets what a connected socket of a tunnel needs, on both ends: no delay for small writes, few unsent bytes in
/// the kernel, an end after 9 s without a sign of the other kernel, and, where the machine allows it, the BBR
/// congestion control (on a short line CUBIC, RFC 9438), and a short wait before a lost keystroke is sent again.
///
/// # Errors
/// When the socket refuses; the absence of what the machine need not allow is none.
pub fn tune(socket: &impl AsFd, lane: Lane) -> io::Result<()> {
    let options = SockRef::from(socket);
    options.set_tcp_nodelay(true)?;
    options.set_tcp_notsent_lowat(lane.unsent())?;
    let keepalive = TcpKeepalive::new()
        .with_time(ASK_AFTER)
        .with_interval(ASK_EVERY);
    options.set_tcp_keepalive(&keepalive)?;
    options.set_tcp_user_timeout(Some(GIVEN_UP_AFTER))?;
    let is_short = shortest_round_trip(socket).is_some_and(|shortest| shortest < SHORT);
    let control = if is_short { "cubic" } else { "bbr" };
    if options.set_tcp_congestion(control.as_bytes()).is_err() {
        tracing::trace!("this machine does not offer {control}; the line keeps the default");
    }
    if lane == Lane::Interactive && set_resend_min(socket, RESEND_MIN_US).is_err() {
        tracing::trace!("this machine's kernel decides alone when to send again");
    }
    Ok(())
}

/// Where a socket's connection comes from.
pub fn peer(socket: &impl AsFd) -> Option<SocketAddr> {
    SockRef::from(socket).peer_addr().ok()?.as_socket()
}

/// The shortest round trip that the kernel has seen on a connection, if any.
fn shortest_round_trip(socket: &impl AsFd) -> Option<Duration> {
    #[expect(unsafe_code, reason = "no crate offers this option yet")]
    // SAFETY: plain numbers, of which zero is one.
    let mut info: libc::tcp_info = unsafe { zeroed() };
    let mut length = libc::socklen_t::try_from(size_of::<libc::tcp_info>()).unwrap_or(0);
    #[expect(unsafe_code, reason = "no crate offers this option yet")]
    // SAFETY: `info` lives through the call, and the kernel writes no more than the length that is given.
    let result = unsafe {
        libc::getsockopt(
            socket.as_fd().as_raw_fd(),
            libc::IPPROTO_TCP,
            libc::TCP_INFO,
            std::ptr::from_mut(&mut info).cast(),
            &raw mut length,
        )
    };
    let is_known = result == 0 && ![0, u32::MAX].contains(&info.tcpi_min_rtt);
    is_known.then(|| Duration::from_micros(info.tcpi_min_rtt.into()))
}

fn set_resend_min(socket: &impl AsFd, microseconds: libc::c_int) -> io::Result<()> {
    #[expect(unsafe_code, reason = "no crate offers this option yet")]
    // SAFETY: the option's value is an int, which lives through the call, and its length is given.
    let result = unsafe {
        libc::setsockopt(
            socket.as_fd().as_raw_fd(),
            libc::IPPROTO_TCP,
            TCP_RTO_MIN_US,
            std::ptr::from_ref(&microseconds).cast(),
            libc::socklen_t::try_from(size_of::<libc::c_int>()).unwrap_or(0),
        )
    };
    if result == 0 {
        Ok(())
    } else {
        Err(io::Error::last_os_error())
    }
}

#[cfg(test)]
mod tests {
    use std::net::{TcpListener, TcpStream};

    use super::*;

    #[test]
    fn a_socket_is_tuned_for_its_lane() {
        let socket = TcpListener::bind("127.0.0.1:0").unwrap();
        for lane in [Lane::Interactive, Lane::Bulk] {
            tune(&socket, lane).unwrap();
            let options = SockRef::from(&socket);
            assert!(options.tcp_nodelay().unwrap());
            assert_eq!(options.tcp_notsent_lowat().unwrap(), lane.unsent());
            assert!(options.keepalive().unwrap());
            assert_eq!(options.tcp_keepalive_time().unwrap(), ASK_AFTER);
            assert_eq!(options.tcp_keepalive_interval().unwrap(), ASK_EVERY);
            assert_eq!(options.tcp_user_timeout().unwrap(), Some(GIVEN_UP_AFTER));
        }
    }

    #[test]
    fn a_connection_within_the_machine_is_a_short_line() {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let near = TcpStream::connect(listener.local_addr().unwrap()).unwrap();
        let (far, _) = listener.accept().unwrap();
        for socket in [&near, &far] {
            assert!(shortest_round_trip(socket).unwrap() < Duration::from_millis(500));
        }
        assert_eq!(shortest_round_trip(&listener), None, "it is not connected");
    }

    #[test]
    fn an_older_kernel_only_refuses() {
        let socket = TcpListener::bind("127.0.0.1:0").unwrap();
        if let Err(error) = set_resend_min(&socket, RESEND_MIN_US) {
            assert_eq!(error.raw_os_error(), Some(libc::ENOPROTOOPT), "{error}");
        }
    }
}
