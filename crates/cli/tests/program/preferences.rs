//! Preferences, by the real program.

use serde_json::Value;

use crate::program::Program;

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

#[tokio::test]
async fn preferences_are_set_seen_taken_away_and_forgotten() {
    let program = Program::start().await;
    let run = |arguments: &[&str]| {
        let ran = program.command(&[&["preference"], arguments].concat());
        assert!(ran.status.success(), "{}", text(&ran.stderr));
        ran
    };
    let set = [
        "update",
        "editor",
        "tabSize=2",
        "keymap=vim",
        "--output",
        "json",
    ];
    let set: Value = serde_json::from_slice(&run(&set).stdout).unwrap();
    assert_eq!(set["value"]["tabSize"], 2);
    // What is not named stays.
    run(&["update", "editor", "minimap=false", "--unset", "tabSize"]);
    let seen = run(&["view", "editor", "--output", "json"]);
    let seen: Value = serde_json::from_slice(&seen.stdout).unwrap();
    assert_eq!(
        seen["value"],
        serde_json::json!({ "keymap": "vim", "minimap": false })
    );
    let listed = text(&run(&["list"]).stdout);
    assert!(
        listed.contains("keymap") && listed.contains("vim"),
        "{listed}"
    );
    run(&["delete", "editor"]);
    assert_eq!(
        text(&run(&["list", "--output", "json"]).stdout).trim(),
        "[]"
    );
    let refused = program.command(&["preference", "view", "No such thing"]);
    assert!(!refused.status.success());
    assert!(text(&refused.stderr).contains("A namespace is"));
}
