//! Several viewers on one server.

use atelier_api::agent::languages::{LanguageList, LanguageState};
use http::Method;
use serde_json::{Value, json};

use super::support::{Agent, patiently};

fn count(state: &Value, method: &str) -> usize {
    let received = state["received"].as_array().unwrap();
    received.iter().filter(|it| *it == method).count()
}

#[tokio::test]
async fn two_viewers_share_a_server_and_each_asks_about_their_own_text() {
    let agent = Agent::with("good", |_| {}).await;
    let mut ada = agent.viewer().await;
    let uri = agent.uri("a.sh");
    ada.open(&uri, "echo").await;
    ada.diagnosed(&uri, "echo").await;
    let mut bob = agent.viewer().await;
    // Whoever comes later hears what has been said.
    let said = bob.diagnosed(&uri, "echo").await;
    assert_eq!(said["params"].get("version"), None);
    bob.open(&uri, "echo").await;

    // Both use the same ids.
    let first = ada.request("test/slow", json!({ "who": "ada" })).await;
    let other = bob.request("test/slow", json!({ "who": "bob" })).await;
    assert_eq!(first, other);
    assert_eq!(ada.answer(first).await["who"], "ada");
    assert_eq!(bob.answer(other).await["who"], "bob");

    ada.insert(&uri, 4, " ada").await;
    bob.diagnosed(&uri, "echo ada").await;
    // The text is that of whoever writes last, or asks.
    bob.insert(&uri, 4, " bob").await;
    ada.diagnosed(&uri, "echo bob").await;
    let document = json!({ "textDocument": { "uri": uri } });
    ada.ask("textDocument/hover", document.clone()).await;
    ada.diagnosed(&uri, "echo ada").await;
    ada.insert(&uri, 8, "!").await;
    bob.diagnosed(&uri, "echo ada!").await;
    bob.ask("textDocument/hover", document.clone()).await;
    let state = bob.ask("test/state", json!({})).await;
    assert_eq!(state["texts"][&uri], "echo bob");
    assert_eq!(count(&state, "textDocument/didOpen"), 1);

    // The server forgets the document when the last one closes it.
    ada.notify("textDocument/didClose", document).await;
    let state = ada.ask("test/state", json!({})).await;
    assert_eq!(count(&state, "textDocument/didClose"), 0);
    bob.leave().await;
    patiently("the document is closed", async {
        while count(
            &ada.ask("test/state", json!({})).await,
            "textDocument/didClose",
        ) == 0
        {}
    })
    .await;
    assert_eq!(agent.view().await.viewers, 1);
    let (_, list) = agent.send(Method::GET, "/v1/languages").await;
    let list: LanguageList = serde_json::from_value(list).unwrap();
    assert_eq!(list.items.len(), 1);
    assert!(
        list.known
            .iter()
            .any(|known| known.documents.contains(&"shellscript".to_owned()))
    );
}

#[tokio::test]
async fn a_server_of_whole_texts_gets_whole_texts() {
    let agent = Agent::with("full", |_| {}).await;
    let (mut ada, mut bob) = (agent.viewer().await, agent.viewer().await);
    let uri = agent.uri("a.sh");
    ada.open(&uri, "one").await;
    bob.open(&uri, "two").await;
    ada.insert(&uri, 3, "!").await;
    bob.diagnosed(&uri, "one!").await;
    bob.insert(&uri, 3, "?").await;
    ada.diagnosed(&uri, "two?").await;
}

