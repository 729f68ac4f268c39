//! What is decided of one command.

use super::{COMMANDS_MAX, Input, NESTING_MAX, Scope, Walk, shorten};
use crate::argument::{Argument, HOME};
use crate::builtin::{BuiltIn, COMMANDS, Invocation, WRITES, Write, writes};
use crate::path::{Certainty, normalize};
use crate::policy::shown;
use crate::rule::{Decision, Rule};
use crate::shell::Dialect;
use crate::verdict::{Finding, RuleReference};
use crate::wrap::{Inner, unwrap};

/// Variables that change what the names of commands mean.
const POWERFUL_VARIABLES: [&str; 12] = [
    "PATH",
    "IFS",
    "ENV",
    "BASH_ENV",
    "SHELLOPTS",
    "BASHOPTS",
    "PROMPT_COMMAND",
    "PS4",
    "GIT_SSH_COMMAND",
    "GIT_EXTERNAL_DIFF",
    "PERL5OPT",
    "NODE_OPTIONS",
];

/// What the rules say of a command.
#[derive(Default)]
struct Met {
    /// The strictest of the rules that ask or deny, with its finding.
    restricting: Option<Finding>,
    /// The allowing rule that reaches furthest: its place, and how many arguments it names.
    allowing: Option<(usize, usize)>,
    /// Whether one of the allowing rules names the command, rather than any.
    by_name: bool,
}

