//! Files that commands write to.

use super::{Invocation, when};
use crate::argument::Argument;
use crate::options::Options;
use crate::path::{Certainty, is_device, is_vital_file, normalize};

/// A file that is written.
#[derive(Debug)]
pub(crate) struct Write<'a> {
    pub(crate) path: Argument,
    /// Whether what was in it is lost.
    pub(crate) replaces: bool,
    pub(crate) directory: Option<&'a str>,
}

pub(super) fn device(write: &Write<'_>) -> Certainty {
    is_device(&write.path, write.directory)
}

pub(super) fn vital_file_replaced(write: &Write<'_>) -> Certainty {
    if write.replaces {
        is_vital_file(&write.path, write.directory)
    } else {
        Certainty::No
    }
}

pub(super) fn vital_file_extended(write: &Write<'_>) -> Certainty {
    if write.replaces {
        Certainty::No
    } else {
        is_vital_file(&write.path, write.directory)
    }
}

pub(super) fn kernel_trigger(write: &Write<'_>) -> Certainty {
    when(normalize(&write.path.text, write.directory) == "/proc/sysrq-trigger")
}

/// The files that a command's arguments make it write.
pub(crate) fn writes<'a>(invocation: &Invocation<'a>) -> Vec<Write<'a>> {
    let arguments = invocation.arguments;
    let write = |path: Argument, replaces| Write {
        path,
        replaces,
        directory: invocation.directory,
    };
    match invocation.name {
        "tee" | "sponge" => {
            let options = Options::read(arguments, "", &[]);
            let replaces = !(options.has_short("a") || options.has_long("append"));
            let files = options.operands.into_iter();
            files.map(|file| write(file.clone(), replaces)).collect()
        }
        "dd" => arguments
            .iter()
            .filter_map(|argument| {
                let path = argument.text.strip_prefix("of=")?;
                Some(write(
                    Argument {
                        text: path.to_owned(),
                        many: argument.many,
                    },
                    true,
                ))
            })
            .collect(),
        "cp" | "mv" | "install" | "ln" | "scp" | "rsync" => {
            let options = Options::read(arguments, "tSgmo", &["target-directory", "suffix"]);
            let target = options
                .operands
                .last()
                .filter(|_| options.operands.len() > 1);
            target
                .map(|file| write((*file).clone(), true))
                .into_iter()
                .collect()
        }
        "truncate" => {
            let options = Options::read(arguments, "sr", &["size", "reference"]);
            let files = options.operands.into_iter();
            files.map(|file| write(file.clone(), true)).collect()
        }
        "rm" | "unlink" | "shred" => {
            // Losing these is as bad as replacing them; devices are nodes that come back.
            let options = Options::read(arguments, "", &[]);
            let files = options.operands.into_iter();
            files
                .filter(|file| !file.text.starts_with("/dev/"))
                .map(|file| write(file.clone(), true))
                .collect()
        }
        "ddrescue" | "dcfldd" | "dc3dd" => arguments
            .iter()
            .filter(|argument| argument.text.contains("/dev/"))
            .map(|argument| {
                let path = argument.text.trim_start_matches("of=");
                write(Argument::exact(path), true)
            })
            .collect(),
        _ => Vec::new(),
    }
}
