//! From a line to its commands.

use super::{Input, LINE_BYTES_MAX, NESTING_MAX, Scope, TEXT_BYTES_MAX, Walk, shorten};
use crate::argument::Argument;
use crate::builtin::{Write, bomb};
use crate::expansion::{arguments as arguments_of, value};
use crate::rule::Decision;
use crate::shell::{
    Assignment, Command, Compound, Dialect, Fault, Operator, Part, Pipeline, Redirection, Script,
    Simple, Word, read,
};
use crate::verdict::{Finding, RuleReference};

impl Walk<'_> {
    /// Goes through a line; and once more as the other shells read it, if they read it differently.
    pub(super) fn line(&mut self, line: &str, dialect: Dialect, scope: &Scope) {
        self.text_bytes += line.len();
        if line.len() > LINE_BYTES_MAX {
            return self.limit("it is longer than 64 KiB");
        }
        if self.text_bytes > TEXT_BYTES_MAX {
            return self.limit("its commands are wrapped in each other too often");
        }
        if scope.nesting > NESTING_MAX {
            return self.limit("its commands are wrapped in each other too deeply");
        }
        let reading = read(line, dialect, scope.nesting);
        let directory = self.directory.clone();
        if let Some(name) = bomb::find(&reading.script) {
            self.find(Finding {
                command: vec![format!("{name}()")],
                decision: Decision::Deny,
                reason: "it is a fork bomb: a function that starts itself faster than it ends"
                    .to_owned(),
                rule: RuleReference::BuiltIn {
                    name: "fork_bomb".to_owned(),
                },
            });
        }
        self.script(&reading.script, scope);
        match reading.fault {
            Some(Fault::Limit(what)) => self.limit(what),
            Some(fault) => self.unreadable(vec![shorten(line)], fault.to_string()),
            None => {}
        }
        if reading.dialectal && dialect == Dialect::Bash && !self.stopped {
            let after = std::mem::replace(&mut self.directory, directory);
            let before = std::mem::replace(&mut self.denials_only, true);
            self.line(line, Dialect::Posix, scope);
            self.denials_only = before;
            self.directory = after;
        }
    }

    fn script(&mut self, script: &Script, scope: &Scope) {
        for pipeline in &script.pipelines {
            self.pipeline(pipeline, scope);
        }
    }

    fn pipeline(&mut self, pipeline: &Pipeline, scope: &Scope) {
        let alone = pipeline.commands.len() == 1;
        for (i, command) in pipeline.commands.iter().enumerate() {
            let mut inner = scope.clone();
            if i > 0 {
                inner.input = Input::Pipe;
            }
            if alone {
                self.one(command, &inner);
            } else {
                self.apart(|walk| walk.one(command, &inner));
            }
        }
    }

    /// Goes through something whose changes of directory end with it.
    pub(super) fn apart(&mut self, step: impl FnOnce(&mut Self)) {
        let directory = self.directory.clone();
        step(self);
        self.directory = directory;
    }

    fn one(&mut self, command: &Command, scope: &Scope) {
        if self.stopped {
            return;
        }
        match command {
            Command::Simple(simple) => self.simple(simple, scope),
            Command::Compound(compound) => self.compound(compound, scope),
            // What a function will read is decided by who calls it.
            Command::Function(function) => self.apart(|walk| walk.compound(&function.body, scope)),
        }
    }

    fn compound(&mut self, compound: &Compound, scope: &Scope) {
        self.words(&compound.words, scope);
        let inner = self.redirections(&compound.redirections, &[], scope);
        for body in &compound.bodies {
            if compound.subshell {
                self.apart(|walk| walk.script(body, &inner));
            } else {
                self.script(body, &inner);
            }
        }
    }

    fn simple(&mut self, simple: &Simple, scope: &Scope) {
        for Assignment { words, .. } in &simple.assignments {
            self.words(words, scope);
        }
        self.words(&simple.words, scope);
        let arguments: Vec<Argument> = simple
            .words
            .iter()
            .flat_map(|word| arguments_of(word, true))
            .collect();
        let scope = self.redirections(&simple.redirections, &arguments, scope);
        for Assignment { name, .. } in &simple.assignments {
            self.assignment(name, &arguments);
        }
        if !arguments.is_empty() {
            self.command(&arguments, &scope);
        }
    }

    /// Goes through redirections; returns the scope of what they are for.
    fn redirections(
        &mut self,
        redirections: &[Redirection],
        arguments: &[Argument],
        scope: &Scope,
    ) -> Scope {
        let mut inner = scope.clone();
        for redirection in redirections {
            self.word(&redirection.target, scope);
            let body = redirection.body.as_ref().and_then(|body| body.get());
            if let Some(body) = body {
                self.word(body, scope);
            }
            let target = value(&redirection.target);
            let standard = redirection
                .descriptor
                .as_deref()
                .is_none_or(|descriptor| descriptor == "0");
            match redirection.operator {
                Operator::Here if standard => {
                    inner.input = Input::Text(body.map_or(target, value));
                }
                Operator::Read if standard => {
                    inner.input = if is_process(&redirection.target) {
                        Input::Pipe
                    } else {
                        Input::File
                    };
                }
                Operator::Write | Operator::Append | Operator::ReadWrite => {
                    let directory = self.directory.clone();
                    // Patterns are expanded here; braces are an error.
                    let target = arguments_of(&redirection.target, false);
                    let target = target.into_iter().next().unwrap_or_else(Argument::unknown);
                    let operator = match redirection.operator {
                        Operator::Append => ">>",
                        Operator::ReadWrite => "<>",
                        _ => ">",
                    };
                    self.redirection(operator, &target);
                    self.write(
                        &Write {
                            path: target,
                            replaces: redirection.operator == Operator::Write,
                            directory: directory.as_deref(),
                        },
                        arguments,
                    );
                }
                _ => {}
            }
        }
        inner
    }

    /// Goes through the substitutions in words.
    fn words(&mut self, words: &[Word], scope: &Scope) {
        for word in words {
            self.word(word, scope);
        }
    }

    fn word(&mut self, word: &Word, scope: &Scope) {
        for part in &word.0 {
            match part {
                Part::Text { .. } => {}
                Part::Expansion { inner, .. } => self.word(inner, scope),
                Part::Substitution { script, .. } => {
                    let inner = Scope {
                        covered: false,
                        ..scope.clone()
                    };
                    self.apart(|walk| walk.script(script, &inner));
                }
            }
        }
    }
}

/// Whether the word is `<(…)`.
fn is_process(word: &Word) -> bool {
    word.0
        .iter()
        .any(|part| matches!(part, Part::Substitution { process: true, .. }))
}
