//! What of a tree is worth watching.
//!
//! Inside `.git` only what changes Git's status is reported: HEAD, the index, the heads of a merge,
//! and refs. `node_modules` is watched itself, so that installed packages appear, but nothing below
//! its entries. Both rules count from the watched directory downwards: who watches a package itself
//! sees it.

use crate::files::reserved::is_reserved;

/// What is reported directly inside `.git`.
const GIT_NAMES: [&[u8]; 5] = [b"HEAD", b"MERGE_HEAD", b"index", b"packed-refs", b"refs"];

/// Tells whether the directory `rest`, below the watched one, is watched.
pub(super) fn is_watched(rest: &[u8]) -> bool {
    let mut components = rest.split(|byte| *byte == b'/');
    while let Some(component) = components.next() {
        match component {
            b".git" => return matches!(components.next(), None | Some(b"refs")),
            b"node_modules" => return components.next().is_none(),
            name if is_reserved(name) => return false,
            _ => {}
        }
    }
    true
}

/// Tells whether changes of the entry `name` in the directory `rest`, which is watched, are
/// reported.
pub(super) fn is_reported(rest: &[u8], name: &[u8]) -> bool {
    if is_reserved(name) {
        return false;
    }
    let mut components = rest.split(|byte| *byte == b'/');
    if !components.by_ref().any(|component| component == b".git") {
        return true;
    }
    match components.next() {
        None => GIT_NAMES.contains(&name),
        // Git writes a lock file beside each ref that it changes.
        Some(_) => !name.ends_with(b".lock"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn git_internals_and_packages_are_left_out() {
        for (directory, watched) in [
            ("", true),
            ("src/deep", true),
            ("a/.git", true),
            ("a/.git/refs/heads", true),
            ("a/.git/objects", false),
            ("a/.git/objects/ab", false),
            ("web/node_modules", true),
            ("web/node_modules/react", false),
            (".atelier-tmp-1-2", false),
            (".atelier-trash", false),
            (".atelier-trash/trash_1", false),
            (".atelier-undo/repl_1", false),
            (".github", true),
        ] {
            assert_eq!(is_watched(directory.as_bytes()), watched, "{directory}");
        }
        for (directory, name, reported) in [
            ("", ".git", true),
            (".git", "HEAD", true),
            (".git", "index", true),
            (".git", "index.lock", false),
            (".git", "objects", false),
            ("a/.git/refs/heads", "main", true),
            ("a/.git/refs/heads", "main.lock", false),
            ("", "Cargo.lock", true),
            ("", ".atelier-tmp-0-0", false),
            ("", ".atelier-trash", false),
        ] {
            assert_eq!(
                is_reported(directory.as_bytes(), name.as_bytes()),
                reported,
                "{directory} {name}"
            );
        }
    }
}
