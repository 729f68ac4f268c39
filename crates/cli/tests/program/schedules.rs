//! Schedules and the command policy, by the real program.

use std::process::{Command, Output};

use serde_json::Value;

use crate::program::{ATELIER, Program};

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

#[tokio::test]
async fn a_schedule_is_made_seen_paused_run_and_deleted() {
    let program = Program::start().await;
    let run = |arguments: &[&str]| {
        let ran = program.command(&[&["nodes", "schedule"], arguments].concat());
        assert!(ran.status.success(), "{}", text(&ran.stderr));
        ran
    };
    let made = run(&[
        "create",
        "--name",
        "nightly",
        "--cron",
        "30 2 * * *",
        "--time-zone",
        "Europe/Berlin",
        "--node",
        "local",
        "--output",
        "json",
        "--",
        "echo",
        "from a schedule",
    ]);
    let made: Value = serde_json::from_slice(&made.stdout).unwrap();
    assert_eq!(made["job"]["command"], "echo 'from a schedule'");
    assert_eq!(made["next_runs"].as_array().unwrap().len(), 5);
    let listed = text(&run(&["list"]).stdout);
    assert!(
        listed.contains("nightly") && listed.contains(" 02:30 "),
        "{listed}"
    );
    let viewed = run(&["view", "nightly"]);
    assert_eq!(text(&viewed.stderr).matches("then ").count(), 4);

    let paused = text(&run(&["pause", "nightly"]).stdout);
    assert!(paused.contains("paused"), "{paused}");
    let ran = run(&["run", "nightly", "--output", "json"]);
    let job: Value = serde_json::from_slice(&ran.stdout).unwrap();
    assert_eq!(job["schedule_id"], made["id"]);
    let resumed = text(&run(&["resume", "nightly"]).stdout);
    assert!(resumed.contains(" on "), "{resumed}");
    run(&["delete", "nightly"]);
    let gone = program.command(&["nodes", "schedule", "view", "nightly"]);
    assert!(text(&gone.stderr).contains("There is no schedule “nightly”"));
}

#[tokio::test]
async fn what_cannot_be_scheduled_is_said() {
    let program = Program::start().await;
    for (cron, zone, word) in [
        ("0 0 31 2 *", "UTC", "will ever come"),
        ("0 0 * * *", "Mars/Olympus", "time zone"),
    ] {
        let refused = program.command(&[
            "nodes",
            "schedule",
            "create",
            "--name",
            "x",
            "--cron",
            cron,
            "--time-zone",
            zone,
            "--node",
            "local",
            "--",
            "true",
        ]);
        assert_eq!(refused.status.code(), Some(1));
        assert!(
            text(&refused.stderr).contains(word),
            "{}",
            text(&refused.stderr)
        );
    }
}

fn check(config: &str, node: &str, line: &str) -> Output {
    let folder = tempfile::tempdir().unwrap();
    let [config_file, node_file] =
        ["atelier.toml", "node.toml"].map(|name| folder.path().join(name));
    std::fs::write(&config_file, config).unwrap();
    std::fs::write(&node_file, node).unwrap();
    Command::new(ATELIER)
        .args(["policy", "check", line, "--config"])
        .arg(&config_file)
        .arg("--node")
        .arg(&node_file)
        .output()
        .unwrap()
}

#[test]
fn the_policy_says_its_decision_and_the_rule() {
    let config = "[[policy.rules]]\naction = \"ask\"\npattern = [\"git\", \"push\"]\n\
                  [[policy.rules]]\naction = \"allow\"\npattern = [\"docker\"]\n";
    let node = "[[policy.rules]]\naction = \"deny\"\npattern = [\"docker\"]\nreason = \"no containers here\"\n";
    for (line, status, words) in [
        ("git log", 0, ["allow", "default"]),
        ("cd x && sudo git push", 3, ["ask", "rule 1 (git push)"]),
        // What the server's owner denies, the control plane cannot allow.
        ("docker ps", 4, ["deny", "no containers here"]),
        ("env A=b sh -c 'rm -rf /'", 4, ["deny", "built-in rule"]),
    ] {
        let checked = check(config, node, line);
        assert_eq!(
            checked.status.code(),
            Some(status),
            "{line}: {}",
            text(&checked.stderr)
        );
        let said = text(&checked.stdout);
        let decisive = said.lines().nth(1).unwrap();
        assert!(
            words.iter().all(|word| decisive.contains(word)),
            "{line}: {said}"
        );
    }
}

#[test]
fn a_rule_that_does_not_hold_refuses_the_start_and_is_named() {
    let rule = "[[policy.rules]]\naction = \"deny\"\npattern = [\"git\", \"push\"]\nmatch = [\"git pull\"]\n";
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("atelier.toml");
    std::fs::write(&file, format!("[listen]\nport = 0\n\n{rule}")).unwrap();
    let mut serve = Command::new(ATELIER);
    serve.args(["serve", "--config"]).arg(&file);
    let ran = serve.current_dir(folder.path()).output().unwrap();
    assert_eq!(ran.status.code(), Some(1));
    let said = text(&ran.stderr);
    assert!(
        said.contains("line 4: rule 1 (git push)") && said.contains("`git pull`"),
        "{said}"
    );
    let checked = check("", rule, "true");
    assert_eq!(checked.status.code(), Some(1));
    assert!(
        text(&checked.stderr).contains("line 1: rule 1 (git push)"),
        "{}",
        text(&checked.stderr)
    );
}
