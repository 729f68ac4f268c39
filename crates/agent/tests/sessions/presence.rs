//! Who watches a terminal, and who may only watch.

use atelier_api::agent::terminals::{
    ClientMessage, ServerMessage, Terminal, TerminalColor, TerminalIcon, TerminalViewer,
    VIEWER_ACCESS_HEADER, VIEWER_NAME_HEADER, VIEWER_READ_ONLY, VIEWERS_MAX,
};
use http::Method;
use serde_json::json;

use crate::support::TestAgent;

fn viewers(message: &ServerMessage) -> Option<Vec<TerminalViewer>> {
    match message {
        ServerMessage::Viewers { viewers, .. } => Some(viewers.clone()),
        _ => None,
    }
}

#[tokio::test]
async fn viewers_are_told_who_else_watches() {
    let agent = TestAgent::start().await;
    let terminal = agent.script("cat").await;
    let mut ada = agent
        .attach_as(&terminal, &[(VIEWER_NAME_HEADER, "Ada%20%D8%A8%1b%5B31m")])
        .await;
    let first = ada.told(viewers).await;
    assert_eq!(first.len(), 1);
    assert_eq!(
        first[0].name.as_deref(),
        Some("Ada ب[31m"),
        "without controls"
    );
    let eve = agent
        .attach_as(
            &terminal,
            &[
                (VIEWER_NAME_HEADER, "Eve"),
                (VIEWER_ACCESS_HEADER, VIEWER_READ_ONLY),
            ],
        )
        .await;
    let both = ada.told(viewers).await;
    let seen: Vec<_> = both
        .iter()
        .map(|viewer| (viewer.name.as_deref(), viewer.read_only, viewer.you))
        .collect();
    assert_eq!(
        seen,
        [(Some("Ada ب[31m"), false, true), (Some("Eve"), true, false)]
    );
    drop(eve);
    assert_eq!(ada.told(viewers).await.len(), 1);
}

#[tokio::test]
async fn who_may_only_watch_cannot_type_or_resize() {
    let agent = TestAgent::start().await;
    let terminal = agent
        .script("stty -echo; while read -r l; do echo \"<$l>\"; done")
        .await;
    let read_only = [(VIEWER_ACCESS_HEADER, VIEWER_READ_ONLY)];
    let mut watcher = agent.attach_as(&terminal, &read_only).await;
    let mut owner = agent.attach(&terminal, None).await;
    watcher.type_in("rm -rf /\r").await;
    let resize = ClientMessage::Resize { cols: 20, rows: 5 };
    watcher.say(&resize).await.expect("sent");
    owner.type_in("hello\r").await;
    let seen = watcher.until("<hello>").await;
    assert!(!seen.contains("rm"), "{seen}");
    let now = agent.terminal(&terminal).await;
    assert_eq!((now.cols, now.rows), (80, 24));
}

#[tokio::test]
async fn no_more_than_so_many_watch() {
    let agent = TestAgent::start().await;
    let terminal = agent.script("cat").await;
    let mut there = Vec::new();
    for _ in 0..VIEWERS_MAX {
        there.push(agent.attach(&terminal, None).await);
    }
    agent
        .until(&terminal, |terminal| {
            terminal.viewers as usize == VIEWERS_MAX
        })
        .await;
    let path = format!("/v1/terminals/{}/attach", terminal.id);
    assert_eq!(agent.upgrade_status(&path).await, 429);
    there.pop();
    agent
        .until(&terminal, |terminal| {
            (terminal.viewers as usize) < VIEWERS_MAX
        })
        .await;
    there.push(agent.attach(&terminal, None).await);
}

#[tokio::test]
async fn colours_and_pictures_are_kept_with_the_terminal() {
    let agent = TestAgent::start().await;
    let body = json!({ "command": ["cat"], "color": "green", "icon": "rocket" });
    let made: Terminal = agent.ask(Method::POST, "/v1/terminals", body).await;
    assert_eq!(
        (made.color, made.icon),
        (TerminalColor::Green, TerminalIcon::Rocket)
    );
    let path = format!("/v1/terminals/{}", made.id);
    let changed: Terminal = agent
        .ask(Method::PATCH, &path, json!({ "color": "plain" }))
        .await;
    assert_eq!(
        (changed.color, changed.icon),
        (TerminalColor::Plain, TerminalIcon::Rocket)
    );
    for (field, value) in [("color", "mauve"), ("icon", "other")] {
        let body = json!({ field: value });
        let problem = agent.refuse(Method::PATCH, &path, body).await;
        assert_eq!(problem.field.as_deref(), Some(field));
    }
    assert_eq!(agent.terminal(&made).await, changed);
}
