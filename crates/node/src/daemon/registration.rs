//! Where this server belongs: `node.json`.

use atelier_api::ids::NodeId;
use atelier_tunnel::{DialConfig, InvalidConfig, Proxy, Trust};
use serde::{Deserialize, Serialize};
use url::Url;

/// The tunnel's place below the control plane's address.
const TUNNEL: &str = "api/v1/tunnel";

/// A control plane, and why it is believed to be that.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Destination {
    /// Its address as people open it, e.g. `https://atelier.example.org`.
    pub url: String,
    /// Certificate authorities (PEM) to believe besides the system's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ca: Option<String>,
    /// The only certificate to believe: its SHA-256, in hexadecimal.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pin: Option<String>,
    /// Permits an address without encryption to other machines.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub allow_plaintext: bool,
}

/// What `join` has brought about.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Registration {
    /// Where.
    #[serde(flatten)]
    pub destination: Destination,
    /// Who this server is there.
    pub node_id: NodeId,
    /// Its name there, as of the last connection.
    pub name: String,
    /// The key that was accepted, its public half in base64.
    pub public_key: String,
}

/// Why an address cannot be dialed.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum DestinationError {
    /// It is no address of a control plane.
    #[error("`{0}` is not the address of a control plane; it begins with https://")]
    Url(String),
    /// Both ways at once.
    #[error("a certificate is either pinned or signed by the given authority; give one of the two")]
    Trust,
    /// It is not safe, or the trust is not usable.
    #[error(transparent)]
    Dial(#[from] InvalidConfig),
}

impl Destination {
    /// The control plane at this address, believed as the system believes.
    pub fn new(url: impl Into<String>) -> Self {
        Self {
            url: url.into(),
            ca: None,
            pin: None,
            allow_plaintext: false,
        }
    }

    /// How the tunnel gets there.
    pub(super) fn dial(&self, proxy: Proxy) -> Result<DialConfig, DestinationError> {
        let mut config = DialConfig::new(self.tunnel()?);
        config.trust = match (&self.ca, &self.pin) {
            (None, None) => Trust::System,
            (Some(pem), None) => Trust::Authorities(pem.clone()),
            (None, Some(pin)) => Trust::fingerprint(pin)?,
            (Some(_), Some(_)) => return Err(DestinationError::Trust),
        };
        config.proxy = proxy;
        config.allow_plaintext = self.allow_plaintext;
        concat!("atelier-node/", env!("CARGO_PKG_VERSION")).clone_into(&mut config.user_agent);
        Ok(config)
    }

    /// The tunnel's address.
    pub(super) fn tunnel(&self) -> Result<Url, DestinationError> {
        let invalid = || DestinationError::Url(self.url.clone());
        let mut url = Url::parse(&self.url).map_err(|_| invalid())?;
        let scheme = match url.scheme() {
            "https" => "wss",
            "http" => "ws",
            _ => return Err(invalid()),
        };
        if !url.username().is_empty() || url.password().is_some() || url.host().is_none() {
            return Err(invalid());
        }
        url.set_scheme(scheme).map_err(|()| invalid())?;
        url.set_query(None);
        url.set_fragment(None);
        let path = format!("{}/{TUNNEL}", url.path().trim_end_matches('/'));
        url.set_path(&path);
        Ok(url)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_tunnel_is_below_the_address() {
        for (url, expected) in [
            ("https://a.example", Some("wss://a.example/api/v1/tunnel")),
            ("https://a.example/", Some("wss://a.example/api/v1/tunnel")),
            (
                "https://a.example:8443/atelier/?x#y",
                Some("wss://a.example:8443/atelier/api/v1/tunnel"),
            ),
            ("http://127.0.0.1:80", Some("ws://127.0.0.1/api/v1/tunnel")),
            ("wss://a.example", None),
            ("a.example", None),
            ("https://user:secret@a.example", None),
        ] {
            let tunnel = Destination::new(url).tunnel();
            assert_eq!(tunnel.ok().as_ref().map(Url::as_str), expected, "{url}");
        }
    }
}
