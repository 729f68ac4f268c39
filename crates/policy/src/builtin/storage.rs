//! Commands that work on disks.

use super::{Invocation, any, when};
use crate::argument::Argument;
use crate::options::Options;
use crate::path::{Certainty, is_device};

fn device(invocation: &Invocation<'_>) -> Certainty {
    any(invocation
        .arguments
        .iter()
        .map(|argument| is_device(argument, invocation.directory)))
}

fn has(invocation: &Invocation<'_>, words: &[&str]) -> bool {
    invocation
        .arguments
        .iter()
        .filter_map(Argument::known)
        .any(|text| words.contains(&text))
}

/// Whether the command only shows its help or version.
fn only_informs(invocation: &Invocation<'_>) -> bool {
    invocation.arguments.len() == 1 && has(invocation, &["--help", "-h", "--version", "-V"])
}

/// `mkfs` in any spelling and on whatever: whether a file is an image or a disk's node cannot be told by its name.
pub(super) fn makes_file_system(invocation: &Invocation<'_>) -> Certainty {
    let name = invocation.name;
    let makes = name == "mkfs"
        || name.starts_with("mkfs.")
        || ["mke2fs", "mkntfs", "mkdosfs", "mkreiserfs", "newfs"].contains(&name);
    let swaps = name == "mkswap" && device(invocation) != Certainty::No;
    when((makes && !only_informs(invocation)) || swaps)
}

/// `wipefs`, `blkdiscard`, `shred` and the erasing verbs of disk tools.
pub(super) fn erases(invocation: &Invocation<'_>) -> Certainty {
    if only_informs(invocation) {
        return Certainty::No;
    }
    let verbs: &[&str] = match invocation.name {
        "wipefs" | "blkdiscard" => return Certainty::Yes,
        "shred" | "badblocks" | "scrub" | "nwipe" => return device(invocation),
        "cryptsetup" => &[
            "luksFormat",
            "erase",
            "luksErase",
            "reencrypt",
            "luksKillSlot",
        ],
        "hdparm" => &[
            "--security-erase",
            "--security-erase-enhanced",
            "--trim-sector-ranges",
            "--write-sector",
        ],
        "nvme" => &["format", "sanitize", "write", "write-zeroes"],
        "mdadm" => &["--zero-superblock", "--create", "-C"],
        _ => return Certainty::No,
    };
    when(has(invocation, verbs))
}

/// Partitioners on a disk, but for their ways of only looking.
pub(super) fn partitions(invocation: &Invocation<'_>) -> Certainty {
    let looks: &[&str] = match invocation.name {
        "fdisk" | "cfdisk" => &["-l", "--list", "-s", "--getsz"],
        "sfdisk" => &[
            "-l",
            "--list",
            "-d",
            "--dump",
            "-J",
            "--json",
            "-s",
            "--show-size",
        ],
        "gdisk" => &["-l"],
        "sgdisk" => &["-p", "--print", "-i", "--info", "-v", "--verify"],
        "parted" => &["-l", "--list", "print"],
        _ => return Certainty::No,
    };
    let changing = [
        "mklabel",
        "mktable",
        "mkpart",
        "rm",
        "resizepart",
        "-Z",
        "-z",
        "-o",
        "--zap-all",
        "--clear",
        "--delete",
    ];
    if has(invocation, looks) && !has(invocation, &changing) {
        return Certainty::No;
    }
    device(invocation)
}

/// The removing verbs of LVM, ZFS and btrfs.
pub(super) fn removes_volume(invocation: &Invocation<'_>) -> Certainty {
    let options = Options::read(invocation.arguments, "", &[]);
    let verb = options.operands.first().and_then(|verb| verb.known());
    when(match invocation.name {
        "lvremove" | "vgremove" | "pvremove" | "lvreduce" => true,
        "zpool" => matches!(verb, Some("destroy" | "labelclear")),
        "zfs" => matches!(verb, Some("destroy" | "rollback")),
        _ => false,
    })
}
