//! Servers and viewers that do not behave.

use std::time::Duration;

use atelier_api::agent::languages::{LANGUAGE_MESSAGE_MAX, LanguageState};
use http::Method;
use serde_json::json;

use super::support::{Agent, BASH, program};

#[tokio::test]
async fn a_server_that_crashes_at_start_is_given_up_and_says_why() {
    let agent = Agent::with("crash", |_| {}).await;
    let mut viewer = agent.attach().await;
    let asked = viewer
        .request("initialize", json!({ "capabilities": {} }))
        .await;
    let failed = viewer.state(LanguageState::Failed).await;
    let detail = failed.detail.unwrap();
    assert!(
        detail.contains("3 times") && detail.contains("exit code 3"),
        "{detail}"
    );
    assert!(detail.contains("fatal: no such option"), "{detail}");
    assert_eq!(failed.restarts, 2);
    assert!(agent.log().await.contains("fatal: no such option"));
    // The cause is removed; whoever waited is answered.
    agent.mode("good");
    agent.send(Method::POST, &format!("{BASH}/restart")).await;
    assert!(viewer.answer(asked).await["capabilities"].is_object());
}

#[tokio::test]
async fn a_server_that_dies_is_started_again_with_the_documents() {
    let agent = Agent::with("good", |_| {}).await;
    let mut viewer = agent.viewer().await;
    let uri = agent.uri("a.sh");
    viewer.open(&uri, "text").await;
    viewer.insert(&uri, 4, "!").await;
    viewer.diagnosed(&uri, "text!").await;
    let error = viewer.ask("test/die", json!({})).await;
    assert_eq!(error["code"], -32803);
    assert!(
        error["message"].as_str().unwrap().contains("exit code 7"),
        "{error}"
    );
    viewer.state(LanguageState::Restarting).await;
    viewer.diagnosed(&uri, "text!").await;
    let state = viewer.ask("test/state", json!({})).await;
    assert_eq!(state["texts"][&uri], "text!");
    viewer.insert(&uri, 5, "?").await;
    viewer.diagnosed(&uri, "text!?").await;
}

#[tokio::test]
async fn a_server_that_never_gets_ready_is_ended() {
    let agent = Agent::with("mute", |limits| {
        limits.initialize = Duration::from_millis(300);
    })
    .await;
    let mut viewer = agent.attach().await;
    viewer
        .request("initialize", json!({ "capabilities": {} }))
        .await;
    let detail = viewer.state(LanguageState::Failed).await.detail.unwrap();
    assert!(detail.contains("it was not ready after 0.3 s"), "{detail}");
}

#[tokio::test]
async fn a_server_that_hangs_is_ended_and_the_others_go_on() {
    let agent = Agent::with("good", |limits| limits.answer = Duration::from_millis(500)).await;
    let (mut ada, mut bob) = (agent.viewer().await, agent.viewer().await);
    let error = ada.ask("test/hang", json!({})).await;
    let message = error["message"].as_str().unwrap();
    assert!(
        message.contains("it has answered nothing for 0.5 s"),
        "{message}"
    );
    bob.wait("the next start", |it| {
        it["params"]["state"] == "ready" && it["params"]["restarts"] == 1
    })
    .await;
    assert!(bob.ask("test/state", json!({})).await["pid"].is_number());
}

#[tokio::test]
async fn a_server_that_floods_is_ended() {
    let agent = Agent::with("good", |limits| {
        limits.watch_every = Duration::from_secs(100);
    })
    .await;
    let mut viewer = agent.viewer().await;
    let error = viewer.ask("test/flood", json!({})).await;
    assert!(
        error["message"].as_str().unwrap().contains("floods"),
        "{error}"
    );
    viewer.state(LanguageState::Restarting).await;
}

#[tokio::test]
async fn a_server_that_answers_garbage_is_ended() {
    let agent = Agent::with("garbage", |_| {}).await;
    let mut viewer = agent.attach().await;
    viewer
        .request("initialize", json!({ "capabilities": {} }))
        .await;
    let detail = viewer.state(LanguageState::Failed).await.detail.unwrap();
    assert!(
        detail.contains("it does not speak the protocol"),
        "{detail}"
    );
    assert!(detail.contains("Welcome"), "{detail}");
}

