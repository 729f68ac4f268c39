//! Where a node keeps its workspaces.
//!
//! ```text
//! <data>/                     0700, locked by the node
//!   workspaces/<id>/          what stays: state.json, workspace/ home/ tmp/ var-tmp/, agent.log
//!   run/<id>/                 the agent's socket, bound to /run/atelier; as long as it runs
//!   machine/                  of the machine's own agent: state.json, agent.log, run/ with its socket
//!   staging/                  a workspace that is being made
//!   trash/                    on its way to deletion
//!   programs/                 programs that took the place of the installed one: `update::programs`
//! ```
//!
//! Invariant: a workspace's directory appears and disappears whole, by a rename.

use std::fs::{self, DirBuilder, File, OpenOptions};
use std::io::{self, Read, Write};
use std::os::unix::fs::{DirBuilderExt, MetadataExt, OpenOptionsExt, PermissionsExt, chown};
use std::path::{Component, Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use atelier_api::ids::WorkspaceId;
use atelier_api::node::SeedFile;
use rustix::fs::{CWD, FlockOperation, Mode, OFlags, flock, openat};

/// The file in a workspace's directory that says what is known of it.
pub(crate) const STATE_FILE: &str = "state.json";

/// How much is read of a file that a workspace has written, in bytes.
const UNTRUSTED_MAX: u64 = 4096;

/// The node's data directory.
#[derive(Debug)]
pub(crate) struct Storage {
    root: PathBuf,
    /// Whether the node is root and gives files to the workspaces' users.
    privileged: bool,
    trashed: AtomicU64,
    /// Held as long as the node lives.
    lock: Arc<File>,
}

/// The paths of one workspace.
#[derive(Debug, Clone)]
pub(crate) struct WorkspaceDirectory(PathBuf);

impl WorkspaceDirectory {
    pub(crate) fn state(&self) -> PathBuf {
        self.0.join(STATE_FILE)
    }
    pub(crate) fn workspace(&self) -> PathBuf {
        self.0.join("workspace")
    }
    pub(crate) fn home(&self) -> PathBuf {
        self.0.join("home")
    }
    pub(crate) fn tmp(&self) -> PathBuf {
        self.0.join("tmp")
    }
    pub(crate) fn var_tmp(&self) -> PathBuf {
        self.0.join("var-tmp")
    }
    pub(crate) fn log(&self) -> PathBuf {
        self.0.join("agent.log")
    }
}

impl Storage {
    /// Makes and locks the directory, unless its lock was `handed_over`. `WouldBlock` when another node
    /// uses it.
    pub(crate) fn open(
        root: &Path,
        privileged: bool,
        handed_over: Option<Arc<File>>,
    ) -> io::Result<Self> {
        private_directory(root)?;
        let root = fs::canonicalize(root)?;
        let lock = OpenOptions::new()
            .create(true)
            .truncate(false)
            .write(true)
            .mode(0o600)
            .open(root.join("node.lock"))?;
        let lock = match handed_over {
            Some(held) if same_file(&held, &lock)? => held,
            _ => Arc::new(lock),
        };
        flock(&lock, FlockOperation::NonBlockingLockExclusive)?;
        for name in ["workspaces", "run", "machine", "trash", "staging"] {
            private_directory(&root.join(name))?;
        }
        let storage = Self {
            root,
            privileged,
            trashed: AtomicU64::new(0),
            lock,
        };
        // Half-made when the last node died.
        for entry in fs::read_dir(storage.root.join("staging"))? {
            storage.trash(&entry?.path())?;
        }
        Ok(storage)
    }

    /// The directory, with symbolic links resolved.
    pub(crate) fn root(&self) -> &Path {
        &self.root
    }

    /// Its lock.
    pub(crate) fn lock(&self) -> Arc<File> {
        Arc::clone(&self.lock)
    }

    /// The directory of a workspace, whether it exists or not.
    pub(crate) fn workspace(&self, id: WorkspaceId) -> WorkspaceDirectory {
        WorkspaceDirectory(self.root.join("workspaces").join(id.to_string()))
    }

    /// The directory of its socket.
    pub(crate) fn run(&self, id: WorkspaceId) -> PathBuf {
        self.root.join("run").join(id.to_string())
    }

    /// The directory of the machine's own agent.
    pub(crate) fn machine(&self) -> PathBuf {
        self.root.join("machine")
    }

    /// An empty directory for the socket of the machine's own agent.
    pub(crate) fn prepare_machine_run(&self, uid: u32, gid: u32) -> io::Result<PathBuf> {
        let run = self.machine().join("run");
        self.trash(&run)?;
        private_directory(&run)?;
        if self.privileged {
            chown(&run, Some(uid), Some(gid))?;
        }
        Ok(run)
    }

    /// All workspaces that have storage.
    pub(crate) fn workspaces(&self) -> io::Result<Vec<WorkspaceId>> {
        ids_in(&self.root.join("workspaces"))
    }

    /// All workspaces that have a run directory.
    pub(crate) fn runs(&self) -> io::Result<Vec<WorkspaceId>> {
        ids_in(&self.root.join("run"))
    }

    /// Makes a workspace's storage with the seed and its first state, whole or not at all.
    pub(crate) fn create(
        &self,
        id: WorkspaceId,
        uid: u32,
        seed: &[SeedFile],
        state: &[u8],
    ) -> io::Result<()> {
        let staging = WorkspaceDirectory(self.root.join("staging").join(id.to_string()));
        self.trash(&staging.0)?;
        private_directory(&staging.0)?;
        self.owned_directory(&staging.workspace(), uid, 0o700)?;
        self.owned_directory(&staging.home(), uid, 0o700)?;
        self.owned_directory(&staging.tmp(), uid, 0o1777)?;
        self.owned_directory(&staging.var_tmp(), uid, 0o1777)?;
        self.copy_skeleton(&staging.home(), uid)?;
        for file in seed {
            self.write_seed(&staging.workspace(), file, uid)?;
        }
        write_whole(&staging.state(), state)?;
        fs::rename(&staging.0, self.workspace(id).0)?;
        File::open(self.root.join("workspaces"))?.sync_all()
    }

    /// An empty directory for the agent's socket.
    pub(crate) fn prepare_run(&self, id: WorkspaceId, uid: u32) -> io::Result<PathBuf> {
        let run = self.run(id);
        self.trash(&run)?;
        self.owned_directory(&run, uid, 0o700)?;
        Ok(run)
    }

    /// Empties the workspace's temporary directories.
    pub(crate) fn empty_temporary(&self, id: WorkspaceId, uid: u32) -> io::Result<()> {
        let directory = self.workspace(id);
        for path in [directory.tmp(), directory.var_tmp()] {
            let empty = fs::read_dir(&path).is_ok_and(|mut entries| entries.next().is_none());
            if !empty {
                self.trash(&path)?;
                self.owned_directory(&path, uid, 0o1777)?;
            }
        }
        Ok(())
    }

    /// Takes a workspace's storage away at once; [`Storage::empty_trash`] deletes it.
    pub(crate) fn remove(&self, id: WorkspaceId) -> io::Result<()> {
        self.trash(&self.run(id))?;
        self.trash(&self.workspace(id).0)
    }

    /// Moves a path to the trash; a missing one is no error.
    pub(crate) fn trash(&self, path: &Path) -> io::Result<()> {
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        match fs::rename(path, self.new_trash(&name)) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
            result => result,
        }
    }

    /// Deletes what is in the trash. Takes as long as there are files.
    pub(crate) fn empty_trash(&self) -> io::Result<()> {
        for entry in fs::read_dir(self.root.join("trash"))? {
            let path = entry?.path();
            let result = if path.is_dir() && !path.is_symlink() {
                make_removable(&path);
                fs::remove_dir_all(&path)
            } else {
                fs::remove_file(&path)
            };
            match result {
                // Two tasks may empty it at once.
                Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
                _ => {}
            }
        }
        Ok(())
    }

    /// A name in the trash that is not taken. Names of an earlier node's life are told apart by the
    /// process id and, should that repeat, skipped.
    fn new_trash(&self, name: &str) -> PathBuf {
        loop {
            let count = self.trashed.fetch_add(1, Ordering::Relaxed);
            let path = self
                .root
                .join("trash")
                .join(format!("{name}.{}.{count}", std::process::id()));
            if !path.exists() {
                return path;
            }
        }
    }

    fn owned_directory(&self, path: &Path, uid: u32, mode: u32) -> io::Result<()> {
        fs::create_dir(path)?;
        // Not by mkdir's mode, which the umask narrows.
        fs::set_permissions(path, fs::Permissions::from_mode(mode))?;
        self.give(path, uid)
    }

    fn give(&self, path: &Path, uid: u32) -> io::Result<()> {
        if self.privileged {
            chown(path, Some(uid), Some(uid))?;
        }
        Ok(())
    }

    /// The files that every new home on this machine gets.
    fn copy_skeleton(&self, home: &Path, uid: u32) -> io::Result<()> {
        for entry in fs::read_dir("/etc/skel").into_iter().flatten().flatten() {
            if entry.file_type().is_ok_and(|kind| kind.is_file()) {
                let target = home.join(entry.file_name());
                if fs::copy(entry.path(), &target).is_ok() {
                    self.give(&target, uid)?;
                }
            }
        }
        Ok(())
    }

    /// Nobody but the node can reach the directory yet, so the checked path cannot be led astray.
    fn write_seed(&self, root: &Path, file: &SeedFile, uid: u32) -> io::Result<()> {
        let relative = seed_path(&file.path).map_err(io::Error::other)?;
        let mut directory = root.to_owned();
        for part in relative.parent().into_iter().flat_map(Path::components) {
            directory.push(part);
            if !directory.is_dir() {
                self.owned_directory(&directory, uid, 0o755)?;
            }
        }
        let path = root.join(relative);
        let mut created = OpenOptions::new()
            .write(true)
            .create_new(true)
            .open(&path)?;
        created.write_all(file.text.as_bytes())?;
        let mode = if file.executable { 0o755 } else { 0o644 };
        created.set_permissions(fs::Permissions::from_mode(mode))?;
        self.give(&path, uid)
    }
}

