//! Whom a client asks for, from its first bytes, which stay to be read.
//!
//! Invariant: what is found here decides which threads serve a connection, never what it may reach: a later request
//! on it may name another host.

use std::time::Duration;

use rustix::net::{RecvFlags, recv};
use rustls::server::Acceptor;
use tokio::net::TcpStream;

/// How many bytes are looked at.
const FIRST: usize = 4 * 1024;

/// A message that has come in part is looked at again after this time, …
const AGAIN_AFTER: Duration = Duration::from_millis(5);
/// … so many times.
const AGAIN: u32 = 10;

/// What bytes say.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Asked {
    /// This host, with its port where the client names one.
    Host(String),
    /// No host.
    Nobody,
    /// What has come is too little to say.
    More,
}

/// What the bytes say that have come already.
pub(super) fn seen(tcp: &TcpStream, read: fn(&[u8]) -> Asked) -> Asked {
    let mut first = [0; FIRST];
    match recv(tcp, &mut first, RecvFlags::PEEK | RecvFlags::DONTWAIT) {
        // Nothing more comes.
        Ok((_, 0)) => Asked::Nobody,
        Ok((_, came)) => match read(&first[..came]) {
            Asked::More if came == FIRST => Asked::Nobody,
            asked => asked,
        },
        // Nothing has come; or the connection broke, which whoever reads from it is told.
        Err(_) => Asked::More,
    }
}

/// The host that a client names, if it does so soon after it has begun to speak.
pub(super) async fn host(tcp: &TcpStream, read: fn(&[u8]) -> Asked) -> Option<String> {
    for _ in 0..AGAIN {
        tcp.readable().await.ok()?;
        match seen(tcp, read) {
            Asked::Host(host) => return Some(host),
            Asked::Nobody => return None,
            Asked::More => tokio::time::sleep(AGAIN_AFTER).await,
        }
    }
    None
}

/// The `Host` of an HTTP/1 request (RFC 9112 §3.2).
pub(super) fn asked_by_http(first: &[u8]) -> Asked {
    let mut lines = first.split_inclusive(|byte| *byte == b'\n').skip(1);
    loop {
        let Some(line) = lines.next().and_then(|line| line.strip_suffix(b"\n")) else {
            return Asked::More;
        };
        let line = line.trim_ascii();
        if line.is_empty() {
            return Asked::Nobody;
        }
        let Some(colon) = line.iter().position(|byte| *byte == b':') else {
            return Asked::Nobody;
        };
        let (name, value) = line.split_at(colon);
        if name.eq_ignore_ascii_case(b"host") {
            return match std::str::from_utf8(value[1..].trim_ascii()) {
                Ok(authority) => Asked::Host(authority.to_owned()),
                Err(_) => Asked::Nobody,
            };
        }
    }
}

/// The server name of a `ClientHello` (RFC 6066 §3).
pub(super) fn asked_by_tls(first: &[u8]) -> Asked {
    let mut acceptor = Acceptor::default();
    let mut rest = first;
    while !rest.is_empty() {
        if acceptor.read_tls(&mut rest).is_err() {
            return Asked::Nobody;
        }
        match acceptor.accept() {
            Ok(Some(accepted)) => {
                let name = accepted.client_hello().server_name().map(str::to_owned);
                return name.map_or(Asked::Nobody, Asked::Host);
            }
            Ok(None) => {}
            Err(_) => return Asked::Nobody,
        }
    }
    Asked::More
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use rustls::pki_types::ServerName;
    use rustls::{ClientConfig, ClientConnection, RootCertStore};
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
    use tokio::net::TcpListener;

    use super::*;

    #[test]
    fn a_host_is_read_from_an_http_request_as_soon_as_it_is_there() {
        for (first, expected) in [
            ("GET / HTTP/1.1\r\nHost: a.apps:7420\r\n", "a.apps:7420"),
            ("GET / HTTP/1.1\r\nA: b\r\nhOST:\ta.apps \r\n\r\n", "a.apps"),
            ("GET / HTTP/1.1\nHost: [::1]:80\n", "[::1]:80"),
            ("GET / HTTP/1.1\r\nHost: \r\n", ""),
        ] {
            let host = Asked::Host(expected.to_owned());
            assert_eq!(asked_by_http(first.as_bytes()), host, "{first:?}");
        }
        for nobody in [
            &b"GET / HTTP/1.1\r\nA: b\r\n\r\nHost: a.apps\r\n"[..],
            b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
            b"GET / HTTP/1.1\r\nHost: \xff\r\n",
            b"no\nrequest\n",
        ] {
            assert_eq!(asked_by_http(nobody), Asked::Nobody, "{nobody:?}");
        }
        for part in [
            "",
            "GET / HT",
            "GET / HTTP/1.1\r\n",
            "GET / HTTP/1.1\r\nHost: a.ap",
        ] {
            assert_eq!(asked_by_http(part.as_bytes()), Asked::More, "{part:?}");
        }
    }

    /// What a client sends first.
    fn hello(name: &'static str) -> Vec<u8> {
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let config = ClientConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_root_certificates(RootCertStore::empty())
            .with_no_client_auth();
        let name = ServerName::try_from(name).unwrap();
        let mut client = ClientConnection::new(Arc::new(config), name).unwrap();
        let mut hello = Vec::new();
        client.write_tls(&mut hello).unwrap();
        hello
    }

    #[test]
    fn a_name_is_read_from_a_client_hello_once_it_is_whole() {
        let named = hello("a.apps");
        assert_eq!(asked_by_tls(&named), Asked::Host("a.apps".to_owned()));
        for end in 0..named.len() {
            assert_eq!(asked_by_tls(&named[..end]), Asked::More, "{end}");
        }
        assert_eq!(asked_by_tls(&hello("127.0.0.1")), Asked::Nobody);
        assert_eq!(asked_by_tls(b"GET / HTTP/1.1\r\n"), Asked::Nobody);
    }

    #[tokio::test]
    async fn what_was_looked_at_stays_to_be_read() {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let mut client = TcpStream::connect(listener.local_addr().unwrap())
            .await
            .unwrap();
        let (mut server, _) = listener.accept().await.unwrap();
        client.set_nodelay(true).unwrap();
        client
            .write_all(b"GET / HTTP/1.1\r\nHost: a")
            .await
            .unwrap();
        let looking = tokio::spawn(async move {
            let host = host(&server, asked_by_http).await;
            (host, server.read_u8().await.unwrap())
        });
        client.write_all(b".apps\r\n\r\n").await.unwrap();
        assert_eq!(looking.await.unwrap(), (Some("a.apps".to_owned()), b'G'));
    }

    #[tokio::test]
    async fn who_says_nothing_more_asks_for_nobody() {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        for said in [&b""[..], b"GET / HTTP/1.1\r\nHo"] {
            let mut client = TcpStream::connect(listener.local_addr().unwrap())
                .await
                .unwrap();
            let (server, _) = listener.accept().await.unwrap();
            client.write_all(said).await.unwrap();
            client.shutdown().await.unwrap();
            assert_eq!(host(&server, asked_by_http).await, None);
        }
    }
}
