//! The rules that are always on: what destroys a machine, cuts it off, or stops it.
//!
//! They look at commands after every wrapper has been taken off, so each is stated once. [`COMMANDS`] and [`WRITES`]
//! are the tables.

pub(crate) mod bomb;
mod processes;
mod storage;
mod tree;
mod write;

use crate::argument::Argument;
use crate::path::Certainty;
use crate::rule::Decision;

pub(crate) use tree::{find_filters, find_starts};
pub(crate) use write::{Write, writes};

/// A command, its name reduced to the last part of its path.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Invocation<'a> {
    pub(crate) name: &'a str,
    /// Without the name.
    pub(crate) arguments: &'a [Argument],
    /// The directory that the line changed to, if it is known.
    pub(crate) directory: Option<&'a str>,
}

/// A rule that is always on.
pub(crate) struct BuiltIn<Check> {
    pub(crate) name: &'static str,
    pub(crate) decision: Decision,
    pub(crate) reason: &'static str,
    pub(crate) meets: Check,
}

/// Whether a rule meets a command.
type CommandCheck = fn(&Invocation<'_>) -> Certainty;
/// Whether a rule meets a file that is written.
type WriteCheck = fn(&Write<'_>) -> Certainty;

/// Rules about commands.
pub(crate) static COMMANDS: [BuiltIn<CommandCheck>; 12] = [
    BuiltIn {
        name: "remove_system",
        decision: Decision::Deny,
        reason: "it deletes the whole system, a directory that the system needs, or a home",
        meets: tree::removes,
    },
    BuiltIn {
        name: "permissions_of_system",
        decision: Decision::Deny,
        reason: "it changes the owner or the permissions of the whole system",
        meets: tree::changes_permissions,
    },
    BuiltIn {
        name: "move_system",
        decision: Decision::Deny,
        reason: "it moves the system away from its place",
        meets: tree::moves,
    },
    BuiltIn {
        name: "overwrite_system",
        decision: Decision::Deny,
        reason: "it makes the system a copy of something else, and deletes the rest",
        meets: tree::mirrors,
    },
    BuiltIn {
        name: "make_file_system",
        decision: Decision::Deny,
        reason: "it makes a new file system, which erases the old one",
        meets: storage::makes_file_system,
    },
    BuiltIn {
        name: "erase_device",
        decision: Decision::Deny,
        reason: "it erases a disk",
        meets: storage::erases,
    },
    BuiltIn {
        name: "partition_device",
        decision: Decision::Deny,
        reason: "it changes the partitions of a disk",
        meets: storage::partitions,
    },
    BuiltIn {
        name: "remove_volume",
        decision: Decision::Ask,
        reason: "it removes a volume with what is on it",
        meets: storage::removes_volume,
    },
    BuiltIn {
        name: "end_everything",
        decision: Decision::Deny,
        reason: "it ends every process, or the first one, on which all others depend",
        meets: processes::ends_everything,
    },
    BuiltIn {
        name: "shutdown",
        decision: Decision::Ask,
        reason: "it stops or restarts the machine",
        meets: processes::shuts_down,
    },
    BuiltIn {
        name: "stop_atelier",
        decision: Decision::Ask,
        reason: "it stops the Atelier daemon, through which this server is reached",
        meets: processes::stops_atelier,
    },
    BuiltIn {
        name: "remove_account_root",
        decision: Decision::Deny,
        reason: "it removes the root account",
        meets: processes::removes_root,
    },
];

/// Rules about files that are written, be it by a redirection or by `tee`, `cp`, `dd` and their like.
pub(crate) static WRITES: [BuiltIn<WriteCheck>; 4] = [
    BuiltIn {
        name: "write_device",
        decision: Decision::Deny,
        reason: "it writes to a disk or to memory directly, past the file system",
        meets: write::device,
    },
    BuiltIn {
        name: "overwrite_accounts",
        decision: Decision::Deny,
        reason: "it replaces a file that decides who may enter",
        meets: write::vital_file_replaced,
    },
    BuiltIn {
        name: "extend_accounts",
        decision: Decision::Ask,
        reason: "it writes to a file that decides who may enter",
        meets: write::vital_file_extended,
    },
    BuiltIn {
        name: "kernel_trigger",
        decision: Decision::Deny,
        reason: "it makes the kernel stop, restart or kill at once",
        meets: write::kernel_trigger,
    },
];

pub(crate) fn when(condition: bool) -> Certainty {
    if condition {
        Certainty::Yes
    } else {
        Certainty::No
    }
}

/// The most certain of these.
pub(crate) fn any(certainties: impl IntoIterator<Item = Certainty>) -> Certainty {
    certainties.into_iter().max().unwrap_or(Certainty::No)
}
