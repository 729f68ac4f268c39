//! Tokens that are signed here: `kind.workspace.application.account.credential.expiry.signature`.
//!
//! They hold no secret but their signature (HMAC-SHA-256 with the server's key), and say what they are
//! for, so that none is good for anything else.

use atelier_api::Timestamp;
use atelier_api::ids::{AccountId, WorkspaceId};
use atelier_api::node::Application;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ring::hmac;

use super::memo::Memo;
use crate::ctx::Credential;

/// The longest token that is read, in bytes.
const TOKEN_MAX: usize = 400;

/// What a token is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// Coming in, by host name.
    EntryHost,
    /// Coming in, by path.
    EntryPath,
    /// Staying, as the value of a cookie of the application's host.
    SessionHost,
    /// Staying, as a part of the path.
    SessionPath,
}

impl Kind {
    const fn letter(self) -> &'static str {
        match self {
            Self::EntryHost => "e",
            Self::EntryPath => "f",
            Self::SessionHost => "s",
            Self::SessionPath => "t",
        }
    }

    fn of(letter: &str) -> Option<Self> {
        let all = [
            Self::EntryHost,
            Self::EntryPath,
            Self::SessionHost,
            Self::SessionPath,
        ];
        all.into_iter().find(|kind| kind.letter() == letter)
    }
}

/// An application of a workspace.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) struct Place {
    pub(super) workspace: WorkspaceId,
    pub(super) application: Application,
}

impl Place {
    pub(super) const fn port(workspace: WorkspaceId, port: u16) -> Self {
        Self {
            workspace,
            application: Application::Port(port),
        }
    }

    pub(super) const fn vscode(workspace: WorkspaceId) -> Self {
        Self {
            workspace,
            application: Application::VsCode,
        }
    }
}

/// Who was let in, and by what credential.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Visitor {
    pub(super) account: AccountId,
    pub(super) credential: Credential,
}

/// What a good token says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Claims {
    pub(super) place: Place,
    pub(super) visitor: Visitor,
}

/// Signs and checks.
pub(super) struct Signer {
    key: hmac::Key,
    checked: Memo<Signed>,
}

/// What was signed.
#[derive(Debug, Clone, Copy)]
struct Signed {
    kind: Kind,
    claims: Claims,
    expires_at: Timestamp,
}

impl std::fmt::Debug for Signer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Signer")
    }
}

impl Signer {
    pub(super) fn new(key: &[u8]) -> Self {
        Self {
            key: hmac::Key::new(hmac::HMAC_SHA256, key),
            checked: Memo::default(),
        }
    }

    /// A token.
    pub(super) fn sign(&self, kind: Kind, claims: &Claims, expires_at: Timestamp) -> String {
        let Claims { place, visitor } = claims;
        let credential = match visitor.credential {
            Credential::Session(id) => id.to_string(),
            Credential::Token(id) => id.to_string(),
        };
        let said = format!(
            "{}.{}.{}.{}.{credential}.{}",
            kind.letter(),
            place.workspace,
            place.application,
            visitor.account,
            expires_at.0
        );
        let signature = hmac::sign(&self.key, said.as_bytes());
        format!("{said}.{}", URL_SAFE_NO_PAD.encode(signature))
    }

    /// What a token says, if it was signed here, is of this kind, and is still good.
    pub(super) fn verify(&self, kind: Kind, token: &str, now: Timestamp) -> Option<Claims> {
        if token.len() > TOKEN_MAX {
            return None;
        }
        let signed = self.checked.get_or(token, || self.signed(token))?;
        (signed.kind == kind && now < signed.expires_at).then_some(signed.claims)
    }

    fn signed(&self, token: &str) -> Option<Signed> {
        let (said, signature) = token.rsplit_once('.')?;
        let signature = URL_SAFE_NO_PAD.decode(signature).ok()?;
        hmac::verify(&self.key, said.as_bytes(), &signature).ok()?;
        let mut parts = said.split('.');
        let kind = Kind::of(parts.next()?)?;
        let place = Place {
            workspace: parts.next()?.parse().ok()?,
            application: parts.next()?.parse().ok()?,
        };
        let account = parts.next()?.parse().ok()?;
        let credential = parts.next()?;
        let credential = match credential.parse() {
            Ok(id) => Credential::Session(id),
            Err(_) => Credential::Token(credential.parse().ok()?),
        };
        let visitor = Visitor {
            account,
            credential,
        };
        Some(Signed {
            kind,
            claims: Claims { place, visitor },
            expires_at: Timestamp(parts.next()?.parse().ok()?),
        })
    }
}

#[cfg(test)]
mod tests {
    use atelier_api::ids::{SessionId, TokenId};
    use proptest::prelude::*;
    use uuid::Uuid;

    use super::*;

    fn claims() -> Claims {
        Claims {
            place: Place {
                workspace: WorkspaceId::from_uuid(Uuid::from_u128(1)),
                application: Application::Port(3000),
            },
            visitor: Visitor {
                account: AccountId::from_uuid(Uuid::from_u128(2)),
                credential: Credential::Session(SessionId::from_uuid(Uuid::from_u128(3))),
            },
        }
    }

    #[test]
    fn a_token_says_what_was_signed_and_no_longer_than_it_may() {
        let signer = Signer::new(&[7; 32]);
        let mut said = claims();
        for credential in [
            said.visitor.credential,
            Credential::Token(TokenId::from_uuid(Uuid::from_u128(4))),
        ] {
            said.visitor.credential = credential;
            let token = signer.sign(Kind::EntryHost, &said, Timestamp(1000));
            let verify = |kind, now| signer.verify(kind, &token, Timestamp(now));
            assert_eq!(verify(Kind::EntryHost, 999), Some(said));
            assert_eq!(verify(Kind::EntryHost, 1000), None);
            for other in [Kind::EntryPath, Kind::SessionHost, Kind::SessionPath] {
                assert_eq!(verify(other, 999), None);
            }
            let other = Signer::new(&[8; 32]);
            assert_eq!(other.verify(Kind::EntryHost, &token, Timestamp(0)), None);
        }
    }

    proptest! {
        #[test]
        fn a_token_that_was_changed_is_none(at in 0_usize..150, byte in any::<u8>()) {
            let signer = Signer::new(&[7; 32]);
            let token = signer.sign(Kind::EntryHost, &claims(), Timestamp(1000));
            let mut bytes = token.clone().into_bytes();
            let at = at % bytes.len();
            bytes[at] = byte;
            if let Ok(changed) = String::from_utf8(bytes)
                && changed != token
            {
                prop_assert_eq!(signer.verify(Kind::EntryHost, &changed, Timestamp(0)), None);
            }
        }
    }
}
