//! On a host name of its own.

use axum::Router;
use axum::response::IntoResponse as _;
use axum::routing::get;
use http::{Method, header};
use serde_json::Value;

use super::{Stage, connect, converse, cookie, echo, echoing, sent, talking};

#[tokio::test]
async fn a_private_port_is_seen_by_who_comes_from_the_platform() {
    let stage = echoing().await;
    let member = stage.app.member().await;
    let opened = stage
        .open(&member, serde_json::json!({ "path": "/a?b=c" }))
        .await;
    let target = opened.url.strip_prefix(&stage.origin()).unwrap();
    let entered = stage.visit(Method::GET, target, None).send().await;
    let set = entered.header(header::SET_COOKIE).unwrap();
    for part in ["HttpOnly", "Path=/", "SameSite=None; Secure; Partitioned"] {
        assert!(set.contains(part), "{set}");
    }
    assert!(!set.to_lowercase().contains("domain"), "{set}");
    let cookie = cookie(set);
    let to = entered.header(header::LOCATION).unwrap();
    let arrived = stage.visit(Method::GET, to, Some(&cookie)).send().await;
    assert_eq!(
        arrived.expect_status(303).header(header::LOCATION),
        Some("/a?b=c")
    );
    let seen = stage
        .visit(Method::GET, "/a?b=c", Some(&cookie))
        .send()
        .await;
    let said: Value = seen.ok();
    assert_eq!(said["target"], "/a?b=c");

    // A browser that keeps no cookies is told so, and does not go round.
    let stuck = stage.visit(Method::GET, to, None).send().await;
    stuck.expect_status(403);
}

#[tokio::test]
async fn nothing_of_the_platform_reaches_an_application_and_its_way_is_told() {
    let stage = echoing().await;
    let member = stage.app.member().await;
    let cookie = stage.enter(&member).await;
    let session = member.headers();
    let session = session[header::COOKIE].to_str().unwrap();
    let both = format!("own=1; {cookie}; {session}");
    let request = stage.visit(Method::GET, "//x/a%2fb;c?q=(1)&&", Some(&both));
    let request = request
        .header(header::FORWARDED, "for=6.6.6.6")
        .header(http::HeaderName::from_static("x-forwarded-for"), "6.6.6.6")
        .header(header::AUTHORIZATION, "Bearer atp_leaked");
    let said: Value = request.send().await.ok();
    assert_eq!(said["target"], "//x/a%2fb;c?q=(1)&&");
    assert_eq!(sent(&said, "cookie"), ["own=1"]);
    assert_eq!(sent(&said, "authorization"), Vec::<String>::new());
    assert_eq!(sent(&said, "host"), [stage.host()]);
    assert_eq!(sent(&said, "x-forwarded-for"), ["127.0.0.1"]);
    assert_eq!(sent(&said, "x-forwarded-host"), [stage.host()]);
    assert_eq!(sent(&said, "x-forwarded-proto"), ["http"]);
    let forwarded = format!("for=127.0.0.1;host=\"{}\";proto=http", stage.host());
    assert_eq!(sent(&said, "forwarded"), [forwarded]);
}

#[tokio::test]
async fn an_applications_host_is_never_the_platform() {
    let stage = echoing().await;
    let cookie = stage.enter(&stage.app.member().await).await;
    for path in ["/api/v1/info", "/", "/healthz", "/assets/x.js", "/apps/x/"] {
        let said: Value = stage
            .visit(Method::GET, path, Some(&cookie))
            .send()
            .await
            .ok();
        assert_eq!(said["target"], path);
    }
    let request = stage.visit(Method::POST, "/api/v1/session", Some(&cookie));
    let said: Value = request.send().await.ok();
    assert_eq!(said["method"], "POST");
    // What is below the domain and no application is nothing.
    for host in ["x.localhost", "1--2--3.localhost"] {
        let request = stage
            .app
            .owner()
            .await
            .get("/api/v1/info")
            .header(header::HOST, host);
        request.send().await.expect_status(404);
    }
}

