//! Below a path of the platform.

use axum::Router;
use axum::response::{IntoResponse as _, Redirect};
use axum::routing::get;
use http::{Method, StatusCode, header};
use serde_json::{Value, json};

use super::{Stage, echo, echoing, sent};

/// Comes in by path; the path that the application is then at, without the `/` at its end.
async fn enter(stage: &Stage) -> String {
    let member = stage.app.member().await;
    let opened = stage
        .open(&member, json!({ "addressing": "path", "path": "/" }))
        .await;
    let target = opened.url.strip_prefix(&stage.app.url()).unwrap();
    let entered = stage.app.anonymous().get(target).send().await;
    let to = entered.expect_status(303).header(header::LOCATION).unwrap();
    assert!(entered.header(header::SET_COOKIE).is_none());
    to.strip_suffix('/').unwrap().to_owned()
}

fn policies(answer: &atelier_testkit::TestResponse) -> Vec<String> {
    let policies = answer
        .headers
        .get_all(header::CONTENT_SECURITY_POLICY)
        .iter();
    policies
        .map(|value| value.to_str().unwrap().to_owned())
        .collect()
}

#[tokio::test]
async fn every_answer_is_confined_and_the_application_sees_itself_at_home() {
    let stage = echoing().await;
    let below = enter(&stage).await;
    let owner = stage.app.owner().await;
    // Even who is signed in sends the application no cookie.
    let request = owner.get(&format!("{below}/a//b?c=%20"));
    let answer = request.header(header::ORIGIN, "null").send().await;
    let said: Value = answer.ok();
    assert_eq!(said["target"], "/a//b?c=%20");
    let own = format!("localhost:{}", stage.port);
    assert_eq!(sent(&said, "host"), std::slice::from_ref(&own));
    assert_eq!(sent(&said, "origin"), [format!("http://{own}")]);
    assert_eq!(
        sent(&said, "x-forwarded-prefix"),
        std::slice::from_ref(&below)
    );
    assert_eq!(sent(&said, "cookie"), Vec::<String>::new());
    let missing = stage.app.anonymous().get("/apps/nonsense/").send().await;
    missing.expect_status(403);
    for answer in [&answer, &missing] {
        let policies = policies(answer);
        let sandbox = policies
            .iter()
            .any(|policy| policy.starts_with("sandbox allow-scripts"));
        assert!(sandbox, "{policies:?}");
        assert!(!policies.join(";").contains("allow-same-origin"));
    }
}

#[tokio::test]
async fn pages_cookies_and_redirects_are_led_below_the_path() {
    let page = || async {
        let mut response = axum::response::Html(
            "<base href=\"/\"><a href='/next'>n</a><script src=\"/_atelier_/m.js\"></script>",
        )
        .into_response();
        let headers = response.headers_mut();
        headers.insert(header::SET_COOKIE, "a=1".parse().unwrap());
        headers.insert(
            "content-security-policy",
            "sandbox allow-same-origin".parse().unwrap(),
        );
        response
    };
    let router = Router::new()
        .route("/", get(page))
        .route("/go", get(|| async { Redirect::to("/there?x") }));
    let stage = Stage::start(router).await;
    let below = enter(&stage).await;
    let anonymous = stage.app.anonymous();
    let page = anonymous.get(&format!("{below}/")).send().await;
    let text = String::from_utf8(page.body.to_vec()).unwrap();
    assert_eq!(
        text,
        format!(
            "<base href=\"{below}/\"><a href='{below}/next'>n</a>\
             <script src=\"{below}/_atelier_/m.js\"></script>"
        )
    );
    assert!(page.header(header::SET_COOKIE).is_none());
    assert_eq!(policies(&page).len(), 2);
    let gone = anonymous.get(&format!("{below}/go")).send().await;
    assert_eq!(
        gone.header(header::LOCATION),
        Some(format!("{below}/there?x").as_str())
    );
}

/// `script-src 'self'` of the platform's own pages must not let an application's scripts in.
#[tokio::test]
async fn an_applications_answers_are_no_part_of_the_platforms_pages() {
    let stage = echoing().await;
    let below = enter(&stage).await;
    let fetch = async |site: &str, dest: &str| {
        let request = stage.app.anonymous().get(&format!("{below}/x.js"));
        let request = request
            .header(http::HeaderName::from_static("sec-fetch-site"), site)
            .header(http::HeaderName::from_static("sec-fetch-dest"), dest);
        request.send().await.status
    };
    for dest in [
        "script",
        "worker",
        "serviceworker",
        "style",
        "empty",
        "object",
    ] {
        assert_eq!(
            fetch("same-origin", dest).await,
            StatusCode::FORBIDDEN,
            "{dest}"
        );
    }
    assert_eq!(fetch("same-origin", "iframe").await, StatusCode::OK);
    assert_eq!(fetch("cross-site", "script").await, StatusCode::OK);
}

/// The page's own origin is opaque, and yet it reads its own data.
#[tokio::test]
async fn an_application_may_read_its_own_answers() {
    let stage = Stage::start(Router::new().fallback(echo)).await;
    let below = enter(&stage).await;
    let answer = stage
        .app
        .anonymous()
        .get(&format!("{below}/data"))
        .send()
        .await;
    assert_eq!(
        answer.header(header::ACCESS_CONTROL_ALLOW_ORIGIN),
        Some("null")
    );
    // The API lets no such origin in.
    let member = stage.app.member().await;
    let account = member
        .get("/api/v1/me")
        .header(header::ORIGIN, "null")
        .send()
        .await;
    assert!(
        account
            .header(header::ACCESS_CONTROL_ALLOW_ORIGIN)
            .is_none()
    );
}

/// What comes from an application's origin is refused by the API, credentials or not.
#[tokio::test]
async fn the_api_refuses_what_applications_send() {
    let stage = echoing().await;
    let member = stage.app.member().await;
    for origin in ["null".to_owned(), stage.origin()] {
        let mut headers = member.headers();
        headers.insert(header::ORIGIN, origin.parse().unwrap());
        headers.insert(atelier_api::v1::CSRF_HEADER, "1".parse().unwrap());
        let request = member.bare_request(Method::POST, "/api/v1/me/tokens", headers);
        let request = request.json(&json!({ "name": "x", "expires_in_days": 1 }));
        request
            .send()
            .await
            .problem(atelier_api::ErrorCode::CrossSite);
    }
}
