//! The keys in `~/.ssh`: those made here, and those that somebody has put there.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::{self, Read as _};
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _};
use std::path::Path;

use atelier_api::agent::git::{
    GIT_SSH_KEYS_MAX, GitSshKey, GitSshKeyCreate, GitSshKeyDelete, GitSshKeyList,
};

use super::private::PrivateKey;
use super::public::PublicKey;
use super::{Offered, Ssh, make_directory, unwritable};
use crate::AgentError;
use crate::files::blocking;

/// How many files of the directory are looked at.
const FILES_MAX: usize = 1_000;

/// Larger files hold no key.
const FILE_MAX: u64 = 64 * 1024;

/// How many keys are offered: servers close the connection at the sixth that they do not know.
const OFFERED_MAX: usize = 5;

/// The name of a key that `ssh` finds by itself, in a terminal, too.
const DEFAULT: &str = "id_ed25519";

/// Those that `ssh` tries by itself come first.
const DEFAULTS: [&str; 5] = [
    "id_ed25519",
    "id_ecdsa",
    "id_rsa",
    "id_ecdsa_sk",
    "id_ed25519_sk",
];

/// The longest comment, in bytes.
const COMMENT_MAX: usize = 200;

impl Ssh {
    /// The keys, by name.
    pub(super) async fn keys(&self) -> Result<GitSshKeyList, AgentError> {
        let directory = self.directory.clone();
        blocking(move || Ok::<_, AgentError>(list(&directory))).await
    }

    /// The names of the keys that are offered to hosts. Where `~/.ssh/config` names keys, it alone says which.
    pub(super) async fn offered(&self) -> Offered {
        let Ok(list) = self.keys().await else {
            return Offered::new();
        };
        let offered = list.items.into_iter().filter(|key| key.offered);
        let mut names: Offered = offered.map(|key| key.name).collect();
        names.sort_by_key(|name| rank(name));
        names
    }

    /// Makes a key.
    pub(super) async fn create_key(
        &self,
        request: GitSshKeyCreate,
    ) -> Result<GitSshKey, AgentError> {
        let name = request.name.unwrap_or_else(|| DEFAULT.to_owned());
        check_name(&name)?;
        let comment = request.comment.unwrap_or_else(|| self.name.clone());
        if comment.len() > COMMENT_MAX || comment.contains(char::is_control) {
            let detail = "A comment is one line of at most 200 bytes.";
            return Err(AgentError::invalid("comment", detail));
        }
        let directory = self.directory.clone();
        let own = name.clone();
        let staging = blocking(move || {
            make_directory(&directory)?;
            ensure_free(&directory, &own)?;
            Staging::make(&directory)
        })
        .await?;
        let target = staging.0.join(&name);
        let target = target
            .to_str()
            .ok_or_else(|| AgentError::conflict("The name of the home is no text."))?;
        let arguments = [
            "-q", "-t", "ed25519", "-N", "", "-C", &comment, "-f", target,
        ];
        let made = self.run("ssh-keygen", &arguments).await?;
        if !made.status.success() {
            let said = String::from_utf8_lossy(&made.stderr);
            let detail = format!(
                "The key could not be made. ssh-keygen said: {}",
                said.trim()
            );
            return Err(AgentError::conflict(detail));
        }
        let directory = self.directory.clone();
        let own = name.clone();
        blocking(move || publish(&staging, &directory, &own)).await?;
        let mut keys = self.keys().await?.items.into_iter();
        keys.find(|key| key.name == name)
            .ok_or_else(|| AgentError::conflict("The key was made, and is gone again."))
    }

    /// Deletes a key's two files.
    pub(super) async fn delete_key(
        &self,
        request: GitSshKeyDelete,
    ) -> Result<GitSshKeyList, AgentError> {
        let directory = self.directory.clone();
        blocking(move || {
            let mut keys = list(&directory).items.into_iter();
            // Nothing but what is listed: the name is a key's, and no path.
            let key = keys.find(|key| key.name == request.name).ok_or_else(|| {
                let detail = format!("There is no key “{}” in ~/.ssh.", request.name);
                AgentError::not_found(detail)
            })?;
            let private = directory.join(&key.name);
            let public = directory.join(format!("{}.pub", key.name));
            let files = [(private, key.has_private), (public, true)];
            for (file, _) in files.iter().filter(|(_, is_ours)| *is_ours) {
                match fs::remove_file(file) {
                    Err(error) if error.kind() != io::ErrorKind::NotFound => {
                        return Err(unwritable(error));
                    }
                    _ => {}
                }
            }
            Ok(list(&directory))
        })
        .await
    }
}

/// Where a key is made; goes when it is dropped.
struct Staging(std::path::PathBuf);

impl Staging {
    fn make(directory: &Path) -> Result<Self, AgentError> {
        let path = directory.join(format!(".atelier-{:032x}", rand::random::<u128>()));
        let made = fs::DirBuilder::new().mode(0o700).create(&path);
        made.map_err(unwritable)?;
        Ok(Self(path))
    }
}

