use std::fs;
use std::os::unix::fs::{PermissionsExt as _, symlink};

use atelier_api::agent::git::{CloneEvent, CloneFailure};
use http_body_util::BodyExt as _;
use serde_json::json;

use crate::server::{GitServer, Manner, git};
use crate::support::{Agent, until};

/// Content that does not compress, so that a pack has some size.
fn noise(length: usize) -> Vec<u8> {
    let mut state = 1_u32;
    (0..length)
        .map(|_| {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            (state >> 24) as u8
        })
        .collect()
}

#[track_caller]
fn failure(events: &[CloneEvent]) -> (CloneFailure, &str) {
    match events.last() {
        Some(CloneEvent::Failed { reason, detail, .. }) => (*reason, detail),
        _ => panic!("{events:?}"),
    }
}

#[track_caller]
fn commit(events: &[CloneEvent]) -> Option<&str> {
    match events.last() {
        Some(CloneEvent::Done { commit }) => commit.as_deref(),
        _ => panic!("{events:?}"),
    }
}

#[tokio::test]
async fn a_repository_is_cloned_with_progress() {
    let server = GitServer::start(Manner::Open).await;
    let noise = noise(300_000);
    let names: Vec<String> = (0..200).map(|n| format!("src/file{n}.txt")).collect();
    let mut files: Vec<(&str, &[u8])> = names
        .iter()
        .map(|name| (&**name, name.as_bytes()))
        .collect();
    files.push(("noise.bin", &noise));
    let head = server.add("app.git", &files);
    let agent = Agent::new();

    let events = agent
        .clone(&server.url("app.git"), "projects/new/app")
        .await;
    assert_eq!(commit(&events), Some(&*head));
    let mut phases = Vec::new();
    for event in &events[..events.len() - 1] {
        let CloneEvent::Progress {
            phase,
            percent,
            detail,
        } = event
        else {
            panic!("{event:?}");
        };
        assert!(*percent <= 100 && detail.contains('%'), "{event:?}");
        if phases.last() != Some(phase) {
            phases.push(phase.clone());
        }
    }
    // Told only where it takes long.
    phases.retain(|phase| phase != "checking_out");
    assert_eq!(phases, ["counting", "compressing", "receiving"]);
    assert!(fs::read(agent.path("projects/new/app/noise.bin")).unwrap() == noise);
    let app = agent.path("projects/new/app");
    assert_eq!(git(&app, &["rev-parse", "HEAD"]), head);
    assert_eq!(git(&app, &["status", "--porcelain"]), "");
    assert_eq!(agent.names("projects/new"), ["app"]);
    assert_eq!(agent.names(""), ["projects"]);
}

#[tokio::test]
async fn a_branch_or_tag_can_be_asked_for() {
    let server = GitServer::start(Manner::Open).await;
    server.add("app.git", &[("a", b"1")]);
    server.git("app.git", &["branch", "feature/x", "main"]);
    let agent = Agent::new();
    let request = |reference: &str, path: &str| json!({ "url": server.url("app.git"), "path": path, "reference": reference });
    let events = agent.clone_with(request("feature/x", "a")).await;
    assert!(commit(&events).is_some());
    assert_eq!(
        git(&agent.path("a"), &["branch", "--show-current"]),
        "feature/x"
    );

    let events = agent.clone_with(request("nope", "b")).await;
    let (reason, detail) = failure(&events);
    assert_eq!(reason, CloneFailure::NotFound, "{detail}");
    assert!(detail.contains("nope"), "{detail}");
    for reference in ["--upload-pack=touch /tmp/x", "-x", "a b"] {
        let events = agent.clone_with(request(reference, "c")).await;
        assert_eq!(failure(&events).0, CloneFailure::Other, "{reference}");
    }
    until("nothing else is left", || agent.names("") == ["a"]).await;
}

