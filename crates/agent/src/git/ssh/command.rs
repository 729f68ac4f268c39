//! How Git runs `ssh`: it asks nothing, accepts known hosts only, and offers the keys of the list.

use std::fmt::Write as _;
use std::path::Path;

use super::Ssh;
use crate::git::helper_program::HOST;

/// What holds for every connection. `UpdateHostKeys`: what is trusted is what was shown, and nothing besides.
/// The rest of them: a host that says nothing for a minute is given up.
const OPTIONS: [&str; 6] = [
    "BatchMode=yes",
    "StrictHostKeyChecking=yes",
    "UpdateHostKeys=no",
    "ConnectTimeout=30",
    "ServerAliveInterval=20",
    "ServerAliveCountMax=3",
];

/// A shared connection would outlive the command, but whether to share one is the user's to say.
const PROGRAM: &str = "ssh";

/// The keys that are offered to hosts.
pub(in crate::git) type Offered = Vec<String>;

/// `GIT_SSH_COMMAND` for commands that are not meant to reach another host, and may do so all the same.
pub(in crate::git) fn base_command(home: &Path) -> String {
    let mut command = PROGRAM.to_owned();
    for option in OPTIONS {
        command.push_str(" -o ");
        command.push_str(option);
    }
    // `ssh` itself goes by the user's entry in /etc/passwd, not by `HOME`.
    push_path(
        &mut command,
        "UserKnownHostsFile",
        &home.join(".ssh/known_hosts"),
    );
    command
}

impl Ssh {
    /// `GIT_SSH_COMMAND` for a command that reaches other hosts; nothing where the environment has its own.
    /// `directory` holds the link to the program that tells the agent what a host presents.
    pub(in crate::git) async fn command(&self, directory: &Path) -> Option<String> {
        if self.is_foreign {
            return None;
        }
        let mut command = base_command(self.directory.parent()?);
        for name in self.offered().await {
            push_path(&mut command, "IdentityFile", &self.directory.join(name));
        }
        if self.tells().await {
            let program = directory.join(HOST);
            command.push_str(" -o 'KnownHostsCommand=");
            command.push_str(program.to_str()?);
            command.push_str(" %I %H %t %K'");
        }
        Some(command)
    }

    /// Whether `ssh` knows `KnownHostsCommand`: OpenSSH does since 8.5, of 2021.
    pub(super) async fn tells(&self) -> bool {
        let ask = async || {
            let output = self.run("ssh", &["-V"]).await?;
            let version = String::from_utf8_lossy(&output.stderr).into_owned();
            Ok::<_, crate::AgentError>(version_of(&version) >= Some((8, 5)))
        };
        // Where it is not installed, it may be later.
        self.tells.get_or_try_init(ask).await.is_ok_and(|it| *it)
    }
}

/// `OpenSSH_9.2p1 Debian-2, OpenSSL 3.0.19` → 9 and 2
fn version_of(text: &str) -> Option<(u32, u32)> {
    let (major, rest) = text.strip_prefix("OpenSSH_")?.split_once('.')?;
    let end = rest
        .find(|sign: char| !sign.is_ascii_digit())
        .unwrap_or(rest.len());
    Some((major.parse().ok()?, rest[..end].parse().ok()?))
}

/// Adds an option whose value is a path: for the shell, then for `ssh`, which splits at spaces and puts
/// something else for `%h`. A path with other signs that either would read is left out.
fn push_path(command: &mut String, option: &str, path: &Path) {
    let Some(path) = path.to_str() else { return };
    if path.contains(['\'', '"', '\\', '$', '\n']) {
        return;
    }
    let path = path.replace('%', "%%");
    let _ = write!(command, " -o '{option}=\"{path}\"'");
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_are_read() {
        assert_eq!(
            version_of("OpenSSH_9.2p1 Debian-2, OpenSSL 3"),
            Some((9, 2))
        );
        assert!(version_of("OpenSSH_10.0p2") >= Some((8, 5)));
        assert!(version_of("OpenSSH_8.4p1") < Some((8, 5)));
        assert!(version_of("Dropbear v2022.83") < Some((8, 5)));
    }

    #[test]
    fn a_path_stays_one_argument() {
        let mut command = String::new();
        push_path(&mut command, "IdentityFile", Path::new("/a b/100%"));
        assert_eq!(command, " -o 'IdentityFile=\"/a b/100%%\"'");
        push_path(&mut command, "IdentityFile", Path::new("/a'; id #"));
        assert_eq!(command, " -o 'IdentityFile=\"/a b/100%%\"'");
    }

    #[test]
    fn no_host_is_ever_accepted_unseen() {
        let command = base_command(Path::new("/home/ada"));
        assert!(command.contains("StrictHostKeyChecking=yes"), "{command}");
        assert!(command.contains("BatchMode=yes"), "{command}");
        assert!(
            command.contains("'UserKnownHostsFile=\"/home/ada/.ssh/known_hosts\"'"),
            "{command}"
        );
    }
}
