//! Words and quotes.

use super::cursor::{Parser, Read, is_meta};
use super::{Part, Word};

impl Word {
    pub(super) fn push(&mut self, character: char, quote: bool) {
        if let Some(Part::Text { text, quoted }) = self.0.last_mut()
            && *quoted == quote
        {
            text.push(character);
            return;
        }
        self.push_text(character.to_string(), quote);
    }

    /// Adds text; also empty text, which makes a word of `''`.
    pub(super) fn push_text(&mut self, text: String, quoted: bool) {
        self.0.push(Part::Text { text, quoted });
    }
}

impl Parser {
    /// Takes a word; `None` if none stands here.
    pub(super) fn word(&mut self) -> Read<Option<Word>> {
        let mut word = Word::default();
        while let Some(next) = self.peek() {
            if matches!(next, '<' | '>') && self.bash() && self.peek_second() == Some('(') {
                self.take()?;
                self.take()?;
                let script = self.substitution_body()?;
                word.0.push(Part::Substitution {
                    script,
                    quoted: false,
                    process: true,
                });
                continue;
            }
            if is_meta(next) {
                break;
            }
            self.word_piece(&mut word, next)?;
        }
        Ok(if word.0.is_empty() { None } else { Some(word) })
    }

    /// Takes one piece of an unquoted word: anything but a metacharacter.
    pub(super) fn word_piece(&mut self, word: &mut Word, next: char) -> Read<()> {
        match next {
            '\\' => {
                self.take()?;
                match self.take_raw()? {
                    Some(character) => word.push(character, true),
                    // A backslash at the very end stands for itself.
                    None => word.push('\\', true),
                }
            }
            '\'' => {
                self.take()?;
                let text = self.single_quoted()?;
                word.push_text(text, true);
            }
            '"' => {
                self.take()?;
                self.double_quoted(word)?;
            }
            '$' => self.dollar(word, false)?,
            '`' => self.backquoted(word, false)?,
            _ => {
                self.take()?;
                word.push(next, false);
            }
        }
        Ok(())
    }

    fn single_quoted(&mut self) -> Read<String> {
        let mut text = String::new();
        loop {
            match self.take_raw()? {
                Some('\'') => return Ok(text),
                Some(character) => text.push(character),
                None => return Err(self.syntax("a ' is not closed")),
            }
        }
    }

    /// Takes the rest of a double-quoted piece.
    pub(super) fn double_quoted(&mut self, word: &mut Word) -> Read<()> {
        self.deeper(|parser| {
            // An empty piece still makes a word.
            word.push_text(String::new(), true);
            loop {
                match parser.peek() {
                    None => return Err(parser.syntax("a \" is not closed")),
                    Some('"') => {
                        parser.take()?;
                        return Ok(());
                    }
                    Some(next) => parser.quoted_piece(word, next, true)?,
                }
            }
        })
    }

    /// Takes one piece inside double quotes or of a here-document, where `"` stands for itself.
    fn quoted_piece(&mut self, word: &mut Word, next: char, quotes: bool) -> Read<()> {
        match next {
            '\\' => {
                self.take()?;
                match self.raw() {
                    Some(character @ ('$' | '`' | '\\')) => {
                        self.take_raw()?;
                        word.push(character, true);
                    }
                    Some('"') if quotes => {
                        self.take_raw()?;
                        word.push('"', true);
                    }
                    _ => word.push('\\', true),
                }
            }
            '$' => self.dollar(word, true)?,
            '`' => self.backquoted(word, quotes)?,
            _ => {
                self.take()?;
                word.push(next, true);
            }
        }
        Ok(())
    }

    /// Takes the whole text as that of a here-document.
    pub(super) fn here_text(&mut self) -> Read<Word> {
        let mut word = Word::default();
        while let Some(next) = self.peek() {
            self.quoted_piece(&mut word, next, false)?;
        }
        Ok(word)
    }

    /// Takes the rest of `$'…'`.
    pub(super) fn ansi_quoted(&mut self) -> Read<String> {
        let mut text = String::new();
        loop {
            let character = match self.take_raw()? {
                Some('\'') => return Ok(text),
                Some('\\') => self.ansi_escape()?,
                Some(character) => character,
                None => return Err(self.syntax("a $' is not closed")),
            };
            text.push(character);
        }
    }

    fn ansi_escape(&mut self) -> Read<char> {
        let next = self.take_raw()?;
        Ok(match next {
            Some('a') => '\u{7}',
            Some('b') => '\u{8}',
            Some('e' | 'E') => '\u{1b}',
            Some('f') => '\u{c}',
            Some('n') => '\n',
            Some('r') => '\r',
            Some('t') => '\t',
            Some('v') => '\u{b}',
            Some(same @ ('\\' | '\'' | '"' | '?')) => same,
            Some(digit @ '0'..='7') => {
                let first = digit.to_digit(8).unwrap_or_default();
                self.ansi_number(8, 2, first)?
            }
            Some('x') if self.raw() != Some('{') => self.ansi_number(16, 2, 0)?,
            Some('u') => self.ansi_number(16, 4, 0)?,
            Some('U') => self.ansi_number(16, 8, 0)?,
            // `\c` and what else bash leaves as it stands: rare, and not worth a guess.
            _ => return Err(self.syntax("an escape inside $'…' is not known")),
        })
    }

    fn ansi_number(&mut self, base: u32, digits: usize, first: u32) -> Read<char> {
        let mut value = first;
        let mut count = 0;
        while count < digits
            && let Some(digit) = self.raw().and_then(|character| character.to_digit(base))
        {
            self.take_raw()?;
            value = value.wrapping_mul(base).wrapping_add(digit);
            count += 1;
        }
        // A zero ends the text in bash, a byte above 127 depends on the locale, and no digits mean no escape.
        match char::from_u32(value) {
            Some(character @ '\u{1}'..='\u{7f}') => Ok(character),
            Some(character) if digits >= 4 && count > 0 && value > 0 => Ok(character),
            _ => Err(self.syntax("an escape inside $'…' stands for no character")),
        }
    }
}
