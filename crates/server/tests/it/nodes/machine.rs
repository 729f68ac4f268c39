//! The machine's own terminals, files and processes: who may, what passes, what is audited.

use atelier_api::v1::audit::{AuditEvent, AuditOutcome};
use atelier_api::{ErrorCode, Page};
use atelier_testkit::{TestApp, wait_until};
use axum::Router;
use axum::body::Bytes;
use axum::http::{HeaderMap, Method, StatusCode, Uri, header};
use axum::routing::any;
use serde_json::{Value, json};

use super::daemon::Start;
use super::{node_path, seen, token};

/// Answers with what it was asked, and with headers that must not reach a browser.
async fn echo(
    method: Method,
    uri: Uri,
    headers: HeaderMap,
    body: Bytes,
) -> impl axum::response::IntoResponse {
    let names: Vec<_> = headers.keys().map(ToString::to_string).collect();
    let said = json!({
        "method": method.as_str(),
        "path": uri.path(),
        "query": uri.query(),
        "headers": names,
        "body": String::from_utf8_lossy(&body),
    });
    let cookie = [(header::SET_COOKIE, "atelier_session=stolen")];
    (StatusCode::OK, cookie, said.to_string())
}

#[tokio::test]
async fn requests_reach_the_machine_without_credentials_and_are_audited() {
    let app = TestApp::start().await;
    let mut start = Start::joining(&token(&app, &json!({})).await.secret);
    start.router = Router::new().route("/v1/machine/{*rest}", any(echo));
    let (_daemon, id) = start.join(&app).await;
    seen(&app, id).await;
    let machine = format!("{}/machine", node_path(id));

    let admin = app.admin().await;
    let read = admin.get(&format!("{machine}/files/content?path=a%20b"));
    let read = read.header(header::RANGE, "bytes=0-1").send().await;
    assert_eq!(read.header(header::SET_COOKIE), None);
    assert_eq!(
        read.header(header::CONTENT_SECURITY_POLICY),
        Some("sandbox; default-src 'none'")
    );
    let said: Value = read.ok();
    assert_eq!(said["path"], "/v1/machine/files/content");
    assert_eq!(said["query"], "path=a%20b");
    let names = said["headers"].to_string();
    assert!(names.contains("range"), "{names}");
    assert!(
        !names.contains("cookie") && !names.contains("authorization"),
        "{names}"
    );

    let body = json!({ "command": ["ls"], "env": { "SECRET": "x" } });
    let path = format!("{machine}/processes");
    let made = admin.post(&path).json(&body).send().await;
    let said: Value = made.ok();
    assert_eq!(said["method"], "POST");
    let sent: Value = serde_json::from_str(said["body"].as_str().unwrap()).unwrap();
    assert_eq!(sent, body);

    let audit = format!(
        "/api/v1/organizations/{}/audit-events",
        app.organization().await
    );
    let events: Page<AuditEvent> = app.owner().await.get(&audit).send().await.ok();
    let mut made = events.items.iter();
    let made = made
        .find(|event| event.action == "machine_process_create")
        .unwrap();
    assert_eq!(made.resource, Some(id.to_string()));
    assert_eq!(made.details["command"], json!(["ls"]));
    assert!(!made.details.to_string().contains("SECRET"));
}

#[tokio::test]
async fn the_machine_is_for_admins_of_its_organization() {
    let app = TestApp::start().await;
    let mut start = Start::joining(&token(&app, &json!({})).await.secret);
    start.router = Router::new().route("/v1/machine/{*rest}", any(echo));
    let (daemon, id) = start.join(&app).await;
    seen(&app, id).await;
    let path = format!("{}/machine/terminals", node_path(id));
    let (member, outsider) = (app.member().await, app.outsider().await);
    let answer = member.post(&path).json(&json!({})).send().await;
    answer.problem(ErrorCode::Forbidden);
    let answer = outsider.post(&path).json(&json!({})).send().await;
    answer.problem(ErrorCode::NotFound);
    assert_eq!(daemon.calls(), 0);
    drop(daemon);
    let owner = app.owner().await;
    // That the line is gone is noticed a moment later.
    wait_until("the server is gone", || async {
        owner.get(&path).send().await.status != StatusCode::OK
    })
    .await;
    let gone = owner.get(&path).send().await;
    gone.problem(ErrorCode::NodeOffline);
}

/// Takes all and fails, or takes all and is done, as the path says.
async fn disk(uri: Uri, body: axum::body::Body) -> StatusCode {
    let query = uri.query().unwrap_or_default();
    match axum::body::to_bytes(body, usize::MAX).await {
        Ok(_) if query.contains("full") => StatusCode::INSUFFICIENT_STORAGE,
        Ok(_) => StatusCode::OK,
        Err(_) => StatusCode::BAD_REQUEST,
    }
}

#[tokio::test]
async fn an_upload_is_audited_as_soon_as_it_was_passed_on_whole() {
    let app = TestApp::start().await;
    let mut start = Start::joining(&token(&app, &json!({})).await.secret);
    start.router = Router::new().route("/v1/machine/{*rest}", any(disk));
    let (_daemon, id) = start.join(&app).await;
    seen(&app, id).await;
    let admin = app.admin().await;
    let large = vec![7_u8; 4 << 20];
    for (name, status) in [("good", 200), ("full", 507)] {
        let file = format!("{}/machine/files/content?path={name}", node_path(id));
        let write = admin.put(&file).header(header::IF_MATCH, "*");
        let answer = write.body(large.clone()).send().await;
        answer.expect_status(status);
    }
    let audit = format!(
        "/api/v1/organizations/{}/audit-events",
        app.organization().await
    );
    let events: Page<AuditEvent> = app.owner().await.get(&audit).send().await.ok();
    let uploads = events.items.iter().rev();
    let uploads = uploads.filter(|event| event.action == "machine_file_write");
    let said: Vec<_> = uploads
        .map(|event| (event.outcome, event.details.to_string()))
        .collect();
    let details = |name: &str| format!(r#"{{"query":"path={name}"}}"#);
    let failed = r#"{"query":"path=full","status":507}"#.to_owned();
    let expected = [
        (AuditOutcome::Success, details("good")),
        (AuditOutcome::Success, details("full")),
        (AuditOutcome::Failure, failed),
    ];
    assert_eq!(said, expected);
}
