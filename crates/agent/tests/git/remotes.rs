use std::fs;

use atelier_api::ErrorCode;
use serde_json::{Value, json};

use crate::server::{GitServer, Manner, git};
use crate::support::{Agent, expect_problem};

/// An agent whose `app` is a clone of the server's.
async fn clone_of(server: &GitServer) -> Agent {
    let agent = Agent::with_repository();
    server.add("app.git", &[("a.txt", b"one\n")]);
    fs::remove_dir_all(agent.path("app")).unwrap();
    agent.clone(&server.url("app.git"), "app").await;
    agent
}

fn failed(events: &[Value]) -> (&str, &str) {
    let last = events.last().unwrap();
    assert_eq!(last["type"], "failed", "{events:?}");
    (
        last["reason"].as_str().unwrap(),
        last["detail"].as_str().unwrap(),
    )
}

// Git waits for the server in a thread of its own.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn commits_go_to_and_fro() {
    let server = GitServer::start(Manner::Open).await;
    let agent = clone_of(&server).await;
    agent.commit("b.txt", "b\n", "Second");
    let events = agent.long("push", json!({})).await;
    assert_eq!(
        events[0]["command"],
        "git push --progress -- origin refs/heads/main:refs/heads/main"
    );
    assert!(
        events.iter().any(|event| event["phase"] == "writing"),
        "{events:?}"
    );
    assert_eq!(events.last().unwrap()["type"], "done", "{events:?}");
    assert_eq!(
        server.git("app.git", &["log", "--format=%s", "main"]),
        "Second\nFirst"
    );

    // Somebody else has pushed since.
    let other = tempfile::tempdir().unwrap();
    git(
        other.path(),
        &["clone", "--quiet", &server.url("app.git"), "."],
    );
    fs::write(other.path().join("c.txt"), "c\n").unwrap();
    git(other.path(), &["add", "--all"]);
    git(other.path(), &["commit", "--quiet", "--message=Theirs"]);
    git(other.path(), &["push", "--quiet"]);
    agent.commit("d.txt", "d\n", "Ours");
    let events = agent.long("push", json!({})).await;
    assert_eq!(failed(&events).0, "not_fast_forward");
    let events = agent.long("pull", json!({})).await;
    let (reason, detail) = failed(&events);
    assert_eq!(reason, "not_fast_forward", "{detail}");
    agent.long("fetch", json!({ "prune": true })).await;
    let status = agent.status("app").await.unwrap();
    assert_eq!((status.ahead, status.behind), (1, 1));
    let events = agent.long("pull", json!({ "rebase": true })).await;
    assert_eq!(
        events.last().unwrap()["result"]["outcome"],
        "done",
        "{events:?}"
    );
    let events = agent.long("push", json!({})).await;
    assert_eq!(events.last().unwrap()["type"], "done", "{events:?}");
    assert_eq!(
        server.git("app.git", &["log", "-1", "--format=%s", "main"]),
        "Ours"
    );
}

#[tokio::test]
async fn credentials_are_asked_for_told_once_and_kept_nowhere() {
    let server = GitServer::start(Manner::Open).await;
    let agent = clone_of(&server).await;
    let guarded = GitServer::start(Manner::Guarded {
        username: "ada".into(),
        password: "s3cret ü'\"".into(),
    })
    .await;
    guarded.add("app.git", &[("a.txt", b"one\n")]);
    let url = guarded.url("app.git");
    let host = url
        .strip_prefix("http://")
        .unwrap()
        .split('/')
        .next()
        .unwrap()
        .to_owned();
    agent
        .post("remotes/add", json!({ "name": "guarded", "url": url }))
        .await
        .unwrap();
    // A helper of the user's must not come to know what was given.
    let stored = agent.home().join("stored");
    agent.git(&[
        "config",
        "credential.helper",
        &format!("store --file={}", stored.display()),
    ]);

    let fetch = |credentials: Value| {
        let agent = &agent;
        async move {
            let body = json!({ "remote": "guarded", "credentials": credentials });
            agent.long("fetch", body).await
        }
    };
    let asked = fetch(Value::Null).await.pop().unwrap();
    let expected = json!({
        "type": "credentials_required", "protocol": "http", "host": host, "refused": false,
        "path": "app.git",
    });
    assert_eq!(asked, expected);
    let with = |host: &str, secret: &str| json!({ "protocol": "http", "host": host, "username": "ada", "secret": secret });
    let refused = fetch(with(&host, "wrong")).await.pop().unwrap();
    assert_eq!(
        (&refused["type"], &refused["refused"]),
        (&json!("credentials_required"), &json!(true))
    );
    // Those for another host are not told to this one.
    let elsewhere = fetch(with("example.com", "s3cret ü'\""))
        .await
        .pop()
        .unwrap();
    assert_eq!(elsewhere["refused"], false, "{elsewhere}");
    let done = fetch(with(&host, "s3cret ü'\"")).await.pop().unwrap();
    assert_eq!(done["type"], "done", "{done}");
    assert!(!stored.exists(), "Git's own helper was told");
    let config = fs::read_to_string(agent.path("app/.git/config")).unwrap();
    let runs = agent.get("runs").await.unwrap().to_string();
    assert!(
        !config.contains("s3cret") && !runs.contains("s3cret"),
        "{config} {runs}"
    );
    let left: Vec<_> = agent.get("remotes?path=app").await.unwrap()["items"]
        .as_array()
        .unwrap()
        .clone();
    assert_eq!(left.len(), 2);
}

#[tokio::test]
async fn a_hook_of_the_server_refuses() {
    let server = GitServer::start(Manner::Open).await;
    let agent = clone_of(&server).await;
    let hooks = server.git("app.git", &["rev-parse", "--absolute-git-dir"]);
    let hook = std::path::Path::new(&hooks).join("hooks/pre-receive");
    fs::create_dir_all(hook.parent().unwrap()).unwrap();
    fs::write(&hook, "#!/bin/sh\necho 'main is protected' >&2\nexit 1\n").unwrap();
    fs::set_permissions(&hook, std::os::unix::fs::PermissionsExt::from_mode(0o755)).unwrap();
    agent.commit("b.txt", "b\n", "Second");
    let events = agent.long("push", json!({})).await;
    let (reason, detail) = failed(&events);
    assert_eq!(reason, "refused");
    assert!(detail.contains("main is protected"), "{detail}");
}

#[tokio::test]
async fn dangerous_addresses_are_refused_and_those_in_a_configuration_do_nothing() {
    let agent = Agent::with_repository();
    let witness = agent.path("witness");
    for url in [
        "ext::sh -c id",
        "ext::sh",
        "file:///etc",
        "/etc",
        "--upload-pack=id",
        "https://ada:secret@example.com/x",
        "ssh://-oProxyCommand=id/x",
    ] {
        let add = agent
            .post("remotes/add", json!({ "name": "x", "url": url }))
            .await;
        let problem = expect_problem(add, ErrorCode::Invalid);
        assert!(!problem.detail.contains("secret"), "{problem:?}");
    }
    let command = format!("ext::sh -c touch% {}", witness.display());
    for url in [command.as_str(), "file:///etc", "/etc"] {
        agent.git(&["config", "remote.evil.url", url]);
        let events = agent.long("fetch", json!({ "remote": "evil" })).await;
        failed(&events);
    }
    assert!(!witness.exists());
    for name in ["--upload-pack=id", "-x", "a b"] {
        let fetch = agent.post("fetch", json!({ "remote": name })).await;
        expect_problem(fetch, ErrorCode::Invalid);
    }
}
