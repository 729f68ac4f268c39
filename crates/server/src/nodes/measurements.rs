//! What a node answers of its measurements, of which some may not be readable.

use atelier_api::Timestamp;
use atelier_api::node::{TelemetryList, TelemetrySample};
use serde::Deserialize;
use serde_json::Value;

/// What a node answered.
#[derive(Debug)]
pub(crate) struct Measurements {
    /// What of it can be read.
    pub(crate) list: TelemetryList,
    /// The newest that cannot: from a daemon of another version, or spoiled on its disk. It must not
    /// hold up what comes after it.
    pub(crate) unread: Option<Timestamp>,
}

impl From<TelemetryList> for Measurements {
    fn from(list: TelemetryList) -> Self {
        Self { list, unread: None }
    }
}

/// The same, not looked into.
#[derive(Deserialize)]
struct Loose {
    items: Vec<Value>,
    more: bool,
    #[serde(default)]
    now: Option<Timestamp>,
}

/// Reads an answer, and as much as can be read of one that is not as it should be.
///
/// # Errors
/// When it cannot even be said of which time it is.
pub(super) fn read(body: &[u8]) -> serde_json::Result<Measurements> {
    let error = match serde_json::from_slice::<TelemetryList>(body) {
        Ok(list) => return Ok(list.into()),
        Err(error) => error,
    };
    let Loose { items, more, now } = serde_json::from_slice(body)?;
    let (mut readable, mut unread) = (Vec::new(), None);
    for item in items {
        match TelemetrySample::deserialize(&item) {
            Ok(sample) => readable.push(sample),
            Err(_) => unread = unread.max(item.get("at").and_then(Value::as_i64)),
        }
    }
    if readable.is_empty() && unread.is_none() {
        return Err(error);
    }
    tracing::warn!(%error, "measurements of a server cannot be read and are passed over");
    Ok(Measurements {
        list: TelemetryList {
            items: readable,
            more,
            now,
        },
        unread: unread.map(Timestamp),
    })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn sample(at: i64) -> Value {
        json!({
            "at": at, "uptime_s": 1, "cpu_millis": [1], "load_millis": [1, 1, 1],
            "memory": {
                "total_bytes": 2, "available_bytes": 1, "swap_total_bytes": 0, "swap_used_bytes": 0,
            },
            "disks": [], "devices": [], "networks": [], "open_files": 1, "processes": [],
            "workspaces": [],
        })
    }

    fn answer(items: &Value) -> serde_json::Result<Measurements> {
        read(
            json!({ "items": items, "more": true, "now": 9 })
                .to_string()
                .as_bytes(),
        )
    }

    #[test]
    fn what_cannot_be_read_is_passed_over_and_its_time_is_told() {
        let spoiled = json!({ "at": 5, "cpu_millis": "much" });
        let read = answer(&json!([sample(3), spoiled, sample(7)])).unwrap();
        let times: Vec<_> = read.list.items.iter().map(|sample| sample.at.0).collect();
        assert_eq!((times, read.unread), (vec![3, 7], Some(Timestamp(5))));
        assert!(read.list.more && read.list.now == Some(Timestamp(9)));

        let read = answer(&json!([sample(3)])).unwrap();
        assert_eq!((read.list.items.len(), read.unread), (1, None));
    }

    #[test]
    fn what_has_no_time_is_an_error() {
        assert!(answer(&json!([{ "cpu_millis": "much" }])).is_err());
        assert!(answer(&json!("nothing")).is_err());
        assert!(read(b"\xff").is_err());
    }
}
