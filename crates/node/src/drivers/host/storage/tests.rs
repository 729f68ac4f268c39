//! Storage, on a real directory.

use super::*;

fn id(number: u128) -> WorkspaceId {
    format!("ws_{number:026}").parse().unwrap()
}

fn storage() -> (tempfile::TempDir, Storage) {
    let directory = tempfile::tempdir().unwrap();
    let storage = Storage::open(&directory.path().join("data"), false, None).unwrap();
    (directory, storage)
}

fn seed(path: &str) -> SeedFile {
    SeedFile {
        path: path.into(),
        text: "hello".into(),
        executable: false,
    }
}

#[test]
fn seed_paths_lead_only_downwards() {
    for path in ["", "/etc/passwd", "..", "a/../../b", "a\0b", "."] {
        assert!(seed_path(path).is_err(), "{path:?}");
    }
    for path in ["a", "src/main.rs", ".gitignore", "a b/ü"] {
        assert!(seed_path(path).is_ok(), "{path:?}");
    }
}

#[test]
fn storage_appears_whole_or_not_at_all() {
    let (_directory, storage) = storage();
    let files = [seed("src/main.rs"), seed("src/main.rs")];
    assert!(storage.create(id(1), 0, &files, b"{}").is_err());
    assert_eq!(storage.workspaces().unwrap(), []);
    storage.create(id(1), 0, &files[..1], b"{}").unwrap();
    assert_eq!(storage.workspaces().unwrap(), [id(1)]);
    let main = storage.workspace(id(1)).workspace().join("src/main.rs");
    assert_eq!(fs::read_to_string(main).unwrap(), "hello");
}

#[test]
fn removal_is_at_once_and_repeatable() {
    let (directory, storage) = storage();
    storage.create(id(1), 0, &[], b"{}").unwrap();
    storage.remove(id(1)).unwrap();
    storage.remove(id(1)).unwrap();
    assert_eq!(storage.workspaces().unwrap(), []);
    storage.empty_trash().unwrap();
    let trash = directory.path().join("data/trash");
    assert_eq!(fs::read_dir(trash).unwrap().count(), 0);
}

#[test]
fn a_workspace_cannot_have_the_node_read_something_else() {
    let directory = tempfile::tempdir().unwrap();
    let (secret, link) = (
        directory.path().join("secret"),
        directory.path().join("exit"),
    );
    fs::write(&secret, "secret").unwrap();
    std::os::unix::fs::symlink(&secret, &link).unwrap();
    assert!(read_untrusted(&link).is_err());
    assert!(read_untrusted(directory.path()).is_err());
    assert_eq!(read_untrusted(&secret).unwrap(), "secret");
}

#[test]
fn two_nodes_cannot_share_a_directory() {
    let (directory, _storage) = storage();
    let second = Storage::open(&directory.path().join("data"), false, None);
    assert_eq!(second.unwrap_err().kind(), io::ErrorKind::WouldBlock);
}

#[test]
fn nobody_else_can_enter() {
    let (directory, storage) = storage();
    storage.create(id(1), 0, &[], b"{}").unwrap();
    for path in ["data", "data/workspaces", "data/run", "data/trash"] {
        let mode = fs::metadata(directory.path().join(path))
            .unwrap()
            .permissions();
        assert_eq!(mode.mode() & 0o777, 0o700, "{path}");
    }
}
