//! What a node is told about its control plane.

use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use rustls::ClientConfig;
use url::{Host, Url};

use super::proxy::Proxy;
use super::tls::Trust;
use crate::settings::HANDSHAKE_TIMEOUT;

/// How to reach the control plane.
#[derive(Debug, Clone)]
pub struct DialConfig {
    /// `wss://host[:port]/path`; `ws://` to loopback only, unless `allow_plaintext`.
    pub url: Url,
    /// Which certificate is believed.
    pub trust: Trust,
    /// The way out.
    pub proxy: Proxy,
    /// Permits `ws://` to other machines: everything, the node's proofs too, can then be read on the way.
    pub allow_plaintext: bool,
    /// Named to the control plane.
    pub user_agent: String,
    /// How long each step of an attempt may take: TCP, TLS, the upgrade, each message of the handshake.
    pub step_timeout: Duration,
}

impl DialConfig {
    /// With the system's trust and no proxy.
    pub fn new(url: Url) -> Self {
        Self {
            url,
            trust: Trust::System,
            proxy: Proxy::none(),
            allow_plaintext: false,
            user_agent: concat!("tunnel/", env!("CARGO_PKG_VERSION")).to_owned(),
            step_timeout: HANDSHAKE_TIMEOUT,
        }
    }

    /// TLS, where it is spoken.
    pub(super) fn tls(&self) -> Result<Option<Arc<ClientConfig>>, InvalidConfig> {
        let encrypted = self.url.scheme() == "wss";
        encrypted.then(|| self.trust.client()).transpose()
    }

    /// Whether this address may be dialed: the configured one, or one that the control plane names.
    pub(super) fn check(&self, url: &Url) -> Result<(), InvalidConfig> {
        match url.scheme() {
            "wss" if url.host().is_some() => Ok(()),
            "ws" if self.allow_plaintext || is_loopback(url) => Ok(()),
            "ws" => Err(InvalidConfig::Plaintext),
            _ => Err(InvalidConfig::Url),
        }
    }
}

/// What is wrong with a configuration.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum InvalidConfig {
    /// Not a WebSocket address.
    #[error("the control plane's address must begin with wss://")]
    Url,
    /// Unencrypted to another machine.
    #[error(
        "ws:// is not encrypted and permitted to this machine itself only; use wss://, or permit plaintext explicitly"
    )]
    Plaintext,
    /// Not a fingerprint.
    #[error("a certificate's fingerprint is 64 hexadecimal digits (SHA-256)")]
    Fingerprint,
    /// Not certificates.
    #[error("the file of certificate authorities holds no readable PEM certificate")]
    Authorities,
    /// Not a proxy that can be used.
    #[error("the proxy must be an HTTP proxy, http://[user:password@]host[:port]")]
    Proxy,
    /// TLS refused the configuration.
    #[error("TLS cannot be set up")]
    Tls(#[source] rustls::Error),
}

/// The host as people write it, without the brackets of IPv6.
pub(super) fn host_of(url: &Url) -> String {
    match url.host() {
        Some(Host::Domain(name)) => name.to_ascii_lowercase(),
        Some(Host::Ipv4(address)) => address.to_string(),
        Some(Host::Ipv6(address)) => address.to_string(),
        None => String::new(),
    }
}

/// Whether the address is this machine by its form; names are not looked up, `localhost` aside.
pub(super) fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(Host::Domain(name)) => name.trim_end_matches('.').eq_ignore_ascii_case("localhost"),
        Some(Host::Ipv4(address)) => IpAddr::V4(address).is_loopback(),
        Some(Host::Ipv6(address)) => address.to_canonical().is_loopback(),
        None => false,
    }
}
