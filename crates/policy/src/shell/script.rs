//! Lists and pipelines.

use super::cursor::{Parser, Read, is_meta};
use super::{Command, Compound, Pipeline, Script};

/// What ends a list.
#[derive(Debug, Clone, Copy)]
pub(super) enum End<'a> {
    /// The end of the text.
    Text,
    /// A `)`.
    Parenthesis,
    /// One of these words, where a command's name would stand.
    Word(&'a [&'a str]),
    /// `;;`, `;&`, `;;&` or `esac`.
    CaseItem,
}

impl Parser {
    /// Reads all of the text; what was read before a fault stays in `script`.
    pub(super) fn whole_script(&mut self, script: &mut Script) -> Read<()> {
        self.deeper(|parser| parser.list(script, End::Text))
    }

    /// Takes commands and the `)` after them.
    pub(super) fn script_until_parenthesis(&mut self) -> Read<Script> {
        let mut script = Script::default();
        self.list(&mut script, End::Parenthesis)?;
        Ok(script)
    }

    /// Takes commands and the reserved word after them.
    pub(super) fn script_until_word(&mut self, word: &str) -> Read<Script> {
        self.script_until_words(&[word]).map(|(script, _)| script)
    }

    /// Takes commands and whichever of the words comes after them.
    pub(super) fn script_until_words<'a>(
        &mut self,
        words: &'a [&'a str],
    ) -> Read<(Script, &'a str)> {
        self.deeper(|parser| {
            let mut script = Script::default();
            parser.list(&mut script, End::Word(words))?;
            for word in words {
                if parser.reserved(word) {
                    return Ok((script, *word));
                }
            }
            Err(parser.unexpected())
        })
    }

    /// Takes the commands of a `case` item, not what ends it.
    pub(super) fn case_item(&mut self) -> Read<Script> {
        self.deeper(|parser| {
            let mut script = Script::default();
            parser.list(&mut script, End::CaseItem)?;
            Ok(script)
        })
    }

    fn list(&mut self, script: &mut Script, end: End<'_>) -> Read<()> {
        loop {
            self.gap()?;
            if self.at_end(end)? {
                return Ok(());
            }
            self.and_or(script)?;
            self.blanks()?;
            match self.peek() {
                None | Some('\n' | ')') => {}
                Some('&') => {
                    self.take()?;
                }
                Some(';') if matches!(end, End::CaseItem) && self.case_separator() => {}
                Some(';') => {
                    self.take()?;
                }
                // After a compound command, its list's end may follow directly: `{ (a) }`.
                Some(_) => {
                    if !self.at_end(end)? {
                        return Err(self.unexpected());
                    }
                }
            }
        }
    }

    /// Whether the list ends here; takes a closing `)`.
    fn at_end(&mut self, end: End<'_>) -> Read<bool> {
        match (end, self.peek()) {
            (End::Text, None) => Ok(true),
            (End::Parenthesis, Some(')')) => {
                self.take()?;
                Ok(true)
            }
            (End::Word(words), Some(_)) => {
                let place = self.place();
                let found = words.iter().any(|word| self.reserved(word));
                self.back_to(place);
                Ok(found)
            }
            (End::CaseItem, Some(_)) => Ok(self.case_separator() || self.at_reserved("esac")),
            (_, None) => Err(self.unexpected()),
            _ => Ok(false),
        }
    }

    fn case_separator(&mut self) -> bool {
        self.peek() == Some(';') && matches!(self.peek_second(), Some(';' | '&'))
    }

    /// Skips newlines, blanks and comments.
    pub(super) fn gap(&mut self) -> Read<()> {
        loop {
            self.blanks()?;
            if self.peek() != Some('\n') {
                return Ok(());
            }
            self.newline()?;
        }
    }

    fn and_or(&mut self, script: &mut Script) -> Read<()> {
        let first = script.pipelines.len();
        loop {
            let pipeline = self.pipeline()?;
            script.pipelines.push(pipeline);
            self.blanks()?;
            if !(self.eat("&&") || self.eat("||")) {
                break;
            }
            self.gap()?;
        }
        let redirects_both = self.bash() && self.peek_second() == Some('>');
        if self.peek() == Some('&') && !redirects_both {
            for pipeline in &mut script.pipelines[first..] {
                pipeline.background = true;
            }
        }
        Ok(())
    }

    fn pipeline(&mut self) -> Read<Pipeline> {
        let mut commands = Vec::new();
        let mut prefixed = false;
        loop {
            self.blanks()?;
            if self.reserved("!") {
                prefixed = true;
            } else if self.bash() && self.reserved("time") {
                self.dialectal = true;
                prefixed = true;
                self.blanks()?;
                if self.reserved("-p") {
                    self.blanks()?;
                }
                self.reserved("--");
            } else {
                break;
            }
        }
        self.blanks()?;
        if prefixed && matches!(self.peek(), None | Some('\n' | ';' | '&' | ')')) {
            // `time` and `!` alone are commands in bash.
            commands.push(Command::Compound(Compound::default()));
        }
        while commands.is_empty() || self.eat_pipe() {
            self.gap()?;
            let command = self.deeper(Self::command)?;
            commands.push(command);
            self.blanks()?;
        }
        Ok(Pipeline {
            commands,
            background: false,
        })
    }

    fn eat_pipe(&mut self) -> bool {
        if self.peek() != Some('|') || self.peek_second() == Some('|') {
            return false;
        }
        self.eat("|");
        if self.bash() {
            self.eat("&");
        }
        true
    }

    /// Whether the reserved word stands here.
    pub(super) fn at_reserved(&mut self, word: &str) -> bool {
        let place = self.place();
        let found = self.reserved(word);
        self.back_to(place);
        found
    }

    /// Takes the reserved word if it stands here, whole and unquoted.
    pub(super) fn reserved(&mut self, word: &str) -> bool {
        let place = self.place();
        if self.eat(word) {
            if self.peek().is_none_or(is_meta) {
                return true;
            }
            self.back_to(place);
        }
        false
    }
}
