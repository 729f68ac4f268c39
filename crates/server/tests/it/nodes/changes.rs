//! Renaming, labelling, draining, revoking, removing.

use atelier_api::ErrorCode;
use atelier_api::v1::nodes::Node;
use atelier_testkit::TestApp;
use serde_json::{Map, Value, json};

use super::{embedded, node_path};

#[tokio::test]
async fn a_server_is_renamed_labelled_and_drained() {
    let app = TestApp::start().await;
    let admin = app.admin().await;
    let path = node_path(embedded(&app).await.id);
    let change = json!({
        "name": " Büro 🖥 ", "labels": { "region": "eu", "gpu": "" }, "draining": true,
    });
    let changed: Node = admin.patch(&path).json(&change).send().await.ok();
    assert_eq!(changed.name, "Büro 🖥");
    assert_eq!(changed.labels.len(), 2);
    assert!(changed.draining);
    let kept = admin.patch(&path).json(&json!({})).send().await;
    assert_eq!(kept.ok::<Node>(), changed, "what is absent stays");
    assert_eq!(admin.get(&path).send().await.ok::<Node>(), changed);

    let many: Map<String, Value> = (0..65).map(|n| (format!("k{n}"), json!(""))).collect();
    for (field, value) in [
        ("name", json!("")),
        ("name", json!("a/b")),
        ("name", json!("x".repeat(300))),
        ("labels", json!({ "Upper": "" })),
        ("labels", json!({ "k": "v".repeat(256) })),
        ("labels", many.into()),
    ] {
        let answer = admin.patch(&path).json(&json!({ field: value })).send();
        let problem = answer.await.problem(ErrorCode::Invalid);
        assert_eq!(problem.field.as_deref(), Some(field));
    }
    let unknown = admin.patch(&path).json(&json!({ "drain": true })).send();
    unknown.await.problem(ErrorCode::Malformed);
    assert_eq!(admin.get(&path).send().await.ok::<Node>(), changed);
}

#[tokio::test]
async fn a_draining_server_takes_no_new_workspaces() {
    let app = TestApp::start().await;
    let owner = app.owner().await;
    let node = embedded(&app).await;
    let drain = json!({ "draining": true });
    let drained = owner.patch(&node_path(node.id)).json(&drain).send().await;
    drained.expect_status(200);
    let workspaces = format!(
        "/api/v1/organizations/{}/workspaces",
        app.organization().await
    );
    let mut create = json!({
        "name": "w", "source": { "kind": "template", "template": "empty" },
    });
    let refused = owner.post(&workspaces).json(&create).send().await;
    refused.problem(ErrorCode::Conflict);
    create["node_id"] = json!(node.id);
    let refused = owner.post(&workspaces).json(&create).send().await;
    let problem = refused.problem(ErrorCode::Conflict);
    assert!(problem.detail.contains("draining"), "{}", problem.detail);

    let fill = json!({ "draining": false });
    let filled = owner.patch(&node_path(node.id)).json(&fill).send().await;
    filled.expect_status(200);
    let made = owner.post(&workspaces).json(&create).send().await;
    made.expect_status(201);
}

#[tokio::test]
async fn the_embedded_server_stays() {
    let app = TestApp::start().await;
    let owner = app.owner().await;
    let path = node_path(embedded(&app).await.id);
    let removed = owner.delete(&path).send().await;
    removed.problem(ErrorCode::Conflict);
    let revoked = owner.post(&format!("{path}/revoke")).send().await;
    revoked.problem(ErrorCode::Conflict);
    owner.get(&path).send().await.expect_status(200);
}
