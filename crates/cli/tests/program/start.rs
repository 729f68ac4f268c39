//! What keeps the server from starting is said, and nothing is changed.

use std::process::Command;

use crate::program::{ATELIER, Program};

fn refused(arguments: &[&str]) -> String {
    let ran = Command::new(ATELIER)
        .arg("serve")
        .args(arguments)
        .output()
        .unwrap();
    assert_eq!(ran.status.code(), Some(1), "it must refuse to start");
    assert!(ran.stdout.is_empty(), "it must not say that it is ready");
    String::from_utf8(ran.stderr).unwrap()
}

#[tokio::test]
async fn two_servers_on_one_data_folder_or_port() {
    let program = Program::start().await;
    let data = program.data();
    let said = refused(&["--port", "0", "--data", data.to_str().unwrap()]);
    assert!(said.contains("in use by another Atelier server"), "{said}");

    let other = tempfile::tempdir().unwrap();
    let port = program.url.rsplit(':').next().unwrap();
    let said = refused(&["--port", port, "--data", other.path().to_str().unwrap()]);
    assert!(said.contains("cannot be listened on"), "{said}");
}

#[test]
fn an_unknown_key_is_named_with_its_line() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("atelier.toml");
    std::fs::write(&file, "[listen]\nport = 0\nprot = 1\n").unwrap();
    let said = refused(&["--config", file.to_str().unwrap()]);
    assert!(said.contains("line 3") && said.contains("prot"), "{said}");
}

#[test]
fn a_damaged_database_is_left_as_it_is() {
    let folder = tempfile::tempdir().unwrap();
    let database = folder.path().join("atelier.db");
    let garbage = vec![0x5a; 8192];
    std::fs::write(&database, &garbage).unwrap();
    let said = refused(&["--port", "0", "--data", folder.path().to_str().unwrap()]);
    assert!(said.contains("damaged"), "{said}");
    assert_eq!(std::fs::read(&database).unwrap(), garbage);
}