#[tokio::test]
async fn the_server_is_told_of_its_project_and_answered() {
    let agent = Agent::with("good", |_| {}).await;
    let mut viewer = agent.viewer().await;
    let state = viewer.ask("test/state", json!({})).await;
    let initialize = &state["received"][0];
    let root = agent.uri("");
    assert_eq!(initialize["rootUri"], root.trim_end_matches('/'));
    assert_eq!(
        initialize["capabilities"]["general"]["positionEncodings"],
        json!(["utf-16"])
    );
    assert_eq!(agent.view().await.workspace_uri, root);

    let ask = |method: &str, params: Value| json!({ "method": method, "params": params });
    for (method, params, answer) in [
        (
            "workspace/configuration",
            json!({ "items": [{ "section": "x.y" }, {}] }),
            json!([null, {}]),
        ),
        (
            "client/registerCapability",
            json!({ "registrations": [] }),
            Value::Null,
        ),
        (
            "window/workDoneProgress/create",
            json!({ "token": 1 }),
            Value::Null,
        ),
        (
            "window/showDocument",
            json!({ "uri": "x:" }),
            json!({ "success": false }),
        ),
    ] {
        assert_eq!(
            viewer.ask("test/ask", ask(method, params)).await,
            answer,
            "{method}"
        );
    }
    let unknown = viewer.ask("test/ask", ask("test/unknown", json!({}))).await;
    assert_eq!(unknown["code"], -32601);

    // An edit is for whoever has asked.
    let _bystander = agent.viewer().await;
    let id = viewer
        .request(
            "test/ask",
            ask("workspace/applyEdit", json!({ "edit": {} })),
        )
        .await;
    let asked = viewer
        .wait("the edit", |it| it["method"] == "workspace/applyEdit")
        .await;
    let answer = json!({ "jsonrpc": "2.0", "id": asked["id"], "result": { "applied": true } });
    viewer.send(answer.to_string()).await;
    assert_eq!(viewer.answer(id).await, json!({ "applied": true }));
}

#[tokio::test]
async fn a_server_that_nobody_needs_ends_and_comes_back_with_the_next_viewer() {
    let agent = Agent::with("good", |limits| limits.idle = std::time::Duration::ZERO).await;
    agent.viewer().await.leave().await;
    patiently("the server ends", async {
        while agent.view().await.pid.is_some() {
            tokio::task::yield_now().await;
        }
    })
    .await;
    patiently("it is said", async {
        while agent.view().await.state != LanguageState::Stopped {
            tokio::task::yield_now().await;
        }
    })
    .await;
    let mut viewer = agent.viewer().await;
    assert_eq!(viewer.state(LanguageState::Ready).await.restarts, 0);
}

#[tokio::test]
async fn a_server_is_stopped_and_restarted_by_people() {
    let agent = Agent::with("good", |_| {}).await;
    let mut viewer = agent.viewer().await;
    let uri = agent.uri("a.sh");
    viewer.open(&uri, "kept").await;
    viewer.diagnosed(&uri, "kept").await;
    let first = viewer.state(LanguageState::Ready).await.pid;
    agent
        .send(Method::POST, &format!("{}/stop", super::support::BASH))
        .await;
    let stopped = viewer.state(LanguageState::Stopped).await;
    assert_eq!(stopped.pid, None);
    let refused = viewer.ask("test/state", json!({})).await;
    assert_eq!(refused["code"], -32002);
    // What is written meanwhile is not lost.
    viewer.insert(&uri, 4, " and more").await;
    agent
        .send(Method::POST, &format!("{}/restart", super::support::BASH))
        .await;
    viewer.diagnosed(&uri, "kept and more").await;
    assert_ne!(agent.view().await.pid, first);
}

#[tokio::test]
async fn whoever_comes_while_a_server_is_busy_is_told_with_what() {
    let agent = Agent::with("", |_| {}).await;
    let mut ada = agent.viewer().await;
    let progress = |value: Value| json!({ "method": "$/progress", "params": { "token": "indexing", "value": value } });
    let begin = json!({ "kind": "begin", "title": "Indexing", "percentage": 7 });
    ada.ask("test/say", progress(begin)).await;
    let work = agent.view().await.work.expect("it is busy");
    assert_eq!(
        (work.title.as_str(), work.percentage),
        ("Indexing", Some(7))
    );
    // A viewer's state comes first of all.
    let mut bob = agent.attach().await;
    assert_eq!(bob.state(LanguageState::Ready).await.work, Some(work));
    ada.ask("test/say", progress(json!({ "kind": "end" })))
        .await;
    while bob.state(LanguageState::Ready).await.work.is_some() {}
    assert_eq!(agent.view().await.work, None);
}
