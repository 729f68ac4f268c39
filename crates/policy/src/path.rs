//! Paths, compared by their text: nothing is looked up, and links are not followed.

use crate::argument::{Argument, HOME, ONE, STAR, UNKNOWN};

/// How sure something is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Certainty {
    /// It is not so, for all that the text shows.
    No,
    /// It depends on what is known only when the command runs.
    Maybe,
    /// It is so.
    Yes,
}

/// Directories without which a system does not start or its people have lost everything. What is inside them, two
/// levels down, is the business of rules.
const VITAL_DIRECTORIES: [&str; 17] = [
    "/bin", "/boot", "/dev", "/etc", "/home", "/lib", "/lib32", "/lib64", "/proc", "/root", "/run",
    "/sbin", "/sys", "/usr", "/usr/bin", "/usr/lib", "/var",
];

/// Files that decide who may enter.
const VITAL_FILES: [&str; 6] = [
    "/etc/passwd",
    "/etc/shadow",
    "/etc/group",
    "/etc/gshadow",
    "/etc/sudoers",
    "/etc/ld.so.preload",
];

/// How the names of disks and of memory begin in `/dev`.
const DEVICES: [&str; 18] = [
    "sd", "hd", "vd", "xvd", "nvme", "mmcblk", "md", "dm-", "mapper/", "loop", "disk/", "mem",
    "kmem", "port", "zram", "nbd", "pmem", "block/",
];

/// Removes `.`, `..`, and doubled slashes; a relative path is taken from `directory` if that is known.
pub(crate) fn normalize(path: &str, directory: Option<&str>) -> String {
    let joined;
    let path = match directory {
        Some(directory) if !path.starts_with(['/', HOME, UNKNOWN]) => {
            joined = format!("{directory}/{path}");
            joined.as_str()
        }
        _ => path,
    };
    let absolute = path.starts_with('/');
    let mut components: Vec<&str> = Vec::new();
    for component in path.split('/') {
        match component {
            "" | "." => {}
            ".." => match components.last() {
                Some(last) if *last != ".." => {
                    components.pop();
                }
                _ if absolute => {}
                _ => components.push(".."),
            },
            _ => components.push(component),
        }
    }
    let joined = components.join("/");
    match (absolute, joined.is_empty()) {
        (true, _) => format!("/{joined}"),
        (false, true) => ".".to_owned(),
        (false, false) => joined,
    }
}

/// Whether the path is the root, a home, a directory that a system needs, or all that is in one of these.
pub(crate) fn is_vital(argument: &Argument, directory: Option<&str>) -> Certainty {
    if is_vital_text(&argument.text, directory) {
        return Certainty::Yes;
    }
    if !argument.is_computed() {
        return climbs(&argument.text, directory);
    }
    let without: String = argument.text.replace(UNKNOWN, "");
    let starts_unknown = argument.text.starts_with(UNKNOWN);
    let nothing_else = without.chars().all(|c| matches!(c, '/' | '.' | STAR));
    // Empty, the value leaves nothing or the root; and a lone value may be anything.
    if (starts_unknown && nothing_else) || is_vital_text(&without, directory) {
        Certainty::Maybe
    } else {
        Certainty::No
    }
}

fn is_vital_text(text: &str, directory: Option<&str>) -> bool {
    let path = normalize(text, directory);
    // All in a directory is as bad as the directory.
    let mut place = path.as_str();
    while let Some((parent, last)) = place.rsplit_once('/')
        && !last.is_empty()
        && last.contains(STAR)
        && last.chars().all(|c| matches!(c, STAR | ONE | '.'))
    {
        place = if parent.is_empty() { "/" } else { parent };
    }
    place == "/"
        || place.strip_prefix(HOME) == Some("")
        || VITAL_DIRECTORIES.contains(&place)
        || (place.contains([STAR, ONE]) && place.matches('/').count() == 1 && {
            let pattern = Argument::exact(place);
            place.starts_with('/')
                && VITAL_DIRECTORIES
                    .iter()
                    .any(|vital| pattern.could_be(vital))
        })
}

