//! The files of `/etc` that a workspace has of its own, over the host's.

use std::fs;
use std::path::Path;

use rustix::fs::CWD;
use rustix::mount::{MountAttrFlags, MoveMountFlags, OpenTreeFlags, move_mount, open_tree};

use super::mounts::{READ_ONLY, make_file, set_attributes};
use super::{During, HOME, SandboxError, SandboxSpec, USER};

/// Files of `/etc` that a workspace has of its own.
pub(super) struct PrivateEtc(Vec<(&'static str, String)>);

impl PrivateEtc {
    /// Makes them up, from the host's where they add to those.
    pub(super) fn read(spec: &SandboxSpec, hostname: &str) -> Self {
        let SandboxSpec { uid, gid, .. } = spec;
        let shell = if Path::new("/bin/bash").exists() {
            "/bin/bash"
        } else {
            "/bin/sh"
        };
        let host = |file: &str| fs::read_to_string(file).unwrap_or_default();
        let mut files = vec![
            (
                "etc/passwd",
                format!(
                    "root:x:0:0:root:/root:/usr/sbin/nologin\n\
                     {USER}:x:{uid}:{gid}:{USER}:{HOME}:{shell}\n\
                     nobody:x:65534:65534:nobody:/nonexistent:/usr/sbin/nologin\n"
                ),
            ),
            (
                "etc/group",
                format!("root:x:0:\ntty:x:5:\n{USER}:x:{gid}:\nnogroup:x:65534:\n"),
            ),
            ("etc/hostname", format!("{hostname}\n")),
            (
                "etc/hosts",
                format!("{}\n127.0.1.1\t{hostname}\n", host("/etc/hosts").trim_end()),
            ),
            // Login shells read this file, and Debian's resets PATH.
            (
                "etc/profile",
                format!(
                    "{}\nif [ -n \"${{ATELIER_PATH-}}\" ]; then\n  PATH=\"$ATELIER_PATH:$PATH\"\n  \
                     export PATH\nfi\n",
                    host("/etc/profile")
                ),
            ),
        ];
        // Only over what is there: the host's /etc cannot be added to.
        files.retain(|(path, _)| Path::new("/").join(path).is_file());
        Self(files)
    }

    /// Puts them in place, below the working directory.
    pub(super) fn attach(&self) -> Result<(), SandboxError> {
        for (target, text) in &self.0 {
            let what = || format!("writing the workspace's own /{target}");
            let file = Path::new("run").join(Path::new(target).file_name().unwrap_or_default());
            make_file(&file, text.as_bytes())?;
            let flags = OpenTreeFlags::OPEN_TREE_CLONE | OpenTreeFlags::OPEN_TREE_CLOEXEC;
            let tree = open_tree(CWD, &file, flags).during(what)?;
            set_attributes(&tree, READ_ONLY.union(MountAttrFlags::MOUNT_ATTR_NOEXEC))
                .during(what)?;
            let empty = MoveMountFlags::MOVE_MOUNT_F_EMPTY_PATH;
            move_mount(&tree, "", CWD, *target, empty).during(what)?;
            // Needed no more; the mount keeps it alive.
            fs::remove_file(&file).during(what)?;
        }
        Ok(())
    }
}
