//! Which process holds a socket: the links in `/proc/PID/fd` (proc(5)).

use std::collections::HashMap;
use std::fs;
use std::path::{Path, PathBuf};

use atelier_api::agent::ports::PortProcess;

use super::table::Listener;

/// How often the processes are searched for a socket that none of them holds: it is another's, or its
/// process was just being started.
const SEARCHES_MAX: u8 = 3;

/// The longest name of a process that is shown, in bytes; the kernel keeps 15.
const NAME_MAX: usize = 64;

/// Who holds which listening socket.
#[derive(Default)]
pub(super) struct Owners {
    own: HashMap<u64, Owner>,
    /// How often a socket was searched for in vain.
    foreign: HashMap<u64, u8>,
}

struct Owner {
    link: PathBuf,
    process: PortProcess,
}

impl Owners {
    /// The processes of the workspace that hold these sockets, by inode.
    pub(super) fn of(&mut self, proc: &Path, listeners: &[Listener]) -> HashMap<u64, PortProcess> {
        // What was closed since, or is now held by another process only.
        let listening = |inode: &u64| listeners.iter().any(|listener| listener.inode == *inode);
        self.own
            .retain(|inode, owner| listening(inode) && socket_at(&owner.link) == Some(*inode));
        self.foreign.retain(|inode, _| listening(inode));
        let mut wanted: Vec<u64> = listeners
            .iter()
            .map(|listener| listener.inode)
            .filter(|inode| {
                let searches = self.foreign.get(inode).copied().unwrap_or(0);
                !self.own.contains_key(inode) && searches < SEARCHES_MAX
            })
            .collect();
        if !wanted.is_empty() {
            self.search(proc, &mut wanted);
            for inode in wanted {
                *self.foreign.entry(inode).or_insert(0) += 1;
            }
        }
        self.own
            .iter()
            .map(|(inode, owner)| (*inode, owner.process.clone()))
            .collect()
    }

    /// Looks through all processes that may be looked into; takes out of `wanted` what is found.
    fn search(&mut self, proc: &Path, wanted: &mut Vec<u64>) {
        for pid in fs::read_dir(proc).into_iter().flatten().flatten() {
            let Some(number) = pid.file_name().to_str().and_then(|name| name.parse().ok()) else {
                continue;
            };
            // Another user's cannot be read: it is none of the workspace's.
            let links = fs::read_dir(pid.path().join("fd"));
            for link in links.into_iter().flatten().flatten() {
                let Some(inode) = socket_at(&link.path()) else {
                    continue;
                };
                let Some(at) = wanted.iter().position(|wanted| *wanted == inode) else {
                    continue;
                };
                wanted.swap_remove(at);
                let process = PortProcess {
                    pid: number,
                    name: name(&pid.path()),
                };
                self.foreign.remove(&inode);
                self.own.insert(
                    inode,
                    Owner {
                        link: link.path(),
                        process,
                    },
                );
            }
            if wanted.is_empty() {
                return;
            }
        }
    }
}

/// The inode of the socket that a link leads to, if it does to one: `socket:[4242]`.
fn socket_at(link: &Path) -> Option<u64> {
    let target = fs::read_link(link).ok()?;
    let inode = target.to_str()?.strip_prefix("socket:[")?;
    inode.strip_suffix(']')?.parse().ok()
}

fn name(process: &Path) -> String {
    let name = fs::read_to_string(process.join("comm")).unwrap_or_default();
    let name: String = name.chars().filter(|c| !c.is_control()).collect();
    name.chars().take(NAME_MAX).collect()
}
