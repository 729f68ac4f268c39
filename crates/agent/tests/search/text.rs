//! Finding texts.

use std::time::Duration;

use atelier_api::ErrorCode;
use atelier_api::agent::search::{SearchEvent, SearchLimit};
use axum::body::Body;
use http::Request;
use http_body_util::BodyExt as _;
use serde_json::json;
use tower::ServiceExt as _;

use crate::support::Agent;

#[tokio::test]
async fn matches_are_told_with_lines_and_places() {
    let agent = Agent::new();
    agent.file("src/a.rs", "one\nlet é😀x = needle; // needle\r\nthree\n");
    agent.file("b.txt", "nothing");
    let found = agent
        .search(&json!({ "pattern": { "query": "needle" } }))
        .await;
    assert_eq!(found.paths(), ["src/a.rs"]);
    let [line] = &found.files[0].lines[..] else {
        panic!("{found:?}");
    };
    assert_eq!(
        (line.number, line.text.as_str()),
        (2, "let é😀x = needle; // needle")
    );
    let places: Vec<_> = line.matches.iter().map(|it| (it.start, it.end)).collect();
    assert_eq!(places, [(11, 17), (22, 28)]);
    assert_eq!(
        (
            found.summary.files,
            found.summary.files_found,
            found.summary.matches
        ),
        (2, 1, 2)
    );
    assert_eq!(found.summary.limit, None);
}

#[tokio::test]
async fn rules_globs_and_places_decide_which_files_count() {
    let agent = Agent::new();
    for name in [
        "app/main.rs",
        "app/deep/lib.rs",
        "app/web/index.ts",
        "app/target/out.rs",
        "app/.hidden.rs",
        "app/.git/config",
        "other/main.rs",
        "home.txt",
    ] {
        agent.file(name, "x");
    }
    agent.file("app/.gitignore", "target/\n");
    let agent = &agent;
    let paths = async |scope: serde_json::Value| {
        let found = agent
            .search(&json!({ "pattern": { "query": "x" }, "scope": scope }))
            .await;
        found.paths().join(" ")
    };
    let all = "app/deep/lib.rs app/main.rs app/web/index.ts home.txt other/main.rs";
    assert_eq!(paths(json!({})).await, all);
    assert_eq!(
        paths(json!({ "path": "app/deep" })).await,
        "app/deep/lib.rs"
    );
    assert_eq!(paths(json!({ "path": "app/main.rs" })).await, "app/main.rs");
    let of_app = "app/deep/lib.rs app/main.rs app/target/out.rs app/web/index.ts";
    assert_eq!(
        paths(json!({ "path": "app", "ignored": true })).await,
        of_app
    );
    let hidden = json!({ "path": "app", "hidden": true, "include": ["*.rs"] });
    assert_eq!(
        paths(hidden).await,
        "app/.hidden.rs app/deep/lib.rs app/main.rs"
    );
    let globs = json!({ "include": ["*.rs"], "exclude": ["deep", "/other"] });
    assert_eq!(paths(globs).await, "app/main.rs");
}

#[tokio::test]
async fn lines_around_a_match_come_with_it() {
    let agent = Agent::new();
    agent.file("a", "1\n2\nx\n4\n5\n");
    let body = json!({ "pattern": { "query": "x" }, "context": 1 });
    let found = agent.search(&body).await;
    let lines: Vec<_> = found.files[0]
        .lines
        .iter()
        .map(|line| (line.number, line.text.as_str(), line.matches.len()))
        .collect();
    assert_eq!(lines, [(2, "2", 0), (3, "x", 1), (4, "4", 0)]);
}

#[tokio::test]
async fn what_matches_would_become_is_told() {
    let agent = Agent::new();
    agent.file("a", "key = value\n");
    let pattern = json!({ "query": r"(\w+) = (\w+)", "regex": true });
    let body = json!({ "pattern": pattern, "replacement": "$2 = $1" });
    let found = agent.search(&body).await;
    let found = &found.files[0].lines[0].matches[0];
    assert_eq!(found.replacement.as_deref(), Some("value = key"));
}

