//! The file system that a workspace sees: a small read-only tmpfs with exactly what is listed here.
//!
//! Sources are opened as detached mounts before anything is covered, because storage may lie
//! anywhere (below `/tmp`, say). Needs Linux 5.12 (`mount_setattr`).

use std::fs::{self, DirBuilder};
use std::io;
use std::os::fd::{AsFd, AsRawFd, OwnedFd};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt, symlink};
use std::path::{Path, PathBuf};

use rustix::fs::{CWD, Mode};
use rustix::mount::{
    FsMountFlags, FsOpenFlags, MountAttrFlags, MountPropagationFlags, MoveMountFlags,
    OpenTreeFlags, UnmountFlags, fsconfig_create, fsconfig_set_flag, fsconfig_set_string, fsmount,
    fsopen, mount_change, move_mount, open_tree, unmount,
};

use super::etc::PrivateEtc;
use super::{During, HOME, Layout, SandboxError, SandboxSpec};

/// The parts of the host that every workspace may read.
pub(crate) const SYSTEM_PATHS: &[&str] = &[
    "/usr",
    "/bin",
    "/sbin",
    "/lib",
    "/lib32",
    "/lib64",
    "/libx32",
    "/etc",
    "/opt",
    "/nix",
    "/sys/devices/system",
];

const DEVICES: &[&str] = &["null", "zero", "full", "random", "urandom", "tty"];

/// Where the node's own program stands inside, outside of what the workspace can write.
const PROGRAM: &str = "/run/atelier-agent";

/// The root holds directories and a few small files.
const ROOT_SIZE: &str = "1m";

pub(super) const READ_ONLY: MountAttrFlags = MountAttrFlags::MOUNT_ATTR_RDONLY
    .union(MountAttrFlags::MOUNT_ATTR_NOSUID)
    .union(MountAttrFlags::MOUNT_ATTR_NODEV);
const WRITABLE: MountAttrFlags =
    MountAttrFlags::MOUNT_ATTR_NOSUID.union(MountAttrFlags::MOUNT_ATTR_NODEV);
const DEVICE: MountAttrFlags =
    MountAttrFlags::MOUNT_ATTR_NOSUID.union(MountAttrFlags::MOUNT_ATTR_NOEXEC);
const DATA: MountAttrFlags = WRITABLE.union(MountAttrFlags::MOUNT_ATTR_NOEXEC);

/// A piece of the host, cloned away from its place.
struct Source {
    tree: OwnedFd,
    directory: bool,
    target: PathBuf,
}

/// Builds the root and moves into it.
pub(super) fn build(spec: &SandboxSpec) -> Result<Layout, SandboxError> {
    rustix::process::umask(Mode::empty());
    mount_change(
        "/",
        MountPropagationFlags::PRIVATE | MountPropagationFlags::REC,
    )
    .during(|| "making all mounts private".into())?;
    let hostname = hostname(&spec.name);
    rustix::system::sethostname(hostname.as_bytes()).during(|| "setting the host name".into())?;

    let sources = sources(spec)?;
    let links = system_links();
    let etc = PrivateEtc::read(spec, &hostname);
    // Before the host's is gone: in a user namespace the kernel gives a new /proc only to who sees
    // a whole one.
    let proc = new_filesystem("proc", &[], DATA).during(|| "making /proc".into())?;
    enter_new_root(&spec.storage.run)?;

    for directory in ["proc", "dev", "tmp", "var/tmp", "run", "root", "sys", "etc"] {
        make_directory(Path::new(directory))?;
    }
    for (path, target) in links {
        symlink(&target, relative(&path)).during(|| format!("linking {}", path.display()))?;
    }
    for source in &sources {
        attach(source)?;
    }
    move_mount(
        &proc,
        "",
        CWD,
        "proc",
        MoveMountFlags::MOVE_MOUNT_F_EMPTY_PATH,
    )
    .during(|| "mounting /proc".into())?;
    etc.attach()?;
    hide(&spec.hidden)?;
    devices()?;
    seal_root()?;
    rustix::process::umask(Mode::from_raw_mode(0o022));
    Ok(Layout {
        program: PROGRAM.into(),
        workspace: "/workspace".into(),
        home: HOME.into(),
        run: "/run/atelier".into(),
    })
}

/// A host name of the letters that every program takes (RFC 1123), made from the workspace's name.
fn hostname(name: &str) -> String {
    let mut host = String::new();
    for character in name.chars().map(|c| c.to_ascii_lowercase()) {
        if character.is_ascii_alphanumeric() {
            host.push(character);
        } else if !host.ends_with('-') && !host.is_empty() {
            host.push('-');
        }
    }
    host.truncate(63);
    let host = host.trim_end_matches('-');
    if host.is_empty() { "workspace" } else { host }.to_owned()
}

