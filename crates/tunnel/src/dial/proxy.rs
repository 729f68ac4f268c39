//! HTTP proxies between a node and its control plane: `CONNECT`, then bytes (RFC 9110 §9.3.6).

use std::fmt;
use std::net::IpAddr;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use percent_encoding::percent_decode_str;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use url::{Host, Url};

use super::config::{InvalidConfig, host_of, is_loopback};
use super::connect::{DialError, connect_tcp};
use crate::settings::Lane;

/// The largest answer head that is read from a proxy, in bytes.
const HEAD_MAX: usize = 16 << 10;

/// Which proxy to use, and for which addresses none.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Proxy {
    url: Option<Url>,
    except: Vec<String>,
}

impl fmt::Debug for Proxy {
    /// Without the password.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let host = self.url.as_ref().and_then(Url::host_str);
        f.debug_struct("Proxy")
            .field("host", &host)
            .field("except", &self.except)
            .finish()
    }
}

impl Proxy {
    /// No proxy.
    pub fn none() -> Self {
        Self::default()
    }

    /// This proxy, `http://[user:password@]host[:port]`, for all addresses but loopback and those in
    /// `except` (the form of `NO_PROXY`: names, `.suffixes`, addresses, networks, `*`).
    ///
    /// # Errors
    /// When it is not the address of an HTTP proxy.
    pub fn new(url: &str, except: &str) -> Result<Self, InvalidConfig> {
        let named = if url.contains("://") {
            url.to_owned()
        } else {
            format!("http://{url}")
        };
        let url = Url::parse(&named).map_err(|_| InvalidConfig::Proxy)?;
        if url.scheme() != "http" || url.host().is_none() {
            return Err(InvalidConfig::Proxy);
        }
        let except = except
            .split(',')
            .map(|name| name.trim().to_ascii_lowercase());
        Ok(Self {
            url: Some(url),
            except: except.filter(|name| !name.is_empty()).collect(),
        })
    }

    /// What `HTTPS_PROXY`, `ALL_PROXY` and `NO_PROXY` say, in capitals or not; `variable` looks one up.
    ///
    /// # Errors
    /// When the proxy is not an HTTP proxy.
    pub fn from_env(variable: impl Fn(&str) -> Option<String>) -> Result<Self, InvalidConfig> {
        let either = |name: &str| {
            let found = variable(&name.to_ascii_lowercase()).or_else(|| variable(name));
            found.filter(|value| !value.is_empty())
        };
        match either("HTTPS_PROXY").or_else(|| either("ALL_PROXY")) {
            Some(url) => Self::new(&url, &either("NO_PROXY").unwrap_or_default()),
            None => Ok(Self::none()),
        }
    }

    /// The proxy to this address, if one is to be used.
    pub(super) fn for_target(&self, target: &Url) -> Option<&Url> {
        let url = self.url.as_ref()?;
        if is_loopback(target) {
            return None;
        }
        let host = host_of(target);
        let excepted = self.except.iter().any(|name| matches(name, &host));
        (!excepted).then_some(url)
    }
}

/// One entry of `NO_PROXY` against a host.
fn matches(entry: &str, host: &str) -> bool {
    if entry == "*" || entry == host {
        return true;
    }
    if let (Some((network, bits)), Ok(address)) = (entry.split_once('/'), host.parse::<IpAddr>()) {
        let (Ok(network), Ok(bits)) = (network.parse(), bits.parse()) else {
            return false;
        };
        return in_network(address, network, bits);
    }
    let suffix = entry.trim_start_matches("*.").trim_start_matches('.');
    host == suffix
        || host
            .strip_suffix(suffix)
            .is_some_and(|rest| rest.ends_with('.'))
}

fn in_network(address: IpAddr, network: IpAddr, bits: u32) -> bool {
    let (address, network, width) = match (address, network) {
        (IpAddr::V4(a), IpAddr::V4(n)) => (u128::from(a.to_bits()), u128::from(n.to_bits()), 32),
        (IpAddr::V6(a), IpAddr::V6(n)) => (a.to_bits(), n.to_bits(), 128),
        _ => return false,
    };
    let Some(host_bits) = u32::checked_sub(width, bits) else {
        return false;
    };
    let differing = address ^ network;
    differing.checked_shr(host_bits).unwrap_or(0) == 0
}

