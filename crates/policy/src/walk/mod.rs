//! Goes through everything that a line contains, and decides command by command.
//!
//! Invariant: every command that is found has a finding; what cannot be looked into has one that is not "allow".

mod decide;
mod line;

use crate::argument::Argument;
use crate::policy::PolicyDocument;
use crate::rule::Decision;
use crate::shell::{Dialect, RESERVED_CHARACTERS};
use crate::verdict::{Finding, RuleReference, Verdict};

/// How long a line may be: what fits on a kernel's command line (one argument, `MAX_ARG_STRLEN`, 128 KiB), halved.
pub const LINE_BYTES_MAX: usize = 64 * 1024;
/// How many commands a line may contain, counting those inside others. The longest scripts that people send as one
/// job have about a hundred.
pub const COMMANDS_MAX: usize = 1_000;
/// How many commands may be wrapped in each other (`sudo env nice sh -c …`).
pub const NESTING_MAX: usize = 16;
/// How much text may be read for one line, counting what is read again inside wrappers.
const TEXT_BYTES_MAX: usize = 8 * LINE_BYTES_MAX;

/// Checks a line for a shell.
pub(crate) fn check_line(document: &PolicyDocument, line: &str) -> Verdict {
    let mut walk = Walk::new(Some(document));
    walk.line(line, Dialect::Bash, &Scope::default());
    walk.verdict(|| vec![shorten(line)])
}

/// Checks a command that is run without a shell.
pub(crate) fn check_argv<S: AsRef<str>>(document: &PolicyDocument, argv: &[S]) -> Verdict {
    let mut walk = Walk::new(Some(document));
    let shown = || argv.iter().map(|word| shorten(word.as_ref())).collect();
    let bytes: usize = argv.iter().map(|word| word.as_ref().len()).sum();
    let strange = |c: char| c == '\0' || RESERVED_CHARACTERS.contains(&c);
    if bytes > LINE_BYTES_MAX {
        walk.limit("it is longer than 64 KiB");
    } else if argv.iter().any(|word| word.as_ref().contains(strange)) {
        walk.unreadable(
            shown(),
            "it holds a character that no command line has".to_owned(),
        );
    } else {
        let arguments = argv.iter().map(|word| Argument::exact(word.as_ref()));
        walk.command(&arguments.collect::<Vec<_>>(), &Scope::default());
    }
    walk.verdict(shown)
}

/// Every command that a line contains, for the examples of rules; an error says why it cannot be read.
pub(crate) fn commands(line: &str) -> Result<Vec<Vec<Argument>>, String> {
    let mut walk = Walk::new(None);
    walk.line(line, Dialect::Bash, &Scope::default());
    match walk.fault {
        Some(fault) => Err(fault),
        None => Ok(walk.commands),
    }
}

/// Where a command stands.
#[derive(Debug, Clone, Default)]
struct Scope {
    input: Input,
    /// Whether a rule for what is around it allows it too.
    covered: bool,
    /// How many wrappers are around it.
    nesting: usize,
}

/// What a command reads as its standard input.
#[derive(Debug, Clone, Default)]
enum Input {
    /// Whatever the whole line has.
    #[default]
    Inherited,
    /// What another command writes.
    Pipe,
    /// A file.
    File,
    /// Text in the line itself.
    Text(Argument),
}

struct Walk<'a> {
    /// `None` when commands are only collected.
    document: Option<&'a PolicyDocument>,
    findings: Vec<Finding>,
    commands: Vec<Vec<Argument>>,
    /// How many commands were looked at.
    count: usize,
    text_bytes: usize,
    /// The directory that the line changed to, if it is known.
    directory: Option<String>,
    /// Whether this is the reading of another shell, which the line is only probably not for: only denials count.
    denials_only: bool,
    fault: Option<String>,
    /// Set once a limit is reached: nothing further is looked at.
    stopped: bool,
}

impl<'a> Walk<'a> {
    fn new(document: Option<&'a PolicyDocument>) -> Self {
        Self {
            document,
            findings: Vec::new(),
            commands: Vec::new(),
            count: 0,
            text_bytes: 0,
            directory: None,
            denials_only: false,
            fault: None,
            stopped: false,
        }
    }

    fn verdict(mut self, shown: impl FnOnce() -> Vec<String>) -> Verdict {
        if let Some(finding) = self.findings.iter_mut().find(|f| f.command.is_empty()) {
            finding.command = shown();
        } else if self.findings.is_empty() {
            self.findings.push(Finding {
                command: shown(),
                decision: Decision::Allow,
                reason: "it runs no command".to_owned(),
                rule: RuleReference::Default,
            });
        }
        Verdict::of(self.findings)
    }

    fn find(&mut self, finding: Finding) {
        if self.denials_only && finding.decision != Decision::Deny {
            return;
        }
        if !self.findings.contains(&finding) {
            self.findings.push(finding);
        }
    }

    /// What is decided of what cannot be seen through.
    fn opaque_decision(&self) -> Decision {
        if self.document.is_some_and(|document| document.strict) {
            Decision::Deny
        } else {
            Decision::Ask
        }
    }

    fn unreadable(&mut self, command: Vec<String>, reason: String) {
        if !self.denials_only {
            self.fault.get_or_insert_with(|| reason.clone());
        }
        let decision = self.opaque_decision();
        self.find(Finding {
            command,
            decision,
            reason,
            rule: RuleReference::Unreadable,
        });
    }

    fn limit(&mut self, what: &str) {
        if self.stopped {
            return;
        }
        self.stopped = true;
        let reason = format!("it is too large to be checked: {what}");
        self.fault.get_or_insert_with(|| reason.clone());
        self.find(Finding {
            command: Vec::new(),
            decision: Decision::Deny,
            reason,
            rule: RuleReference::Unreadable,
        });
    }
}

/// Text for a finding; nobody reads more of a word than this.
fn shorten(text: &str) -> String {
    const SHOWN_CHARACTERS: usize = 200;
    match text.char_indices().nth(SHOWN_CHARACTERS) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_owned(),
    }
}
