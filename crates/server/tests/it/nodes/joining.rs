//! Who may come in, and who may not.

use atelier_api::v1::audit::AuditEvent;
use atelier_api::v1::nodes::{Node, NodeToken};
use atelier_api::{ErrorCode, Page};
use atelier_testkit::TestApp;
use atelier_tunnel::Reason;
use serde_json::json;

use super::daemon::{Key, Start, info};
use super::{node_path, token, token_path, tokens_path, view};

#[tokio::test]
async fn a_server_joins_with_the_tokens_name_and_labels_and_stands_in_the_audit_log() {
    let app = TestApp::start().await;
    let body = json!({ "name": "Big one", "labels": { "gpu": "yes" } });
    let created = token(&app, &body).await;
    let start = Start::joining(&created.secret);
    let (daemon, id) = start.join(&app).await;
    assert_eq!(daemon.welcome().await.name, "Big one");

    let node = view(&app, id).await;
    assert_eq!((node.name.as_str(), node.local), ("Big one", false));
    assert_eq!(node.labels["gpu"], "yes");
    assert_eq!(node.address.as_deref(), Some("127.0.0.1"));
    assert_eq!(node.info, Some(start.info.clone()));

    let owner = app.owner().await;
    let organization = app.organization().await;
    let tokens: Page<NodeToken> = owner.get(&tokens_path(organization)).send().await.ok();
    assert_eq!(tokens.items[0].node_id, Some(id));
    let audit = format!("/api/v1/organizations/{organization}/audit-events");
    let events: Page<AuditEvent> = owner.get(&audit).send().await.ok();
    let mut joins = events.items.iter().filter(|it| it.action == "node_tunnel");
    let join = joins.next().unwrap();
    assert_eq!(join.resource, Some(id.to_string()));
    assert_eq!(join.address.as_deref(), Some("127.0.0.1"));
    assert_eq!(join.details["token"], json!(created.token.id));
    assert!(joins.next().is_none());
    let text = serde_json::to_string(&events).unwrap();
    assert!(!text.contains(&created.secret) && !text.contains(&start.key.public()));
}

#[tokio::test]
async fn machines_with_one_host_name_get_names_of_their_own() {
    let app = TestApp::start().await;
    let mut names = Vec::new();
    let mut daemons = Vec::new();
    for hostname in ["web", "WEB", "web", "a/b\n", ""] {
        let mut start = Start::joining(&token(&app, &json!({})).await.secret);
        start.info = info(hostname);
        let (daemon, _) = start.join(&app).await;
        names.push(daemon.welcome().await.name);
        daemons.push(daemon);
    }
    assert_eq!(names, ["web", "WEB-2", "web-3", "server", "server-2"]);
}

#[tokio::test]
async fn a_token_must_be_right_open_and_in_time() {
    let app = TestApp::builder().manual_clock().start().await;
    let unknown = format!("atj_{}", "a".repeat(43));
    for wrong in ["", "atj_", "password", &unknown, &"x".repeat(10_000)] {
        let detail = Start::joining(wrong).denied(&app).await;
        assert!(detail.contains("no such join token"), "{detail}");
    }

    let withdrawn = token(&app, &json!({})).await;
    let path = token_path(withdrawn.token.id);
    app.owner()
        .await
        .delete(&path)
        .send()
        .await
        .expect_status(204);
    let detail = Start::joining(&withdrawn.secret).denied(&app).await;
    assert!(detail.contains("no such join token"), "{detail}");

    let late = token(&app, &json!({})).await;
    app.advance_ms(3_600_000);
    let detail = Start::joining(&late.secret).denied(&app).await;
    assert!(detail.contains("expired"), "{detail}");
}

#[tokio::test]
async fn joining_again_with_token_and_key_is_the_same_and_with_another_key_refused() {
    let app = TestApp::start().await;
    let secret = token(&app, &json!({})).await.secret;
    let start = Start::joining(&secret);
    let (daemon, id) = start.join(&app).await;
    drop(daemon);
    let (again, same) = start.join(&app).await;
    assert_eq!(same, id);
    drop(again);

    let other = Start::joining(&secret).denied(&app).await;
    assert!(other.contains("used already"), "{other}");
    let (_daemon, same) = start.joined(id).join(&app).await;
    assert_eq!(same, id);
}

