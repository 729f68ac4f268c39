//! The kernel's tables of TCP sockets (`Documentation/networking/proc_net_tcp.rst`).

use std::fs::File;
use std::io::{self, BufRead as _, BufReader};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::path::Path;

/// The state of a socket that listens (`include/net/tcp_states.h`).
const LISTEN: &str = "0A";

/// How many listening sockets of a machine are looked at.
const LISTENERS_MAX: usize = 20_000;

/// A listening socket, of whomever.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Listener {
    /// Where it listens.
    pub(super) address: SocketAddr,
    /// The socket.
    pub(super) inode: u64,
}

impl Listener {
    /// The address under which exactly this socket is reached: of a socket for all addresses, the
    /// loopback address of its own family, since another may have the other family's.
    pub(super) fn way_to(&self) -> SocketAddr {
        let ip = match self.address.ip() {
            IpAddr::V4(ip) if ip.is_unspecified() => Ipv4Addr::LOCALHOST.into(),
            IpAddr::V6(ip) if ip.is_unspecified() => Ipv6Addr::LOCALHOST.into(),
            ip => ip,
        };
        SocketAddr::new(ip, self.address.port())
    }
}

/// All sockets that listen on the loopback address or on all.
pub(super) fn read(proc: &Path) -> io::Result<Vec<Listener>> {
    let mut listeners = Vec::new();
    for name in ["net/tcp", "net/tcp6"] {
        let file = match File::open(proc.join(name)) {
            Ok(file) => file,
            // A kernel without IPv6.
            Err(error) if error.kind() == io::ErrorKind::NotFound => continue,
            Err(error) => return Err(error),
        };
        for line in BufReader::new(file).lines().skip(1) {
            let line = line?;
            let Some((state, listener)) = parse(&line) else {
                continue;
            };
            // Those that listen come first; there may be very many of the others.
            if state != LISTEN || listeners.len() == LISTENERS_MAX {
                break;
            }
            let ip = listener.address.ip();
            if ip.is_loopback() || ip.is_unspecified() {
                listeners.push(listener);
            }
        }
    }
    Ok(listeners)
}

/// `sl local_address rem_address st tx:rx tr:when retrnsmt uid timeout inode …`
fn parse(line: &str) -> Option<(&str, Listener)> {
    let mut fields = line.split_ascii_whitespace().skip(1);
    let (ip, port) = fields.next()?.split_once(':')?;
    let state = fields.nth(1)?;
    let inode = fields.nth(5)?.parse().ok()?;
    let port = u16::from_str_radix(port, 16).ok()?;
    let ip = address(ip)?;
    let address = SocketAddr::new(ip, port);
    Some((state, Listener { address, inode }))
}

/// An address as the kernel prints it: words of 32 bits in the machine's order.
fn address(text: &str) -> Option<IpAddr> {
    let word = |at: usize| {
        let digits = text.get(at * 8..at * 8 + 8)?;
        Some(u32::from_str_radix(digits, 16).ok()?.to_ne_bytes())
    };
    match text.len() {
        8 => Some(Ipv4Addr::from(word(0)?).into()),
        32 => {
            let mut bytes = [0; 16];
            for (at, part) in bytes.chunks_exact_mut(4).enumerate() {
                part.copy_from_slice(&word(at)?);
            }
            let ip = Ipv6Addr::from(bytes);
            // An IPv6 socket bound to an IPv4 address is an IPv4 listener.
            Some(ip.to_ipv4_mapped().map_or(ip.into(), IpAddr::V4))
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn lines_of_the_kernel_are_read() {
        let line = "   0: 0100007F:1F90 00000000:0000 0A 00000000:00000000 00:00000000 00000000  1000        0 4242 1 0000000000000000 100 0 0 10 0";
        let (state, listener) = parse(line).unwrap();
        assert_eq!((state, listener.inode), (LISTEN, 4242));
        assert_eq!(listener.address, "127.0.0.1:8080".parse().unwrap());
        let line = "   1: 00000000000000000000000001000000:0BB8 00000000000000000000000000000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 7 1 0 100 0 0 10 0";
        let (_, listener) = parse(line).unwrap();
        assert_eq!(listener.address, "[::1]:3000".parse().unwrap());
        assert_eq!(
            address("0000000000000000FFFF00000100007F").unwrap(),
            IpAddr::V4(Ipv4Addr::LOCALHOST)
        );
    }

    #[test]
    fn a_socket_for_all_addresses_is_reached_in_its_own_family() {
        let way = |address: &str| {
            let address = address.parse().unwrap();
            Listener { address, inode: 1 }.way_to().to_string()
        };
        assert_eq!(way("0.0.0.0:80"), "127.0.0.1:80");
        assert_eq!(way("[::]:80"), "[::1]:80");
        assert_eq!(way("127.0.0.2:80"), "127.0.0.2:80");
    }

    proptest! {
        #[test]
        fn any_line_is_survived(line in "\\PC{0,200}") {
            let _ = parse(&line);
        }

        #[test]
        fn any_address_is_survived(text in "[0-9A-F]{0,33}") {
            let _ = address(&text);
        }
    }
}