/// Connects to `target` through the proxy.
pub(super) async fn connect(proxy: &Url, target: &Url, lane: Lane) -> Result<TcpStream, DialError> {
    let mut stream = connect_tcp(proxy, lane).await?;
    let port = target.port_or_known_default().unwrap_or(443);
    let authority = match target.host() {
        Some(Host::Ipv6(address)) => format!("[{address}]:{port}"),
        _ => format!("{}:{port}", host_of(target)),
    };
    let mut request = format!("CONNECT {authority} HTTP/1.1\r\nHost: {authority}\r\n");
    if !proxy.username().is_empty() {
        let plain = |text| percent_decode_str(text).decode_utf8_lossy().into_owned();
        let user = plain(proxy.username());
        let password = plain(proxy.password().unwrap_or_default());
        let basic = STANDARD.encode(format!("{user}:{password}"));
        request = format!("{request}Proxy-Authorization: Basic {basic}\r\n");
    }
    request.push_str("\r\n");
    stream
        .write_all(request.as_bytes())
        .await
        .map_err(DialError::Proxy)?;
    match read_status(&mut stream).await.map_err(DialError::Proxy)? {
        200..=299 => Ok(stream),
        status => Err(DialError::ProxyRefused(status)),
    }
}

/// Reads the answer's head and not a byte more: what follows belongs to the target.
async fn read_status(stream: &mut TcpStream) -> std::io::Result<u16> {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        if head.len() == HEAD_MAX {
            return Err(std::io::Error::other("the proxy's answer is too long"));
        }
        head.push(stream.read_u8().await?);
    }
    let mut headers = [httparse::EMPTY_HEADER; 64];
    let mut response = httparse::Response::new(&mut headers);
    response.parse(&head).map_err(std::io::Error::other)?;
    response
        .code
        .ok_or_else(|| std::io::Error::other("the proxy's answer has no status"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn chosen(no_proxy: &str, target: &str) -> bool {
        let proxy = Proxy::new("http://proxy:3128", no_proxy).unwrap();
        proxy.for_target(&Url::parse(target).unwrap()).is_some()
    }

    #[test]
    fn no_proxy_takes_names_suffixes_addresses_and_networks() {
        assert!(chosen("", "wss://a.example.org/"));
        assert!(!chosen("*", "wss://a.example.org/"));
        assert!(!chosen("x, example.org", "wss://a.example.org/"));
        assert!(!chosen(".example.org", "wss://a.EXAMPLE.org/"));
        assert!(chosen("ample.org", "wss://a.example.org/"));
        assert!(!chosen("10.0.0.0/8", "wss://10.1.2.3/"));
        assert!(chosen("10.0.0.0/8", "wss://11.1.2.3/"));
        assert!(!chosen("0.0.0.0/0", "wss://11.1.2.3/"));
        assert!(chosen("10.0.0.0/99,nonsense/8", "wss://10.1.2.3/"));
        assert!(!chosen("fd00::/8", "wss://[fd12::1]/"));
        assert!(
            !chosen("", "wss://127.0.0.1:8443/"),
            "loopback needs no proxy"
        );
    }

    #[test]
    fn the_environment_is_read_in_either_case() {
        let env = |name: &str| match name {
            "https_proxy" => Some("proxy.local:8080".to_owned()),
            "NO_PROXY" => Some("b".to_owned()),
            _ => None,
        };
        let proxy = Proxy::from_env(env).unwrap();
        assert_eq!(proxy, Proxy::new("http://proxy.local:8080", "b").unwrap());
        assert_eq!(Proxy::from_env(|_| None).unwrap(), Proxy::none());
        assert!(Proxy::from_env(|_| Some("socks5://x:1".to_owned())).is_err());
        let secret = Proxy::new("http://u:secret@proxy:1", "").unwrap();
        assert!(!format!("{secret:?}").contains("secret"));
    }
}