/// The path of a seed file: relative, and only downwards.
pub(crate) fn seed_path(path: &str) -> Result<&Path, String> {
    let normal = |part| matches!(part, Component::Normal(_));
    let parsed = Path::new(path);
    if path.is_empty() || path.contains('\0') || !parsed.components().all(normal) {
        return Err(format!(
            "`{}` is not a path below the workspace.",
            path.escape_debug()
        ));
    }
    Ok(parsed)
}

/// Writes a file whole or not at all.
pub(crate) fn write_whole(path: &Path, content: &[u8]) -> io::Result<()> {
    let temporary = path.with_extension("tmp");
    let mut file = OpenOptions::new()
        .write(true)
        .create(true)
        .truncate(true)
        .mode(0o600)
        .open(&temporary)?;
    file.write_all(content)?;
    file.sync_data()?;
    fs::rename(temporary, path)
}

/// Reads the beginning of a file that a workspace may have put there: no symbolic link is followed,
/// no pipe waited for.
pub(crate) fn read_untrusted(path: &Path) -> io::Result<String> {
    let flags = OFlags::RDONLY | OFlags::NOFOLLOW | OFlags::NONBLOCK | OFlags::CLOEXEC;
    let file = File::from(openat(CWD, path, flags, Mode::empty())?);
    if !file.metadata()?.is_file() {
        return Err(io::Error::other("not a regular file"));
    }
    let mut content = Vec::new();
    file.take(UNTRUSTED_MAX).read_to_end(&mut content)?;
    Ok(String::from_utf8_lossy(&content).into_owned())
}

