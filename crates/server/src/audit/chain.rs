//! The links of the chain: which bytes are hashed.
//!
//! The hash of an event is SHA-256, in lowercase hex, over
//!
//! 1. the hash of the event before it, as 64 ASCII characters; for the first event 64 times `0`;
//! 2. twelve fields in this order: `id`, `organization_id`, `sequence` (decimal), `at` (decimal
//!    milliseconds), `actor`, `actor_name`, `action`, `resource`, `outcome`, `details` (the stored
//!    text), `address`, `request_id`; each as its length in bytes (64 bits, big endian) and its
//!    UTF-8 bytes; an absent one as eight bytes `0xff` alone.
//!
//! The lengths make it unambiguous where a field ends. `details` is stored in a canonical form, so
//! that equal details are equal bytes: object keys sorted by their UTF-8 bytes, no white space,
//! otherwise as `serde_json` prints.

use std::fmt::Write as _;

use atelier_api::v1::audit::{AuditEvent, AuditOutcome};
use serde_json::Value;
use sha2::{Digest as _, Sha256};

/// What the first event of a chain follows.
pub(super) const GENESIS: &str = "0000000000000000000000000000000000000000000000000000000000000000";

/// The fields of an event that its hash covers.
#[derive(Debug)]
pub(super) struct Link<'a> {
    fields: [Option<std::borrow::Cow<'a, str>>; 12],
}

impl<'a> Link<'a> {
    /// `details` is the stored text.
    pub(super) fn of(event: &'a AuditEvent, details: &'a str) -> Self {
        let number = |number: String| Some(number.into());
        Self {
            fields: [
                number(event.id.to_string()),
                number(event.organization_id.to_string()),
                number(event.sequence.to_string()),
                number(event.at.0.to_string()),
                Some(event.actor.as_str().into()),
                Some(event.actor_name.as_str().into()),
                Some(event.action.as_str().into()),
                event.resource.as_deref().map(Into::into),
                Some(outcome(event.outcome).into()),
                Some(details.into()),
                event.address.as_deref().map(Into::into),
                event.request_id.as_deref().map(Into::into),
            ],
        }
    }
}

/// The hash of an event that follows one with the hash `previous`.
pub(super) fn hash(previous: &str, link: &Link<'_>) -> String {
    let mut sha = Sha256::new();
    sha.update(previous.as_bytes());
    for field in &link.fields {
        match field {
            Some(text) => {
                sha.update((text.len() as u64).to_be_bytes());
                sha.update(text.as_bytes());
            }
            None => sha.update(u64::MAX.to_be_bytes()),
        }
    }
    hex::encode(sha.finalize())
}

/// An outcome as it is stored.
pub(super) fn outcome(outcome: AuditOutcome) -> &'static str {
    match outcome {
        AuditOutcome::Success => "success",
        AuditOutcome::Denied => "denied",
        AuditOutcome::Failure => "failure",
    }
}

/// JSON with sorted keys and no white space.
pub(super) fn canonical(value: &Value) -> String {
    let mut text = String::new();
    write_canonical(value, &mut text);
    text
}

fn write_canonical(value: &Value, text: &mut String) {
    match value {
        Value::Object(fields) => {
            // Sorted here: serde_json's map keeps the order of insertion where any crate of the
            // build asks for that.
            let mut fields: Vec<_> = fields.iter().collect();
            fields.sort_by_key(|(key, _)| key.as_str());
            text.push('{');
            for (index, (key, value)) in fields.into_iter().enumerate() {
                if index > 0 {
                    text.push(',');
                }
                let _ = write!(text, "{}:", Value::from(key.as_str()));
                write_canonical(value, text);
            }
            text.push('}');
        }
        Value::Array(items) => {
            text.push('[');
            for (index, item) in items.iter().enumerate() {
                if index > 0 {
                    text.push(',');
                }
                write_canonical(item, text);
            }
            text.push(']');
        }
        scalar => {
            let _ = write!(text, "{scalar}");
        }
    }
}

#[cfg(test)]
mod tests {
    use atelier_api::Timestamp;
    use atelier_api::ids::{AuditEventId, OrganizationId};
    use serde_json::json;
    use uuid::Uuid;

    use super::*;

    fn event() -> AuditEvent {
        AuditEvent {
            id: AuditEventId::from_uuid(Uuid::from_u128(1)),
            organization_id: OrganizationId::from_uuid(Uuid::from_u128(2)),
            sequence: 3,
            at: Timestamp(4),
            actor: "account:x".to_owned(),
            actor_name: "Ada".to_owned(),
            action: "workspace_create".to_owned(),
            resource: None,
            outcome: AuditOutcome::Success,
            details: json!({}),
            address: Some(String::new()),
            request_id: None,
            hash: String::new(),
        }
    }

    #[test]
    fn canonical_text_does_not_depend_on_the_order_of_keys() {
        let one: Value = serde_json::from_str(r#"{"b":[{"z":1,"a":null}],"a":"x\"\n"}"#).unwrap();
        let two: Value = serde_json::from_str(r#"{"a":"x\"\n","b":[{"a":null,"z":1}]}"#).unwrap();
        assert_eq!(canonical(&one), r#"{"a":"x\"\n","b":[{"a":null,"z":1}]}"#);
        assert_eq!(canonical(&one), canonical(&two));
    }

    #[test]
    fn the_hash_is_over_exactly_the_documented_bytes() {
        let event = event();
        let mut bytes = GENESIS.as_bytes().to_vec();
        let fields = [
            Some(event.id.to_string()),
            Some(event.organization_id.to_string()),
            Some("3".to_owned()),
            Some("4".to_owned()),
            Some("account:x".to_owned()),
            Some("Ada".to_owned()),
            Some("workspace_create".to_owned()),
            None,
            Some("success".to_owned()),
            Some("{}".to_owned()),
            Some(String::new()),
            None,
        ];
        for field in fields {
            match field {
                Some(text) => {
                    bytes.extend((text.len() as u64).to_be_bytes());
                    bytes.extend(text.as_bytes());
                }
                None => bytes.extend([0xff; 8]),
            }
        }
        let expected = hex::encode(Sha256::digest(&bytes));
        assert_eq!(hash(GENESIS, &Link::of(&event, "{}")), expected);
    }

    #[test]
    fn text_that_moves_between_fields_changes_the_hash() {
        let mut moved = event();
        moved.actor = "account:xA".to_owned();
        moved.actor_name = "da".to_owned();
        let (one, two) = (event(), moved);
        assert_ne!(
            hash(GENESIS, &Link::of(&one, "{}")),
            hash(GENESIS, &Link::of(&two, "{}"))
        );
    }
}
