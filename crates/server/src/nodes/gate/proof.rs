//! The proof of possession of a key, and what of versions fits together.

use std::time::Duration;

use atelier_api::v1::nodes::{NodeIdentity, signed_bytes};
use atelier_tunnel::Reason;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::proofs::{Claim, verified};
use super::{Decision, denied, refused};
use crate::app::App;
use crate::error::Error;

/// One side may be updated meanwhile.
const VERSION_RETRY: Duration = Duration::from_secs(60);

/// Checks the signature over the nonce; answers the key in its one base64 form.
pub(super) async fn check(app: &App, identity: &NodeIdentity, nonce: &str) -> Decision<String> {
    let (Ok(key), Ok(signature)) = (
        STANDARD.decode(&identity.public_key),
        STANDARD.decode(&identity.signature),
    ) else {
        return denied("The daemon's key or signature is not in base64.");
    };
    let message = signed_bytes(nonce.as_bytes(), &key);
    let unproven = || denied("The daemon could not prove that it has its key.");
    let Some(claim) = Claim::new(&key, message, &signature) else {
        return unproven();
    };
    let key = claim.key();
    match verified(app, claim).await {
        Some(true) => Ok(key),
        Some(false) => unproven(),
        None => Err(Error::unavailable("The control plane stops.").into()),
    }
}

/// Control plane and daemon may be one minor version apart.
pub(super) fn check_version(theirs: &str) -> Decision<()> {
    check_versions(env!("CARGO_PKG_VERSION"), theirs)
}

fn check_versions(ours: &str, theirs: &str) -> Decision<()> {
    let shown: String = theirs.chars().take(40).collect();
    let (Some(our), Some(their)) = (parse(ours), parse(theirs)) else {
        return denied(format!("“{shown}” is no version of a daemon."));
    };
    if our.0 == their.0 && our.1.abs_diff(their.1) <= 1 {
        return Ok(());
    }
    let older = if their < our {
        "the daemon on this server"
    } else {
        "the control plane"
    };
    refused(
        Reason::Version,
        format!(
            "This server runs version {shown}, the control plane {ours}. They may be one minor \
             version apart: update {older}."
        ),
        VERSION_RETRY,
    )
}

/// Major and minor.
fn parse(version: &str) -> Option<(u32, u32)> {
    let mut parts = version.split(['.', '-', '+']);
    let major = parts.next()?.parse().ok()?;
    let minor = parts.next()?.parse().ok()?;
    Some((major, minor))
}

#[cfg(test)]
mod tests {
    use super::super::Denial;
    use super::*;

    #[test]
    fn versions_may_be_one_minor_apart() {
        for theirs in ["1.4.0", "1.3.9", "1.5.0", "1.4.0-rc.1", "1.4"] {
            assert!(check_versions("1.4.2", theirs).is_ok(), "{theirs}");
        }
        for (theirs, whom) in [
            ("1.2.0", "daemon"),
            ("0.4.0", "daemon"),
            ("1.6.0", "control plane."),
            ("2.4.0", "control plane."),
        ] {
            let Err(Denial::Refused(refusal)) = check_versions("1.4.2", theirs) else {
                panic!("{theirs} is taken");
            };
            assert_eq!(refusal.reason, Reason::Version);
            let told = refusal.detail.rsplit("update").next().unwrap();
            assert!(told.contains(whom), "{}", refusal.detail);
        }
        for theirs in ["", "1", "one.two", "-1.4"] {
            assert!(check_versions("1.4.2", theirs).is_err(), "{theirs}");
        }
    }
}
