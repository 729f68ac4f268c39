//! What the host's owner permits, read from `/etc/atelier/node.toml`.
//!
//! Invariant: nothing that comes over the network changes it. It is read when the node starts, from a
//! file that only the owner can write, and asked in the node's own router before anything is done.

mod permit;

use std::fs;
use std::io;
use std::os::unix::fs::MetadataExt as _;
use std::path::{Component, Path, PathBuf};

use atelier_api::node::{FilesPolicy, NodePolicy};
use atelier_policy::{Policy, PolicyDocument};
use serde::Deserialize;

pub(crate) use self::permit::{exec, machine_request, update, workspaces_run};

/// Where the policy stands, unless the node is told otherwise.
pub const POLICY_FILE: &str = "/etc/atelier/node.toml";

/// Who may write to a file besides its owner: its group, everybody.
const WRITABLE_BY_OTHERS: u32 = 0o022;

/// The host's policy, and what else its owner decides.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct HostPolicy {
    /// What is permitted.
    pub permits: NodePolicy,
    /// The user that acts on the machine where the node is root and `privileged` is not given.
    pub machine_user: Option<String>,
    /// Which commands of node jobs may run here, beside what the control plane decides: the stricter
    /// counts.
    pub commands: Policy,
}

/// Why the policy cannot be followed. The node does not start then: to go on without would permit
/// what its owner may have forbidden.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum PolicyError {
    /// The file is there and cannot be read.
    #[error("the policy file `{}` cannot be read", path.display())]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// Others than the owner could change it.
    #[error("the policy file `{}` {reason}", path.display())]
    Unsafe {
        /// The file.
        path: PathBuf,
        /// In which way, and what to do.
        reason: &'static str,
    },
    /// It says something that has no meaning; names the line.
    #[error("the policy file `{}` cannot be used: {detail}", path.display())]
    Invalid {
        /// The file.
        path: PathBuf,
        /// What and where.
        detail: String,
    },
}

/// The file's keys. Spelled out instead of nested, so that an unknown one is refused with its line.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct Keys {
    workspaces: bool,
    terminal: bool,
    exec: bool,
    files: FilesPolicy,
    containers: bool,
    privileged: bool,
    update: bool,
    machine_user: Option<String>,
    policy: PolicyDocument,
}

impl Default for Keys {
    fn default() -> Self {
        let NodePolicy {
            workspaces,
            terminal,
            exec,
            files,
            containers,
            privileged,
            update,
        } = NodePolicy::default();
        Self {
            workspaces,
            terminal,
            exec,
            files,
            containers,
            privileged,
            update,
            machine_user: None,
            policy: PolicyDocument::default(),
        }
    }
}

impl HostPolicy {
    /// Reads the file; without one, the defaults hold.
    pub fn load(path: &Path) -> Result<Self, PolicyError> {
        let unreadable = |source| PolicyError::Unreadable {
            path: path.to_owned(),
            source,
        };
        let metadata = match fs::metadata(path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Self::default()),
            result => result.map_err(unreadable)?,
        };
        let own = rustix::process::geteuid().as_raw();
        let reason = if metadata.uid() != 0 && metadata.uid() != own {
            Some("belongs to another user, who could change it; give it to root (chown root)")
        } else if metadata.mode() & WRITABLE_BY_OTHERS != 0 {
            Some("can be written by others than its owner; take that away (chmod go-w)")
        } else {
            None
        };
        if let Some(reason) = reason {
            return Err(PolicyError::Unsafe {
                path: path.to_owned(),
                reason,
            });
        }
        let text = fs::read_to_string(path).map_err(unreadable)?;
        Self::parse(&text).map_err(|detail| PolicyError::Invalid {
            path: path.to_owned(),
            detail,
        })
    }

    /// Reads the text of such a file; the error says what is wrong, and in which line.
    pub fn parse(text: &str) -> Result<Self, String> {
        let keys: Keys = toml::from_str(text).map_err(|error| error.to_string())?;
        for root in &keys.files.roots {
            check_root(root)?;
        }
        let commands = Policy::from_document(keys.policy)
            .map_err(|error| atelier_policy::explain(text, "policy", &error))?;
        Ok(Self {
            permits: NodePolicy {
                workspaces: keys.workspaces,
                terminal: keys.terminal,
                exec: keys.exec,
                files: keys.files,
                containers: keys.containers,
                privileged: keys.privileged,
                update: keys.update,
            },
            machine_user: keys.machine_user,
            commands,
        })
    }
}

/// A root is written as the one way to its directory.
fn check_root(root: &str) -> Result<(), String> {
    let plain = |part| matches!(part, Component::RootDir | Component::Normal(_));
    let path = Path::new(root);
    if path.is_absolute() && !root.contains('\0') && path.components().all(plain) {
        Ok(())
    } else {
        Err(format!(
            "files.roots: `{}` is not an absolute path without `..`",
            root.escape_debug()
        ))
    }
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt as _;

    use super::*;

    #[test]
    fn what_is_absent_keeps_its_default() {
        assert_eq!(HostPolicy::parse(""), Ok(HostPolicy::default()));
        let policy =
            HostPolicy::parse("terminal = false\n[files]\nroots = [\"/srv\", \"/home/ada\"]\n");
        let mut expected = HostPolicy::default();
        expected.permits.terminal = false;
        expected.permits.files.roots = vec!["/srv".into(), "/home/ada".into()];
        assert_eq!(policy, Ok(expected));
    }

    #[test]
    fn what_has_no_meaning_is_named_with_its_line() {
        for (text, expected) in [
            ("exec = false\nterminals = false\n", "line 2"),
            ("[files]\nroots = []\nreadonly = true\n", "line 3"),
            ("exec = \"no\"\n", "line 1"),
            ("exec = \n", "line 1"),
            (
                "[[policy.rules]]\naction = \"deny\"\npattern = [\"a\"]\nmtach = []\n",
                "line 4",
            ),
            (
                "exec = true\n[[policy.rules]]\naction = \"deny\"\npattern = [\"a\"]\nmatch = [\"b\"]\n",
                "line 2: rule 1 (a)",
            ),
            ("[files]\nroots = [\"srv\"]\n", "`srv`"),
            ("[files]\nroots = [\"/srv/../etc\"]\n", "`/srv/../etc`"),
        ] {
            let error = HostPolicy::parse(text).unwrap_err();
            assert!(error.contains(expected), "{text}: {error}");
        }
    }

    #[test]
    fn a_file_that_others_can_change_is_refused() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("node.toml");
        assert_eq!(HostPolicy::load(&path).unwrap(), HostPolicy::default());
        fs::write(&path, "exec = false\n").unwrap();
        for (mode, safe) in [(0o600, true), (0o644, true), (0o664, false), (0o602, false)] {
            fs::set_permissions(&path, fs::Permissions::from_mode(mode)).unwrap();
            assert_eq!(HostPolicy::load(&path).is_ok(), safe, "{mode:o}");
        }
    }
}
