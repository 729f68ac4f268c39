//! What listens, what it is called, and who may see it.

use atelier_api::ErrorCode;
use atelier_api::Page;
use atelier_api::v1::audit::AuditEvent;
use atelier_api::v1::ports::{PortList, PortVisibility};
use http::{Method, header};
use serde_json::json;

use super::echoing;

#[tokio::test]
async fn ports_are_listed_with_what_is_set_for_them() {
    let stage = echoing().await;
    let member = stage.app.member().await;
    let list = async || -> PortList { member.get(&stage.ports()).send().await.ok() };
    let find = |list: PortList, port| list.items.into_iter().find(|item| item.port == port);
    let seen = find(list().await, stage.port).expect("it is seen");
    assert!(seen.listening);
    assert_eq!(seen.visibility, PortVisibility::Private);
    assert_eq!(seen.addresses, ["127.0.0.1"]);
    assert_eq!(seen.process.unwrap().pid, std::process::id());
    assert_eq!(seen.url, Some(stage.origin()));

    let set = async |port: u16, body| {
        let path = format!("{}/{port}", stage.ports());
        member.patch(&path).json(&body).send().await
    };
    set(
        stage.port,
        json!({ "name": " Web ", "visibility": "organization" }),
    )
    .await
    .expect_status(200);
    // A port may have a name before anything listens on it.
    set(1, json!({ "name": "later" })).await.expect_status(200);
    let items = list().await;
    let named = find(items.clone(), stage.port).unwrap();
    assert_eq!(named.name.as_deref(), Some("Web"));
    assert_eq!(named.visibility, PortVisibility::Organization);
    assert!(!find(items, 1).unwrap().listening);
    set(1, json!({ "name": "" })).await.expect_status(200);
    assert_eq!(find(list().await, 1), None);

    let audit = format!(
        "/api/v1/organizations/{}/audit-events",
        stage.app.organization().await
    );
    let events: Page<AuditEvent> = stage.app.owner().await.get(&audit).send().await.ok();
    let event = events
        .items
        .iter()
        .find(|event| event.action == "port_update" && event.details["port"] == json!(stage.port));
    assert_eq!(
        event.unwrap().details["visibility"],
        json!({ "from": "private", "to": "organization" })
    );
}

#[tokio::test]
async fn what_cannot_be_set_is_refused() {
    let stage = echoing().await;
    let member = stage.app.member().await;
    let set = async |port: &str, body| {
        let path = format!("{}/{port}", stage.ports());
        member.patch(&path).json(&body).send().await
    };
    set("3000", json!({ "name": "x".repeat(61) }))
        .await
        .problem(ErrorCode::Invalid);
    set("3000", json!({ "name": "a\u{202e}b" }))
        .await
        .problem(ErrorCode::Invalid);
    set("3000", json!({ "visibility": "all" }))
        .await
        .problem(ErrorCode::Malformed);
    set("0", json!({})).await.problem(ErrorCode::NotFound);
    set("70000", json!({})).await.problem(ErrorCode::NotFound);
    let open = async |body| {
        let path = format!("{}/3000/open", stage.ports());
        member.post(&path).json(&body).send().await
    };
    for path in ["", "x", "//evil.example", "/a b", "/a\\b", "/a\nb"] {
        open(json!({ "path": path }))
            .await
            .problem(ErrorCode::Invalid);
    }
}

#[tokio::test]
async fn who_may_see_a_port_depends_on_how_it_is_shared() {
    let stage = echoing().await;
    let (viewer, outsider) = (stage.app.viewer().await, stage.app.outsider().await);
    let path = format!("{}/{}/open", stage.ports(), stage.port);
    let open =
        async |actor: &atelier_testkit::TestActor| actor.post(&path).json(&json!({})).send().await;
    open(&viewer).await.problem(ErrorCode::Forbidden);
    open(&outsider).await.problem(ErrorCode::NotFound);
    let nobody = async || {
        let request = stage.visit(Method::GET, "/", None);
        request
            .header(header::ACCEPT, "application/json")
            .send()
            .await
    };
    stage.share("organization").await;
    let cookie = stage.enter(&viewer).await;
    stage
        .visit(Method::GET, "/", Some(&cookie))
        .send()
        .await
        .expect_status(200);
    open(&outsider).await.problem(ErrorCode::NotFound);
    nobody().await.expect_status(401);

    stage.share("public").await;
    nobody().await.expect_status(200);
    stage.enter(&outsider).await;

    // Who came in by the organization is out when it is private again.
    stage.share("private").await;
    let refused = stage.visit(Method::GET, "/", Some(&cookie)).send().await;
    refused.expect_status(403);
}
