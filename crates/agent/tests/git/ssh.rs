//! Keys, known hosts, and what goes to and fro over SSH, with a real `sshd`.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::process::Command;

use atelier_api::ErrorCode;
use serde_json::{Value, json};

use crate::ssh_server::SshServer;
use crate::support::{Agent, expect_problem, until};

/// The last event of a clone.
async fn clone(agent: &Agent, url: &str) -> Value {
    let events = agent.clone(url, "app").await;
    serde_json::to_value(events.last().unwrap()).unwrap()
}

/// Makes a key, which the server lets in.
async fn let_in(agent: &Agent, server: &SshServer) {
    let key = agent
        .post_plain("ssh/keys/create", json!({}))
        .await
        .unwrap();
    server.let_in(key["public_key"].as_str().unwrap());
}

/// What is posted to trust what an event shows.
fn shown(event: &Value) -> Value {
    let mut presented = event["host_key"]["presented"].clone();
    presented.as_object_mut().unwrap().remove("fingerprint");
    presented
}

fn known_hosts(agent: &Agent) -> String {
    fs::read_to_string(agent.home().join(".ssh/known_hosts")).unwrap_or_default()
}

fn keygen(arguments: &[&str]) {
    let status = Command::new("ssh-keygen")
        .arg("-q")
        .args(arguments)
        .status();
    assert!(status.unwrap().success(), "ssh-keygen {arguments:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_host_is_shown_trusted_and_then_cloned_from_and_pushed_to() {
    let server = SshServer::start().await;
    server.add("app.git", &[("a.txt", b"one\n")]);
    let agent = Agent::new();
    let_in(&agent, &server).await;
    let url = server.url("app.git");

    let unknown = clone(&agent, &url).await;
    assert_eq!(unknown["reason"], "unknown_host", "{unknown}");
    let problem = &unknown["host_key"];
    assert_eq!(problem["presented"]["host"], server.host());
    assert_eq!(problem["presented"]["key_type"], "ssh-ed25519");
    assert_eq!(problem["presented"]["fingerprint"], server.fingerprint());
    assert_eq!(problem["known"], json!([]));
    let detail = unknown["detail"].as_str().unwrap();
    assert!(detail.contains(&server.fingerprint()), "{detail}");
    assert_eq!(known_hosts(&agent), "", "nothing is trusted unasked");
    until("nothing is left of the clone", || {
        agent.names("").is_empty()
    })
    .await;

    let trusted = agent
        .post_plain("ssh/hosts/create", shown(&unknown))
        .await
        .unwrap();
    assert_eq!(trusted["fingerprint"], server.fingerprint());
    assert_eq!(clone(&agent, &url).await["type"], "done");
    agent.commit("b.txt", "b\n", "Second");
    let pushed = agent.long("push", json!({})).await.pop().unwrap();
    assert_eq!(pushed["type"], "done", "{pushed}");
    assert_eq!(
        server.git("app.git", &["log", "-1", "--format=%s", "main"]),
        "Second"
    );

    // Once more is no second line.
    agent
        .post_plain("ssh/hosts/create", shown(&unknown))
        .await
        .unwrap();
    assert_eq!(known_hosts(&agent).lines().count(), 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_host_that_shows_one_key_and_presents_another_is_not_spoken_to() {
    let server = SshServer::start().await;
    server.add("app.git", &[("a.txt", b"one\n")]);
    let agent = Agent::new();
    let_in(&agent, &server).await;
    let unknown = clone(&agent, &server.url("app.git")).await;
    let first = server.fingerprint();
    let second = server.change_host_key();
    agent
        .post_plain("ssh/hosts/create", shown(&unknown))
        .await
        .unwrap();
    let refused = clone(&agent, &server.url("app.git")).await;
    assert_eq!(refused["reason"], "host_key", "{refused}");
    assert_eq!(refused["host_key"]["presented"]["fingerprint"], second);
    assert_eq!(refused["host_key"]["known"][0]["fingerprint"], first);
    until("nothing is left of the clone", || {
        agent.names("").is_empty()
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_changed_key_is_refused_until_the_old_one_is_deleted_by_hand() {
    let server = SshServer::start().await;
    server.add("app.git", &[("a.txt", b"one\n")]);
    let agent = Agent::new();
    let_in(&agent, &server).await;
    let url = server.url("app.git");
    let unknown = clone(&agent, &url).await;
    agent
        .post_plain("ssh/hosts/create", shown(&unknown))
        .await
        .unwrap();
    assert_eq!(clone(&agent, &url).await["type"], "done");
    // Debian's `ssh` writes hashes only, and so did somebody in a terminal.
    let file = agent.home().join(".ssh/known_hosts");
    let file = file.to_str().unwrap();
    keygen(&["-H", "-f", file]);
    assert!(
        known_hosts(&agent).starts_with("|1|"),
        "{}",
        known_hosts(&agent)
    );
    let fetched = agent.long("fetch", json!({})).await.pop().unwrap();
    assert_eq!(fetched["type"], "done", "{fetched}");

    let old = server.fingerprint();
    let new = server.change_host_key();
    let before = known_hosts(&agent);
    agent.commit("b.txt", "b\n", "Second");
    for operation in ["push", "fetch", "pull"] {
        let event = agent.long(operation, json!({})).await.pop().unwrap();
        assert_eq!(event["reason"], "host_key", "{operation}: {event}");
        assert_eq!(event["host_key"]["presented"]["fingerprint"], new);
        assert_eq!(event["host_key"]["known"][0]["fingerprint"], old);
        let detail = event["detail"].as_str().unwrap();
        assert!(detail.contains(&old) && detail.contains(&new), "{detail}");
        // To trust it is no way past it.
        let refused = agent.post_plain("ssh/hosts/create", shown(&event)).await;
        expect_problem(refused, ErrorCode::Conflict);
    }
    assert_eq!(known_hosts(&agent), before, "nothing has changed");
    assert_eq!(
        server.git("app.git", &["log", "--format=%s", "main"]),
        "First"
    );

    let query = format!(
        "ssh/hosts?host={}",
        server.host().replace('[', "%5B").replace(']', "%5D")
    );
    let known = agent.get(&query).await.unwrap();
    assert_eq!(known["items"].as_array().unwrap().len(), 1, "{known}");
    assert_eq!(
        known["items"][0]["hosts"],
        Value::Null,
        "only a hash of it is there"
    );
    let id = &known["items"][0]["id"];
    let left = agent
        .post_plain("ssh/hosts/delete", json!({ "id": id }))
        .await
        .unwrap();
    assert_eq!(left["items"], json!([]));
    let again = agent
        .post_plain("ssh/hosts/delete", json!({ "id": id }))
        .await;
    expect_problem(again, ErrorCode::NotFound);
    let unknown = agent.long("push", json!({})).await.pop().unwrap();
    assert_eq!(unknown["reason"], "unknown_host", "{unknown}");
    agent
        .post_plain("ssh/hosts/create", shown(&unknown))
        .await
        .unwrap();
    let pushed = agent.long("push", json!({})).await.pop().unwrap();
    assert_eq!(pushed["type"], "done", "{pushed}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_key_that_the_host_does_not_know_is_said_to_be_refused() {
    let server = SshServer::start().await;
    server.add("app.git", &[("a.txt", b"one\n")]);
    let agent = Agent::new();
    agent
        .post_plain("ssh/keys/create", json!({}))
        .await
        .unwrap();
    let unknown = clone(&agent, &server.url("app.git")).await;
    agent
        .post_plain("ssh/hosts/create", shown(&unknown))
        .await
        .unwrap();
    let refused = clone(&agent, &server.url("app.git")).await;
    assert_eq!(refused["reason"], "unauthorized", "{refused}");
    let detail = refused["detail"].as_str().unwrap();
    assert!(detail.contains("knows none of the SSH keys"), "{detail}");
    assert!(detail.contains("Permission denied (publickey"), "{detail}");
    assert_eq!(refused.get("host_key"), None);
}

#[tokio::test]
async fn a_key_is_made_once_for_its_owner_alone_and_its_secret_is_never_told() {
    let agent = Agent::new();
    let key = agent
        .post_plain("ssh/keys/create", json!({ "comment": "Ada's" }))
        .await
        .unwrap();
    assert_eq!(key["name"], "id_ed25519");
    assert_eq!(key["key_type"], "ssh-ed25519");
    assert_eq!(key["offered"], true);
    let private = agent.home().join(".ssh/id_ed25519");
    let mode = |path: &std::path::Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode(&private), 0o600);
    assert_eq!(mode(&agent.home().join(".ssh")), 0o700);
    let public = fs::read_to_string(private.with_extension("pub")).unwrap();
    assert_eq!(key["public_key"], public.trim());
    assert!(public.trim().ends_with(" Ada's"), "{public}");

    let before = fs::read(&private).unwrap();
    let taken = agent.post_plain("ssh/keys/create", json!({})).await;
    expect_problem(taken, ErrorCode::NameTaken);
    // Half of one that is in the way is in the way.
    fs::write(agent.home().join(".ssh/work.pub"), "mine").unwrap();
    let taken = agent
        .post_plain("ssh/keys/create", json!({ "name": "work" }))
        .await;
    expect_problem(taken, ErrorCode::NameTaken);
    assert_eq!(fs::read(&private).unwrap(), before);
    for name in ["../x", "config", "-f", "x.pub", ""] {
        let refused = agent
            .post_plain("ssh/keys/create", json!({ "name": name }))
            .await;
        expect_problem(refused, ErrorCode::Invalid);
    }
    let listed = agent.get("ssh/keys").await.unwrap();
    assert_eq!(listed["items"].as_array().unwrap().len(), 1, "{listed}");
    let secret = String::from_utf8(before).unwrap();
    let line = secret.lines().nth(2).unwrap();
    assert!(!listed.to_string().contains(line));
    // Nothing is left of how it was made.
    let mut names: Vec<String> = fs::read_dir(agent.home().join(".ssh"))
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort();
    assert_eq!(names, ["id_ed25519", "id_ed25519.pub", "work.pub"]);

    let left = agent
        .post_plain("ssh/keys/delete", json!({ "name": "id_ed25519" }))
        .await;
    assert_eq!(left.unwrap()["items"], json!([]));
    assert!(!private.exists());
    for name in ["id_ed25519", "work", "../../workspace/app/a.txt"] {
        let gone = agent
            .post_plain("ssh/keys/delete", json!({ "name": name }))
            .await;
        expect_problem(gone, ErrorCode::NotFound);
    }
}

#[tokio::test]
async fn keys_that_somebody_has_put_there_are_listed() {
    let agent = Agent::new();
    let directory = agent.home().join(".ssh");
    fs::create_dir(&directory).unwrap();
    let path = |name: &str| directory.join(name).to_str().unwrap().to_owned();
    keygen(&[
        "-t",
        "ecdsa",
        "-N",
        "pass phrase",
        "-C",
        "locked",
        "-f",
        &path("locked"),
    ]);
    keygen(&[
        "-t",
        "rsa",
        "-b",
        "2048",
        "-m",
        "PEM",
        "-N",
        "",
        "-C",
        "old",
        "-f",
        &path("old"),
    ]);
    fs::remove_file(path("old.pub")).unwrap();
    keygen(&["-t", "ed25519", "-N", "", "-C", "away", "-f", &path("away")]);
    fs::remove_file(path("away")).unwrap();
    // What is no key is none, and a pipe is not waited for.
    fs::write(path("notes"), "-----BEGIN NOTES-----").unwrap();
    assert!(
        Command::new("mkfifo")
            .arg(path("pipe.pub"))
            .status()
            .unwrap()
            .success()
    );

    let listed = agent.get("ssh/keys").await.unwrap();
    let told = |key: &Value| {
        json!([
            key["name"],
            key["key_type"],
            key["has_private"],
            key["encrypted"],
            key["offered"]
        ])
    };
    let items = listed["items"].as_array().unwrap();
    let told: Vec<Value> = items.iter().map(told).collect();
    assert_eq!(
        told,
        [
            json!(["away", "ssh-ed25519", false, false, false]),
            json!(["locked", "ecdsa-sha2-nistp256", true, true, false]),
            json!(["old", null, true, false, true]),
        ]
    );
    assert_eq!(items[1]["comment"], "locked");
    // What somebody has written into the configuration holds.
    fs::write(path("config"), "Host *\n  IdentityFile ~/.ssh/locked\n").unwrap();
    let listed = agent.get("ssh/keys").await.unwrap();
    assert_eq!(listed["configured"], true);
    assert_eq!(listed["items"][2]["offered"], false);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_key_with_a_passphrase_hangs_nothing() {
    let server = SshServer::start().await;
    server.add("app.git", &[("a.txt", b"one\n")]);
    let agent = Agent::new();
    let file = agent.home().join(".ssh");
    fs::create_dir(&file).unwrap();
    let file = file.join("id_ed25519");
    keygen(&[
        "-t",
        "ed25519",
        "-N",
        "pass phrase",
        "-f",
        file.to_str().unwrap(),
    ]);
    server.let_in(
        fs::read_to_string(file.with_extension("pub"))
            .unwrap()
            .trim(),
    );
    let unknown = clone(&agent, &server.url("app.git")).await;
    agent
        .post_plain("ssh/hosts/create", shown(&unknown))
        .await
        .unwrap();
    let refused = clone(&agent, &server.url("app.git")).await;
    assert_eq!(refused["reason"], "unauthorized", "{refused}");
}

#[tokio::test]
async fn what_is_no_key_of_one_host_is_not_trusted() {
    let agent = Agent::new();
    let key = "AAAAC3NzaC1lZDI1NTE5AAAAIHpeDbRe16hMY0MNE0y+/LU+tUEuN/mUhsupSBOdhn7r";
    for (host, key_type, key) in [
        ("*", "ssh-ed25519", key),
        ("a,b", "ssh-ed25519", key),
        ("a\n*", "ssh-ed25519", key),
        ("@cert-authority", "ssh-ed25519", key),
        ("example.com", "ssh-rsa", key),
        ("example.com", "ssh-ed25519", "AAAA\nevil.example"),
    ] {
        let body = json!({ "host": host, "key_type": key_type, "key": key });
        let refused = agent.post_plain("ssh/hosts/create", body).await;
        expect_problem(refused, ErrorCode::Invalid);
    }
    assert_eq!(known_hosts(&agent), "");
    // A file whose last line has no end, and a comment, stay what they are.
    let directory = agent.home().join(".ssh");
    fs::create_dir(&directory).unwrap();
    let before = format!("# mine\nother.example ssh-ed25519 {key}");
    fs::write(directory.join("known_hosts"), &before).unwrap();
    let body = json!({ "host": "example.com", "key_type": "ssh-ed25519", "key": key });
    agent.post_plain("ssh/hosts/create", body).await.unwrap();
    let expected = format!("{before}\nexample.com ssh-ed25519 {key}\n");
    assert_eq!(known_hosts(&agent), expected);
    let listed = agent.get("ssh/hosts").await.unwrap();
    assert_eq!(listed["items"][0]["hosts"], "other.example");
    let body = json!({ "id": listed["items"][0]["id"] });
    agent.post_plain("ssh/hosts/delete", body).await.unwrap();
    assert_eq!(
        known_hosts(&agent),
        format!("# mine\nexample.com ssh-ed25519 {key}\n")
    );
}

#[tokio::test]
async fn without_ssh_keygen_it_is_said_what_is_missing() {
    let empty = tempfile::tempdir().unwrap();
    let path = empty.path().to_str().unwrap().to_owned();
    let agent = Agent::with(|config| {
        config.env.insert("PATH".into(), path);
    });
    let missing = agent.post_plain("ssh/keys/create", json!({})).await;
    let problem = expect_problem(missing, ErrorCode::Unavailable);
    assert!(
        problem.detail.contains("ssh-keygen is not installed"),
        "{problem:?}"
    );
}
