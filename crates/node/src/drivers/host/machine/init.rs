//! `atelier machine-init`: leaves the node behind, takes the user's ids and becomes the agent.

use std::fs;
use std::io;
use std::os::unix::process::CommandExt as _;
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
    let error = Command::new(&spec.program)
        .args(["agent", "--socket", "agent.sock", "--name", "machine"])
        .arg("--workspace")
        .arg(&user.home)
        .arg("--home")
        .arg(&user.home)
        .arg("--machine")
        .arg(files)
        .exec();
    Err(io::Error::other(format!(
        "{} cannot be run by the user `{}`: {error}; install it where everyone may read it",
        spec.program.display(),
        user.name,
    )))
}
