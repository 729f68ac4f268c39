//! The proxy against agents that misbehave, since a workspace can replace its agent.

use std::os::unix::fs::symlink;
use std::path::Path;

use axum::Router;
use axum::body::Body;
use axum::response::IntoResponse;
use axum::routing::{any, get, put};
use bytes::Bytes;
use http::{HeaderMap, Request, StatusCode};
use http_body_util::BodyExt as _;
use tokio::net::UnixListener;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use super::{Agent, AgentSocket, Pipes};

/// An agent of our making, and the way to it.
struct Fake {
    agent: Agent,
    pipes: Pipes,
    _directory: tempfile::TempDir,
}

fn serve(directory: &Path, router: Router) {
    let listener = UnixListener::bind(directory.join("agent.sock")).unwrap();
    tokio::spawn(async move { axum::serve(listener, router).await });
}

fn way_to(directory: &Path) -> (Agent, Pipes) {
    let agent = Agent::new(AgentSocket::open(directory, None).unwrap());
    let pipes = Pipes {
        tasks: TaskTracker::new(),
        shutdown: CancellationToken::new(),
    };
    (agent, pipes)
}

impl Fake {
    fn start(router: Router) -> Self {
        let directory = tempfile::tempdir().unwrap();
        serve(directory.path(), router);
        let (agent, pipes) = way_to(directory.path());
        Self {
            agent,
            pipes,
            _directory: directory,
        }
    }

    async fn send(&self, path: &str, request: Request<Body>) -> (StatusCode, HeaderMap, Bytes) {
        let answer = self.agent.forward(path, request, &self.pipes).await;
        let response = answer.into_response();
        let (parts, body) = response.into_parts();
        let bytes = body.collect().await.unwrap().to_bytes();
        (parts.status, parts.headers, bytes)
    }
}

fn request(body: impl Into<Body>) -> Request<Body> {
    Request::get("/ignored")
        .header("cookie", "atelier_session=secret")
        .header("authorization", "Bearer atp_secret")
        .header("if-match", "\"1\"")
        .body(body.into())
        .unwrap()
}

#[tokio::test]
async fn credentials_stay_here_and_foreign_headers_there() {
    let echo = |headers: HeaderMap| async move {
        let seen = format!("{headers:?}");
        ([("set-cookie", "evil=1"), ("etag", "\"2\"")], seen)
    };
    let fake = Fake::start(Router::new().route("/v1/x", get(echo)));
    let (status, headers, body) = fake.send("/v1/x", request("")).await;
    let seen = String::from_utf8(body.to_vec()).unwrap();
    assert_eq!(status, StatusCode::OK);
    assert!(
        seen.contains("if-match") && !seen.contains("secret"),
        "{seen}"
    );
    assert!(!headers.contains_key("set-cookie"));
    assert_eq!(headers["etag"], "\"2\"");
    assert_eq!(headers["content-security-policy"], "sandbox");
    assert_eq!(headers["x-content-type-options"], "nosniff");
}

#[tokio::test]
async fn bodies_of_any_size_pass_both_ways() {
    let router = Router::new()
        .route("/v1/x", put(|body: Body| async { body }))
        .layer(axum::extract::DefaultBodyLimit::disable());
    let fake = Fake::start(router);
    let sent: Vec<u8> = (0..8 << 20).map(|i: u32| i.to_le_bytes()[1]).collect();
    let mut put = request(sent.clone());
    *put.method_mut() = http::Method::PUT;
    let (_, _, received) = fake.send("/v1/x", put).await;
    assert!(received == sent, "{} bytes came back", received.len());
}

#[tokio::test]
async fn an_upgrade_that_nobody_asked_for_is_refused() {
    let router = Router::new().route("/v1/x", any(|| async { StatusCode::SWITCHING_PROTOCOLS }));
    let fake = Fake::start(router);
    let (status, _, _) = fake.send("/v1/x", request("")).await;
    assert_eq!(status, StatusCode::SERVICE_UNAVAILABLE);
}

#[tokio::test]
async fn a_link_in_the_sockets_place_is_not_followed() {
    let elsewhere = tempfile::tempdir().unwrap();
    serve(
        elsewhere.path(),
        Router::new().route("/v1/x", get(|| async { "treasure" })),
    );
    let directory = tempfile::tempdir().unwrap();
    symlink(
        elsewhere.path().join("agent.sock"),
        directory.path().join("agent.sock"),
    )
    .unwrap();
    let (agent, pipes) = way_to(directory.path());
    let answer = agent
        .forward("/v1/x", request(""), &pipes)
        .await
        .into_response();
    assert_eq!(answer.status(), StatusCode::SERVICE_UNAVAILABLE);
    // The same socket in its own place answers: the link is what was refused.
    let (agent, pipes) = way_to(elsewhere.path());
    let answer = agent
        .forward("/v1/x", request(""), &pipes)
        .await
        .into_response();
    assert_eq!(answer.status(), StatusCode::OK);
}

#[tokio::test]
async fn a_listener_of_another_user_is_not_the_agent() {
    let directory = tempfile::tempdir().unwrap();
    serve(
        directory.path(),
        Router::new().route("/v1/health", get(|| async {})),
    );
    let own = rustix::process::geteuid().as_raw();
    for (peer, expected) in [(own, true), (own + 1, false)] {
        let socket = AgentSocket::open(directory.path(), Some(peer)).unwrap();
        assert_eq!(Agent::new(socket).health().await.is_ok(), expected);
    }
}

#[tokio::test]
async fn no_socket_at_all_is_a_temporary_problem() {
    let directory = tempfile::tempdir().unwrap();
    let (agent, pipes) = way_to(directory.path());
    let answer = agent
        .forward("/v1/x", request(""), &pipes)
        .await
        .into_response();
    assert_eq!(answer.status(), StatusCode::SERVICE_UNAVAILABLE);
    assert!(answer.headers().contains_key("retry-after"));
}

#[tokio::test]
async fn a_caller_who_goes_away_ends_the_agents_work() {
    let dropped = CancellationToken::new();
    let guard = dropped.clone();
    let router = Router::new().route(
        "/v1/x",
        get(move || {
            let guard = guard.clone().drop_guard();
            // An answer that never ends and holds the guard.
            async move {
                let endless = futures_util::stream::unfold(guard, |guard| async move {
                    tokio::task::yield_now().await;
                    Some((
                        Ok::<_, std::io::Error>(Bytes::from_static(&[0; 1024])),
                        guard,
                    ))
                });
                Body::from_stream(endless)
            }
        }),
    );
    let fake = Fake::start(router);
    let answer = fake
        .agent
        .forward("/v1/x", request(""), &fake.pipes)
        .await
        .unwrap();
    let mut body = answer.into_body();
    assert!(body.frame().await.is_some());
    drop(body);
    dropped.cancelled().await;
}