fn sources(spec: &SandboxSpec) -> Result<Vec<Source>, SandboxError> {
    let mut sources = Vec::new();
    let mut optional = |path: &Path, attributes| -> Result<(), SandboxError> {
        match fs::symlink_metadata(path) {
            Ok(metadata) if metadata.is_symlink() => Ok(()),
            Ok(_) => {
                sources.push(clone_tree(path, path, attributes)?);
                Ok(())
            }
            Err(_) => Ok(()),
        }
    };
    for path in SYSTEM_PATHS {
        optional(Path::new(path), READ_ONLY)?;
    }
    for path in &spec.read_only {
        if !SYSTEM_PATHS.iter().any(|system| path.starts_with(system)) {
            optional(path, READ_ONLY)?;
        }
    }
    for device in DEVICES {
        optional(&Path::new("/dev").join(device), DEVICE)?;
    }
    if let Ok(resolver) = fs::canonicalize("/etc/resolv.conf")
        && !resolver.starts_with("/etc")
    {
        optional(&resolver, READ_ONLY)?;
    }
    let storage = &spec.storage;
    for (path, target, attributes) in [
        (&storage.workspace, "/workspace", WRITABLE),
        (&storage.home, HOME, WRITABLE),
        (&storage.tmp, "/tmp", WRITABLE),
        (&storage.var_tmp, "/var/tmp", WRITABLE),
        (&storage.run, "/run/atelier", DATA),
        (&spec.program, PROGRAM, READ_ONLY),
    ] {
        sources.push(clone_tree(path, Path::new(target), attributes)?);
    }
    // What lies below another comes after it, or it would be covered.
    sources.sort_by_key(|source| source.target.components().count());
    Ok(sources)
}

/// Symbolic links at the top of the host, such as `/bin` → `usr/bin`, to be made again.
fn system_links() -> Vec<(PathBuf, PathBuf)> {
    SYSTEM_PATHS
        .iter()
        .map(PathBuf::from)
        .filter_map(|path| fs::read_link(&path).ok().map(|target| (path, target)))
        .collect()
}

fn clone_tree(
    path: &Path,
    target: &Path,
    attributes: MountAttrFlags,
) -> Result<Source, SandboxError> {
    let what = || format!("opening {} for the sandbox", path.display());
    let directory = fs::metadata(path).during(what)?.is_dir();
    let mut flags = OpenTreeFlags::OPEN_TREE_CLONE | OpenTreeFlags::OPEN_TREE_CLOEXEC;
    if directory {
        flags |= OpenTreeFlags::AT_RECURSIVE;
    }
    let tree = open_tree(CWD, path, flags).during(what)?;
    set_attributes(&tree, attributes).during(what)?;
    Ok(Source {
        tree,
        directory,
        target: target.to_owned(),
    })
}

/// Sets attributes on a mount and all below it.
pub(super) fn set_attributes(tree: &OwnedFd, attributes: MountAttrFlags) -> io::Result<()> {
    mount_setattr(tree, libc::AT_RECURSIVE, attributes)
}

/// `mount_setattr(2)`, Linux 5.12.
fn mount_setattr(tree: impl AsFd, flags: libc::c_int, set: MountAttrFlags) -> io::Result<()> {
    let attributes = libc::mount_attr {
        attr_set: u64::from(set.bits()),
        attr_clr: 0,
        propagation: 0,
        userns_fd: 0,
    };
    #[expect(unsafe_code, reason = "mount_setattr(2) has no wrapper")]
    // SAFETY: the path is a C string, the structure lives through the call and its size is given.
    let result = unsafe {
        libc::syscall(
            libc::SYS_mount_setattr,
            tree.as_fd().as_raw_fd(),
            c"".as_ptr(),
            libc::AT_EMPTY_PATH | flags,
            &raw const attributes,
            size_of::<libc::mount_attr>(),
        )
    };
    if result == 0 {
        Ok(())
    } else {
        Err(io::Error::last_os_error())
    }
}

/// Puts an empty tmpfs over `point` (only in this namespace) and makes it the root. The working
/// directory is the root from here on, and paths are relative to it.
fn enter_new_root(point: &Path) -> Result<(), SandboxError> {
    let what = || "making the root file system".to_owned();
    let options = [("size", ROOT_SIZE), ("mode", "0755")];
    let root = new_filesystem("tmpfs", &options, WRITABLE).during(what)?;
    move_mount(
        &root,
        "",
        CWD,
        point,
        MoveMountFlags::MOVE_MOUNT_F_EMPTY_PATH,
    )
    .during(what)?;
    rustix::process::fchdir(&root).during(what)?;
    // The old root lands on top of the new one, from where it is taken off at once (pivot_root(2),
    // "pivot_root(".", ".")").
    rustix::process::pivot_root(".", ".").during(what)?;
    unmount(".", UnmountFlags::DETACH).during(what)?;
    rustix::process::chdir("/").during(what)
}

