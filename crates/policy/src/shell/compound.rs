//! Compound commands: groups, subshells, loops, conditions.

use super::cursor::{Parser, Read};
use super::{Command, Compound, Script, Word};

impl Parser {
    /// Takes one command of a pipeline.
    pub(super) fn command(&mut self) -> Read<Command> {
        if self.reserved("function") {
            if self.bash() {
                self.dialectal = true;
                self.blanks()?;
                let word = self.word()?;
                let Some(name) = word.as_ref().and_then(Word::literal) else {
                    return Err(self.syntax("a function has no plain name"));
                };
                self.blanks()?;
                if self.peek() == Some('(') {
                    self.take()?;
                    self.blanks()?;
                    if !self.eat(")") {
                        return Err(self.unexpected());
                    }
                }
                return self.function_body(name);
            }
            return Err(self.syntax("'function' is not known to this shell"));
        }
        if self.bash() && self.reserved("coproc") {
            self.dialectal = true;
            return self.coprocess();
        }
        match self.compound()? {
            Some(compound) => Ok(Command::Compound(compound)),
            None => self.simple_command(),
        }
    }

    fn coprocess(&mut self) -> Read<Command> {
        self.blanks()?;
        if let Some(compound) = self.compound()? {
            return Ok(Command::Compound(compound));
        }
        let place = self.place();
        if self.word()?.is_some() {
            self.blanks()?;
            if let Some(compound) = self.compound()? {
                return Ok(Command::Compound(compound));
            }
        }
        self.back_to(place);
        self.simple_command()
    }

    /// Takes a compound command with its redirections, if one stands here.
    pub(super) fn compound(&mut self) -> Read<Option<Compound>> {
        let Some(mut compound) = self.deeper(Self::compound_without_redirections)? else {
            return Ok(None);
        };
        compound.redirections = self.redirections()?;
        Ok(Some(compound))
    }

    fn compound_without_redirections(&mut self) -> Read<Option<Compound>> {
        let mut compound = Compound::default();
        if self.peek() == Some('(') {
            self.parentheses(&mut compound)?;
        } else if self.reserved("{") {
            compound.bodies.push(self.script_until_word("}")?);
        } else if self.reserved("if") {
            self.condition(&mut compound)?;
        } else if self.reserved("while") || self.reserved("until") {
            compound.bodies.push(self.script_until_word("do")?);
            compound.bodies.push(self.script_until_word("done")?);
        } else if self.reserved("for") || (self.bash() && self.reserved("select")) {
            self.counting(&mut compound)?;
        } else if self.reserved("case") {
            self.case(&mut compound)?;
        } else if self.bash() && self.reserved("[[") {
            self.dialectal = true;
            self.test(&mut compound)?;
        } else {
            return Ok(None);
        }
        Ok(Some(compound))
    }

    /// `((…))` or `(…)`.
    fn parentheses(&mut self, compound: &mut Compound) -> Read<()> {
        self.take()?;
        if self.peek() == Some('(') {
            self.dialectal = true;
            if self.bash()
                && let Some(inner) = self.try_arithmetic()?
            {
                compound.words.push(inner);
                return Ok(());
            }
        }
        compound.subshell = true;
        compound
            .bodies
            .push(self.deeper(Self::script_until_parenthesis)?);
        Ok(())
    }

    fn condition(&mut self, compound: &mut Compound) -> Read<()> {
        loop {
            compound.bodies.push(self.script_until_word("then")?);
            let (body, end) = self.script_until_words(&["elif", "else", "fi"])?;
            compound.bodies.push(body);
            match end {
                "elif" => {}
                "else" => {
                    compound.bodies.push(self.script_until_word("fi")?);
                    return Ok(());
                }
                _ => return Ok(()),
            }
        }
    }

    fn counting(&mut self, compound: &mut Compound) -> Read<()> {
        self.blanks()?;
        if self.bash() && self.peek() == Some('(') {
            self.dialectal = true;
            self.take()?;
            let inner = match self.peek() {
                Some('(') => self.try_arithmetic()?,
                _ => None,
            };
            compound
                .words
                .push(inner.ok_or_else(|| self.syntax("for (( is not closed by ))"))?);
        } else {
            if self.name()?.is_empty() {
                return Err(self.unexpected());
            }
            self.gap()?;
            if self.reserved("in") {
                loop {
                    self.blanks()?;
                    match self.word()? {
                        Some(word) => compound.words.push(word),
                        None => break,
                    }
                }
            }
        }
        self.blanks()?;
        self.eat(";");
        self.gap()?;
        let end = if self.reserved("do") {
            "done"
        } else if self.reserved("{") {
            "}"
        } else {
            return Err(self.unexpected());
        };
        compound.bodies.push(self.script_until_word(end)?);
        Ok(())
    }

    fn case(&mut self, compound: &mut Compound) -> Read<()> {
        self.blanks()?;
        match self.word()? {
            Some(word) => compound.words.push(word),
            None => return Err(self.unexpected()),
        }
        self.gap()?;
        if !self.reserved("in") {
            return Err(self.unexpected());
        }
        loop {
            self.gap()?;
            if self.reserved("esac") {
                return Ok(());
            }
            self.eat("(");
            self.case_patterns(compound)?;
            let body: Script = self.case_item()?;
            compound.bodies.push(body);
            let ends = self.eat(";;&") || self.eat(";;") || self.eat(";&");
            if !ends && !self.at_reserved("esac") {
                return Err(self.unexpected());
            }
        }
    }

    fn case_patterns(&mut self, compound: &mut Compound) -> Read<()> {
        loop {
            self.blanks()?;
            match self.word()? {
                Some(word) => compound.words.push(word),
                None => return Err(self.unexpected()),
            }
            self.blanks()?;
            if self.eat(")") {
                return Ok(());
            }
            if !self.eat("|") {
                return Err(self.unexpected());
            }
        }
    }

    /// The rest of `[[ … ]]`: words between operators; a regular expression's parentheses are operators here too.
    fn test(&mut self, compound: &mut Compound) -> Read<()> {
        loop {
            self.gap()?;
            if self.reserved("]]") {
                return Ok(());
            }
            match self.word()? {
                Some(word) => compound.words.push(word),
                None => match self.peek() {
                    Some('(' | ')' | '<' | '>' | '&' | '|') => {
                        self.take()?;
                    }
                    _ => return Err(self.unexpected()),
                },
            }
        }
    }
}
