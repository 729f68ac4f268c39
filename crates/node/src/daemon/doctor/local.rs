//! What can be seen on this machine.

use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};

use rustix::fs::statvfs;

use super::super::place::{DaemonDirectory, is_running};
use super::super::registration::Registration;
use super::Check;
use crate::daemon::KeyError;
use crate::drivers::host::machine::MachineUser;
use crate::error::chain;
use crate::{HostPolicy, Launcher, Node, NodeConfig};

/// Less free space than this, in bytes, and a workspace's first build may not fit.
const SPACE_LOW: u64 = 2 << 30;

/// Less than this, and the node cannot even note what it does.
const SPACE_NONE: u64 = 64 << 20;

/// Fewer free inodes than this, and a dependency tree may not fit.
const INODES_LOW: u64 = 50_000;

pub(super) fn policy(config: &NodeConfig) -> Check {
    const NAME: &str = "policy";
    let Some(file) = &config.policy_file else {
        return Check::good(NAME, "none is read; the defaults hold");
    };
    let policy = match HostPolicy::load(file) {
        Ok(policy) => policy,
        Err(error) => {
            let advice = "Correct it; the daemon does not start with it.";
            return Check::bad(NAME, chain(&error), advice);
        }
    };
    let switches = rustix::process::geteuid().is_root();
    match MachineUser::choose(&policy, switches) {
        Ok(user) => {
            let place = if file.exists() {
                file.display().to_string()
            } else {
                format!("no {}; the defaults hold", file.display())
            };
            let detail = format!("{place}; people act on this machine as `{}`", user.name);
            Check::good(NAME, detail)
        }
        Err(reason) => Check::warning(
            NAME,
            format!("the machine's terminals, processes and files cannot be used: {reason}"),
            "Make a user `atelier` (useradd --system --create-home atelier), or name another.",
        ),
    }
}

pub(super) fn registration(directory: &DaemonDirectory) -> (Vec<Check>, Option<Registration>) {
    const JOIN: &str = "Join with a new token: atelier node join --url … --token …";
    let registration = match directory.registration() {
        Ok(Some(registration)) => registration,
        Ok(None) => {
            let missing = format!("{} has not joined", directory.path().display());
            let checks = vec![
                Check::bad("registration", missing, JOIN),
                Check::unknown("key", "there is none before joining"),
            ];
            return (checks, None);
        }
        Err(error) => {
            let detail = format!("node.json cannot be read: {error}");
            return (vec![Check::bad("registration", detail, JOIN)], None);
        }
    };
    let running = if is_running(directory.path()) {
        "the daemon runs"
    } else {
        "the daemon does not run"
    };
    let known = format!(
        "“{}” ({}) of {}; {running}",
        registration.name, registration.node_id, registration.destination.url
    );
    let key = match directory.key_of(&registration) {
        Ok(_) => Check::good("key", directory.key_file().display().to_string()),
        Err(error @ KeyError::Exposed(_)) => {
            let advice = "If someone may have copied it, join with --new-key and a token for this \
                          server.";
            Check::bad("key", error.to_string(), advice)
        }
        Err(error) => Check::bad("key", chain(&error), JOIN),
    };
    let checks = vec![Check::good("registration", known), key];
    (checks, Some(registration))
}

/// The space where workspaces are kept, or will be.
pub(super) fn space(data_dir: &Path) -> Check {
    const NAME: &str = "disk";
    let existing = data_dir.ancestors().find(|path| path.exists());
    let existing = existing.unwrap_or(Path::new("/"));
    let found = match statvfs(existing) {
        Ok(found) => found,
        Err(error) => {
            let detail = format!("{} cannot be looked at: {error}", existing.display());
            return Check::bad(
                NAME,
                detail,
                "Give the daemon a data folder that it can use.",
            );
        }
    };
    let bytes = found.f_bavail.saturating_mul(found.f_frsize);
    let detail = format!(
        "{:.1} GiB and {} inodes free at {}",
        f64::from(u32::try_from(bytes >> 20).unwrap_or(u32::MAX)) / 1024.0,
        found.f_favail,
        existing.display(),
    );
    // File systems without a fixed number of inodes say 0 of 0.
    let few_inodes = found.f_files > 0 && found.f_favail < INODES_LOW;
    if bytes < SPACE_NONE {
        Check::bad(NAME, detail, "Free some space; nothing can be written.")
    } else if bytes < SPACE_LOW || few_inodes {
        Check::warning(NAME, detail, "Free some space; workspaces will soon fail.")
    } else {
        Check::good(NAME, detail)
    }
}

/// The kernel's features, as the protections that they give workspaces.
pub(super) async fn protections(config: &NodeConfig, directory: &DaemonDirectory) -> Vec<Check> {
    const NAME: &str = "protections";
    if !matches!(config.launcher, Launcher::Sandbox { .. }) {
        return vec![Check::unknown(NAME, "workspaces run inside the daemon")];
    }
    // Found out by building a sandbox, in a data directory of its own: the real one may be in use.
    let mut beside = directory.path().as_os_str().to_owned();
    beside.push(format!(".doctor-{}", std::process::id()));
    let beside = PathBuf::from(beside);
    let mut probe = config.clone();
    probe.data_dir.clone_from(&beside);
    let found = match Node::open(probe).await {
        Ok(node) => {
            let info = node.info().await;
            node.shutdown().await;
            Ok(info.protections)
        }
        Err(error) => Err(chain(&error)),
    };
    let own = std::fs::metadata(&beside)
        .is_ok_and(|found| found.is_dir() && found.uid() == rustix::process::geteuid().as_raw());
    if own && let Err(error) = std::fs::remove_dir_all(&beside) {
        tracing::warn!(%error, path = %beside.display(), "the doctor's folder stays behind");
    }
    match found {
        Err(error) => vec![Check::unknown(NAME, error)],
        Ok(protections) => {
            let (held, lost): (Vec<_>, Vec<_>) =
                protections.into_iter().partition(|found| found.holds);
            let mut checks = vec![Check::good(
                NAME,
                format!("{} of {} hold", held.len(), held.len() + lost.len()),
            )];
            checks.extend(lost.into_iter().map(|lost| {
                let name = format!("{:?} does not hold", lost.kind);
                Check::warning(NAME, name, lost.detail)
            }));
            checks
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::Health;
    use super::*;

    #[test]
    fn a_policy_that_keeps_the_daemon_from_starting_is_bad() {
        let directory = tempfile::tempdir().unwrap();
        let file = directory.path().join("node.toml");
        let mut config = NodeConfig::new(directory.path().join("data"), Launcher::InProcess);
        config.policy_file = Some(file.clone());
        assert_eq!(policy(&config).health, Health::Good);
        std::fs::write(&file, "terminals = true\n").unwrap();
        let found = policy(&config);
        assert_eq!(found.health, Health::Bad);
        assert!(found.detail.contains("line 1"), "{}", found.detail);
        std::fs::write(&file, "machine_user = \"nobody-of-that-name\"\n").unwrap();
        assert_eq!(policy(&config).health, Health::Warning);
    }

    #[test]
    fn a_server_that_has_not_joined_is_told_how() {
        let directory = tempfile::tempdir().unwrap();
        let (checks, found) = registration(&DaemonDirectory::new(directory.path()));
        assert!(found.is_none());
        assert_eq!(checks[0].health, Health::Bad);
        assert!(checks[0].advice.as_deref().unwrap().contains("node join"));
        std::fs::write(directory.path().join("node.json"), "{").unwrap();
        let (checks, _) = registration(&DaemonDirectory::new(directory.path()));
        assert_eq!(checks[0].health, Health::Bad);
    }
}
