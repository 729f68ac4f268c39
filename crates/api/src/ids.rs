//! Typed ids in the TypeID format: a prefix that names the kind, `_`, and 26 characters of
//! Crockford base32 that encode a UUID (version 7, so that ids sort by creation time).
//!
//! Source: the TypeID specification 0.3.0.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use type_safe_id::{DynamicType, TypeSafeId};
use uuid::Uuid;

/// A text that is not an id of the expected kind.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{text}` is not an id of the form `{prefix}_…` (26 characters after the underscore)")]
pub struct IdError {
    /// The prefix that was expected.
    pub prefix: &'static str,
    /// What was given, cut to 64 characters.
    pub text: String,
}

fn parse(prefix: &'static str, text: &str) -> Result<Uuid, IdError> {
    let error = || IdError {
        prefix,
        text: text.chars().take(64).collect(),
    };
    // type-safe-id 0.3.3 panics where a long text is cut inside a character (found by the property
    // test below); an id is ASCII anyway.
    if !text.is_ascii() {
        return Err(error());
    }
    let id: TypeSafeId<DynamicType> = text.parse().map_err(|_| error())?;
    if id.type_prefix() == prefix {
        Ok(id.uuid())
    } else {
        Err(error())
    }
}

fn format(prefix: &'static str, uuid: Uuid, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    let kind = DynamicType::new(prefix).expect("prefixes are lowercase ASCII, checked by a test");
    write!(f, "{}", TypeSafeId::from_type_and_uuid(kind, uuid))
}

macro_rules! ids {
    ($($(#[$doc:meta])* $name:ident = $prefix:literal;)*) => {
        $(
            $(#[$doc])*
            #[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
            #[serde(try_from = "String", into = "String")]
            pub struct $name(Uuid);

            impl $name {
                /// The kind's prefix, without the underscore.
                pub const PREFIX: &'static str = $prefix;

                /// Makes the id of a UUID. Production code takes the UUID from its injected source
                /// of ids (`Ctx` in the control plane).
                pub const fn from_uuid(uuid: Uuid) -> Self {
                    Self(uuid)
                }

                /// The UUID inside.
                pub const fn uuid(self) -> Uuid {
                    self.0
                }
            }

            impl fmt::Display for $name {
                fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                    format($prefix, self.0, f)
                }
            }

            impl fmt::Debug for $name {
                fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                    format($prefix, self.0, f)
                }
            }

            impl FromStr for $name {
                type Err = IdError;
                fn from_str(text: &str) -> Result<Self, IdError> {
                    parse($prefix, text).map(Self)
                }
            }

            impl TryFrom<String> for $name {
                type Error = IdError;
                fn try_from(text: String) -> Result<Self, IdError> {
                    text.parse()
                }
            }

            impl From<$name> for String {
                fn from(id: $name) -> String {
                    id.to_string()
                }
            }

            #[cfg(feature = "openapi")]
            impl utoipa::PartialSchema for $name {
                fn schema() -> utoipa::openapi::RefOr<utoipa::openapi::schema::Schema> {
                    utoipa::openapi::ObjectBuilder::new()
                        .schema_type(utoipa::openapi::schema::Type::String)
                        .pattern(Some(concat!("^", $prefix, "_[0-9a-hjkmnp-tv-z]{26}$")))
                        .into()
                }
            }

            #[cfg(feature = "openapi")]
            impl utoipa::ToSchema for $name {}
        )*

        #[cfg(test)]
        const PREFIXES: &[&str] = &[$($prefix),*];
    };
}

ids! {
    /// A person's (or service's) account.
    AccountId = "acc";
    /// A browser session.
    SessionId = "ses";
    /// A personal access token.
    TokenId = "tok";
    /// Who a person is at a Git host.
    GitCredentialId = "gitcred";
    /// An organization.
    OrganizationId = "org";
    /// A server joined to the control plane.
    NodeId = "node";
    /// A token that a server joins with.
    NodeTokenId = "nodetok";
    /// A workspace.
    WorkspaceId = "ws";
    /// A terminal inside a workspace.
    TerminalId = "term";
    /// What a terminal showed, kept to be watched again.
    RecordingId = "rec";
    /// A link by which a terminal is shared.
    TerminalShareId = "share";
    /// A process (a command without a PTY) inside a workspace.
    ProcessId = "proc";
    /// A file that is uploaded in parts.
    UploadId = "upload";
    /// What was deleted, in a workspace's trash.
    TrashId = "trash";
    /// Matches of a search that were replaced in files.
    ReplacementId = "repl";
    /// A durable unit of work.
    JobId = "job";
    /// A command that people run on servers.
    NodeJobId = "nodejob";
    /// A node job on one of its servers.
    NodeRunId = "noderun";
    /// Times at which a node job is made.
    ScheduleId = "sched";
    /// One attempt of a node run, as the server knows it.
    ExecutionId = "exec";
    /// The same new program for many servers, in stages.
    NodeRolloutId = "rollout";
    /// A rollout's part on one of its servers.
    NodeUpdateId = "nodeupd";
    /// An audit event.
    AuditEventId = "aud";
    /// One HTTP request, for correlating logs.
    RequestId = "req";
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_prefix_is_valid_and_unique() {
        let mut seen = std::collections::HashSet::new();
        for prefix in PREFIXES {
            DynamicType::new(prefix).unwrap();
            assert!(seen.insert(prefix), "{prefix} is used twice");
        }
    }

    #[test]
    fn round_trips_and_sorts_by_time() {
        let older = WorkspaceId::from_uuid(Uuid::from_u128(1));
        let newer = WorkspaceId::from_uuid(Uuid::from_u128(2));
        assert!(older.to_string() < newer.to_string());
        assert_eq!(older.to_string().parse::<WorkspaceId>().unwrap(), older);
    }

    #[test]
    fn refuses_other_kinds_and_garbage() {
        let node = NodeId::from_uuid(Uuid::from_u128(7)).to_string();
        assert!(node.parse::<WorkspaceId>().is_err());
        for text in [
            "",
            "ws",
            "ws_",
            "ws_zz",
            "../../etc/passwd",
            "ws_00000000000000000000000000\0",
        ] {
            assert!(text.parse::<WorkspaceId>().is_err(), "{text:?}");
        }
    }

    proptest::proptest! {
        #[test]
        fn never_panics(text in ".{0,80}") {
            let _ = text.parse::<WorkspaceId>();
        }
    }
}
