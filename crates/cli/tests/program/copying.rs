//! `atelier cp`: files to and from workspaces, over lines that drop.

use std::fs;
use std::path::Path;
use std::process::Output;
use std::time::{Duration, Instant};

use atelier_api::ids::WorkspaceId;
use tokio::process::Command;

use crate::line::Line;
use crate::program::{ATELIER, Program};

/// How long anything may take that a test waits for.
const PATIENCE: Duration = Duration::from_secs(60);

fn said(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

/// What the tests copy: no two parts of it are alike.
fn content(length: u32) -> Vec<u8> {
    (0..length / 4).flat_map(u32::to_le_bytes).collect()
}

/// The command, towards the server by this address.
fn cp(program: &Program, url: &str, arguments: &[&str]) -> Command {
    let mut command = Command::new(ATELIER);
    command
        .arg("cp")
        .args(arguments)
        .env("ATELIER_URL", url)
        .env("ATELIER_TOKEN", &program.token)
        .kill_on_drop(true);
    command
}

fn in_workspace(program: &Program, workspace: WorkspaceId, script: &str) -> String {
    let id = workspace.to_string();
    let ran = program.command(&["exec", "-n", &id, "--", "sh", "-c", script]);
    assert!(ran.status.success(), "{ran:?}");
    String::from_utf8(ran.stdout).unwrap()
}

fn names(folder: &Path) -> Vec<String> {
    let entries = fs::read_dir(folder).unwrap();
    let names = entries.map(|entry| entry.unwrap().file_name().to_string_lossy().into_owned());
    let mut names: Vec<_> = names.collect();
    names.sort();
    names
}

#[tokio::test]
async fn files_go_to_a_workspace_and_come_back() {
    let mut program = Program::start().await;
    let workspace = program.workspace("copies").await;
    let folder = tempfile::tempdir().unwrap();
    let local = |name: &str| folder.path().join(name).to_str().unwrap().to_owned();
    let copy = |from: &str, to: &str| program.command(&["cp", from, to]);
    fs::write(local("a %41 file"), content(100_000)).unwrap();
    fs::write(local("empty"), "").unwrap();

    let copied = copy(&local("a %41 file"), "copies:");
    assert!(copied.status.success(), "{copied:?}");
    let sentence = String::from_utf8(copied.stdout).unwrap();
    assert_eq!(sentence, "Copied 100.0 kB to copies:a %2541 file\n");
    in_workspace(&program, workspace, "mkdir sub && test -f 'a %41 file'");
    for to in [
        "copies:sub",
        "copies:/workspace/sub/again",
        "copies:~/at home",
    ] {
        let copied = copy(&local("empty"), to);
        assert!(copied.status.success(), "{copied:?}");
    }
    let found = in_workspace(&program, workspace, "ls sub; ls ~/'at home'");
    assert!(found.starts_with("again\nempty\n"), "{found}");

    let back = copy("copies:a %41 file", &local("back"));
    assert!(back.status.success(), "{back:?}");
    assert_eq!(fs::read(local("back")).unwrap(), content(100_000));
    fs::create_dir(local("folder")).unwrap();
    let back = copy("copies:sub/empty", &local("folder"));
    assert!(back.status.success(), "{back:?}");
    assert_eq!(names(&folder.path().join("folder")), ["empty"]);

    for (from, to, words) in [
        (local("a"), local("b"), "Neither is in a workspace"),
        ("x:a".to_owned(), "y:b".to_owned(), "Both are in workspaces"),
        (local("absent"), "copies:".to_owned(), "cannot be read"),
        (local("folder"), "copies:".to_owned(), "is a directory"),
        (
            local("empty"),
            "nowhere:".to_owned(),
            "no workspace “nowhere”",
        ),
        (local("empty"), "copies:/etc/x".to_owned(), "read only"),
        (
            local("empty"),
            "copies:no/such/x".to_owned(),
            "does not exist",
        ),
        ("copies:absent".to_owned(), local("c"), "does not exist"),
        ("copies:sub".to_owned(), local("c"), "is a directory"),
        (
            "copies:a %41 file".to_owned(),
            local("no/such/c"),
            "cannot be written",
        ),
    ] {
        let refused = copy(&from, &to);
        assert_eq!(refused.status.code(), Some(1), "{from} {to}");
        assert!(
            said(&refused).contains(words),
            "{from} {to}: {}",
            said(&refused)
        );
    }
    let left = names(folder.path());
    assert_eq!(left, ["a %41 file", "back", "empty", "folder"]);
    let left = in_workspace(&program, workspace, "ls -A; ls -A sub");
    assert!(!left.contains("atelier-tmp"), "{left}");
}

/// Cuts the line again and again until the command has ended; answers with how often.
async fn cut_until_ended(line: &Line, mut command: Command) -> (u32, Output) {
    command.stderr(std::process::Stdio::piped());
    let running = command.spawn().unwrap().wait_with_output();
    let mut running = std::pin::pin!(running);
    let (began, mut cuts) = (Instant::now(), 0);
    loop {
        tokio::select! {
            output = &mut running => return (cuts, output.unwrap()),
            () = tokio::time::sleep(Duration::from_millis(300)) => {}
        }
        assert!(began.elapsed() < PATIENCE, "the copy must come to its end");
        cuts += 1;
        line.cut();
        line.mend();
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_copy_goes_on_over_a_line_that_is_cut_again_and_again() {
    let mut program = Program::start().await;
    let workspace = program.workspace("cut").await;
    let folder = tempfile::tempdir().unwrap();
    let all = content(12_000_000);
    let (here, back) = (folder.path().join("here"), folder.path().join("back"));
    fs::write(&here, &all).unwrap();
    let there = format!("{workspace}:there");

    // So slow that neither direction is done before some cuts.
    let line = Line::to(program.address(), Some(8_000_000));
    let up = cp(&program, &line.url(), &[here.to_str().unwrap(), &there]);
    let (cuts, sent) = cut_until_ended(&line, up).await;
    assert!(sent.status.success(), "{sent:?}");
    assert!(cuts > 1, "the line must have been cut meanwhile");
    assert!(said(&sent).contains("Trying again"), "{}", said(&sent));
    let down = cp(&program, &line.url(), &[&there, back.to_str().unwrap()]);
    let (cuts, fetched) = cut_until_ended(&line, down).await;
    assert!(fetched.status.success(), "{fetched:?}");
    assert!(cuts > 1, "the line must have been cut meanwhile");
    assert!(
        said(&fetched).contains("Trying again"),
        "{}",
        said(&fetched)
    );
    assert!(fs::read(&back).unwrap() == all, "every byte came back");
    assert_eq!(names(folder.path()), ["back", "here"]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_copy_gives_up_in_plain_words_when_nobody_comes_back() {
    let mut program = Program::start().await;
    let workspace = program.workspace("gone").await;
    let folder = tempfile::tempdir().unwrap();
    let here = folder.path().join("here");
    fs::write(&here, content(40_000_000)).unwrap();
    let line = Line::to(program.address(), Some(8_000_000));
    let to = format!("{workspace}:there");
    let arguments = ["--patience", "1", here.to_str().unwrap(), &to];
    let mut command = cp(&program, &line.url(), &arguments);
    let copying = command
        .stderr(std::process::Stdio::piped())
        .spawn()
        .unwrap();
    let deadline = Instant::now() + PATIENCE;
    let script = "ls -A | grep -c atelier-tmp || true";
    while in_workspace(&program, workspace, script) != "1\n" {
        assert!(Instant::now() < deadline, "the copy must begin");
    }
    line.cut();
    let output = copying.wait_with_output().await.unwrap();
    assert_eq!(output.status.code(), Some(1));
    let said = said(&output);
    assert!(
        said.contains("gave up: nothing came through for 1 seconds"),
        "{said}"
    );
    let left = in_workspace(&program, workspace, "ls");
    assert_eq!(left, "README.md\n", "only what the template brought");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_changed_since_the_copy_began_is_not_overwritten() {
    let mut program = Program::start().await;
    let workspace = program.workspace("changed").await;
    in_workspace(&program, workspace, "echo first >there");
    let folder = tempfile::tempdir().unwrap();
    let here = folder.path().join("here");
    fs::write(&here, content(8_000_000)).unwrap();
    let line = Line::to(program.address(), Some(4_000_000));
    let to = format!("{workspace}:there");
    for (flags, overwrites) in [(&[][..], false), (&["--force"][..], true)] {
        let arguments = [flags, &[here.to_str().unwrap(), &to]].concat();
        let mut command = cp(&program, &line.url(), &arguments);
        let copying = command
            .stderr(std::process::Stdio::piped())
            .spawn()
            .unwrap();
        let deadline = Instant::now() + PATIENCE;
        let script = "ls -A | grep -c atelier-tmp || true";
        while in_workspace(&program, workspace, script) != "1\n" {
            assert!(Instant::now() < deadline, "the copy must begin");
        }
        in_workspace(&program, workspace, "echo theirs >there");
        let output = copying.wait_with_output().await.unwrap();
        assert_eq!(output.status.success(), overwrites, "{output:?}");
        let size = in_workspace(&program, workspace, "wc -c <there");
        assert_eq!(size, if overwrites { "8000000\n" } else { "7\n" });
        if !overwrites {
            assert!(said(&output).contains("changed since"), "{}", said(&output));
        }
    }
}