#[tokio::test]
async fn an_empty_repository_has_no_commit() {
    let server = GitServer::start(Manner::Open).await;
    server.add_empty("empty.git");
    let agent = Agent::new();
    let events = agent.clone(&server.url("empty.git"), "empty").await;
    assert_eq!(commit(&events), None);
    assert_eq!(agent.names("empty"), [".git"]);
}

#[tokio::test]
async fn dangerous_addresses_are_refused() {
    let agent = Agent::new();
    let source = tempfile::tempdir().unwrap();
    git(source.path(), &["init", "--quiet"]);
    let local = source.path().to_str().unwrap();
    for url in [
        "file:///etc",
        &format!("file://{local}"),
        local,
        "-u./payload",
        "--upload-pack=touch pwned",
        "ext::sh -c 'touch pwned'",
        "ext::sh%20-c%20id",
        "ssh://-oProxyCommand=touch/x",
        "",
        "https://host/a\nb",
    ] {
        let events = agent.clone(url, "x").await;
        assert_eq!(failure(&events).0, CloneFailure::InvalidUrl, "{url:?}");
        assert_eq!(events.len(), 1);
    }
    assert_eq!(agent.names(""), [""; 0]);
}

#[tokio::test]
async fn a_repository_that_does_not_exist_is_not_found() {
    let server = GitServer::start(Manner::Open).await;
    let agent = Agent::new();
    let events = agent.clone(&server.url("missing.git"), "x").await;
    let (reason, detail) = failure(&events);
    assert_eq!(reason, CloneFailure::NotFound, "{detail}");
    assert!(
        detail.contains("missing.git") && detail.contains("Check the address"),
        "{detail}"
    );
    until("nothing is left", || agent.names("").is_empty()).await;
}

#[tokio::test]
async fn an_unreachable_host_is_a_network_failure() {
    // A port that was free a moment ago.
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}/app.git", listener.local_addr().unwrap());
    drop(listener);
    let agent = Agent::new();
    let events = agent.clone(&url, "x").await;
    assert_eq!(failure(&events).0, CloneFailure::Network);
    until("nothing is left", || agent.names("").is_empty()).await;
}

#[tokio::test]
async fn credentials_are_asked_for_and_not_kept() {
    let server = GitServer::start(Manner::Guarded {
        username: "ada".into(),
        password: "s3cret/ü".into(),
    })
    .await;
    let head = server.add("app.git", &[("a", b"1")]);
    let agent = Agent::new();
    // A helper of the user's must not come to know what stood in the address.
    let stored = agent.home().join("stored");
    let helper = format!("[credential]\nhelper = store --file={}\n", stored.display());
    fs::write(agent.home().join(".gitconfig"), helper).unwrap();

    for url in [
        server.url("app.git"),
        server.url_with("ada:wrong", "app.git"),
    ] {
        let events = agent.clone(&url, "x").await;
        let (reason, detail) = failure(&events);
        assert_eq!(reason, CloneFailure::Unauthorized, "{detail}");
        assert!(!detail.contains("wrong"), "{detail}");
        until("nothing is left", || agent.names("").is_empty()).await;
    }
    let events = agent
        .clone(&server.url_with("ada:s3cret%2F%C3%BC", "app.git"), "app")
        .await;
    assert_eq!(commit(&events), Some(&*head));
    let config = fs::read_to_string(agent.path("app/.git/config")).unwrap();
    assert!(config.contains(&server.url("app.git")), "{config}");
    assert!(
        !config.contains("s3cret") && !config.contains("credential"),
        "{config}"
    );
    assert!(!stored.exists());
}

#[tokio::test]
async fn a_connection_that_is_cut_half_way_leaves_nothing() {
    let server = GitServer::start(Manner::Cut { after: 200_000 }).await;
    server.add("app.git", &[("noise.bin", &noise(1_000_000))]);
    let agent = Agent::new();
    let events = agent.clone(&server.url("app.git"), "app").await;
    let (reason, detail) = failure(&events);
    assert_eq!(reason, CloneFailure::Network, "{detail}");
    assert!(detail.contains("try again"), "{detail}");
    until("nothing is left", || agent.names("").is_empty()).await;
}

