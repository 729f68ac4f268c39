//! An SSH server for tests: the real `sshd`, a process for each connection, on a port of its own.

use std::fs;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::sync::Arc;

use tempfile::TempDir;
use tokio::net::{TcpListener, TcpStream};
use tokio::process::Command;
use tokio::task::{JoinHandle, JoinSet};

use crate::git_server::git;

/// Where Debian has it.
const SSHD: &str = "/usr/sbin/sshd";

/// A running server. It lets in whoever runs the tests, with the keys that it was told. Dropping it stops it
/// and deletes its repositories.
#[derive(Debug)]
pub struct SshServer {
    directory: TempDir,
    address: SocketAddr,
    task: JoinHandle<()>,
}

impl SshServer {
    /// Starts a server that lets nobody in.
    pub async fn start() -> Self {
        assert!(
            Path::new(SSHD).exists(),
            "{SSHD} is missing: apt-get install -y --no-install-recommends openssh-server"
        );
        let directory = tempfile::tempdir().expect("a temporary directory");
        let path = directory.path().to_owned();
        fs::create_dir(path.join("repositories")).expect("a directory");
        fs::write(path.join("authorized_keys"), "").expect("a file");
        make_host_key(&path);
        let configuration = format!(
            "HostKey {0}/host_key\nAuthorizedKeysFile {0}/authorized_keys\nStrictModes no\nUsePAM no\n\
             PidFile none\nPasswordAuthentication no\nKbdInteractiveAuthentication no\n\
             PermitRootLogin prohibit-password\n",
            path.display()
        );
        fs::write(path.join("config"), configuration).expect("a file");
        // What root's `sshd` confines itself to; Debian's service makes it when it starts.
        let _ = fs::create_dir_all("/run/sshd");
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let address = listener.local_addr().expect("it has one");
        let task = tokio::spawn(serve(listener, path.join("config")));
        Self {
            directory,
            address,
            task,
        }
    }

    /// Lets a key in, as it stands in a `.pub` file.
    pub fn let_in(&self, public_key: &str) {
        let file = self.directory.path().join("authorized_keys");
        fs::write(file, format!("{public_key}\n")).expect("a file");
    }

    /// From now on the host has another key. Gives its fingerprint.
    pub fn change_host_key(&self) -> String {
        make_host_key(self.directory.path());
        self.fingerprint()
    }

    /// The fingerprint of the host's key, as `ssh-keygen` tells it.
    pub fn fingerprint(&self) -> String {
        let file = self.directory.path().join("host_key.pub");
        let output = std::process::Command::new("ssh-keygen")
            .args(["-l", "-f"])
            .arg(file)
            .output()
            .expect("ssh-keygen");
        let text = String::from_utf8(output.stdout).expect("a line");
        text.split(' ').nth(1).expect("a fingerprint").to_owned()
    }

    /// The host, as `known_hosts` names it.
    pub fn host(&self) -> String {
        format!("[127.0.0.1]:{}", self.address.port())
    }

    /// Makes a repository with one commit on `main`.
    pub fn add(&self, name: &str, files: &[(&str, &[u8])]) {
        let bare = self.repository(name);
        let work = tempfile::tempdir().expect("a temporary directory");
        git(work.path(), &["init", "--quiet", "--initial-branch=main"]);
        for (file, content) in files {
            fs::write(work.path().join(file), content).expect("a file");
        }
        git(work.path(), &["add", "--all"]);
        git(work.path(), &["commit", "--quiet", "--message=First"]);
        let bare = bare.to_str().expect("a text");
        git(work.path(), &["clone", "--quiet", "--bare", ".", bare]);
    }

    /// Runs Git in a repository.
    pub fn git(&self, name: &str, arguments: &[&str]) -> String {
        git(&self.repository(name), arguments)
    }

    /// The address of a repository.
    pub fn url(&self, name: &str) -> String {
        let user = std::process::Command::new("id")
            .arg("-un")
            .output()
            .expect("id");
        let user = String::from_utf8(user.stdout).expect("a name");
        format!(
            "ssh://{}@{}{}",
            user.trim(),
            self.address,
            self.repository(name).display()
        )
    }

    fn repository(&self, name: &str) -> PathBuf {
        self.directory.path().join("repositories").join(name)
    }
}

impl Drop for SshServer {
    fn drop(&mut self) {
        self.task.abort();
    }
}

fn make_host_key(directory: &Path) {
    for name in ["host_key", "host_key.pub"] {
        let _ = fs::remove_file(directory.join(name));
    }
    let status = std::process::Command::new("ssh-keygen")
        .args(["-q", "-t", "ed25519", "-N", "", "-f"])
        .arg(directory.join("host_key"))
        .status();
    assert!(status.is_ok_and(|status| status.success()), "ssh-keygen");
}

/// Hands each connection to an `sshd` of its own, as inetd does.
async fn serve(listener: TcpListener, configuration: PathBuf) {
    let configuration = Arc::new(configuration);
    // Dropping the set kills them all.
    let mut connections = JoinSet::new();
    while let Ok((stream, _)) = listener.accept().await {
        connections.spawn(answer(stream, Arc::clone(&configuration)));
    }
}

async fn answer(stream: TcpStream, configuration: Arc<PathBuf>) -> std::io::Result<()> {
    let stream = stream.into_std()?;
    stream.set_nonblocking(false)?;
    let output = stream.try_clone()?;
    let mut sshd = Command::new(SSHD)
        .args(["-i", "-e", "-f"])
        .arg(configuration.as_path())
        .stdin(std::os::fd::OwnedFd::from(stream))
        .stdout(std::os::fd::OwnedFd::from(output))
        .stderr(Stdio::null())
        .kill_on_drop(true)
        .spawn()?;
    sshd.wait().await.map(|_| ())
}
