//! The commands that people type.

use std::io::Write as _;
use std::process::{Command, Stdio};

use crate::program::{ATELIER, Program};

#[tokio::test]
async fn exec_passes_streams_and_status_through() {
    let mut program = Program::start().await;
    let workspace = program.workspace("commands").await;
    let ran = program.command(&[
        "exec",
        "commands",
        "--no-stdin",
        "--",
        "sh",
        "-c",
        "echo out; echo err >&2; exit 7",
    ]);
    assert_eq!(String::from_utf8_lossy(&ran.stdout), "out\n");
    assert_eq!(String::from_utf8_lossy(&ran.stderr), "err\n");
    assert_eq!(ran.status.code(), Some(7));

    let mut child = Command::new(ATELIER)
        .args(["exec", "commands", "--", "wc", "-c"])
        .env("ATELIER_URL", &program.url)
        .env("ATELIER_TOKEN", &program.token)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut stdin = child.stdin.take().unwrap();
    let writer = std::thread::spawn(move || stdin.write_all(&vec![b'x'; 3_000_000]).unwrap());
    let ran = child.wait_with_output().unwrap();
    writer.join().unwrap();
    assert_eq!(String::from_utf8_lossy(&ran.stdout).trim(), "3000000");

    let listed = program.command(&["workspace", "list", "--output", "json"]);
    let list: serde_json::Value = serde_json::from_slice(&listed.stdout).unwrap();
    assert_eq!(list[0]["id"], workspace.to_string());
    let stopped = program.command(&["workspace", "stop", "commands"]);
    assert_eq!(
        String::from_utf8_lossy(&stopped.stdout),
        "commands is stopped.\n"
    );
    let refused = program.command(&["exec", "commands", "--", "true"]);
    assert_eq!(refused.status.code(), Some(1));
    assert!(String::from_utf8_lossy(&refused.stderr).contains("The workspace is stopped."));
}

#[tokio::test]
async fn a_hint_says_what_to_do() {
    let program = Program::start().await;
    let missing = program.command(&["workspace", "view", "nowhere"]);
    assert!(String::from_utf8_lossy(&missing.stderr).contains("There is no workspace “nowhere”"));
    let signed_out = Command::new(ATELIER)
        .args(["workspace", "list"])
        .env_remove("ATELIER_URL")
        .env_remove("ATELIER_TOKEN")
        .env("XDG_CONFIG_HOME", program.data().join("nothing"))
        .output()
        .unwrap();
    assert!(String::from_utf8_lossy(&signed_out.stderr).contains("atelier login URL"));
    let completions = program.command(&["completions", "bash"]);
    assert!(String::from_utf8_lossy(&completions.stdout).contains("_atelier"));
}

#[tokio::test]
async fn the_audit_log_is_proven_and_tampering_found() {
    let mut program = Program::start().await;
    program.workspace("audited").await;
    let data = program.data();
    let arguments = ["audit", "verify", "--data", data.to_str().unwrap()];
    let whole = program.command(&arguments);
    assert!(
        whole.status.success(),
        "{}",
        String::from_utf8_lossy(&whole.stderr)
    );
    assert!(String::from_utf8_lossy(&whole.stdout).contains("whole"));
}