fn new_filesystem(
    kind: &str,
    options: &[(&str, &str)],
    attributes: MountAttrFlags,
) -> rustix::io::Result<OwnedFd> {
    let context = fsopen(kind, FsOpenFlags::FSOPEN_CLOEXEC)?;
    for (key, value) in options {
        if value.is_empty() {
            fsconfig_set_flag(&context, *key)?;
        } else {
            fsconfig_set_string(&context, *key, *value)?;
        }
    }
    fsconfig_create(&context)?;
    fsmount(&context, FsMountFlags::FSMOUNT_CLOEXEC, attributes)
}

fn filesystem(
    kind: &str,
    options: &[(&str, &str)],
    target: &str,
    attributes: MountAttrFlags,
) -> Result<(), SandboxError> {
    let what = || format!("mounting {kind} on /{target}");
    make_directory(Path::new(target))?;
    let mount = new_filesystem(kind, options, attributes).during(what)?;
    move_mount(
        &mount,
        "",
        CWD,
        target,
        MoveMountFlags::MOVE_MOUNT_F_EMPTY_PATH,
    )
    .during(what)
}

fn attach(source: &Source) -> Result<(), SandboxError> {
    let target = relative(&source.target);
    let what = || format!("mounting {}", source.target.display());
    if source.directory {
        make_directory(target)?;
    } else {
        make_file(target, &[])?;
    }
    move_mount(
        &source.tree,
        "",
        CWD,
        target,
        MoveMountFlags::MOVE_MOUNT_F_EMPTY_PATH,
    )
    .during(what)
}

/// Covers what lies below a whitelisted path and must not be seen.
fn hide(paths: &[PathBuf]) -> Result<(), SandboxError> {
    for path in paths {
        let target = relative(path);
        if !target.is_dir() {
            continue;
        }
        let what = || format!("hiding {}", path.display());
        let attributes = READ_ONLY.union(MountAttrFlags::MOUNT_ATTR_NOEXEC);
        let cover = new_filesystem("tmpfs", &[("size", "4k"), ("mode", "0000")], attributes)
            .during(what)?;
        let empty = MoveMountFlags::MOVE_MOUNT_F_EMPTY_PATH;
        move_mount(&cover, "", CWD, target, empty).during(what)?;
    }
    Ok(())
}

/// What stands in `/dev` besides the bound devices.
fn devices() -> Result<(), SandboxError> {
    let pts = [("newinstance", ""), ("ptmxmode", "0666"), ("mode", "0620")];
    filesystem("devpts", &pts, "dev/pts", DEVICE)?;
    filesystem("tmpfs", &[("mode", "1777")], "dev/shm", DATA)?;
    for (link, target) in [
        ("dev/ptmx", "pts/ptmx"),
        ("dev/fd", "/proc/self/fd"),
        ("dev/stdin", "/proc/self/fd/0"),
        ("dev/stdout", "/proc/self/fd/1"),
        ("dev/stderr", "/proc/self/fd/2"),
    ] {
        symlink(target, link).during(|| format!("linking /{link}"))?;
    }
    Ok(())
}

/// Nothing can be added to the root any more. Not recursive: the workspace's own directories stay
/// writable.
fn seal_root() -> Result<(), SandboxError> {
    let what = || "making the root read-only".to_owned();
    let root = fs::File::open("/").during(what)?;
    mount_setattr(&root, 0, MountAttrFlags::MOUNT_ATTR_RDONLY).during(what)
}

fn make_directory(path: &Path) -> Result<(), SandboxError> {
    DirBuilder::new()
        .recursive(true)
        .mode(0o755)
        .create(path)
        .during(|| format!("making /{}", path.display()))
}

pub(super) fn make_file(path: &Path, content: &[u8]) -> Result<(), SandboxError> {
    let what = || format!("making /{}", path.display());
    if let Some(parent) = path.parent() {
        make_directory(parent)?;
    }
    let mut file = fs::OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(0o644)
        .open(path)
        .during(what)?;
    io::Write::write_all(&mut file, content).during(what)
}

/// The path below the new root, which is the working directory.
fn relative(path: &Path) -> &Path {
    path.strip_prefix("/").unwrap_or(path)
}
