//! Programs as they come over the API, without a daemon that would become them.

use std::path::Path;

use atelier_api::Problem;
use atelier_api::node::update::{PROGRAM_BYTES_MAX, UpdateStatus};
use axum::body::{Body, Bytes};
use http::header::CONTENT_LENGTH;
use http::{Method, Request};
use http_body_util::BodyExt as _;
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};
use tower::ServiceExt as _;

use super::{Role, Updates};
use crate::{Clock, Launcher, Node, NodeConfig};

const ORDER: &str = "nodeupd_00000000000000000000000001";

async fn open(folder: &Path, policy: &str) -> Node {
    let mut config = NodeConfig::new(folder.join("data"), Launcher::InProcess);
    let file = folder.join("node.toml");
    std::fs::write(&file, policy).unwrap();
    config.policy_file = Some(file);
    let probe = vec!["probe".into()];
    let own = Some("0".repeat(64));
    config.updates = Some(Updates::new(
        &config.data_dir,
        own,
        probe,
        Clock::system(),
        true,
    ));
    Node::open(config).await.unwrap()
}

async fn call(node: &Node, request: Request<Body>) -> (u16, Bytes) {
    let response = node.router().oneshot(request).await.unwrap();
    let status = response.status().as_u16();
    (
        status,
        response.into_body().collect().await.unwrap().to_bytes(),
    )
}

fn put(sha256: &str, body: impl Into<Body>) -> Request<Body> {
    let uri = format!("/v1/update/programs/{sha256}");
    Request::put(uri).body(body.into()).unwrap()
}

fn order(sha256: &str, healthy_within_s: u32) -> Request<Body> {
    let order = json!({ "id": ORDER, "sha256": sha256, "healthy_within_s": healthy_within_s });
    Request::builder()
        .method(Method::PUT)
        .uri("/v1/update/order")
        .header("content-type", "application/json")
        .body(Body::from(order.to_string()))
        .unwrap()
}

async fn refused(node: &Node, request: Request<Body>, status: u16, says: &str) {
    let (found, body) = call(node, request).await;
    let problem: Problem = serde_json::from_slice(&body).unwrap();
    assert_eq!(found, status, "{problem:?}");
    assert!(problem.detail.contains(says), "{}", problem.detail);
}

async fn status(node: &Node) -> UpdateStatus {
    let request = Request::get("/v1/update").body(Body::empty()).unwrap();
    serde_json::from_slice(&call(node, request).await.1).unwrap()
}

fn sha256(bytes: &[u8]) -> String {
    hex::encode(Sha256::digest(bytes))
}

#[tokio::test]
async fn only_whole_programs_for_this_machine_are_kept() {
    let folder = tempfile::tempdir().unwrap();
    let node = open(folder.path(), "").await;
    let programs = folder.path().join("data/programs");
    let good = std::fs::read("/proc/self/exe").unwrap();
    let name = sha256(&good);

    let mut tampered = good.clone();
    *tampered.last_mut().unwrap() ^= 1;
    refused(&node, put(&name, tampered), 422, "not what was announced").await;
    refused(&node, put("../../etc", "x"), 404, "").await;
    refused(&node, put("ABC", "x"), 422, "64 lowercase").await;
    let script = "#!/bin/sh\nexit 0\n# long enough for a header\n";
    refused(
        &node,
        put(&sha256(script.as_bytes()), script),
        422,
        "no ELF header",
    )
    .await;
    let mut foreign = good.clone();
    foreign[18] ^= 0xff;
    refused(
        &node,
        put(&sha256(&foreign), foreign),
        422,
        "this server is",
    )
    .await;
    let mut huge = put(&name, "x");
    huge.headers_mut()
        .insert(CONTENT_LENGTH, (PROGRAM_BYTES_MAX + 1).into());
    refused(&node, huge, 413, "1024 MiB").await;
    let broken = futures_util::stream::iter([Ok("half"), Err(std::io::Error::other("the line"))]);
    refused(
        &node,
        put(&name, Body::from_stream(broken)),
        400,
        "did not come whole",
    )
    .await;
    let left: Vec<_> = std::fs::read_dir(&programs).unwrap().collect();
    assert!(left.is_empty(), "{left:?}");

    for _ in 0..2 {
        assert_eq!(call(&node, put(&name, good.clone())).await.0, 204);
    }
    assert_eq!(status(&node).await.kept, [name]);
}

#[tokio::test]
async fn orders_for_what_is_not_there_or_does_not_run_are_refused() {
    let folder = tempfile::tempdir().unwrap();
    let node = open(folder.path(), "").await;
    let unknown = "1".repeat(64);
    refused(&node, order(&unknown, 60), 404, "Send it first").await;
    refused(&node, order(&unknown, 0), 422, "seconds").await;
    // A program, but no daemon.
    let other = std::fs::read("/bin/true").unwrap();
    let name = sha256(&other);
    assert_eq!(call(&node, put(&name, other)).await.0, 204);
    refused(
        &node,
        order(&name, 60),
        422,
        "does not answer as a node does",
    )
    .await;
    assert_eq!(status(&node).await.report, None);
}

#[tokio::test]
async fn the_running_program_needs_no_update() {
    let folder = tempfile::tempdir().unwrap();
    let node = open(folder.path(), "").await;
    let own = "0".repeat(64);
    let place = folder.path().join("data/programs").join(&own);
    std::fs::create_dir_all(&place).unwrap();
    std::fs::write(place.join("atelier"), "it runs").unwrap();
    for _ in 0..2 {
        let (_, body) = call(&node, order(&own, 60)).await;
        let report: Value = serde_json::from_slice(&body).unwrap();
        assert_eq!(report["state"], "succeeded");
    }
}

#[tokio::test]
async fn nothing_comes_where_the_owner_does_not_permit_it() {
    let folder = tempfile::tempdir().unwrap();
    let node = open(folder.path(), "update = false\n").await;
    let name = sha256(b"x");
    refused(&node, put(&name, "x"), 403, "does not permit").await;
    refused(&node, order(&name, 60), 403, "does not permit").await;
    assert!(!folder.path().join("data/programs").exists());
    // What runs is no secret.
    assert_eq!(status(&node).await.program, Some("0".repeat(64)));
}

#[test]
fn roles_are_said_and_understood_alike() {
    for role in [Role::First, Role::Chosen, Role::Successor, Role::Heir] {
        assert_eq!(role.text().parse(), Ok(role));
    }
    assert!("".parse::<Role>().is_err());
}
