//! `known_hosts`: listed, added to, deleted from. Whom an entry is for, where the file holds only a hash,
//! `ssh-keygen` finds out.

use std::fs;
use std::io::{self, Write as _};
use std::os::unix::fs::{OpenOptionsExt as _, PermissionsExt as _};
use std::path::{Path, PathBuf};

use atelier_api::agent::git::{
    GIT_KNOWN_HOSTS_MAX, GitKnownHost, GitKnownHostCreate, GitKnownHostDelete, GitKnownHostList,
    GitKnownHostQuery,
};
use sha2::{Digest as _, Sha256};

use super::public::PublicKey;
use super::{Ssh, make_directory, unwritable};
use crate::AgentError;
use crate::files::blocking;

/// The largest file that is read, in bytes: 10,000 entries.
const FILE_MAX: u64 = 4 * 1024 * 1024;

/// The longest name of a host, with brackets and port.
const HOST_MAX: usize = 263;

/// The machine's own list, which `ssh` reads, too.
const SYSTEM: &str = "/etc/ssh/ssh_known_hosts";

impl Ssh {
    /// What is known; of one host alone, where the query names one.
    pub(super) async fn hosts(
        &self,
        query: GitKnownHostQuery,
    ) -> Result<GitKnownHostList, AgentError> {
        if let Some(host) = query.host {
            let items = self.known(&host).await?;
            return Ok(GitKnownHostList {
                items,
                truncated: false,
            });
        }
        let path = self.known_hosts();
        blocking(move || list(&path)).await
    }

    /// What is known of a host, hashed entries included.
    pub(super) async fn known(&self, host: &str) -> Result<Vec<GitKnownHost>, AgentError> {
        check_host(host)?;
        let own = self.known_hosts();
        let mut known = Vec::new();
        for (file, system) in [(own.as_path(), false), (Path::new(SYSTEM), true)] {
            if !file.is_file() {
                continue;
            }
            let file = file.to_string_lossy();
            let found = self
                .run("ssh-keygen", &["-F", host, "-f", &file])
                .await?
                .stdout;
            let found = String::from_utf8_lossy(&found);
            let entries = found.lines().filter_map(|line| entry(line, system));
            known.extend(entries.take(GIT_KNOWN_HOSTS_MAX));
        }
        Ok(known)
    }

    /// Trusts the key that was shown.
    pub(super) async fn trust(
        &self,
        request: GitKnownHostCreate,
    ) -> Result<GitKnownHost, AgentError> {
        let GitKnownHostCreate {
            host,
            key_type,
            key,
        } = request;
        let public = PublicKey::new(&key_type, &key)
            .ok_or_else(|| AgentError::invalid("key", "This is no public key of that type."))?;
        let _writing = self.writing.lock().await;
        let known = self.known(&host).await?;
        let fingerprint = public.fingerprint();
        let is_same =
            |entry: &&GitKnownHost| entry.marker.is_none() && entry.fingerprint == fingerprint;
        if let Some(same) = known.iter().find(is_same) {
            return Ok(same.clone());
        }
        if !known.is_empty() {
            return Err(AgentError::conflict(format!(
                "“{host}” is known with another key. Make sure that it has really got a new one, delete the \
                 old one from the known hosts, then connect again."
            )));
        }
        let line = format!("{host} {} {}", public.key_type, public.key);
        let added = entry(&line, false)
            .ok_or_else(|| AgentError::invalid("key", "This is no public key of that type."))?;
        let path = self.known_hosts();
        blocking(move || append(&path, &line).map_err(unwritable)).await?;
        Ok(added)
    }

    /// Forgets an entry.
    pub(super) async fn forget(
        &self,
        request: GitKnownHostDelete,
    ) -> Result<GitKnownHostList, AgentError> {
        let _writing = self.writing.lock().await;
        let path = self.known_hosts();
        blocking(move || {
            let text = read(&path)?;
            let kept: String = text
                .split_inclusive('\n')
                .filter(|line| id(line) != request.id)
                .collect();
            if kept.len() == text.len() {
                let detail =
                    "There is no such entry in the known hosts; it may be deleted already.";
                return Err(AgentError::not_found(detail));
            }
            replace(&path, &text, &kept)?;
            list(&path)
        })
        .await
    }
}

/// What names one host, and nothing that stands for others.
fn check_host(host: &str) -> Result<(), AgentError> {
    let is_sign = |c: char| c.is_ascii_alphanumeric() || "-._:[]%".contains(c);
    let fits =
        (1..=HOST_MAX).contains(&host.len()) && host.chars().all(is_sign) && !host.starts_with('-');
    if fits {
        Ok(())
    } else {
        let detail = "Name one host, as “example.com” or “[example.com]:2222”.";
        Err(AgentError::invalid("host", detail))
    }
}

/// One line of the file; nothing where it is none of an entry.
fn entry(line: &str, system: bool) -> Option<GitKnownHost> {
    let text = line.trim();
    if text.starts_with('#') {
        return None;
    }
    let (marker, rest) = match text.strip_prefix('@') {
        Some(rest) => {
            let (marker, rest) = rest.split_once([' ', '\t'])?;
            (Some(marker.to_owned()), rest.trim_start())
        }
        None => (None, text),
    };
    let (hosts, key) = rest.split_once([' ', '\t'])?;
    let (key, _) = PublicKey::of_line(key)?;
    Some(GitKnownHost {
        id: id(line),
        hosts: (!hosts.starts_with('|')).then(|| hosts.to_owned()),
        marker,
        fingerprint: key.fingerprint(),
        key_type: key.key_type,
        system,
    })
}

