//! The committed description of the API is the one that the handlers give.

use std::path::Path;

#[test]
fn the_committed_document_is_current() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../openapi.json");
    let committed = std::fs::read_to_string(&path).expect("openapi.json is committed");
    let committed: serde_json::Value = serde_json::from_str(&committed).unwrap();
    let current = serde_json::to_value(atelier_server::openapi()).unwrap();
    assert!(
        committed == current,
        "openapi.json is not what the handlers say: run `cargo xtask regen` and commit it"
    );
}
