//! A private PostgreSQL for one test run, on a free port of the loopback address, without durability.

use std::fs;
use std::net::TcpListener;
use std::os::unix::fs::chown;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, bail, ensure};

use crate::prerequisites::is_root;
use crate::repository::TemporaryFolder;
use crate::step;

/// Where Debian keeps the versions of PostgreSQL.
const VERSIONS: &str = "/usr/lib/postgresql";
/// How long a server on a busy machine may take until it answers.
const START_LIMIT: Duration = Duration::from_mins(1);
/// Who runs it where we are root, which PostgreSQL refuses to run as. Debian's package creates it.
const USER: &str = "postgres";

/// A running server; stopped, and its data removed, on drop.
#[derive(Debug)]
pub(crate) struct Server {
    process: Child,
    programs: PathBuf,
    port: u16,
    folder: TemporaryFolder,
}

impl Server {
    /// Creates a cluster and starts its server.
    pub(crate) fn start() -> Result<Self> {
        let programs = newest_version()?.join("bin");
        let folder = TemporaryFolder::new("postgres")?;
        if is_root() {
            let (user, group) = user_ids(&fs::read_to_string("/etc/passwd")?, USER)
                .with_context(|| format!("there is no user {USER}"))?;
            chown(folder.path(), Some(user), Some(group)).context("cannot hand over a folder")?;
        }
        let data = folder.path().join("data");
        let mut initdb = as_unprivileged(&programs.join("initdb"));
        initdb
            .args([
                "--auth=trust",
                "--username=atelier",
                "--no-sync",
                "--encoding=UTF8",
            ])
            .args(["--locale=C", "--pgdata"])
            .arg(&data)
            .current_dir(folder.path());
        step::run("Creating a private PostgreSQL", &mut initdb)?;

        let port = free_port()?;
        let process = as_unprivileged(&programs.join("postgres"))
            .arg("-D")
            .arg(&data)
            .arg("-k")
            .arg(folder.path())
            .args(["-p", &port.to_string()])
            .args(["-c", "listen_addresses=127.0.0.1"])
            // Nothing of it outlives the run.
            .args([
                "-c",
                "fsync=off",
                "-c",
                "synchronous_commit=off",
                "-c",
                "full_page_writes=off",
            ])
            // Every test has a database and a pool of its own.
            .args(["-c", "max_connections=200"])
            .current_dir(folder.path())
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(fs::File::create(folder.path().join("log"))?)
            .spawn()
            .context("cannot start PostgreSQL")?;
        let mut server = Self {
            process,
            programs,
            port,
            folder,
        };
        server.wait_until_ready()?;
        Ok(server)
    }

    /// Where tests find it; they create databases of their own.
    pub(crate) fn url(&self) -> String {
        format!("postgres://atelier@127.0.0.1:{}/postgres", self.port)
    }

    fn wait_until_ready(&mut self) -> Result<()> {
        let started = Instant::now();
        loop {
            let log = || fs::read_to_string(self.folder.path().join("log")).unwrap_or_default();
            if let Some(status) = self.process.try_wait()? {
                bail!("PostgreSQL ended with {status}:\n{}", log());
            }
            let ready = Command::new(self.programs.join("pg_isready"))
                .args([
                    "--quiet",
                    "--host=127.0.0.1",
                    "--port",
                    &self.port.to_string(),
                ])
                .status()
                .is_ok_and(|status| status.success());
            if ready {
                return Ok(());
            }
            ensure!(
                started.elapsed() < START_LIMIT,
                "PostgreSQL does not answer:\n{}",
                log()
            );
            thread::sleep(Duration::from_millis(50));
        }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // The fast shutdown ends the sessions and the server's own children, which killing it would
        // leave behind.
        let stopped = as_unprivileged(&self.programs.join("pg_ctl"))
            .args(["stop", "--mode=fast", "--silent", "--pgdata"])
            .arg(self.folder.path().join("data"))
            .current_dir(self.folder.path())
            .status();
        if !stopped.is_ok_and(|status| status.success()) {
            // Already gone, or beyond reach; then waiting could take for ever.
            let _ = self.process.kill();
        }
        let _ = self.process.wait();
    }
}

/// A command that runs as the unprivileged user where we are root, and that is told to stop when this
/// process dies, however it dies.
fn as_unprivileged(program: &Path) -> Command {
    let mut command = Command::new("setpriv");
    if is_root() {
        command.args(["--reuid", USER, "--regid", USER, "--clear-groups"]);
    }
    command.args(["--pdeathsig", "INT", "--"]).arg(program);
    command
}

fn newest_version() -> Result<PathBuf> {
    let versions = fs::read_dir(VERSIONS).with_context(|| format!("cannot read {VERSIONS}"))?;
    let numbered = versions.flatten().filter_map(|entry| {
        let version: u32 = entry.file_name().to_str()?.parse().ok()?;
        let complete = entry.path().join("bin/initdb").exists();
        complete.then(|| (version, entry.path()))
    });
    let newest = numbered.max_by_key(|(version, _)| *version);
    Ok(newest
        .with_context(|| format!("no PostgreSQL server in {VERSIONS}"))?
        .1)
}

/// A port that nothing listens on now.
pub(super) fn free_port() -> Result<u16> {
    let listener = TcpListener::bind("127.0.0.1:0").context("cannot bind a port")?;
    Ok(listener.local_addr()?.port())
}

/// The user's and the group's number in a `passwd` file.
fn user_ids(passwd: &str, name: &str) -> Option<(u32, u32)> {
    let line = passwd
        .lines()
        .find(|line| line.split(':').next() == Some(name))?;
    let mut fields = line.split(':').skip(2);
    Some((fields.next()?.parse().ok()?, fields.next()?.parse().ok()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_users_numbers_are_read_from_passwd() {
        let passwd = "root:x:0:0::/root:/bin/sh\npostgres:x:105:110::/var/lib:/bin/sh\n";
        assert_eq!(user_ids(passwd, "postgres"), Some((105, 110)));
        assert_eq!(user_ids(passwd, "post"), None);
    }
}
