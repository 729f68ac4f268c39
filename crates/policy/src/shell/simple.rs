//! Simple commands, function definitions and redirections.

use super::cursor::{Parser, Read};
use super::{Assignment, Command, Function, Operator, Part, Redirection, Simple, Word};

/// Reserved words that no command begins with.
const RESERVED: [&str; 9] = ["then", "elif", "else", "fi", "do", "done", "esac", "}", "!"];

impl Simple {
    fn is_empty(&self) -> bool {
        self.words.is_empty() && self.assignments.is_empty() && self.redirections.is_empty()
    }
}

impl Parser {
    /// Takes a simple command, or a function definition `name() …`.
    pub(super) fn simple_command(&mut self) -> Read<Command> {
        let mut simple = Simple::default();
        loop {
            self.blanks()?;
            if let Some(redirection) = self.redirection(None)? {
                simple.redirections.push(redirection);
                continue;
            }
            let Some(word) = self.word()? else { break };
            if matches!(self.peek(), Some('<' | '>')) && is_descriptor(&word, self.bash()) {
                let redirection = self.redirection(word.literal())?;
                simple.redirections.extend(redirection);
                continue;
            }
            let assigned = assigned_name(&word);
            if self.peek() == Some('(') && array_follows(&word) && self.bash() {
                self.dialectal = true;
                let words = self.array()?;
                let name = assigned.unwrap_or_default();
                simple.assignments.push(Assignment { name, words });
                continue;
            }
            if let Some(name) = assigned
                && simple.words.is_empty()
            {
                simple.assignments.push(assignment(name, word));
                continue;
            }
            if simple.is_empty() && word.bare().is_some_and(|text| RESERVED.contains(&text)) {
                return Err(
                    self.syntax("a word that ends or continues another command stands alone")
                );
            }
            simple.words.push(word);
            self.blanks()?;
            if simple.words.len() == 1 && self.peek() == Some('(') {
                return self.function_after(&simple);
            }
        }
        if simple.is_empty() {
            return Err(self.unexpected());
        }
        Ok(Command::Simple(simple))
    }

    fn function_after(&mut self, simple: &Simple) -> Read<Command> {
        let Some(name) = simple.words.first().and_then(Word::literal) else {
            return Err(self.unexpected());
        };
        if !simple.assignments.is_empty() || !simple.redirections.is_empty() {
            return Err(self.unexpected());
        }
        self.take()?;
        self.blanks()?;
        if !self.eat(")") {
            return Err(self.unexpected());
        }
        self.function_body(name)
    }

    /// Takes a function's body, a compound command.
    pub(super) fn function_body(&mut self, name: String) -> Read<Command> {
        self.gap()?;
        match self.compound()? {
            Some(body) => Ok(Command::Function(Function { name, body })),
            None => Err(self.unexpected()),
        }
    }

    /// Takes the values of an array.
    fn array(&mut self) -> Read<Vec<Word>> {
        self.deeper(|parser| {
            parser.take()?;
            let mut words = Vec::new();
            loop {
                parser.gap()?;
                if parser.eat(")") {
                    return Ok(words);
                }
                match parser.word()? {
                    Some(word) => words.push(word),
                    None => return Err(parser.unexpected()),
                }
            }
        })
    }

    /// Takes all redirections that follow a compound command.
    pub(super) fn redirections(&mut self) -> Read<Vec<Redirection>> {
        let mut redirections = Vec::new();
        loop {
            self.blanks()?;
            if let Some(redirection) = self.redirection(None)? {
                redirections.push(redirection);
                continue;
            }
            let place = self.place();
            if let Some(word) = self.word()?
                && matches!(self.peek(), Some('<' | '>'))
                && is_descriptor(&word, self.bash())
            {
                let redirection = self.redirection(word.literal())?;
                redirections.extend(redirection);
                continue;
            }
            self.back_to(place);
            return Ok(redirections);
        }
    }

