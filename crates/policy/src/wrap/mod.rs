//! Commands that run other commands: what stands inside `sudo`, `env`, `sh -c`, `find -exec` and their like.

mod prefix;
mod remote;
mod search;
mod shells;
mod table;

use crate::argument::Argument;

/// What a command runs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Inner {
    /// A command of its own.
    Command {
        arguments: Vec<Argument>,
        /// Where its name stands among the outer command's arguments.
        index: usize,
    },
    /// A line for a shell.
    Line {
        text: Argument,
        /// Where it stands among the outer command's arguments.
        index: usize,
    },
    /// What may be a command, for all that is known: it is denied if it must be, and nothing more.
    Possible(Vec<Argument>),
    /// Lines for a shell from its standard input.
    Input,
    /// The same, for the shell of another machine; without any it is for people to type into.
    RemoteInput,
    /// The directory in which the command inside runs.
    Directory(Argument),
    /// A variable that is set for what runs inside.
    Assignment(String),
    /// Something that cannot be looked into. A rule that allows the command by name lifts this, unless it is `firm`.
    Opaque { reason: String, firm: bool },
}

/// A command with its wrapping taken off, one layer.
#[derive(Debug, Default)]
pub(crate) struct Unwrapped {
    pub(crate) inner: Vec<Inner>,
    /// Whether the wrapper itself needs no rule: it changes neither who nor where runs what is inside.
    pub(crate) transparent: bool,
}

impl Unwrapped {
    fn opaque(&mut self, reason: impl Into<String>) {
        self.inner.push(Inner::Opaque {
            reason: reason.into(),
            firm: false,
        });
    }

    fn firmly_opaque(&mut self, reason: impl Into<String>) {
        self.inner.push(Inner::Opaque {
            reason: reason.into(),
            firm: true,
        });
    }

    /// The rest of the outer command is a command.
    fn command(&mut self, outer: &[Argument], index: usize) {
        if let Some(arguments) = outer.get(index..).filter(|rest| !rest.is_empty()) {
            self.inner.push(Inner::Command {
                arguments: arguments.to_vec(),
                index,
            });
        }
    }

    /// The rest of the outer command may be a command.
    fn possible(&mut self, outer: &[Argument], index: usize) {
        if let Some(arguments) = outer.get(index..).filter(|rest| !rest.is_empty()) {
            self.inner.push(Inner::Possible(arguments.to_vec()));
        }
    }

    /// The rest of the outer command, joined by blanks, is a line for a shell.
    fn joined_line(&mut self, outer: &[Argument], index: usize) {
        if let Some(rest) = outer.get(index..).filter(|rest| !rest.is_empty()) {
            let texts: Vec<&str> = rest.iter().map(|argument| argument.text.as_str()).collect();
            self.inner.push(Inner::Line {
                text: Argument {
                    text: texts.join(" "),
                    many: rest.iter().any(|argument| argument.many),
                },
                index,
            });
        }
    }
}

/// Takes one wrapper off; `name` is the command's name without its path, `outer` the whole command with it.
pub(crate) fn unwrap(name: &str, outer: &[Argument]) -> Unwrapped {
    let mut unwrapped = Unwrapped::default();
    if let Some(wrapper) = table::find(name) {
        prefix::unwrap(wrapper, outer, &mut unwrapped);
        return unwrapped;
    }
    match name {
        "sh" | "bash" | "dash" | "ash" | "zsh" | "ksh" | "ksh93" | "mksh" | "rbash" | "lksh"
        | "yash" => {
            shells::shell(outer, &mut unwrapped);
        }
        "eval" => {
            unwrapped.transparent = true;
            let from = if outer.get(1).and_then(Argument::known) == Some("--") {
                2
            } else {
                1
            };
            unwrapped.joined_line(outer, from);
        }
        "source" | "." => shells::source(outer, &mut unwrapped),
        "alias" => shells::alias(outer, &mut unwrapped),
        "trap" => shells::trap(outer, &mut unwrapped),
        "su" | "runuser" => shells::su(outer, &mut unwrapped),
        "script" => shells::script(outer, &mut unwrapped),
        "flock" => shells::flock(outer, &mut unwrapped),
        "find" | "fd" | "fdfind" => search::find(outer, &mut unwrapped),
        "xargs" => search::xargs(outer, &mut unwrapped),
        "parallel" | "sem" => search::parallel(outer, &mut unwrapped),
        "ssh" | "sshpass" | "autossh" => remote::ssh(outer, &mut unwrapped),
        "export" | "declare" | "typeset" | "readonly" | "local" => {
            shells::declares(outer, &mut unwrapped);
        }
        _ => shells::interpreter(name, outer, &mut unwrapped),
    }
    unwrapped
}