/// A relative path of nothing but `..` may well be the root.
fn climbs(text: &str, directory: Option<&str>) -> Certainty {
    let path = normalize(text, directory);
    let above = path
        .split('/')
        .all(|component| component == ".." || component.chars().all(|c| c == STAR));
    if path.starts_with("..") && above {
        Certainty::Maybe
    } else {
        Certainty::No
    }
}

/// Whether the path is a disk, a partition or the memory.
pub(crate) fn is_device(argument: &Argument, directory: Option<&str>) -> Certainty {
    let path = normalize(&argument.text, directory);
    let Some(name) = path.strip_prefix("/dev/") else {
        return Certainty::No;
    };
    if DEVICES.iter().any(|device| name.starts_with(device)) {
        return Certainty::Yes;
    }
    let start = Argument::exact(name);
    let start = start.known_start();
    let possible =
        start.len() < name.len() && DEVICES.iter().any(|device| device.starts_with(start));
    if possible {
        Certainty::Maybe
    } else {
        Certainty::No
    }
}

/// Whether the path is one of the files that decide who may enter.
pub(crate) fn is_vital_file(argument: &Argument, directory: Option<&str>) -> Certainty {
    let path = Argument::exact(normalize(&argument.text, directory));
    let any = |test: &dyn Fn(&str) -> bool| VITAL_FILES.iter().any(|file| test(file));
    if any(&|file| path.text == file) {
        Certainty::Yes
    } else if path.text.starts_with("/etc/") && any(&|file| path.could_be(file)) {
        Certainty::Maybe
    } else {
        Certainty::No
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_are_normalized_by_their_text() {
        for (path, directory, expected) in [
            ("/usr/..", None, "/"),
            ("//", None, "/"),
            ("/././/", None, "/"),
            ("/../../etc/", None, "/etc"),
            ("a/../b", None, "b"),
            ("..", None, ".."),
            ("", None, "."),
            (".", Some("/"), "/"),
            ("b", Some("/a"), "/a/b"),
            ("/c", Some("/a"), "/c"),
        ] {
            assert_eq!(normalize(path, directory), expected, "{path}");
        }
    }

    #[test]
    fn vital_places() {
        let check = |text: &str, directory| is_vital(&Argument::exact(text), directory);
        for text in ["/", "/usr/../", "/etc", "/home/", "/usr//bin"] {
            assert_eq!(check(text, None), Certainty::Yes, "{text}");
        }
        for text in ["/tmp", "/usr/local/x", "build", "/home/ada", "*"] {
            assert_eq!(check(text, None), Certainty::No, "{text}");
        }
        let star = STAR.to_string();
        assert_eq!(check(&star, Some("/")), Certainty::Yes);
        assert_eq!(check(&star, Some("/tmp")), Certainty::No);
        assert_eq!(check(&format!("/{STAR}/{STAR}"), None), Certainty::Yes);
        assert_eq!(check(&format!("/us{ONE}"), None), Certainty::Yes);
        assert_eq!(check(&format!("{HOME}/"), None), Certainty::Yes);
        assert_eq!(check(&format!("{HOME}/x"), None), Certainty::No);
        assert_eq!(check(&format!("{UNKNOWN}/{STAR}"), None), Certainty::Maybe);
        assert_eq!(check(&format!("{UNKNOWN}/target"), None), Certainty::No);
        assert_eq!(check("../../..", None), Certainty::Maybe);
    }

    #[test]
    fn devices() {
        let check = |text: &str| is_device(&Argument::exact(text), None);
        for text in [
            "/dev/sda",
            "/dev//nvme0n1",
            "/dev/../dev/vda1",
            "/dev/mapper/root",
        ] {
            assert_eq!(check(text), Certainty::Yes, "{text}");
        }
        for text in [
            "/dev/null",
            "/dev/stderr",
            "/dev/tty",
            "dev/sda",
            "/dev/shm/sda",
        ] {
            assert_eq!(check(text), Certainty::No, "{text}");
        }
        assert_eq!(check(&format!("/dev/{UNKNOWN}")), Certainty::Maybe);
    }
}
