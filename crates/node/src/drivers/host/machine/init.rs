//! `atelier machine-init`: leaves the node behind, takes the user's ids and becomes the agent.

use std::fs::{self, File};
use std::io;
use std::os::fd::AsRawFd as _;
use std::os::unix::process::CommandExt as _;
use std::path::Path;
use std::process::Command;

use rustix::fs::Mode;
use rustix::process::{Gid, Uid};
use rustix::thread::{set_no_new_privs, set_thread_groups, set_thread_res_gid, set_thread_res_uid};

use super::MachineSpec;
use crate::drivers::host::sandbox::leave_keyring;

/// What people's files are made with, whatever the node was started with.
const UMASK: u32 = 0o022;

/// Does what the specification (JSON) says. Comes back only with the reason why it could not.
///
/// Only for a process with one thread: the ids of others would stay.
pub fn machine_init(specification: &str) -> io::Error {
    match serde_json::from_str(specification) {
        Ok(specification) => become_agent(&specification)
            .err()
            .unwrap_or_else(|| io::Error::other("the agent was not started")),
        Err(error) => io::Error::new(io::ErrorKind::InvalidInput, error),
    }
}

fn become_agent(spec: &MachineSpec) -> io::Result<()> {
    let during = |what: &'static str| {
        move |error: rustix::io::Errno| io::Error::other(format!("{what}: {error}"))
    };
    rustix::process::setsid().map_err(during("leaving the node's session"))?;
    for file in &spec.cgroup_joins {
        fs::write(file, "0")?;
    }
    rustix::process::umask(Mode::from_raw_mode(UMASK));
    leave_keyring();
    // The way to it is closed to the user; once here, its name is enough.
    rustix::process::chdir(&spec.run).map_err(during("entering the socket's directory"))?;
    // Open from here on: the way to it may be closed to the user, the program itself is not.
    let program = File::open(&spec.program)?;
    let user = &spec.rules.user;
    if spec.become_user {
        let (uid, gid) = (Uid::from_raw(user.uid), Gid::from_raw(user.gid));
        set_thread_groups(&[]).map_err(during("leaving all groups"))?;
        set_thread_res_gid(gid, gid, gid).map_err(during("taking the user's group"))?;
        set_thread_res_uid(uid, uid, uid).map_err(during("taking the user's id"))?;
    }
    if !spec.rules.privileged {
        // From here on `sudo` and every other setuid program is an ordinary one.
        set_no_new_privs(true).map_err(during("setting no_new_privs"))?;
    }
    let files = serde_json::to_string(&spec.rules.files).expect("a policy is plain data");
    let mut error = agent(spec, &spec.program, &files).exec();
    if error.kind() == io::ErrorKind::PermissionDenied {
        let open = format!("/proc/self/fd/{}", program.as_raw_fd());
        error = agent(spec, Path::new(&open), &files).exec();
    }
    Err(io::Error::other(format!(
        "{} cannot be run by the user `{}`: {error}; install it where everyone may read it",
        spec.program.display(),
        user.name,
    )))
}

fn agent(spec: &MachineSpec, program: &Path, files: &str) -> Command {
    let home = &spec.rules.user.home;
    let mut command = Command::new(program);
    command
        .arg0(&spec.program)
        .args(["agent", "--socket", "agent.sock", "--name", "machine"])
        .arg("--workspace")
        .arg(home)
        .arg("--home")
        .arg(home)
        .arg("--machine")
        .arg(files);
    command
}