fn same_file(one: &File, other: &File) -> io::Result<bool> {
    let (one, other) = (one.metadata()?, other.metadata()?);
    Ok((one.dev(), one.ino()) == (other.dev(), other.ino()))
}

fn private_directory(path: &Path) -> io::Result<()> {
    DirBuilder::new().recursive(true).mode(0o700).create(path)?;
    // It may have existed with other rights.
    fs::set_permissions(path, fs::Permissions::from_mode(0o700))
}

fn ids_in(directory: &Path) -> io::Result<Vec<WorkspaceId>> {
    let mut ids = Vec::new();
    for entry in fs::read_dir(directory)? {
        let name = entry?.file_name();
        ids.extend(
            name.to_str()
                .and_then(|name| name.parse::<WorkspaceId>().ok()),
        );
    }
    Ok(ids)
}

/// Where the node is not root, a directory without write permission (Go's module cache, say) could
/// not be emptied. Does what it can; the deletion itself reports what it could not.
fn make_removable(directory: &Path) {
    if rustix::process::geteuid().is_root() {
        return;
    }
    let _ = fs::set_permissions(directory, fs::Permissions::from_mode(0o700));
    for entry in fs::read_dir(directory).into_iter().flatten().flatten() {
        if entry.file_type().is_ok_and(|kind| kind.is_dir()) {
            make_removable(&entry.path());
        }
    }
}

#[cfg(test)]
mod tests;
