//! The syntax tree: which commands there are and of which words, not in which order they run.

use std::sync::{Arc, OnceLock};

/// A list of pipelines, whatever stands between them (`;`, `&&`, `||`, `&`, a newline).
#[derive(Debug, Default, Clone)]
pub(crate) struct Script {
    pub(crate) pipelines: Vec<Pipeline>,
}

/// Commands joined by `|`; often one.
#[derive(Debug, Clone)]
pub(crate) struct Pipeline {
    pub(crate) commands: Vec<Command>,
    /// Whether the list that it belongs to ends in `&`.
    pub(crate) background: bool,
}

/// A command.
#[derive(Debug, Clone)]
pub(crate) enum Command {
    Simple(Simple),
    Compound(Compound),
    Function(Function),
}

/// Words, with the assignments before them and the redirections among them.
#[derive(Debug, Default, Clone)]
pub(crate) struct Simple {
    pub(crate) assignments: Vec<Assignment>,
    pub(crate) words: Vec<Word>,
    pub(crate) redirections: Vec<Redirection>,
}

/// A group, subshell, loop, condition, `case`, `[[`, `((` or coprocess.
#[derive(Debug, Default, Clone)]
pub(crate) struct Compound {
    /// Whether a `cd` inside ends with it.
    pub(crate) subshell: bool,
    /// The command lists in it.
    pub(crate) bodies: Vec<Script>,
    /// The words that are expanded, and thereby may run substitutions.
    pub(crate) words: Vec<Word>,
    pub(crate) redirections: Vec<Redirection>,
}

/// A function definition.
#[derive(Debug, Clone)]
pub(crate) struct Function {
    pub(crate) name: String,
    pub(crate) body: Compound,
}

/// `name=value`, `name+=value`, `name[…]=value` or `name=(…)`.
#[derive(Debug, Clone)]
pub(crate) struct Assignment {
    pub(crate) name: String,
    /// Value (the whole word for an array's element).
    pub(crate) words: Vec<Word>,
}

/// A redirection.
#[derive(Debug, Clone)]
pub(crate) struct Redirection {
    pub(crate) operator: Operator,
    /// The descriptor where one is written.
    pub(crate) descriptor: Option<String>,
    /// A file's name, a descriptor, or the text of a here-string.
    pub(crate) target: Word,
    /// The text of a here-document, once the reader has come to it.
    pub(crate) body: Option<Arc<OnceLock<Word>>>,
}

/// What a redirection does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Operator {
    /// `<`
    Read,
    /// `>`, `>|`, `&>`, `>&file`
    Write,
    /// `>>`, `&>>`
    Append,
    /// `<>`
    ReadWrite,
    /// `<&`, `>&` with a descriptor
    Duplicate,
    /// `<<`, `<<-`, `<<<`
    Here,
}

/// A word before expansion.
#[derive(Debug, Default, Clone)]
pub(crate) struct Word(pub(crate) Vec<Part>);

/// A piece of a word.
#[derive(Debug, Clone)]
pub(crate) enum Part {
    /// Text as it stands, quotes and escapes removed.
    Text { text: String, quoted: bool },
    /// The value of a parameter, or of arithmetic (no name).
    Expansion {
        name: String,
        /// Whether it is `$name` or `${name}` and nothing more.
        plain: bool,
        quoted: bool,
        /// What else is expanded meanwhile: `${x:-inner}`.
        inner: Word,
    },
    /// `$(…)`, backquotes, `<(…)`, `>(…)`.
    Substitution {
        script: Script,
        quoted: bool,
        /// Whether it is `<(…)` or `>(…)`: one word, a path.
        process: bool,
    },
}

impl Word {
    /// The text, if the word is nothing but unquoted text: what reserved words and names must be.
    pub(crate) fn bare(&self) -> Option<&str> {
        match self.0.as_slice() {
            [
                Part::Text {
                    text,
                    quoted: false,
                },
            ] => Some(text),
            _ => None,
        }
    }

    /// The text, if nothing in the word is expanded by `$` or backquotes.
    pub(crate) fn literal(&self) -> Option<String> {
        let mut whole = String::new();
        for part in &self.0 {
            let Part::Text { text, .. } = part else {
                return None;
            };
            whole.push_str(text);
        }
        Some(whole)
    }
}