#[tokio::test]
async fn who_is_not_known_is_sent_to_the_platform_and_programs_are_told() {
    let stage = echoing().await;
    let request = stage
        .visit(Method::GET, "/a?b", None)
        .header(header::ACCEPT, "text/html");
    let sent = request.send().await;
    let to = sent
        .expect_status(303)
        .header(header::LOCATION)
        .unwrap()
        .to_owned();
    let path = to
        .strip_prefix(&stage.app.url())
        .expect("it leads to the platform");
    let member = stage.app.member().await;
    let back = member.get(path).send().await;
    let back = back
        .expect_status(303)
        .header(header::LOCATION)
        .unwrap()
        .to_owned();
    assert!(back.starts_with(&stage.origin()), "{back}");
    assert!(back.ends_with("path=%2Fa%3Fb"), "{back}");

    // Who is not signed in signs in first; who may not see it is told nothing.
    let anonymous = stage.app.anonymous().get(path).send().await;
    let anonymous = anonymous
        .expect_status(303)
        .header(header::LOCATION)
        .unwrap()
        .to_owned();
    assert!(
        anonymous.starts_with("/sign-in?next=%2F%2Eatelier%2Fauthorize"),
        "{anonymous}"
    );
    let outsider = stage.app.outsider().await.get(path).send().await;
    outsider.expect_status(404);
    let viewer = stage.app.viewer().await.get(path).send().await;
    viewer.expect_status(403);

    for request in [
        stage
            .visit(Method::GET, "/data", None)
            .header(header::ACCEPT, "application/json"),
        stage
            .visit(Method::POST, "/data", None)
            .header(header::ACCEPT, "text/html"),
    ] {
        request.send().await.expect_status(401);
    }
}

/// No open redirect: only to applications of this server, at its own port and scheme.
#[tokio::test]
async fn the_platform_leads_nowhere_else() {
    let stage = echoing().await;
    let member = stage.app.member().await;
    let host = stage.host();
    for to in [
        "https://evil.example/".to_owned(),
        "//evil.example/".to_owned(),
        format!("https://{host}/"),
        format!("http://{host}1/"),
        format!("http://{host}@evil.example/"),
        format!("http://x.{host}/"),
        format!("http://{host}/\\evil"),
        format!("javascript://{host}/%0aalert(1)"),
        String::new(),
    ] {
        let request = member.get("/.atelier/authorize").query(&[("to", &to)]);
        let answer = request.send().await;
        assert_eq!(answer.status, 400, "{to}: {:?}", answer.headers);
    }
    let cookie = stage.enter(&member).await;
    for path in ["//evil.example", "https://evil.example", "/\\evil.example"] {
        let target = format!(
            "/.atelier/arrived?path={}",
            path.replace('/', "%2F").replace('\\', "%5C")
        );
        let arrived = stage
            .visit(Method::GET, &target, Some(&cookie))
            .send()
            .await;
        assert_eq!(arrived.header(header::LOCATION), Some("/"), "{path}");
    }
}

#[tokio::test]
async fn an_application_cannot_set_cookies_for_others() {
    let answer = || async {
        let cookies = [
            "a=1; Path=/",
            "b=2; Domain=localhost",
            "atelier_session=evil",
            "atelier_app_session=evil",
        ];
        let mut response = "".into_response();
        for cookie in cookies {
            response
                .headers_mut()
                .append(header::SET_COOKIE, cookie.parse().unwrap());
        }
        response
            .headers_mut()
            .insert("clear-site-data", "\"*\"".parse().unwrap());
        response
    };
    let stage = Stage::start(Router::new().route("/", get(answer))).await;
    let cookie = stage.enter(&stage.app.member().await).await;
    let answer = stage.visit(Method::GET, "/", Some(&cookie)).send().await;
    let set: Vec<_> = answer.headers.get_all(header::SET_COOKIE).iter().collect();
    assert_eq!(set, ["a=1; Path=/", "b=2"]);
    assert_eq!(
        answer.header(http::HeaderName::from_static("clear-site-data")),
        None
    );
}

#[tokio::test]
async fn websockets_pass_through() {
    let stage = Stage::start(talking()).await;
    let cookie = stage.enter(&stage.app.member().await).await;
    assert!(connect(&stage, None).await.is_err());
    converse(&stage, &cookie).await;
}

#[tokio::test]
async fn a_port_that_nothing_listens_on_says_so() {
    let mut stage = Stage::start(Router::new().fallback(echo)).await;
    let taken = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    stage.port = taken.local_addr().unwrap().port();
    drop(taken);
    let cookie = stage.enter(&stage.app.member().await).await;
    let answer = stage.visit(Method::GET, "/", Some(&cookie)).send().await;
    answer.expect_status(502);
    assert!(String::from_utf8_lossy(&answer.body).contains("Nothing of the workspace listens"));
}

/// Another workspace's application is a stranger, though browsers may take it for the same site.
#[tokio::test]
async fn applications_of_other_workspaces_are_strangers() {
    let stage = echoing().await;
    let member = stage.app.member().await;
    let other = super::running(&stage.app, &member, "other").await;
    let cookie = stage.enter(&member).await;
    let post = |origin: String| {
        let request = stage.visit(Method::POST, "/pay", Some(&cookie));
        request.header(header::ORIGIN, &origin).send()
    };
    let foreign = post(format!("http://{}", stage.host_of(&other, stage.port))).await;
    foreign.expect_status(403);
    let sibling = post(format!("http://{}", stage.host_of(&stage.workspace, 1))).await;
    sibling.expect_status(200);
}
