//! What another site can make a browser send, and must not achieve.

use atelier_api::ErrorCode;
use atelier_api::v1::CSRF_HEADER;
use atelier_testkit::{PASSWORD, TestActor, TestApp, TestRequest};
use http::header::{AUTHORIZATION, HeaderValue, ORIGIN};
use http::{HeaderMap, Method};
use serde_json::json;

fn rename(actor: &TestActor, change: impl FnOnce(&mut HeaderMap)) -> TestRequest {
    let mut headers = actor.headers();
    headers.insert(CSRF_HEADER, HeaderValue::from_static("1"));
    change(&mut headers);
    let request = actor.bare_request(Method::PATCH, "/api/v1/me", headers);
    request.json(&json!({ "name": "Mallory was here" }))
}

#[tokio::test]
async fn a_foreign_origin_changes_nothing() {
    let app = TestApp::start().await;
    let owner = app.owner().await;
    let port = app.url().rsplit(':').next().unwrap().to_owned();
    for origin in [
        "https://evil.example",
        "null",
        "",
        "http://127.0.0.1",
        "http://127.0.0.1:1",
        &format!("http://127.0.0.1.evil.example:{port}"),
        &format!("http://evil.example:{port}"),
        &format!("ftp://127.0.0.1:{port}"),
    ] {
        let origin = HeaderValue::from_str(origin).unwrap();
        let request = rename(&owner, |headers| {
            headers.insert(ORIGIN, origin);
        });
        request.send().await.problem(ErrorCode::CrossSite);
    }
    rename(&owner, |_| {}).send().await.expect_status(200);
}

#[tokio::test]
async fn a_change_without_the_header_is_refused() {
    let app = TestApp::start().await;
    let owner = app.owner().await;
    let request = rename(&owner, |headers| {
        headers.remove(CSRF_HEADER);
    });
    request.send().await.problem(ErrorCode::CrossSite);
    // A program without a browser sends no Origin.
    let request = rename(&owner, |headers| {
        headers.remove(ORIGIN);
    });
    request.send().await.expect_status(200);
}

#[tokio::test]
async fn nobody_is_signed_in_from_another_site() {
    let app = TestApp::start().await;
    app.owner().await;
    let mut headers = HeaderMap::new();
    headers.insert(ORIGIN, HeaderValue::from_static("https://evil.example"));
    headers.insert(CSRF_HEADER, HeaderValue::from_static("1"));
    let nobody = app.anonymous();
    let request = nobody.bare_request(Method::POST, "/api/v1/session", headers);
    let body = json!({ "email": "owner@example.org", "password": PASSWORD });
    request
        .json(&body)
        .send()
        .await
        .problem(ErrorCode::CrossSite);
}

/// A browser that knows a proxy's password adds it to requests of foreign pages too: only our own
/// tokens say that a request is no page's.
#[tokio::test]
async fn another_authorization_scheme_is_no_way_round() {
    let app = TestApp::start().await;
    let owner = app.owner().await;
    let basic = |headers: &mut HeaderMap| {
        headers.insert(
            AUTHORIZATION,
            HeaderValue::from_static("Basic dXNlcjpwYXNz"),
        );
    };
    rename(&owner, basic).send().await.expect_status(200);
    let request = rename(&owner, |headers| {
        basic(headers);
        headers.insert(ORIGIN, HeaderValue::from_static("https://evil.example"));
    });
    request.send().await.problem(ErrorCode::CrossSite);
}
