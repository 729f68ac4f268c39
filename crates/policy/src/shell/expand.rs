//! What begins with `$` or a backquote.

use super::cursor::{Fault, Parser, Read};
use super::{Part, Script, Word};

impl Parser {
    /// Takes a `$` and what it begins.
    pub(super) fn dollar(&mut self, word: &mut Word, quoted: bool) -> Read<()> {
        self.take()?;
        match self.peek() {
            Some('\'') if !quoted => {
                self.dialectal = true;
                if self.bash() {
                    self.take()?;
                    let text = self.ansi_quoted()?;
                    word.push_text(text, true);
                } else {
                    word.push('$', false);
                }
            }
            Some('"') if !quoted => {
                self.dialectal = true;
                if !self.bash() {
                    word.push('$', false);
                }
            }
            Some('(') => {
                self.take()?;
                let part = self.parenthesis(quoted)?;
                word.0.push(part);
            }
            Some('{') => {
                self.take()?;
                let part = self.deeper(|parser| parser.braced(quoted))?;
                word.0.push(part);
            }
            Some('[') => {
                self.dialectal = true;
                if self.bash() {
                    self.take()?;
                    let inner = self.deeper(|parser| parser.arithmetic('[', ']'))?;
                    word.0.push(nameless(inner, quoted));
                } else {
                    word.push('$', quoted);
                }
            }
            Some(first) if first == '_' || first.is_ascii_alphabetic() => {
                let name = self.name()?;
                word.0.push(plain(name, quoted));
            }
            Some(first) if first.is_ascii_digit() || "@*#?-$!".contains(first) => {
                self.take()?;
                word.0.push(plain(first.to_string(), quoted));
            }
            _ => word.push('$', quoted),
        }
        Ok(())
    }

    pub(super) fn name(&mut self) -> Read<String> {
        let mut name = String::new();
        while let Some(next) = self.peek()
            && (next == '_' || next.is_ascii_alphanumeric())
        {
            self.take()?;
            name.push(next);
        }
        Ok(name)
    }

    /// Takes the rest of `$(`: arithmetic if it is closed by `))`, otherwise commands (bash's rule).
    fn parenthesis(&mut self, quoted: bool) -> Read<Part> {
        if self.peek() == Some('(')
            && let Some(inner) = self.try_arithmetic()?
        {
            return Ok(nameless(inner, quoted));
        }
        Ok(Part::Substitution {
            script: self.substitution_body()?,
            quoted,
            process: false,
        })
    }

    /// Takes `(…)` and a further `)` as arithmetic, or stays where it is.
    pub(super) fn try_arithmetic(&mut self) -> Read<Option<Word>> {
        let place = self.place();
        self.take()?;
        match self.deeper(|parser| parser.arithmetic('(', ')')) {
            Ok(inner) if self.peek() == Some(')') => {
                self.take()?;
                return Ok(Some(inner));
            }
            // Trying the other way at every level would take exponentially long.
            Err(limit @ Fault::Limit(_)) => return Err(limit),
            _ => {}
        }
        self.back_to(place);
        Ok(None)
    }

    /// Takes an arithmetic expression and the character that closes it.
    fn arithmetic(&mut self, open: char, close: char) -> Read<Word> {
        let mut inner = Word::default();
        let mut nested = 0_usize;
        loop {
            let Some(next) = self.peek() else {
                return Err(self.syntax("arithmetic is not closed"));
            };
            match next {
                '\'' => return Err(self.syntax("a ' inside arithmetic")),
                '$' => self.dollar(&mut inner, true)?,
                '\\' | '"' | '`' => self.word_piece(&mut inner, next)?,
                _ => {
                    self.take()?;
                    if next == open {
                        nested += 1;
                    } else if next == close {
                        if nested == 0 {
                            return Ok(inner);
                        }
                        nested -= 1;
                    }
                    inner.push(next, true);
                }
            }
        }
    }

    /// Takes commands up to the `)` that closes a substitution.
    pub(super) fn substitution_body(&mut self) -> Read<Script> {
        let outside = std::mem::take(&mut self.pending);
        self.pending_outside += outside.len();
        let script = self.deeper(Self::script_until_parenthesis);
        self.pending_outside -= outside.len();
        if !self.pending.is_empty() {
            return Err(self.syntax("a here-document's text is not where its command is"));
        }
        self.pending = outside;
        script
    }

    /// Takes `` `…` ``; inside double quotes `\"` loses its backslash too.
    pub(super) fn backquoted(&mut self, word: &mut Word, in_quotes: bool) -> Read<()> {
        self.take()?;
        let mut text = String::new();
        loop {
            match self.take_raw()? {
                Some('`') => break,
                Some('\\') => match self.take_raw()? {
                    Some(character @ ('$' | '`' | '\\')) => text.push(character),
                    Some('"') if in_quotes => text.push('"'),
                    Some(character) => text.extend(['\\', character]),
                    None => return Err(self.syntax("a ` is not closed")),
                },
                Some('\n') if !self.pending.is_empty() || self.pending_outside > 0 => {
                    return Err(self.syntax("a newline before a here-document's text"));
                }
                Some(character) => text.push(character),
                None => return Err(self.syntax("a ` is not closed")),
            }
        }
        let mut inner = self.inner(&text);
        let mut script = Script::default();
        let result = inner.whole_script(&mut script);
        self.absorb(&inner);
        result?;
        word.0.push(Part::Substitution {
            script,
            quoted: in_quotes,
            process: false,
        });
        Ok(())
    }

    /// Takes the rest of `${`.
    fn braced(&mut self, quoted: bool) -> Read<Part> {
        if matches!(self.peek(), Some(' ' | '\t' | '\n' | '|')) {
            // `${ command; }` of bash 5.3 and ksh.
            self.dialectal = true;
            self.eat("|");
            let script = self.script_until_word("}")?;
            return Ok(Part::Substitution {
                script,
                quoted,
                process: false,
            });
        }
        let mut plain = true;
        if matches!(self.peek(), Some('!' | '#')) && self.peek_second() != Some('}') {
            self.take()?;
            plain = false;
        }
        let mut name = self.name()?;
        if name.is_empty()
            && let Some(special) = self.peek()
            && "@*#?-$!".contains(special)
        {
            self.take()?;
            name.push(special);
        }
        let mut inner = Word::default();
        loop {
            let Some(next) = self.peek() else {
                return Err(self.syntax("a ${ is not closed"));
            };
            match next {
                '}' => {
                    self.take()?;
                    break;
                }
                // Whether this quotes depends on the operator, and on the shell.
                '\'' if quoted => return Err(self.syntax("a ' inside a quoted ${")),
                '$' => self.dollar(&mut inner, quoted)?,
                _ => self.word_piece(&mut inner, next)?,
            }
        }
        Ok(Part::Expansion {
            plain: plain && inner.0.is_empty(),
            name,
            quoted,
            inner,
        })
    }
}

fn plain(name: String, quoted: bool) -> Part {
    Part::Expansion {
        name,
        plain: true,
        quoted,
        inner: Word::default(),
    }
}

fn nameless(inner: Word, quoted: bool) -> Part {
    Part::Expansion {
        name: String::new(),
        plain: true,
        quoted,
        inner,
    }
}
