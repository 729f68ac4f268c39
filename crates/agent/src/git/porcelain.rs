//! What `git status --porcelain=v2 --branch -z` prints (git-status(1)).

use atelier_api::agent::git::{GitFile, GitStatus};

use crate::files::encode;

/// How many changed files are told of.
pub(super) const FILES_MAX: usize = 10_000;

/// Reads the output. A last record without its NUL is dropped: the output was cut there. The
/// caller knows the repository's `root`.
pub(super) fn parse(output: &[u8], root: String) -> GitStatus {
    let mut status = GitStatus {
        root,
        branch: None,
        commit: None,
        upstream: None,
        ahead: 0,
        behind: 0,
        operation: None,
        stashes: 0,
        files: Vec::new(),
        truncated: !output.is_empty() && output.last() != Some(&0),
    };
    let complete = output.iter().rposition(|byte| *byte == 0).unwrap_or(0);
    let mut records = output[..complete].split(|byte| *byte == 0);
    while let Some(record) = records.next() {
        if let Some(header) = record.strip_prefix(b"# ") {
            read_header(&mut status, header);
            continue;
        }
        let Some(kind) = record.first() else { continue };
        let fields = match kind {
            b'1' => 8,
            b'2' => 9,
            b'u' => 10,
            b'?' => 1,
            _ => continue,
        };
        // The path is what follows the fields; it may hold spaces.
        let mut parts = record.splitn(fields + 1, |byte| *byte == b' ').skip(1);
        let letters = match kind {
            b'?' => Some(("?".to_owned(), "?".to_owned())),
            _ => parts.next().and_then(letters),
        };
        let path = parts.last();
        let from = match kind {
            b'2' => records.next(),
            _ => None,
        };
        let (Some((index, worktree)), Some(path)) = (letters, path) else {
            continue;
        };
        if *kind == b'2' && from.is_none() {
            status.truncated = true;
            break;
        }
        if status.files.len() == FILES_MAX {
            status.truncated = true;
            break;
        }
        status.files.push(GitFile {
            path: encode(path),
            from: from.map(encode),
            index,
            worktree,
        });
    }
    status
}

fn letters(field: &[u8]) -> Option<(String, String)> {
    match field {
        [index, worktree] if index.is_ascii_graphic() && worktree.is_ascii_graphic() => {
            Some((char::from(*index).into(), char::from(*worktree).into()))
        }
        _ => None,
    }
}

fn read_header(status: &mut GitStatus, header: &[u8]) {
    let header = String::from_utf8_lossy(header);
    let Some((key, value)) = header.split_once(' ') else {
        return;
    };
    match key {
        "branch.oid" if value != "(initial)" => status.commit = Some(value.to_owned()),
        "branch.head" if value != "(detached)" => status.branch = Some(value.to_owned()),
        "stash" => status.stashes = value.parse().unwrap_or(0),
        "branch.upstream" => status.upstream = Some(value.to_owned()),
        "branch.ab" => {
            for count in value.split(' ') {
                let number = count.get(1..).and_then(|digits| digits.parse().ok());
                match (count.as_bytes().first(), number) {
                    (Some(b'+'), Some(number)) => status.ahead = number,
                    (Some(b'-'), Some(number)) => status.behind = number,
                    _ => {}
                }
            }
        }
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use proptest::collection::vec;
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn every_kind_of_record_is_read() {
        let output = b"# branch.oid 1234\0# branch.head main\0# branch.upstream origin/main\0\
            # branch.ab +2 -3\0# stash 4\0\
            1 .M N... 100644 100644 100644 aaa bbb a file.txt\0\
            2 R. N... 100644 100644 100644 aaa bbb R100 new name\0old\nname\0\
            u UU N... 100644 100644 100644 100644 aaa bbb ccc both.txt\0\
            ? caf\xe9%\0! ignored\0";
        let status = parse(output, "app".into());
        assert_eq!(status.commit.as_deref(), Some("1234"));
        assert_eq!(status.branch.as_deref(), Some("main"));
        assert_eq!(status.upstream.as_deref(), Some("origin/main"));
        assert_eq!((status.ahead, status.behind, status.stashes), (2, 3, 4));
        let files: Vec<_> = status
            .files
            .iter()
            .map(|f| (&*f.index, &*f.worktree, &*f.path, f.from.as_deref()))
            .collect();
        assert_eq!(
            files,
            [
                (".", "M", "a file.txt", None),
                ("R", ".", "new name", Some("old\nname")),
                ("U", "U", "both.txt", None),
                ("?", "?", "caf%E9%25", None),
            ]
        );
        assert!(!status.truncated);
    }

    #[test]
    fn a_new_or_detached_repository_has_no_commit_or_branch() {
        let status = parse(
            b"# branch.oid (initial)\0# branch.head (detached)\0",
            String::new(),
        );
        assert_eq!((status.commit, status.branch), (None, None));
    }

    #[test]
    fn what_was_cut_is_dropped_and_told() {
        let status = parse(b"? a\0? b", String::new());
        assert_eq!(status.files.len(), 1);
        assert!(status.truncated);
        let status = parse(b"? a\x002 R. N... 1 1 1 a b R100 new\0ol", String::new());
        assert_eq!(status.files.len(), 1);
        assert!(status.truncated);
    }

    #[test]
    fn the_list_of_files_is_bounded() {
        let output = b"? a\0".repeat(FILES_MAX + 1);
        let status = parse(&output, String::new());
        assert_eq!((status.files.len(), status.truncated), (FILES_MAX, true));
    }

    proptest! {
        #[test]
        fn any_bytes_are_read(output in vec(any::<u8>(), 0..300)) {
            let _ = parse(&output, String::new());
        }

        #[test]
        fn every_path_is_read(names in vec("[a-z \n\"\\\\é]{1,12}", 0..10)) {
            let mut output = Vec::new();
            for (index, name) in names.iter().enumerate() {
                let record = match index % 3 {
                    0 => format!("? {name}\0"),
                    1 => format!("1 M. N... 100644 100644 100644 a b {name}\0"),
                    _ => format!("2 .R N... 100644 100644 100644 a b R90 {name}\0{name}!\0"),
                };
                output.extend_from_slice(record.as_bytes());
            }
            let status = parse(&output, String::new());
            let paths: Vec<String> = status.files.into_iter().map(|file| file.path).collect();
            prop_assert_eq!(paths, names);
        }
    }
}