impl Walk<'_> {
    /// Decides of a command and of all that it runs in turn.
    pub(super) fn command(&mut self, arguments: &[Argument], scope: &Scope) {
        let Some(first) = arguments.first() else {
            return;
        };
        self.count += 1;
        if self.count > COMMANDS_MAX {
            return self.limit("it contains more than 1,000 commands");
        }
        if scope.nesting > NESTING_MAX {
            return self.limit("its commands are wrapped in each other too deeply");
        }
        if self.stopped {
            return;
        }
        if self.document.is_none() {
            self.commands.push(arguments.to_vec());
        }
        let met = self.rules(arguments);
        let restricted = met.restricting.is_some();
        if let Some(finding) = &met.restricting {
            self.find(finding.clone());
        }
        let name = first.known().filter(|name| !name.starts_with(['=', '%']));
        let Some(name) = name else {
            return self.unknown_name(arguments, scope);
        };
        let path;
        let name = if name.contains('/') {
            path = normalize(name, None);
            path.rsplit('/').next().unwrap_or_default()
        } else {
            name
        };
        let directory = self.directory.clone();
        let invocation = Invocation {
            name,
            arguments: &arguments[1..],
            directory: directory.as_deref(),
        };
        for rule in &COMMANDS {
            self.built_in(rule, (rule.meets)(&invocation), arguments, met.by_name);
        }
        for write in writes(&invocation) {
            self.write(&write, arguments);
        }
        self.change_directory(&invocation);

        let unwrapped = unwrap(name, arguments);
        let runs = |inner: &Inner| matches!(inner, Inner::Command { .. } | Inner::Line { .. });
        let stands_alone = !(unwrapped.transparent && unwrapped.inner.iter().any(runs));
        if !restricted {
            if let Some((index, _)) = met.allowing {
                self.find(finding(
                    arguments,
                    Decision::Allow,
                    reason(self.rule(index), index),
                    RuleReference::Rule { index },
                ));
            } else if scope.covered {
                let reason = "a rule allows it together with what runs it".to_owned();
                self.find(finding(
                    arguments,
                    Decision::Allow,
                    reason,
                    RuleReference::Default,
                ));
            } else if stands_alone {
                self.default(arguments);
            }
        }
        let elsewhere = |inner: &Inner| matches!(inner, Inner::Directory(_));
        let back = unwrapped.inner.iter().any(elsewhere).then_some(directory);
        for inner in &unwrapped.inner {
            self.inner(inner, arguments, &met, scope);
        }
        if let Some(directory) = back {
            self.directory = directory;
        }
    }

    fn inner(&mut self, inner: &Inner, outer: &[Argument], met: &Met, scope: &Scope) {
        // A rule that reaches into what is run allows that too.
        let reaches = |index: usize| met.allowing.is_some_and(|(_, length)| length > index);
        let deeper = |index: usize| Scope {
            input: scope.input.clone(),
            covered: scope.covered || reaches(index),
            nesting: scope.nesting + 1,
        };
        match inner {
            Inner::Command { arguments, index } => self.command(arguments, &deeper(*index)),
            Inner::Line { text, index } => self.inner_line(text, outer, &deeper(*index)),
            Inner::Possible(arguments) => self.possible(arguments, &deeper(usize::MAX)),
            Inner::Directory(directory) => {
                let target = std::slice::from_ref(directory);
                self.change_directory(&Invocation {
                    name: "cd",
                    arguments: target,
                    directory: self.directory.clone().as_deref(),
                });
            }
            Inner::RemoteInput => {
                if !matches!(scope.input, Input::Inherited) {
                    self.inner(&Inner::Input, outer, met, scope);
                }
            }
            Inner::Assignment(name) => self.assignment(name, outer),
            Inner::Opaque { reason, firm } => {
                if *firm || !(met.by_name || scope.covered) {
                    self.opaque(outer, reason.clone());
                }
            }
            Inner::Input => match &scope.input {
                Input::Text(text) => self.inner_line(&text.clone(), outer, &deeper(usize::MAX)),
                Input::Pipe => self.opaque(
                    outer,
                    "it runs whatever another command writes to it".to_owned(),
                ),
                Input::File => self.opaque(outer, "it runs whatever a file holds".to_owned()),
                Input::Inherited => {
                    if !(met.by_name || scope.covered) {
                        self.opaque(outer, "it runs whatever comes from its input".to_owned());
                    }
                }
            },
        }
    }

    /// Goes through a line that a command gives to a shell; only `eval` changes the directory of what follows.
    fn inner_line(&mut self, text: &Argument, outer: &[Argument], scope: &Scope) {
        if outer.first().and_then(Argument::known) == Some("eval") {
            self.line_inside(text, outer, scope);
        } else {
            self.apart(|walk| walk.line_inside(text, outer, scope));
        }
    }

    fn line_inside(&mut self, text: &Argument, outer: &[Argument], scope: &Scope) {
        // The outer shell has put in the home directory; any that is vital will do.
        let line = text.text.replace(HOME, "/root");
        let line = Argument::exact(line).to_string();
        if text.is_computed() {
            self.opaque(
                outer,
                "it runs a line that is known only when it runs".to_owned(),
            );
            // What is known of it may be denied all the same.
            let before = std::mem::replace(&mut self.denials_only, true);
            self.line(&line.replace('…', "\"$unknown\""), Dialect::Bash, scope);
            self.denials_only = before;
        } else {
            self.line(&line, Dialect::Bash, scope);
        }
    }

    fn opaque(&mut self, arguments: &[Argument], reason: String) {
        let decision = self.opaque_decision();
        let rule = RuleReference::BuiltIn {
            name: "opaque".to_owned(),
        };
        self.find(finding(arguments, decision, reason, rule));
    }

    fn unknown_name(&mut self, arguments: &[Argument], scope: &Scope) {
        let reason = "which command this is is known only when it runs".to_owned();
        let decision = self.opaque_decision();
        let rule = RuleReference::BuiltIn {
            name: "computed_name".to_owned(),
        };
        self.find(finding(arguments, decision, reason, rule));
        // `$SUDO rm -rf /`: if it is a wrapper, or nothing, what follows is the command.
        let deeper = Scope {
            nesting: scope.nesting + 1,
            ..scope.clone()
        };
        self.possible(&arguments[1..], &deeper);
    }

    /// Decides of what may be a command: only a denial counts.
    fn possible(&mut self, arguments: &[Argument], scope: &Scope) {
        let before = std::mem::replace(&mut self.denials_only, true);
        self.command(arguments, scope);
        self.denials_only = before;
    }

    fn default(&mut self, arguments: &[Argument]) {
        let decision = self
            .document
            .map_or(Decision::Allow, |document| document.default);
        let reason = match decision {
            Decision::Allow => "no rule restricts it",
            Decision::Ask => "no rule allows it, and the policy asks about such commands",
            Decision::Deny => "no rule allows it",
        };
        self.find(finding(
            arguments,
            decision,
            reason.to_owned(),
            RuleReference::Default,
        ));
    }

    fn rules(&self, arguments: &[Argument]) -> Met {
        let mut met = Met::default();
        let rules = self.document.map_or(&[][..], |document| &document.rules);
        for (index, rule) in rules.iter().enumerate() {
            let certainty = rule.meets(arguments);
            if rule.action == Decision::Allow {
                if certainty == Certainty::Yes {
                    let length = rule.pattern.len();
                    if met.allowing.is_none_or(|(_, longest)| length > longest) {
                        met.allowing = Some((index, length));
                    }
                    met.by_name |= rule.pattern.first().is_some_and(|first| !first.is_any());
                }
                continue;
            }
            let (decision, reason) = match certainty {
                Certainty::No => continue,
                Certainty::Yes => (rule.action, reason(rule, index)),
                Certainty::Maybe => (
                    Decision::Ask,
                    format!(
                        "an argument is known only when it runs; perhaps {}",
                        reason(rule, index)
                    ),
                ),
            };
            if met
                .restricting
                .as_ref()
                .is_none_or(|strictest| decision > strictest.decision)
            {
                met.restricting = Some(finding(
                    arguments,
                    decision,
                    reason,
                    RuleReference::Rule { index },
                ));
            }
        }
        met
    }

    fn rule(&self, index: usize) -> &Rule {
        let document = self
            .document
            .expect("rules are met only where there are some");
        &document.rules[index]
    }

    fn built_in<Check>(
        &mut self,
        rule: &BuiltIn<Check>,
        certainty: Certainty,
        arguments: &[Argument],
        by_name: bool,
    ) {
        let (decision, reason) = match certainty {
            Certainty::No => return,
            // What is only asked about, a rule of one's own may allow.
            Certainty::Yes if rule.decision == Decision::Ask && by_name => return,
            Certainty::Yes => (rule.decision, rule.reason.to_owned()),
            Certainty::Maybe => (
                Decision::Ask,
                format!(
                    "an argument is known only when it runs; perhaps {}",
                    rule.reason
                ),
            ),
        };
        let reference = RuleReference::BuiltIn {
            name: rule.name.to_owned(),
        };
        self.find(finding(arguments, decision, reason, reference));
    }

    pub(super) fn write(&mut self, write: &Write<'_>, arguments: &[Argument]) {
        let shown;
        let arguments = if arguments.is_empty() {
            shown = [Argument::exact(">"), write.path.clone()];
            &shown
        } else {
            arguments
        };
        for rule in &WRITES {
            self.built_in(rule, (rule.meets)(write), arguments, false);
        }
    }

    /// Decides of a redirection that writes, as if it were a command named by its operator: `> file`.
    pub(super) fn redirection(&mut self, operator: &str, path: &Argument) {
        let harmless = [
            "/dev/null",
            "/dev/stdout",
            "/dev/stderr",
            "/dev/tty",
            "/dev/full",
        ];
        if path.known().is_some_and(|path| harmless.contains(&path)) {
            return;
        }
        let arguments = [Argument::exact(operator), path.clone()];
        let met = self.rules(&arguments);
        let default = self.document.map(|document| document.default);
        if let Some(finding) = met.restricting {
            self.find(finding);
        } else if let Some((index, _)) = met.allowing {
            let reason = reason(self.rule(index), index);
            let rule = RuleReference::Rule { index };
            self.find(finding(&arguments, Decision::Allow, reason, rule));
        } else if default.is_some_and(|default| default != Decision::Allow) {
            self.default(&arguments);
        }
        if self.document.is_none() {
            self.commands.push(arguments.to_vec());
        }
    }

    /// A variable that changes what names mean undoes rules that allow by name.
    pub(super) fn assignment(&mut self, name: &str, arguments: &[Argument]) {
        let powerful = POWERFUL_VARIABLES.contains(&name) || name.starts_with("LD_");
        let restrictive = self
            .document
            .is_some_and(|document| document.default != Decision::Allow);
        if powerful && restrictive {
            let assigned = [Argument::exact(format!("{name}=…"))];
            let arguments = if arguments.is_empty() {
                &assigned
            } else {
                arguments
            };
            let reason = format!("it sets {name}, which changes what commands do");
            self.opaque(arguments, reason);
        }
    }

    fn change_directory(&mut self, invocation: &Invocation<'_>) {
        if !matches!(invocation.name, "cd" | "pushd" | "chdir") {
            return;
        }
        let target = invocation
            .arguments
            .iter()
            .find(|argument| !argument.text.starts_with('-'));
        self.directory = match target {
            None => Some(HOME.to_string()),
            Some(target) if target.is_computed() => None,
            Some(target) if target.text.starts_with(['/', HOME]) => {
                Some(normalize(&target.text, None))
            }
            Some(target) => invocation
                .directory
                .map(|directory| normalize(&target.text, Some(directory))),
        };
    }
}

/// What was decided of a command.
fn finding(
    arguments: &[Argument],
    decision: Decision,
    reason: String,
    rule: RuleReference,
) -> Finding {
    /// Nobody reads more words of a command than this.
    const SHOWN_WORDS: usize = 50;
    let words = arguments.iter().take(SHOWN_WORDS);
    Finding {
        command: words
            .map(|argument| shorten(&argument.to_string()))
            .collect(),
        decision,
        reason,
        rule,
    }
}

/// A rule's reason, or words for it.
fn reason(rule: &Rule, index: usize) -> String {
    let verb = match rule.action {
        Decision::Allow => "allows",
        Decision::Ask => "asks about",
        Decision::Deny => "denies",
    };
    match &rule.reason {
        Some(reason) => reason.clone(),
        None => format!("rule {} {verb} `{}`", index + 1, shown(rule)),
    }
}