#[tokio::test]
async fn a_server_that_eats_memory_is_ended() {
    let agent = Agent::with("good", |limits| limits.memory_bytes = 150 * 1024 * 1024).await;
    let mut viewer = agent.viewer().await;
    viewer.request("test/eat", json!({})).await;
    let detail = viewer
        .state(LanguageState::Restarting)
        .await
        .detail
        .unwrap();
    assert!(
        detail.contains("MiB of memory; 150 MiB is the most"),
        "{detail}"
    );
}

#[tokio::test]
async fn a_viewer_that_breaks_the_protocol_is_sent_away_alone() {
    let agent = Agent::with("good", |_| {}).await;
    let mut good = agent.viewer().await;
    let uri = agent.uri("a.sh");
    let mut wrong = agent.viewer().await;
    wrong.send("not JSON".to_owned()).await;
    assert_eq!(u16::from(wrong.closed().await.code), 1008);
    let mut wrong = agent.viewer().await;
    wrong.insert(&uri, 0, "a document that is not open").await;
    assert_eq!(u16::from(wrong.closed().await.code), 1008);
    let mut wrong = agent.viewer().await;
    wrong.send("x".repeat(LANGUAGE_MESSAGE_MAX + 1)).await;
    assert_eq!(u16::from(wrong.closed().await.code), 1009);
    let mut early = agent.attach().await;
    assert_eq!(
        early.ask("textDocument/hover", json!({})).await["code"],
        -32002
    );
    // One viewer does not end the server for all.
    assert!(early.ask("shutdown", json!(null)).await.is_null());
    early.notify("exit", json!(null)).await;
    assert!(good.ask("test/state", json!({})).await["pid"].is_number());
}

#[tokio::test]
async fn what_is_not_there_is_said() {
    let agent = Agent::bare(|_| {}).await;
    let mut viewer = agent.attach().await;
    let missing = viewer.state(LanguageState::Missing).await;
    assert!(
        missing
            .detail
            .unwrap()
            .contains("no language server for Bash")
    );
    for (path, status) in [
        ("/v1/languages/cobol", 404),
        ("/v1/languages/bash?root=..", 400),
        ("/v1/languages/bash?root=/etc", 400),
        ("/v1/languages/bash?root=nowhere", 404),
        ("/v1/languages/bash?rot=x", 400),
        ("/v1/languages/bash/attach", 400),
    ] {
        let (answered, body) = agent.send(Method::GET, path).await;
        assert!(answered.is_client_error(), "{path}: {body}");
        assert_eq!(
            answered.as_u16(),
            if body["code"] == "invalid" {
                422
            } else {
                status
            },
            "{path}: {body}"
        );
    }
    std::os::unix::fs::symlink("/etc", agent.config.workspace.join("out")).unwrap();
    let (status, body) = agent.send(Method::GET, "/v1/languages/bash?root=out").await;
    assert!(
        status.is_client_error(),
        "a link leads out of the workspace: {body}"
    );

    // A server that somebody puts there is found with the next viewer.
    agent.mode("good");
    agent.viewer().await;
}

#[tokio::test]
async fn there_is_an_end_to_the_number_of_servers() {
    let agent = Agent::with("good", |_| {}).await;
    let mut viewers = Vec::new();
    for number in 0..16 {
        let marker = agent
            .config
            .workspace
            .join(format!("p{number}/node_modules/.bin/x"));
        program(&marker, "");
        let path = format!("{BASH}/attach?root=p{number}");
        viewers.push(agent.attach_to(&path).await);
    }
    let (status, body) = agent.send(Method::POST, &format!("{BASH}/restart")).await;
    assert_eq!(status, 429, "{body}");
    assert!(
        body["detail"]
            .as_str()
            .unwrap()
            .contains("16 language servers"),
        "{body}"
    );
}
