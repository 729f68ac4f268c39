//! A policy: rules that have been tested, and the checks.

use serde::{Deserialize, Serialize};

use crate::argument::Argument;
use crate::path::Certainty;
use crate::rule::{Decision, Element, Rule};
use crate::verdict::{RuleReference, Verdict};
use crate::walk;

/// How many rules one policy may have; each is compared with each command.
pub const RULES_MAX: usize = 1_000;
/// How many elements a pattern may have, and alternatives an element.
pub const PATTERN_MAX: usize = 64;
/// How many examples a rule may have, of either kind.
pub const EXAMPLES_MAX: usize = 64;

/// A policy as it is written down: TOML in a server's `node.toml`, JSON in the API.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct PolicyDocument {
    /// What is decided of commands that no rule meets. A policy that is silent restricts nothing.
    #[serde(default)]
    pub default: Decision,
    /// Whether lines that cannot be read and commands whose name is computed are denied rather than asked about.
    #[serde(default)]
    pub strict: bool,
    /// The rules; their order does not matter.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub rules: Vec<Rule>,
}

/// Rules that have been tested against their own examples, and the built-in ones.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Policy {
    document: PolicyDocument,
}

/// Why a policy is refused. Rules are counted from 1.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PolicyError {
    /// More rules than [`RULES_MAX`].
    #[error("the policy has {count} rules; at most {RULES_MAX} are allowed")]
    TooManyRules {
        /// How many it has.
        count: usize,
    },
    /// A rule that cannot mean anything.
    #[error("rule {rule} ({pattern}): {problem}")]
    Malformed {
        /// Which rule.
        rule: usize,
        /// Its pattern.
        pattern: String,
        /// What is wrong.
        problem: &'static str,
    },
    /// An example of `match` that the rule does not meet.
    #[error(
        "rule {rule} ({pattern}) does not match its example `{example}`: change the pattern, or the example"
    )]
    ExampleNotMatched {
        /// Which rule.
        rule: usize,
        /// Its pattern.
        pattern: String,
        /// The example.
        example: String,
    },
    /// An example of `not_match` that the rule meets.
    #[error(
        "rule {rule} ({pattern}) matches `{example}`, which it is said not to match: narrow the pattern, or remove \
         the example"
    )]
    ExampleMatched {
        /// Which rule.
        rule: usize,
        /// Its pattern.
        pattern: String,
        /// The example.
        example: String,
    },
    /// An example that is not a command line.
    #[error("rule {rule} ({pattern}): its example `{example}` cannot be checked: {problem}")]
    ExampleUnreadable {
        /// Which rule.
        rule: usize,
        /// Its pattern.
        pattern: String,
        /// The example.
        example: String,
        /// Why not.
        problem: String,
    },
}

impl PolicyError {
    /// Which rule it is about, from 1.
    pub fn rule(&self) -> Option<usize> {
        match self {
            Self::TooManyRules { .. } => None,
            Self::Malformed { rule, .. }
            | Self::ExampleNotMatched { rule, .. }
            | Self::ExampleMatched { rule, .. }
            | Self::ExampleUnreadable { rule, .. } => Some(*rule),
        }
    }
}

impl Policy {
    /// A policy of these rules; `default` is for commands that none of them meets.
    pub fn new(rules: Vec<Rule>, default: Decision) -> Result<Self, PolicyError> {
        Self::from_document(PolicyDocument {
            default,
            strict: false,
            rules,
        })
    }

    /// A policy as it was written down, if its rules make sense and hold for their examples.
    pub fn from_document(document: PolicyDocument) -> Result<Self, PolicyError> {
        let count = document.rules.len();
        if count > RULES_MAX {
            return Err(PolicyError::TooManyRules { count });
        }
        for (index, rule) in document.rules.iter().enumerate() {
            check_shape(index + 1, rule)?;
            check_examples(index + 1, rule)?;
        }
        Ok(Self { document })
    }

    /// Nothing but the built-in rules.
    pub fn built_in_only() -> Self {
        Self {
            document: PolicyDocument::default(),
        }
    }

    /// The policy as it was written down.
    pub fn document(&self) -> &PolicyDocument {
        &self.document
    }

