//! Which control plane the node believes.

use std::fmt;
use std::sync::Arc;

use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::{CryptoProvider, verify_tls12_signature, verify_tls13_signature};
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::{ClientConfig, DigitallySignedStruct, Error, RootCertStore, SignatureScheme};
use sha2::{Digest as _, Sha256};
use subtle::ConstantTimeEq as _;

use super::config::InvalidConfig;

/// What makes a certificate believable.
#[derive(Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Trust {
    /// The authorities that this machine trusts.
    System,
    /// Those, and the authorities in this PEM text.
    Authorities(String),
    /// Only the certificate with this SHA-256 fingerprint (of its DER form), whatever its name and dates.
    Fingerprint([u8; 32]),
}

impl fmt::Debug for Trust {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::System => f.write_str("System"),
            Self::Authorities(_) => f.write_str("Authorities"),
            Self::Fingerprint(print) => write!(f, "Fingerprint({})", hex::encode(print)),
        }
    }
}

impl Trust {
    /// Reads a fingerprint as people write it: hexadecimal, with or without colons and `sha256:`.
    ///
    /// # Errors
    /// When these are not 32 bytes.
    pub fn fingerprint(text: &str) -> Result<Self, InvalidConfig> {
        let text = text.trim().to_ascii_lowercase();
        let text = text.strip_prefix("sha256:").unwrap_or(&text);
        let digits: String = text.chars().filter(|c| *c != ':' && *c != ' ').collect();
        let mut print = [0; 32];
        hex::decode_to_slice(&digits, &mut print).map_err(|_| InvalidConfig::Fingerprint)?;
        Ok(Self::Fingerprint(print))
    }

    /// The client's TLS, built once: it keeps the sessions that make the next handshake short.
    pub(super) fn client(&self) -> Result<Arc<ClientConfig>, InvalidConfig> {
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let builder = ClientConfig::builder_with_provider(provider.clone())
            .with_safe_default_protocol_versions()
            .map_err(InvalidConfig::Tls)?;
        let mut config = match self {
            Self::Fingerprint(print) => builder
                .dangerous()
                .with_custom_certificate_verifier(Arc::new(Pinned {
                    print: *print,
                    provider,
                }))
                .with_no_client_auth(),
            _ => builder
                .with_root_certificates(self.roots()?)
                .with_no_client_auth(),
        };
        // A WebSocket's upgrade exists in HTTP/1.1 only here.
        config.alpn_protocols = vec![b"http/1.1".to_vec()];
        Ok(Arc::new(config))
    }

    fn roots(&self) -> Result<RootCertStore, InvalidConfig> {
        let mut roots = RootCertStore::empty();
        let found = rustls_native_certs::load_native_certs();
        for error in &found.errors {
            tracing::warn!(%error, "some of this machine's certificate authorities cannot be read");
        }
        roots.add_parsable_certificates(found.certs);
        if let Self::Authorities(pem) = self {
            let mut count = 0;
            for certificate in CertificateDer::pem_slice_iter(pem.as_bytes()) {
                let certificate = certificate.map_err(|_| InvalidConfig::Authorities)?;
                roots.add(certificate).map_err(InvalidConfig::Tls)?;
                count += 1;
            }
            if count == 0 {
                return Err(InvalidConfig::Authorities);
            }
        }
        Ok(roots)
    }
}

/// Believes one certificate. The handshake still proves that the peer has its key.
#[derive(Debug)]
struct Pinned {
    print: [u8; 32],
    provider: Arc<CryptoProvider>,
}

impl ServerCertVerifier for Pinned {
    fn verify_server_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        _intermediates: &[CertificateDer<'_>],
        _server_name: &ServerName<'_>,
        _ocsp_response: &[u8],
        _now: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        let print: [u8; 32] = Sha256::digest(end_entity).into();
        if bool::from(print.ct_eq(&self.print)) {
            Ok(ServerCertVerified::assertion())
        } else {
            Err(Error::General(format!(
                "the server's certificate has the fingerprint {}, which is not the pinned one",
                hex::encode(print)
            )))
        }
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        let algorithms = &self.provider.signature_verification_algorithms;
        verify_tls12_signature(message, cert, dss, algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        let algorithms = &self.provider.signature_verification_algorithms;
        verify_tls13_signature(message, cert, dss, algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.provider
            .signature_verification_algorithms
            .supported_schemes()
    }
}