/// What an entry is called by.
fn id(line: &str) -> String {
    hex::encode(&Sha256::digest(line.trim().as_bytes())[..16])
}

fn read(path: &Path) -> Result<String, AgentError> {
    let unreadable = |error: io::Error| {
        let detail = format!("“~/.ssh/known_hosts” cannot be read: {error}.");
        AgentError::conflict(detail).caused_by(error)
    };
    match fs::metadata(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(String::new()),
        Err(error) => return Err(unreadable(error)),
        Ok(metadata) if !metadata.is_file() => {
            return Err(AgentError::conflict(
                "“~/.ssh/known_hosts” is no file. Look at it in a terminal.",
            ));
        }
        Ok(metadata) if metadata.len() > FILE_MAX => {
            return Err(AgentError::conflict(
                "“~/.ssh/known_hosts” is larger than 4 MiB. Look at it in a terminal.",
            ));
        }
        Ok(_) => {}
    }
    fs::read_to_string(path).map_err(unreadable)
}

fn list(path: &Path) -> Result<GitKnownHostList, AgentError> {
    let text = read(path)?;
    let mut items: Vec<GitKnownHost> = text
        .lines()
        .filter_map(|line| entry(line, false))
        .take(GIT_KNOWN_HOSTS_MAX + 1)
        .collect();
    let truncated = items.len() > GIT_KNOWN_HOSTS_MAX;
    items.truncate(GIT_KNOWN_HOSTS_MAX);
    Ok(GitKnownHostList { items, truncated })
}

/// Adds a line as `ssh` itself does: in one write at the end, so that none of another writer's is lost.
fn append(path: &Path, line: &str) -> io::Result<()> {
    if let Some(directory) = path.parent() {
        make_directory(directory).map_err(io::Error::other)?;
    }
    let is_open = fs::read(path).is_ok_and(|text| !text.is_empty() && !text.ends_with(b"\n"));
    let start = if is_open { "\n" } else { "" };
    let mut options = fs::OpenOptions::new();
    let mut file = options.append(true).create(true).mode(0o600).open(path)?;
    file.write_all(format!("{start}{line}\n").as_bytes())?;
    file.sync_all()
}

/// Writes the whole file anew, unless it is no longer what was read.
fn replace(path: &Path, seen: &str, text: &str) -> Result<(), AgentError> {
    // A link stays one.
    let path: PathBuf = path.canonicalize().map_err(unwritable)?;
    let name = format!(".atelier-{:032x}", rand::random::<u128>());
    let temporary = path.with_file_name(name);
    let write = || {
        let mode = fs::metadata(&path)?.permissions().mode();
        let mut options = fs::OpenOptions::new();
        let mut file = options
            .write(true)
            .create_new(true)
            .mode(mode & 0o777)
            .open(&temporary)?;
        file.write_all(text.as_bytes())?;
        file.sync_all()
    };
    let written = write().map_err(unwritable).and_then(|()| {
        if read(&path)? != seen {
            return Err(AgentError::conflict(
                "Another program has just changed the known hosts. Try again.",
            ));
        }
        fs::rename(&temporary, &path).map_err(unwritable)
    });
    if written.is_err() {
        let _ = fs::remove_file(&temporary);
    }
    written
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::git::ssh::public::tests::LINE;

    #[test]
    fn entries_of_all_kinds_are_read() {
        let plain = entry(&format!("example.com,192.0.2.1 {LINE}"), false).unwrap();
        assert_eq!(plain.hosts.as_deref(), Some("example.com,192.0.2.1"));
        assert_eq!(plain.key_type, "ssh-ed25519");
        let hashed = entry(&format!("|1|c2FsdA==|aGFzaA== {LINE}"), false).unwrap();
        assert_eq!(hashed.hosts, None);
        assert_eq!(hashed.fingerprint, plain.fingerprint);
        assert_ne!(hashed.id, plain.id);
        let revoked = entry(&format!("@revoked * {LINE}"), true).unwrap();
        assert_eq!(revoked.marker.as_deref(), Some("revoked"));
        for line in [
            "",
            "# example.com",
            "example.com",
            "example.com 2048 65537 123",
            "@revoked",
        ] {
            assert_eq!(entry(line, false), None, "{line}");
        }
    }

    #[test]
    fn one_host_is_named() {
        for host in [
            "example.com",
            "[example.com]:2222",
            "::1",
            "[fe80::1%eth0]:22",
            "a_b",
        ] {
            assert!(check_host(host).is_ok(), "{host}");
        }
        for host in [
            "", "*", "*.com", "a,b", "a b", "-F", "!a", "|1|x|y", "@revoked", "#", "a\nb",
        ] {
            assert!(check_host(host).is_err(), "{host:?}");
        }
    }

    proptest! {
        #[test]
        fn no_line_breaks_the_reader(line in "(@?[a-z]{0,4} )?.{0,80}") {
            let _ = entry(&line, false);
        }
    }
}
