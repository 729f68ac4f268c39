//! The reader's place in the text, its limits, and what it complains of.

use super::heredoc::Pending;
use super::{DEPTH_MAX, Dialect, STEPS_MAX};

/// Characters that mean something inside this crate (`crate::argument`); Unicode assigns them to nobody.
pub(crate) const RESERVED_CHARACTERS: std::ops::RangeInclusive<char> = '\u{fdd0}'..='\u{fdd4}';

/// Why a line could not be read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Fault {
    /// Not understood; the words say what and where.
    Syntax(String),
    /// Longer, deeper or more laborious than is looked at.
    Limit(&'static str),
}

impl std::fmt::Display for Fault {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Syntax(what) => write!(f, "it cannot be read as a shell command: {what}"),
            Self::Limit(what) => write!(f, "it is too large to be checked: {what}"),
        }
    }
}

pub(super) type Read<T> = Result<T, Fault>;

pub(super) struct Parser {
    text: Vec<char>,
    at: usize,
    steps: usize,
    depth: usize,
    pub(super) dialect: Dialect,
    pub(super) dialectal: bool,
    /// Here-documents whose text follows the next newline.
    pub(super) pending: Vec<Pending>,
    /// Those of the line around a substitution; a newline before their text would be read differently by each shell.
    pub(super) pending_outside: usize,
}

impl Parser {
    pub(super) fn new(text: &str, dialect: Dialect, depth: usize) -> Self {
        Self {
            text: text.chars().collect(),
            at: 0,
            steps: 0,
            depth,
            dialect,
            dialectal: false,
            pending: Vec::new(),
            pending_outside: 0,
        }
    }

    /// A reader of text that was inside this one's: same dialect, one deeper.
    pub(super) fn inner(&self, text: &str) -> Self {
        Self {
            steps: self.steps,
            ..Self::new(text, self.dialect, self.depth + 1)
        }
    }

    /// Takes over what an inner reader has used up.
    pub(super) fn absorb(&mut self, inner: &Self) {
        self.steps = inner.steps;
        self.dialectal |= inner.dialectal;
    }

    pub(super) fn bash(&self) -> bool {
        self.dialect == Dialect::Bash
    }

    /// Runs a step one level deeper.
    pub(super) fn deeper<T>(&mut self, step: impl FnOnce(&mut Self) -> Read<T>) -> Read<T> {
        if self.depth >= DEPTH_MAX {
            return Err(Fault::Limit("commands are nested too deeply"));
        }
        self.depth += 1;
        let result = step(self);
        self.depth -= 1;
        result
    }

    pub(super) fn place(&self) -> usize {
        self.at
    }

    pub(super) fn back_to(&mut self, place: usize) {
        self.at = place;
    }

    /// The next character as it stands.
    pub(super) fn raw(&self) -> Option<char> {
        self.text.get(self.at).copied()
    }

    /// Takes the next character as it stands.
    pub(super) fn take_raw(&mut self) -> Read<Option<char>> {
        self.steps += 1;
        if self.steps > STEPS_MAX {
            return Err(Fault::Limit("reading it takes too many steps"));
        }
        let next = self.raw();
        if let Some(character) = next {
            if character == '\0' || RESERVED_CHARACTERS.contains(&character) {
                return Err(self.syntax("a character that no command line has"));
            }
            self.at += 1;
        }
        Ok(next)
    }

    /// The next character after removing line continuations (a backslash before a newline).
    pub(super) fn peek(&mut self) -> Option<char> {
        while self.raw() == Some('\\') && self.text.get(self.at + 1) == Some(&'\n') {
            self.at += 2;
        }
        self.raw()
    }

    /// The character after the next one.
    pub(super) fn peek_second(&mut self) -> Option<char> {
        self.peek()?;
        let place = self.at;
        self.at += 1;
        let second = self.peek();
        self.at = place;
        second
    }

    /// Takes the next character after removing line continuations.
    pub(super) fn take(&mut self) -> Read<Option<char>> {
        self.peek();
        self.take_raw()
    }

    /// Takes the text if it comes next.
    pub(super) fn eat(&mut self, text: &str) -> bool {
        let place = self.at;
        for expected in text.chars() {
            if self.peek() != Some(expected) {
                self.at = place;
                return false;
            }
            self.at += 1;
        }
        self.steps += text.len();
        true
    }

    /// Skips blanks, and a comment.
    pub(super) fn blanks(&mut self) -> Read<()> {
        while matches!(self.peek(), Some(' ' | '\t')) {
            self.take()?;
        }
        if self.peek() == Some('#') {
            while !matches!(self.raw(), None | Some('\n')) {
                self.take_raw()?;
            }
        }
        Ok(())
    }

    pub(super) fn syntax(&self, what: &str) -> Fault {
        let line = 1 + self.text[..self.at.min(self.text.len())]
            .iter()
            .filter(|character| **character == '\n')
            .count();
        Fault::Syntax(format!("{what} (line {line})"))
    }

    pub(super) fn unexpected(&mut self) -> Fault {
        match self.peek() {
            Some('\n') => self.syntax("a line ends too early"),
            Some(character) => {
                self.syntax(&format!("'{}' is not expected", character.escape_debug()))
            }
            None => self.syntax("it ends too early"),
        }
    }
}

/// Whether the character ends a word.
pub(super) fn is_meta(character: char) -> bool {
    matches!(
        character,
        ' ' | '\t' | '\n' | ';' | '&' | '|' | '(' | ')' | '<' | '>'
    )
}
