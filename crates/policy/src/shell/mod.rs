//! Reads a shell command line into a small syntax tree: everything that it could run, and nothing that it means.
//!
//! Invariant: reading never panics, never recurses deeper than [`DEPTH_MAX`], and ends after [`STEPS_MAX`] steps.
//! Invariant: what is ambiguous between shells or not understood is an error, never a guess. `docs/decisions/0009`
//! says why this reader exists beside the parsers that others wrote.
//!
//! Sources: POSIX.1-2024, chapter 2 of Shell & Utilities; the grammar in bash's manual; bash's `parse.y` where the
//! two leave a choice.

mod ast;
mod compound;
mod cursor;
mod expand;
mod heredoc;
mod script;
mod simple;
mod word;

pub(crate) use ast::{
    Assignment, Command, Compound, Function, Operator, Part, Pipeline, Redirection, Script, Simple,
    Word,
};
pub(crate) use cursor::{Fault, RESERVED_CHARACTERS};

use cursor::Parser;

/// How deep constructs may nest; a `$(…)` counts about three. People write 10; the reader bears several hundred.
pub(crate) const DEPTH_MAX: usize = 100;
/// How many characters may be looked at, counting those read again after a wrong guess at `((`.
pub(crate) const STEPS_MAX: usize = 1_000_000;

/// Whose rules are followed where shells differ.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Dialect {
    /// bash, which also reads most of what ksh and zsh add.
    Bash,
    /// dash and busybox: `$'…'`, `((`, `[[`, `&>` and `function` are nothing special.
    Posix,
}

/// What was read.
#[derive(Debug)]
pub(crate) struct Reading {
    /// The whole script; before a fault, the complete commands that stand before it (a shell would run those of
    /// earlier lines before it complains).
    pub(crate) script: Script,
    /// Why reading stopped early.
    pub(crate) fault: Option<Fault>,
    /// Whether something was read that the other dialect reads differently.
    pub(crate) dialectal: bool,
}

/// Reads a script; `depth` is how deep it already is inside others.
pub(crate) fn read(text: &str, dialect: Dialect, depth: usize) -> Reading {
    let mut parser = Parser::new(text, dialect, depth);
    let mut script = Script::default();
    let fault = parser.whole_script(&mut script).err();
    Reading {
        script,
        fault,
        dialectal: parser.dialectal,
    }
}
