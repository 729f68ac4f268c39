//! The golden examples of the bridge's messages: each is read, and written again as it was.

use std::collections::BTreeSet;

use atelier_api::agent::bridge::{BridgeMessage, BridgeRequest};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

fn golden(part: &str) -> Vec<Value> {
    let examples: Value =
        serde_json::from_str(include_str!("../golden/bridge.json")).expect("JSON");
    examples[part].as_array().expect("a list").clone()
}

fn round_trip<T: Serialize + DeserializeOwned>(part: &str) {
    for example in golden(part) {
        let message: T = serde_json::from_value(example.clone())
            .unwrap_or_else(|error| panic!("{error}: {example}"));
        assert_eq!(serde_json::to_value(&message).expect("JSON"), example);
    }
}

#[test]
fn requests_are_read_and_written_as_they_were() {
    round_trip::<BridgeRequest>("requests");
}

#[test]
fn messages_are_read_and_written_as_they_were() {
    round_trip::<BridgeMessage>("messages");
}

/// An example that is made from nothing would show nothing: every type is named, and no request takes
/// what it does not know.
#[test]
fn requests_take_nothing_that_they_do_not_know() {
    let mut types = BTreeSet::new();
    for mut example in golden("requests") {
        types.insert(example["type"].as_str().unwrap().to_owned());
        example["surprise"] = true.into();
        let taken = serde_json::from_value::<BridgeRequest>(example.clone());
        assert!(taken.is_err(), "{example} was taken");
    }
    assert_eq!(types.len(), 20, "{types:?}");
}

/// Messages may grow.
#[test]
fn messages_may_hold_more_than_is_known() {
    for mut example in golden("messages") {
        example["surprise"] = true.into();
        serde_json::from_value::<BridgeMessage>(example).unwrap();
    }
}
