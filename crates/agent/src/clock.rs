//! The wall clock, read in one place.

use std::time::{SystemTime, UNIX_EPOCH};

use atelier_api::Timestamp;

/// Now. Only for showing: nothing is decided by the wall clock, which may be set back.
pub(crate) fn now() -> Timestamp {
    #[expect(clippy::disallowed_methods, reason = "this is the agent's clock")]
    let now = SystemTime::now();
    let ms = now
        .duration_since(UNIX_EPOCH)
        .unwrap_or_default()
        .as_millis();
    Timestamp(i64::try_from(ms).unwrap_or(i64::MAX))
}
