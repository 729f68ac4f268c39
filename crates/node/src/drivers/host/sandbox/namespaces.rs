//! Leaving the host's namespaces, as far as this machine lets us.

use std::fs;
use std::io;

use atelier_api::node::{Protection, ProtectionKind};
use rustix::process::Pid;
use rustix::thread::{UnshareFlags, unshare_unsafe};

use super::{During, SandboxError, SandboxSpec};

/// How far the process could be taken out of the host.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Level {
    /// Namespaces, made as root.
    Privileged,
    /// The same inside a user namespace.
    UserNamespace,
    /// None: neither root nor user namespaces.
    Bare,
}

impl Level {
    /// Whether there is a mount namespace to build a file system in (and a PID namespace with it).
    pub(super) const fn mounts(self) -> bool {
        matches!(self, Self::Privileged | Self::UserNamespace)
    }
}

/// Unshares what can be unshared. Children, not this process, are in the new PID namespace.
pub(super) fn enter(spec: &SandboxSpec) -> Result<Level, SandboxError> {
    let namespaces =
        UnshareFlags::NEWNS | UnshareFlags::NEWPID | UnshareFlags::NEWIPC | UnshareFlags::NEWUTS;
    if spec.privileged {
        unshare(namespaces).during(|| {
            "making namespaces as root (the node needs CAP_SYS_ADMIN; inside a container give it \
             that capability, or run the node as an ordinary user)"
                .into()
        })?;
        // Only hides the cgroup's name; kernels without it lose nothing that protects.
        let _ = unshare(UnshareFlags::NEWCGROUP);
        return Ok(Level::Privileged);
    }
    if !spec.namespaces || unshare(UnshareFlags::NEWUSER | namespaces).is_err() {
        return Ok(Level::Bare);
    }
    map_ids(spec).during(|| "mapping the user into its user namespace".into())?;
    let _ = unshare(UnshareFlags::NEWCGROUP);
    Ok(Level::UserNamespace)
}

fn unshare(flags: UnshareFlags) -> io::Result<()> {
    #[expect(
        unsafe_code,
        reason = "unshare(2) has no safe wrapper that takes every flag"
    )]
    // SAFETY: the flags never contain FILES, so no thread loses sight of a file descriptor; this
    // process has one thread.
    unsafe { unshare_unsafe(flags) }.map_err(io::Error::from)
}

fn map_ids(spec: &SandboxSpec) -> io::Result<()> {
    fs::write("/proc/self/setgroups", "deny")?;
    fs::write("/proc/self/uid_map", format!("{0} {0} 1", spec.uid))?;
    fs::write("/proc/self/gid_map", format!("{0} {0} 1", spec.gid))
}

/// Forks; `None` in the child.
pub(super) fn fork() -> io::Result<Option<Pid>> {
    #[expect(unsafe_code, reason = "fork(2) has no safe form")]
    // SAFETY: this process has one thread, so the child may do everything that the parent may.
    let pid = unsafe { libc::fork() };
    if pid < 0 {
        return Err(io::Error::last_os_error());
    }
    Ok(Pid::from_raw(pid))
}

/// Closes every file but stdin, stdout and stderr: nothing that the node has open may leak.
pub(super) fn close_inherited_files() {
    #[expect(unsafe_code, reason = "close_range(2) has no wrapper")]
    // SAFETY: called first in the program; nothing in this process owns a descriptor above 2 yet.
    unsafe {
        libc::syscall(libc::SYS_close_range, 3_u32, u32::MAX, 0_u32);
    }
}

/// What the namespaces protect.
pub(super) fn protections(spec: &SandboxSpec, level: Level) -> Vec<Protection> {
    let how = match level {
        Level::Privileged => "",
        Level::UserNamespace => " (inside a user namespace)",
        Level::Bare => "",
    };
    let namespace = |kind, held: &str, lost: &str| Protection {
        kind,
        holds: level.mounts(),
        detail: if level.mounts() {
            format!("{held}{how}.")
        } else {
            format!(
                "{lost}: this machine allows ordinary users no (or no complete) user namespaces. Run \
                 the node as root on the host, or allow them (sysctl user.max_user_namespaces, \
                 kernel.unprivileged_userns_clone, kernel.apparmor_restrict_unprivileged_userns)."
            )
        },
    };
    vec![
        Protection {
            kind: ProtectionKind::OwnUser,
            holds: spec.privileged,
            detail: if spec.privileged {
                format!("Runs as user {} of its own on the host.", spec.uid)
            } else {
                "Runs as the same user as the node. Run the node as root to give every workspace \
                 a user of its own."
                    .into()
            },
        },
        namespace(
            ProtectionKind::Filesystem,
            "Own mount namespace with a read-only system, a private /tmp and only its own files",
            "Sees the names in the host's file system; only Landlock keeps it from the contents",
        ),
        namespace(
            ProtectionKind::Processes,
            "Own PID namespace",
            "Sees the host's processes",
        ),
        namespace(
            ProtectionKind::Ipc,
            "Own IPC namespace",
            "Shares the host's IPC",
        ),
        Protection {
            kind: ProtectionKind::NoNewPrivileges,
            holds: true,
            detail: "no_new_privs is set and every capability is dropped.".into(),
        },
    ]
}