    fn redirection(&mut self, descriptor: Option<String>) -> Read<Option<Redirection>> {
        let Some(spelling) = self.operator() else {
            return Ok(None);
        };
        if spelling.starts_with('&') || spelling == "<<<" {
            self.dialectal = true;
        }
        self.blanks()?;
        let Some(target) = self.word()? else {
            return Err(self.unexpected());
        };
        let to_descriptor = target.bare().is_some_and(|text| {
            text.trim_end_matches('-')
                .chars()
                .all(|c| c.is_ascii_digit())
        });
        let operator = match spelling {
            "<" => Operator::Read,
            "<>" => Operator::ReadWrite,
            "<<" | "<<-" | "<<<" => Operator::Here,
            "<&" => Operator::Duplicate,
            ">&" if to_descriptor => Operator::Duplicate,
            ">>" | "&>>" => Operator::Append,
            _ => Operator::Write,
        };
        let body = match spelling {
            "<<" | "<<-" => Some(self.here_document(&target, spelling == "<<-")?),
            _ => None,
        };
        Ok(Some(Redirection {
            operator,
            descriptor,
            target,
            body,
        }))
    }

    fn operator(&mut self) -> Option<&'static str> {
        let first = self.peek()?;
        if !matches!(first, '<' | '>' | '&') {
            return None;
        }
        // `<(` and `>(` begin a word.
        if first != '&' && self.bash() && self.peek_second() == Some('(') {
            return None;
        }
        let bash = self.bash();
        let spellings = ["<<<", "<<-", "<<", "<>", "<&", "<", ">>", ">&", ">|", ">"];
        let both = ["&>>", "&>"];
        spellings
            .into_iter()
            .filter(|spelling| bash || *spelling != "<<<")
            .chain(both.into_iter().filter(|_| bash))
            .find(|spelling| self.eat(spelling))
    }
}

/// Whether the word, standing right before `<` or `>`, is a file descriptor: `2` or `{name}`.
fn is_descriptor(word: &Word, bash: bool) -> bool {
    word.bare().is_some_and(|text| {
        let digits = !text.is_empty() && text.chars().all(|c| c.is_ascii_digit());
        let named = text
            .strip_prefix('{')
            .and_then(|rest| rest.strip_suffix('}'))
            .is_some_and(|name| is_name(name) && bash);
        digits || named
    })
}

fn is_name(text: &str) -> bool {
    !text.is_empty()
        && !text.starts_with(|c: char| c.is_ascii_digit())
        && text.chars().all(|c| c == '_' || c.is_ascii_alphanumeric())
}

/// The name that the word assigns to, if it has the form of an assignment.
fn assigned_name(word: &Word) -> Option<String> {
    let Some(Part::Text {
        text,
        quoted: false,
    }) = word.0.first()
    else {
        return None;
    };
    let end = text.find(|c: char| c != '_' && !c.is_ascii_alphanumeric())?;
    let (name, rest) = text.split_at(end);
    let element = rest.starts_with('[')
        && word.0.iter().any(|part| {
            matches!(part, Part::Text { text, quoted: false } if text.contains("]=") || text.contains("]+="))
        });
    (is_name(name) && (rest.starts_with('=') || rest.starts_with("+=") || element))
        .then(|| name.to_owned())
}

/// Whether the word is `name=` or `name+=` and nothing more.
fn array_follows(word: &Word) -> bool {
    word.bare().is_some_and(|text| {
        text.strip_suffix("+=")
            .or_else(|| text.strip_suffix('='))
            .is_some_and(is_name)
    })
}

/// The assignment; its value is the word after the first `=`, or the whole word of an array's element.
fn assignment(name: String, mut word: Word) -> Assignment {
    if let Some(Part::Text { text, .. }) = word.0.first_mut()
        && let Some((_, value)) = text.split_once('=')
    {
        *text = value.to_owned();
    }
    Assignment {
        name,
        words: vec![word],
    }
}
