//! The JSON Schema of the bridge's messages, from their types.

use atelier_api::agent::bridge::{BridgeMessage, BridgeRequest, SUBPROTOCOL};
use serde_json::{Value, json};
use utoipa::OpenApi;

#[derive(Debug, OpenApi)]
#[openapi(components(schemas(BridgeRequest, BridgeMessage)))]
struct Messages;

/// The schema (draft 2020-12): `#/$defs/BridgeRequest` is what clients say, `#/$defs/BridgeMessage` what
/// agents say.
pub fn bridge_schema() -> Value {
    let document = serde_json::to_value(Messages::openapi()).expect("a description is plain data");
    let mut definitions = document["components"]["schemas"].clone();
    place_in_definitions(&mut definitions);
    json!({
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": SUBPROTOCOL,
        "description": "The messages of the bridge, a workspace's WebSocket for programs.",
        "anyOf": [
            { "$ref": "#/$defs/BridgeRequest" },
            { "$ref": "#/$defs/BridgeMessage" },
        ],
        "$defs": definitions,
    })
}

/// Has references lead to where the definitions stand in a JSON Schema.
fn place_in_definitions(schema: &mut Value) {
    match schema {
        Value::Object(fields) => {
            for (name, value) in fields {
                match value {
                    Value::String(reference) if name == "$ref" => {
                        *reference = reference.replace("#/components/schemas/", "#/$defs/");
                    }
                    value => place_in_definitions(value),
                }
            }
        }
        Value::Array(items) => items.iter_mut().for_each(place_in_definitions),
        _ => {}
    }
}
