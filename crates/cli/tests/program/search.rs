//! `atelier search`.

use crate::program::Program;

#[tokio::test]
async fn what_is_found_is_replaced_and_brought_back() {
    let mut program = Program::start().await;
    program.workspace("searched").await;
    let run = |arguments: &[&str]| {
        let ran = program.command(arguments);
        let text = |bytes: Vec<u8>| String::from_utf8_lossy(&bytes).into_owned();
        (text(ran.stdout), text(ran.stderr), ran.status.code())
    };
    let make = "mkdir -p /workspace/app && printf 'a color\\nno\\n' > /workspace/app/notes.md";
    let made = run(&["exec", "searched", "--no-stdin", "--", "sh", "-c", make]);
    assert_eq!(made.2, Some(0), "{}", made.1);

    let found = run(&[
        "search",
        "text",
        "searched",
        "COLOR",
        "--case",
        "insensitive",
    ]);
    assert_eq!(
        (found.0.as_str(), found.2),
        ("app/notes.md:1:3: a color\n", Some(0))
    );
    assert_eq!(run(&["search", "text", "searched", "absent"]).2, Some(1));
    let names = run(&["search", "names", "searched", "ntmd"]);
    assert_eq!(names.0, "PATH\napp/notes.md\n");

    let replace = [
        "search", "replace", "searched", "col(or)", "col$1ful", "--regex",
    ];
    let shown = run(&replace);
    assert!(
        shown.0.contains("a colorful") && shown.1.contains("--apply"),
        "{shown:?}"
    );
    let applied = run(&[&replace[..], &["--apply"]].concat());
    assert!(
        applied.0.starts_with("Replaced 1 match in 1 file."),
        "{applied:?}"
    );
    let read = [
        "exec",
        "searched",
        "--no-stdin",
        "--",
        "cat",
        "/workspace/app/notes.md",
    ];
    assert_eq!(run(&read).0, "a colorful\nno\n");

    let id = applied
        .0
        .split_whitespace()
        .last()
        .expect("the command to undo is printed");
    let undone = run(&["search", "undo", "searched", id]);
    assert_eq!(
        (undone.0.as_str(), undone.2),
        ("As before: 1 file.\n", Some(0))
    );
    assert_eq!(run(&read).0, "a color\nno\n");
    let twice = run(&["search", "undo", "searched", id]);
    assert!(twice.1.contains("cannot be undone any more"), "{twice:?}");
    let refused = run(&["search", "text", "searched", "(a", "--regex"]);
    assert!(refused.1.contains("unclosed group"), "{refused:?}");
}