/// Processes whose working directory lies in the workspace.
fn processes_in(agent: &Agent) -> usize {
    let workspace = agent.path("").canonicalize().unwrap();
    fs::read_dir("/proc")
        .unwrap()
        .filter_map(|entry| fs::read_link(entry.ok()?.path().join("cwd")).ok())
        .filter(|directory| directory.starts_with(&workspace))
        .count()
}

#[tokio::test]
async fn a_caller_that_goes_away_ends_the_clone() {
    let server = GitServer::start(Manner::Stalled { after: 200_000 }).await;
    server.add("app.git", &[("noise.bin", &noise(1_000_000))]);
    let agent = Agent::new();
    let request = json!({ "url": server.url("app.git"), "path": "app" });
    let (_, mut body) = agent.begin(request).await;
    let first = body.frame().await.unwrap().unwrap();
    assert!(first.is_data());
    assert!(processes_in(&agent) > 0);
    assert_eq!(agent.names("").len(), 1);
    drop(body);
    until("Git and its helpers have ended", || {
        processes_in(&agent) == 0
    })
    .await;
    until("nothing is left", || agent.names("").is_empty()).await;
}

#[tokio::test]
async fn only_a_missing_or_empty_directory_is_cloned_into() {
    let server = GitServer::start(Manner::Open).await;
    server.add("app.git", &[("a", b"1")]);
    let agent = Agent::new();
    fs::create_dir(agent.path("empty")).unwrap();
    fs::create_dir(agent.path("full")).unwrap();
    fs::write(agent.path("full/mine"), "").unwrap();
    fs::write(agent.path("file"), "").unwrap();
    let url = server.url("app.git");
    assert!(commit(&agent.clone(&url, "empty").await).is_some());
    assert_eq!(agent.names("empty"), [".git", "a"]);
    for path in ["full", "file", "empty"] {
        let events = agent.clone(&url, path).await;
        assert_eq!(failure(&events).0, CloneFailure::TargetExists, "{path}");
    }
    assert_eq!(agent.names("full"), ["mine"]);

    let outside = tempfile::tempdir().unwrap();
    symlink(outside.path(), agent.path("out")).unwrap();
    let events = agent.clone(&url, "out/app").await;
    assert_eq!(failure(&events).0, CloneFailure::Other);
    assert_eq!(fs::read_dir(outside.path()).unwrap().count(), 0);
    for path in ["../app", "/tmp/app"] {
        let (status, _) = agent.begin(json!({ "url": url, "path": path })).await;
        assert_eq!(status, 422, "{path}");
    }
    let (reason, _) = failure(&agent.clone(&url, "").await);
    assert_eq!(reason, CloneFailure::Other);
}

#[tokio::test]
async fn hooks_of_a_template_do_not_run() {
    let server = GitServer::start(Manner::Open).await;
    server.add("app.git", &[("a", b"1")]);
    let agent = Agent::new();
    let hooks = agent.home().join("template/hooks");
    fs::create_dir_all(&hooks).unwrap();
    let hook = hooks.join("post-checkout");
    fs::write(&hook, "#!/bin/sh\ntouch \"$HOME/ran\"\n").unwrap();
    fs::set_permissions(&hook, fs::Permissions::from_mode(0o755)).unwrap();
    let template = agent.home().join("template");
    let config = format!("[init]\ntemplateDir = {}\n", template.display());
    fs::write(agent.home().join(".gitconfig"), config).unwrap();
    assert!(commit(&agent.clone(&server.url("app.git"), "app").await).is_some());
    assert!(
        agent.path("app/.git/hooks/post-checkout").exists(),
        "the template is used"
    );
    assert!(!agent.home().join("ran").exists());
}
