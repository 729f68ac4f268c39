//! Many files at once, from the command line through the real server to the real agent.

use atelier_api::Page;
use atelier_api::agent::trash::TrashList;
use atelier_api::v1::audit::AuditEvent;

use crate::program::Program;

/// What a command that must succeed printed.
fn ran(program: &Program, arguments: &[&str]) -> String {
    let output = program.command(arguments);
    assert!(
        output.status.success(),
        "{arguments:?}: {}",
        String::from_utf8_lossy(&output.stderr)
    );
    String::from_utf8_lossy(&output.stdout).into_owned()
}

#[tokio::test]
async fn entries_are_moved_archived_deleted_and_brought_back() {
    let mut program = Program::start().await;
    let workspace = program.workspace("entries").await;
    let shell = |script: &str| {
        ran(
            &program,
            &["exec", "entries", "--no-stdin", "--", "sh", "-c", script],
        )
    };
    shell("mkdir -p a to; echo one > a/1; echo two > a/2; echo taken > to/2; ln -s 1 a/link");

    let refused = program.command(&[
        "file",
        "transfer",
        "entries:a/1",
        "entries:a/2",
        "--to",
        "to",
    ]);
    assert_eq!(refused.status.code(), Some(1));
    let said = String::from_utf8_lossy(&refused.stdout);
    assert!(
        said.contains("to/1") && said.contains("exists already"),
        "{said}"
    );
    ran(
        &program,
        &[
            "file",
            "transfer",
            "entries:a/2",
            "--to",
            "to",
            "--conflict",
            "keep-both",
        ],
    );
    assert_eq!(shell("ls to"), "1\n2\n2 (2)\n");

    let folder = tempfile::tempdir().unwrap();
    for name in ["to.tar.gz", "to.zip"] {
        let file = folder.path().join(name);
        let file = file.to_str().unwrap();
        ran(
            &program,
            &["file", "archive", "entries:to", "entries:a", "-f", file],
        );
        assert!(std::fs::metadata(file).unwrap().len() > 100);
    }
    let unnamed = program.command(&["file", "archive", "entries:to", "-f", "to.rar"]);
    assert!(String::from_utf8_lossy(&unnamed.stderr).contains(".tar.gz"));

    ran(&program, &["file", "trash", "entries:to", "entries:a/link"]);
    assert_eq!(shell("ls; ls a"), "README.md\na\n");
    let listed = ran(&program, &["trash", "list", "entries", "--output", "json"]);
    let listed: TrashList = serde_json::from_str(&listed).unwrap();
    let id = |path: &str| {
        let entry = listed.items.iter().find(|entry| entry.path == path);
        entry.unwrap().id.to_string()
    };
    ran(&program, &["trash", "restore", "entries", &id("to")]);
    assert_eq!(shell("cat 'to/2 (2)'"), "two\n");
    ran(&program, &["trash", "delete", "entries", &id("a/link")]);
    ran(&program, &["trash", "empty", "entries"]);

    // The log says of each what it was done to.
    let path = format!("/workspaces/{workspace}");
    let owner: atelier_api::v1::workspaces::Workspace = program.get(&path).await;
    let path = format!("/organizations/{}/audit-events", owner.organization_id);
    let events: Page<AuditEvent> = program.get(&path).await;
    let details = |action: &str| {
        let event = events.items.iter().find(|event| event.action == action);
        event
            .unwrap_or_else(|| panic!("no {action}"))
            .details
            .to_string()
    };
    assert!(details("file_transfer").contains("a/2"));
    assert!(details("file_trash").contains("a/link"));
    assert!(details("trash_restore").contains(&id("to")));
    assert!(details("trash_delete").contains(&id("a/link")));
    details("trash_empty");
}
