//! Preferences: what a person has set for themselves, the same on every device.
//!
//! Each namespace holds one JSON object. The server knows its bounds, not its meaning: that belongs
//! to the client that writes it. One that was never written is an empty object.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::Timestamp;

/// The object of one namespace.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Preference {
    /// Its namespace: `editor`.
    pub namespace: String,
    /// What was set.
    #[cfg_attr(feature = "openapi", schema(value_type = std::collections::BTreeMap<String, Value>))]
    pub value: Map<String, Value>,
    /// The version, for `If-Match`. An object that came back to what it was has its old one again.
    pub etag: String,
    /// When it was last written; absent when never.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub updated_at: Option<Timestamp>,
}

/// All preferences of the account that were ever written.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct PreferenceList {
    /// By namespace.
    pub items: Vec<Preference>,
}

/// Replaces the object of a namespace.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct PreferenceUpdate {
    /// What is set from now on, at most 16 KiB.
    #[cfg_attr(feature = "openapi", schema(value_type = std::collections::BTreeMap<String, Value>))]
    pub value: Map<String, Value>,
}