    /// What a finding's rule is called, in words: `rule 2 (git push)`, `the built-in rule …`.
    pub fn name_of(&self, rule: &RuleReference) -> String {
        match rule {
            RuleReference::Rule { index } => match self.document.rules.get(*index) {
                Some(rule) => format!("rule {} ({})", index + 1, shown(rule)),
                None => format!("rule {}", index + 1),
            },
            RuleReference::BuiltIn { name } => format!("the built-in rule “{name}”"),
            RuleReference::Default => "the policy's default".to_owned(),
            RuleReference::Unreadable => "what is asked of lines that cannot be read".to_owned(),
        }
    }

    /// Checks a line that a shell will run.
    pub fn check_line(&self, line: &str) -> Verdict {
        walk::check_line(&self.document, line)
    }

    /// Checks a command that is run without a shell, its name first.
    pub fn check_argv<S: AsRef<str>>(&self, argv: &[S]) -> Verdict {
        walk::check_argv(&self.document, argv)
    }

    /// Checks a line by several policies, such as the organization's and the host's: the strictest decision wins.
    /// Without any policy the built-in rules decide.
    pub fn check_line_by_all(policies: &[&Self], line: &str) -> Verdict {
        by_all(policies, |policy| policy.check_line(line))
    }

    /// As [`Self::check_line_by_all`], for a command that is run without a shell.
    pub fn check_argv_by_all<S: AsRef<str>>(policies: &[&Self], argv: &[S]) -> Verdict {
        by_all(policies, |policy| policy.check_argv(argv))
    }
}

impl Default for Policy {
    fn default() -> Self {
        Self::built_in_only()
    }
}

fn by_all(policies: &[&Policy], check: impl Fn(&Policy) -> Verdict) -> Verdict {
    let verdicts = policies.iter().map(|policy| check(policy));
    verdicts
        .reduce(Verdict::and)
        .unwrap_or_else(|| check(&Policy::built_in_only()))
}

/// A pattern as it is shown in messages.
pub(crate) fn shown(rule: &Rule) -> String {
    let elements = rule.pattern.iter().map(|element| match element {
        Element::Word(word) => word.clone(),
        Element::OneOf(words) => words.join("|"),
    });
    elements.collect::<Vec<_>>().join(" ")
}

fn check_shape(number: usize, rule: &Rule) -> Result<(), PolicyError> {
    let first_is_empty = rule
        .pattern
        .first()
        .is_some_and(|element| element.words().iter().any(String::is_empty));
    let problem = if rule.pattern.is_empty() {
        "its pattern is empty; write at least the command's name, or \"*\""
    } else if rule.pattern.len() > PATTERN_MAX {
        "its pattern is too long"
    } else if rule
        .pattern
        .iter()
        .any(|element| element.words().is_empty())
    {
        "a set of alternatives is empty"
    } else if rule
        .pattern
        .iter()
        .any(|element| element.words().len() > PATTERN_MAX)
    {
        "a set of alternatives is too large"
    } else if first_is_empty {
        "the command's name is empty"
    } else if rule.matches.len() > EXAMPLES_MAX || rule.not_match.len() > EXAMPLES_MAX {
        "it has too many examples"
    } else {
        return Ok(());
    };
    Err(PolicyError::Malformed {
        rule: number,
        pattern: shown(rule),
        problem,
    })
}

fn check_examples(number: usize, rule: &Rule) -> Result<(), PolicyError> {
    let meets = |example: &str| {
        let commands =
            walk::commands(example).map_err(|problem| PolicyError::ExampleUnreadable {
                rule: number,
                pattern: shown(rule),
                example: example.to_owned(),
                problem,
            })?;
        let met = |arguments: &Vec<Argument>| rule.meets(arguments) == Certainty::Yes;
        Ok(commands.iter().any(met))
    };
    for example in &rule.matches {
        if !meets(example)? {
            return Err(PolicyError::ExampleNotMatched {
                rule: number,
                pattern: shown(rule),
                example: example.clone(),
            });
        }
    }
    for example in &rule.not_match {
        if meets(example)? {
            return Err(PolicyError::ExampleMatched {
                rule: number,
                pattern: shown(rule),
                example: example.clone(),
            });
        }
    }
    Ok(())
}