#[tokio::test]
async fn a_search_tells_that_there_is_more() {
    let agent = Agent::new();
    agent.file("a", "x\n".repeat(20));
    agent.file("b", "x\n".repeat(20));
    let body = |limit, file_limit| json!({ "pattern": { "query": "x" }, "limit": limit, "file_limit": file_limit });
    let found = agent.search(&body(30, 100)).await;
    assert_eq!(
        (found.summary.matches, found.summary.limit),
        (30, Some(SearchLimit::Matches))
    );
    let found = agent.search(&body(40, 100)).await;
    assert_eq!((found.summary.matches, found.summary.limit), (40, None));
    let found = agent.search(&body(100, 5)).await;
    assert_eq!((found.summary.matches, found.summary.limit), (10, None));
    assert!(found.files.iter().all(|file| file.truncated));
}

/// The first results come while the search goes on, and dropping the answer ends it: the next ones get
/// its place.
#[tokio::test]
async fn results_stream_and_a_caller_who_leaves_ends_the_search() {
    let agent = Agent::new();
    for number in 0..3_000 {
        agent.file(
            &format!("{}/{number}.txt", number % 30),
            "needle\n".repeat(100),
        );
    }
    let body = json!({ "pattern": { "query": "needle" } }).to_string();
    for _ in 0..20 {
        let request = Request::post("/v1/search/text")
            .header("content-type", "application/json")
            .body(Body::from(body.clone()));
        let response = agent
            .router
            .clone()
            .oneshot(request.unwrap())
            .await
            .unwrap();
        let mut answer = response.into_body();
        let first = answer.frame().await.unwrap().unwrap().into_data().unwrap();
        let line = first.split(|byte| *byte == b'\n').next().unwrap();
        let event: SearchEvent = serde_json::from_slice(line).unwrap();
        assert!(matches!(event, SearchEvent::File(_)));
    }
    // Four may run: were one of the twenty still there, this would wait in vain.
    let found = agent
        .search(&json!({ "pattern": { "query": "absent" } }))
        .await;
    assert_eq!(found.summary.files, 3_000);
}

#[tokio::test]
async fn a_fifth_search_waits_for_a_place() {
    let agent = Agent::new();
    // More than may wait for its caller, so that a search that nobody reads does not end.
    let line = format!("needle {}\n", "x".repeat(400));
    for number in 0..30 {
        agent.file(&format!("{number}"), line.repeat(400));
    }
    let body = json!({ "pattern": { "query": "needle" } }).to_string();
    let request = || {
        Request::post("/v1/search/text")
            .header("content-type", "application/json")
            .body(Body::from(body.clone()))
            .unwrap()
    };
    let mut running = Vec::new();
    for _ in 0..4 {
        running.push(agent.router.clone().oneshot(request()).await.unwrap());
    }
    let mut fifth = Box::pin(agent.router.clone().oneshot(request()));
    let early = tokio::time::timeout(Duration::from_millis(50), &mut fifth).await;
    assert!(early.is_err(), "a fifth search runs");
    running.pop();
    assert_eq!(fifth.await.unwrap().status(), 200);
}

#[tokio::test]
async fn what_makes_no_sense_is_refused_with_the_field() {
    let agent = Agent::new();
    agent.file("a", "x");
    for (body, code, field) in [
        (
            json!({ "pattern": { "query": "" } }),
            ErrorCode::Invalid,
            Some("pattern.query"),
        ),
        (
            json!({ "pattern": { "query": "(a", "regex": true } }),
            ErrorCode::Invalid,
            Some("pattern.query"),
        ),
        (
            json!({ "pattern": { "query": "a" }, "scope": { "include": ["[a"] } }),
            ErrorCode::Invalid,
            Some("scope.include"),
        ),
        (
            json!({ "pattern": { "query": "a" }, "context": 11 }),
            ErrorCode::Invalid,
            Some("context"),
        ),
        (
            json!({ "pattern": { "query": "a" }, "scope": { "root": "system" } }),
            ErrorCode::Invalid,
            Some("scope.root"),
        ),
        (
            json!({ "pattern": { "query": "a" }, "scope": { "path": "../x" } }),
            ErrorCode::Invalid,
            Some("path"),
        ),
        (
            json!({ "pattern": { "query": "a" }, "scope": { "path": "b" } }),
            ErrorCode::NotFound,
            None,
        ),
    ] {
        let problem = agent.refused("text", &body, code).await;
        assert_eq!(problem.field.as_deref(), field, "{problem:?}");
    }
}
