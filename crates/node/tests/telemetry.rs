//! Telemetry through the node's API: measured, kept over a restart, and passed on live.
#![expect(clippy::unwrap_used, reason = "a failed step fails the test")]

use std::path::Path;
use std::time::Duration;

use atelier_api::node::{TelemetryList, TelemetrySample};
use atelier_node::{Launcher, Node, NodeConfig};
use axum::body::Body;
use http::{Request, StatusCode};
use http_body_util::BodyExt as _;
use tower::ServiceExt as _;

/// How long anything may take that a test waits for.
const PATIENCE: Duration = Duration::from_secs(60);

async fn open(directory: &Path, every: Option<Duration>) -> Node {
    let mut config = NodeConfig::new(directory.join("data"), Launcher::InProcess);
    config.telemetry_every = every;
    Node::open(config).await.unwrap()
}

async fn get(node: &Node, path: &str) -> http::Response<Body> {
    let request = Request::get(path).body(Body::empty()).unwrap();
    node.router().oneshot(request).await.unwrap()
}

async fn list(node: &Node, query: &str) -> TelemetryList {
    let response = get(node, &format!("/v1/telemetry?{query}")).await;
    assert_eq!(response.status(), StatusCode::OK);
    let body = response.into_body().collect().await.unwrap().to_bytes();
    serde_json::from_slice(&body).unwrap()
}

#[tokio::test]
async fn what_is_measured_is_passed_on_and_kept() {
    let directory = tempfile::tempdir().unwrap();
    let node = open(directory.path(), Some(Duration::from_millis(20))).await;
    let mut live = get(&node, "/v1/telemetry/live").await.into_body();
    let mut seen: Vec<TelemetrySample> = Vec::new();
    let following = async {
        while seen.len() < 3 {
            let line = live.frame().await.unwrap().unwrap().into_data().unwrap();
            assert!(line.ends_with(b"\n"));
            seen.push(serde_json::from_slice(&line).unwrap());
        }
    };
    tokio::time::timeout(PATIENCE, following).await.unwrap();
    assert!(seen.is_sorted_by(|a, b| a.at < b.at), "{seen:?}");
    let first = &seen[0];
    assert!(first.memory.total_bytes > first.memory.available_bytes);
    assert!(!first.cpu_millis.is_empty() && !first.processes.is_empty());

    // It ends with the node, though its viewer stays.
    node.shutdown().await;
    let rest = tokio::time::timeout(PATIENCE, live.collect()).await;
    rest.unwrap().unwrap();
    drop(node);

    let node = open(directory.path(), None).await;
    let kept = list(&node, "").await;
    for sample in &seen {
        assert!(kept.items.contains(sample));
    }
    let page = list(&node, &format!("after={}&limit=1", first.at.0)).await;
    assert_eq!(page.items, [seen[1].clone()]);
    assert!(page.more);
    let unknown = get(&node, "/v1/telemetry?since=1").await;
    assert_eq!(unknown.status(), StatusCode::BAD_REQUEST);
}