#[tokio::test]
async fn who_cannot_prove_the_key_stays_outside() {
    let app = TestApp::start().await;
    let secret = token(&app, &json!({})).await.secret;
    let mut replayed = Start::joining(&secret);
    replayed.nonce = Some("0".repeat(64));
    let detail = replayed.denied(&app).await;
    assert!(detail.contains("could not prove"), "{detail}");
    let mut forged = Start::joining(&secret);
    forged.signs_with = Some(Key::new());
    let detail = forged.denied(&app).await;
    assert!(detail.contains("could not prove"), "{detail}");

    // The token was not used up by those.
    let start = Start::joining(&secret);
    let (daemon, id) = start.join(&app).await;
    drop(daemon);
    let mut changed = start.joined(id);
    changed.key = Key::new();
    let detail = changed.denied(&app).await;
    assert!(detail.contains("another key"), "{detail}");
    let mut stranger = start.joined(id);
    stranger.node_id = None;
    let detail = stranger.denied(&app).await;
    assert!(detail.contains("not joined yet"), "{detail}");
}

#[tokio::test]
async fn one_key_is_one_server() {
    let app = TestApp::start().await;
    let start = Start::joining(&token(&app, &json!({ "name": "first" })).await.secret);
    let (_daemon, _) = start.join(&app).await;
    let mut copy = start.clone();
    copy.token = Some(token(&app, &json!({})).await.secret);
    let detail = copy.denied(&app).await;
    assert!(
        detail.contains("“first”") && detail.contains("--new-key"),
        "{detail}"
    );

    // Whoever comes from elsewhere does not learn the name.
    let outsider = app.outsider().await;
    let path = tokens_path(outsider.account().memberships[0].organization_id);
    let created = outsider.post(&path).json(&json!({})).send().await;
    let created: serde_json::Value = created.ok();
    copy.token = created["secret"].as_str().map(ToOwned::to_owned);
    let detail = copy.denied(&app).await;
    assert!(detail.contains("another server"), "{detail}");
}

#[tokio::test]
async fn the_embedded_server_cannot_be_passed_for() {
    let app = TestApp::start().await;
    let embedded = super::embedded(&app).await;
    let start = Start::joining("").joined(embedded.id);
    let detail = start.denied(&app).await;
    assert!(detail.contains("not known"), "{detail}");
}

#[tokio::test]
async fn versions_too_far_apart_are_refused_with_what_to_update() {
    let app = TestApp::start().await;
    let mut start = Start::joining(&token(&app, &json!({})).await.secret);
    for (version, what) in [("0.99.0", "control plane"), ("99.0.0", "control plane")] {
        start.info.version = version.to_owned();
        let refusal = start.refused(&app).await;
        assert_eq!(refusal.reason, Reason::Version);
        assert!(
            refusal.detail.ends_with(&format!("update the {what}.")),
            "{refusal}"
        );
    }
    start.info.version = "nonsense".to_owned();
    start.denied(&app).await;
    start.info.version = "0.2.7".to_owned();
    start.join(&app).await;
}

#[tokio::test]
async fn an_address_that_is_denied_too_often_has_to_wait() {
    let app = TestApp::builder().manual_clock().start().await;
    let secret = token(&app, &json!({})).await.secret;
    for _ in 0..60 {
        Start::joining("wrong").denied(&app).await;
    }
    let refusal = Start::joining(&secret).refused(&app).await;
    assert_eq!(refusal.reason, Reason::Busy);
    assert!(refusal.retry_after_ms <= 2_000, "{refusal:?}");
    app.advance_ms(2_000);
    Start::joining(&secret).join(&app).await;
}

#[tokio::test]
async fn what_is_no_tunnel_is_refused() {
    let app = TestApp::start().await;
    let plain = app.anonymous().get("/api/v1/tunnel").send().await;
    plain.problem(ErrorCode::Malformed);
    let posted = app.owner().await.post("/api/v1/tunnel").send().await;
    posted.expect_status(405);
}

#[tokio::test]
async fn what_a_server_says_does_not_reach_another_organization() {
    let app = TestApp::start().await;
    let start = Start::joining(&token(&app, &json!({})).await.secret);
    let (_daemon, id) = start.join(&app).await;
    let outsider = app.outsider().await;
    for path in [
        node_path(id),
        node_path("node_00000000000000000000000000".parse().unwrap()),
    ] {
        outsider
            .get(&path)
            .send()
            .await
            .problem(ErrorCode::NotFound);
        let revoke = format!("{path}/revoke");
        outsider
            .post(&revoke)
            .send()
            .await
            .problem(ErrorCode::NotFound);
        outsider
            .delete(&path)
            .send()
            .await
            .problem(ErrorCode::NotFound);
    }
    let viewer = app.viewer().await;
    viewer.get(&node_path(id)).send().await.ok::<Node>();
    viewer
        .delete(&node_path(id))
        .send()
        .await
        .problem(ErrorCode::Forbidden);
}
