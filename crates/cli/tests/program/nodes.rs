//! `atelier nodes …`, and the script that makes a machine a server.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use axum::Router;
use axum::extract::State;
use axum::routing::get;

use crate::program::Program;

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

#[tokio::test]
async fn servers_are_listed_labelled_and_given_join_tokens() {
    let program = Program::start().await;
    let listed = program.command(&["nodes", "list", "--output", "json"]);
    let list: serde_json::Value = serde_json::from_slice(&listed.stdout).unwrap();
    assert_eq!(list[0]["name"], "local");

    let changed = program.command(&[
        "nodes", "edit", "local", "--label", "gpu=yes", "--label", "fast", "--drain",
    ]);
    let table = text(&changed.stdout);
    assert!(
        table.contains("online, draining") && table.contains("fast,gpu=yes"),
        "{table}"
    );
    let changed = program.command(&["nodes", "edit", "local", "--unlabel", "fast", "--undrain"]);
    let table = text(&changed.stdout);
    assert!(
        !table.contains("draining") && !table.contains("fast"),
        "{table}"
    );
    let nothing = program.command(&["nodes", "edit", "local"]);
    assert!(text(&nothing.stderr).contains("Say what is to change"));
    let found = program.command(&["nodes", "list", "--label", "gpu=no", "--output", "json"]);
    assert_eq!(text(&found.stdout).trim(), "[]");

    let created = program.command(&["nodes", "create", "--name", "far", "--label", "gpu=yes"]);
    let sentence = text(&created.stdout);
    let command = format!(
        "curl -fsSL {url}/install.sh | sh -s -- --url {url} --token atj_",
        url = program.url
    );
    assert!(sentence.contains(&command), "{sentence}");

    for verb in ["revoke", "remove"] {
        let refused = program.command(&["nodes", verb, "local"]);
        assert!(text(&refused.stderr).contains("embedded in the control plane"));
    }
    let missing = program.command(&["nodes", "view", "nowhere"]);
    assert!(text(&missing.stderr).contains("There is no server “nowhere”"));
}

/// A program that writes down what it is called with, in place of the daemon.
const RECORDER: &str = "#!/bin/sh\necho ${ATELIER_JOIN_TOKEN-} \"$@\" >>\"$HOME/called\"\n";

/// Serves the script's downloads: a program, and a checksum, right or wrong.
async fn downloads(program: &'static str, checksum: String) -> String {
    let router = Router::new()
        .route("/download/atelier", get(move || async move { program }))
        .route(
            "/download/atelier.sha256",
            get(|State(sum): State<String>| async { sum }),
        )
        .with_state(checksum);
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    tokio::spawn(async move { axum::serve(listener, router).await });
    url
}

fn checksum(content: &str, home: &Path) -> String {
    let file = home.join("content");
    fs::write(&file, content).unwrap();
    let sum = Command::new("sha256sum").arg(&file).output().unwrap();
    text(&sum.stdout)
}

fn script() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../deploy/install.sh")
}

async fn install(home: &Path, arguments: &[&str]) -> Output {
    let mut command = tokio::process::Command::new("sh");
    command.arg(script()).args(arguments).env("HOME", home);
    for variable in ["XDG_CONFIG_HOME", "XDG_DATA_HOME"] {
        command.env_remove(variable);
    }
    command.output().await.unwrap()
}

#[tokio::test]
async fn the_script_installs_joins_and_uninstalls_for_one_user() {
    let home = tempfile::tempdir().unwrap();
    let home = home.path();
    let url = downloads(RECORDER, checksum(RECORDER, home)).await;
    let token = format!("atj_{}", "a".repeat(43));
    let arguments = ["--url", &url, "--token", &token, "--user", "--no-systemd"];
    let installed = install(home, &arguments).await;
    assert!(installed.status.success(), "{}", text(&installed.stderr));

    let program = home.join(".local/bin/atelier");
    assert_eq!(fs::read_to_string(&program).unwrap(), RECORDER);
    let data = home.join(".local/share/atelier-node");
    let called = fs::read_to_string(home.join("called")).unwrap();
    let data_text = data.display();
    assert_eq!(
        called,
        format!("{token} node join --url {url} --data {data_text}\n")
    );
    let start = format!("{} node run --data {data_text}", program.display());
    assert!(text(&installed.stdout).contains(&start));

    fs::create_dir_all(&data).unwrap();
    fs::write(data.join("node.json"), "{}").unwrap();
    // A server that has joined is updated without a token.
    let updated = install(home, &["--url", &url, "--user", "--no-systemd"]).await;
    assert!(updated.status.success(), "{}", text(&updated.stderr));
    let removed = install(home, &["--user", "--uninstall"]).await;
    assert!(removed.status.success(), "{}", text(&removed.stderr));
    assert!(!program.exists() && !data.exists());
    let called = fs::read_to_string(home.join("called")).unwrap();
    assert_eq!(called.lines().count(), 2);
    assert!(called.ends_with(&format!("node leave --yes --stop --data {data_text}\n")));
}

#[tokio::test]
async fn a_tampered_program_is_not_installed() {
    let home = tempfile::tempdir().unwrap();
    let home = home.path();
    let url = downloads("#!/bin/sh\necho mine\n", checksum(RECORDER, home)).await;
    let arguments = ["--url", &url, "--token", "atj_x", "--user", "--no-systemd"];
    let refused = install(home, &arguments).await;
    assert!(!refused.status.success());
    assert!(
        text(&refused.stderr).contains("nothing was installed"),
        "{}",
        text(&refused.stderr)
    );
    assert!(!home.join(".local/bin/atelier").exists());
}

#[tokio::test]
async fn the_script_says_what_is_missing() {
    let home = tempfile::tempdir().unwrap();
    for (arguments, words) in [
        (vec!["--user"], "--url is missing"),
        (vec!["--user", "--url"], "--url needs a value"),
        (
            vec!["--user", "--url", "ftp://x", "--no-systemd"],
            "must begin with https://",
        ),
        (
            vec!["--user", "--url", "http://x", "--no-systemd"],
            "--token is missing",
        ),
        (
            vec!["--user", "--data", "/a b", "--uninstall"],
            "letters, digits",
        ),
        (vec!["--frobnicate"], "unknown option --frobnicate"),
    ] {
        let refused = install(home.path(), &arguments).await;
        assert!(!refused.status.success(), "{arguments:?}");
        assert!(
            text(&refused.stderr).contains(words),
            "{}",
            text(&refused.stderr)
        );
    }
    // What is no daemon's folder is left alone.
    let folder = home.path().join("important");
    fs::create_dir(&folder).unwrap();
    let folder_text = folder.to_str().unwrap();
    let kept = install(
        home.path(),
        &["--user", "--data", folder_text, "--uninstall"],
    )
    .await;
    assert!(kept.status.success() && folder.exists());
}

#[tokio::test]
async fn the_server_serves_what_the_script_installs() {
    let program = Program::start().await;
    let home = tempfile::tempdir().unwrap();
    // Its program, of the real size, until it joins with a token that is none.
    let arguments = [
        "--url",
        &program.url,
        "--token",
        "atj_x",
        "--user",
        "--no-systemd",
    ];
    let refused = install(home.path(), &arguments).await;
    assert!(!refused.status.success());
    assert!(
        text(&refused.stderr).contains("could not join"),
        "{}",
        text(&refused.stderr)
    );
    let installed = fs::read(home.path().join(".local/bin/atelier")).unwrap();
    assert!(installed == fs::read(crate::program::ATELIER).unwrap());
}