impl Drop for Staging {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

fn taken(name: &str) -> AgentError {
    AgentError::name_taken(format!(
        "“~/.ssh/{name}” is there already, and is not overwritten. Choose another name, or delete that key."
    ))
}

fn ensure_free(directory: &Path, name: &str) -> Result<(), AgentError> {
    for name in [name.to_owned(), format!("{name}.pub")] {
        if fs::symlink_metadata(directory.join(&name)).is_ok() {
            return Err(taken(&name));
        }
    }
    Ok(())
}

/// Gives both files their names. A link never takes the place of anything.
fn publish(staging: &Staging, directory: &Path, name: &str) -> Result<(), AgentError> {
    let names = [name.to_owned(), format!("{name}.pub")];
    for (index, name) in names.iter().enumerate() {
        let from = staging.0.join(name);
        let linked = File::open(&from)
            .and_then(|file| file.sync_all())
            .and_then(|()| fs::hard_link(&from, directory.join(name)));
        if let Err(error) = linked {
            // Half a key is none.
            for made in &names[..index] {
                let _ = fs::remove_file(directory.join(made));
            }
            return Err(match error.kind() {
                io::ErrorKind::AlreadyExists => taken(name),
                _ => unwritable(error),
            });
        }
    }
    let synced = File::open(directory).and_then(|directory| directory.sync_all());
    synced.map_err(unwritable)
}

/// A name that is a key's, whatever program looks at it.
fn check_name(name: &str) -> Result<(), AgentError> {
    let fits = is_plain(name)
        && name.strip_suffix(".pub").is_none()
        && !is_reserved(name)
        && !name.starts_with(['.', '-']);
    if fits {
        return Ok(());
    }
    let detail = "A key's name has letters, digits, “-”, “_” and “.”, at most 64; it neither begins with “.” \
                  or “-” nor ends with “.pub”, and is not that of another file of SSH.";
    Err(AgentError::invalid("name", detail))
}

fn is_plain(name: &str) -> bool {
    (1..=64).contains(&name.len())
        && name
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte))
}

fn is_reserved(name: &str) -> bool {
    ["config", "environment", "rc"].contains(&name)
        || name.starts_with("known_hosts")
        || name.starts_with("authorized_keys")
}

fn rank(name: &str) -> usize {
    let place = DEFAULTS.iter().position(|default| *default == name);
    place.unwrap_or(DEFAULTS.len())
}

fn list(directory: &Path) -> GitSshKeyList {
    let configured = is_configured(directory);
    let mut found: BTreeMap<String, GitSshKey> = BTreeMap::new();
    let entries = fs::read_dir(directory).into_iter().flatten().flatten();
    for entry in entries.take(FILES_MAX) {
        let Ok(file) = entry.file_name().into_string() else {
            continue;
        };
        if file.starts_with('.') || is_reserved(&file) {
            continue;
        }
        let Some(text) = read(&entry.path()) else {
            continue;
        };
        if let Some(name) = file.strip_suffix(".pub") {
            if let Some((key, comment)) = PublicKey::of_line(&text) {
                let entry = found.entry(name.to_owned()).or_insert_with(|| blank(name));
                entry.comment = comment;
                describe(entry, &key);
            }
        } else if let Some(private) = PrivateKey::parse(&text) {
            let entry = found.entry(file.clone()).or_insert_with(|| blank(&file));
            entry.has_private = true;
            entry.encrypted = private.encrypted;
            if let (None, Some(key)) = (&entry.public_key, &private.public) {
                describe(entry, key);
            }
        }
    }
    let mut items: Vec<GitSshKey> = found.into_values().collect();
    let truncated = items.len() > GIT_SSH_KEYS_MAX;
    items.truncate(GIT_SSH_KEYS_MAX);
    let can_be =
        |key: &GitSshKey| !configured && key.has_private && !key.encrypted && is_plain(&key.name);
    let mut usable: Vec<usize> = (0..items.len()).filter(|i| can_be(&items[*i])).collect();
    usable.sort_by_key(|index| rank(&items[*index].name));
    for index in usable.into_iter().take(OFFERED_MAX) {
        items[index].offered = true;
    }
    GitSshKeyList {
        items,
        truncated,
        configured,
    }
}

fn blank(name: &str) -> GitSshKey {
    GitSshKey {
        name: name.to_owned(),
        key_type: None,
        fingerprint: None,
        public_key: None,
        comment: String::new(),
        has_private: false,
        encrypted: false,
        offered: false,
    }
}

fn describe(entry: &mut GitSshKey, key: &PublicKey) {
    let line = format!("{} {} {}", key.key_type, key.key, entry.comment);
    entry.public_key = Some(line.trim_end().to_owned());
    entry.key_type = Some(key.key_type.clone());
    entry.fingerprint = Some(key.fingerprint());
}

/// The text of a small file. A pipe would be waited for.
fn read(path: &Path) -> Option<String> {
    let mut options = fs::OpenOptions::new();
    let nonblocking = rustix::fs::OFlags::NONBLOCK.bits();
    options.read(true).custom_flags(nonblocking.cast_signed());
    let file = options.open(path).ok()?;
    let metadata = file.metadata().ok()?;
    if !metadata.is_file() || metadata.len() > FILE_MAX {
        return None;
    }
    let mut text = String::new();
    file.take(FILE_MAX).read_to_string(&mut text).ok()?;
    Some(text)
}

/// Whether `~/.ssh/config` says which keys are used; what it includes may.
fn is_configured(directory: &Path) -> bool {
    let text = read(&directory.join("config")).unwrap_or_default();
    text.lines().any(|line| {
        let line = line.trim_start().to_ascii_lowercase();
        line.starts_with("identityfile") || line.starts_with("include")
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_names_of_keys() {
        for name in ["id_ed25519", "deploy-app", "work.2", "config2"] {
            assert!(check_name(name).is_ok(), "{name}");
        }
        for name in [
            "",
            "a b",
            "../x",
            "a/b",
            "-f",
            ".x",
            "x.pub",
            "config",
            "known_hosts",
            "known_hosts.old",
            "authorized_keys",
            "é",
            "a\nb",
        ] {
            assert!(check_name(name).is_err(), "{name:?}");
        }
    }
}
