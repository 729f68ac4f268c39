//! What a check answers.

use serde::{Deserialize, Serialize};

use crate::rule::Decision;

/// The answer for a whole line.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Verdict {
    /// The strictest of the findings' decisions.
    pub decision: Decision,
    /// What was found, in the order of the line; for every command in it at least one.
    pub findings: Vec<Finding>,
}

/// One reason for the answer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Finding {
    /// The command as its words, unquoted; `…` stands for what is known only when it runs.
    pub command: Vec<String>,
    /// What is decided of it.
    pub decision: Decision,
    /// Why, in plain words.
    pub reason: String,
    /// Who decided.
    pub rule: RuleReference,
}

/// Who decided.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum RuleReference {
    /// A configured rule.
    Rule {
        /// Its place in the policy's list, from 0.
        index: usize,
    },
    /// A rule that is always on.
    BuiltIn {
        /// Its name, as in the crate's table.
        name: String,
    },
    /// No rule: the policy's default.
    Default,
    /// The line could not be read, or not to its end.
    Unreadable,
}

impl Finding {
    /// The command as one would type it: its words, in single quotes where a shell would take them for more.
    pub fn shown(&self) -> String {
        let shown = self.command.iter().enumerate().map(|(place, word)| {
            // A redirection is its operator, and the file.
            let operator = place == 0 && word.contains(['<', '>']);
            if operator || is_plain(word) {
                word.clone()
            } else {
                format!("'{}'", word.replace('\'', r"'\''"))
            }
        });
        shown.collect::<Vec<_>>().join(" ")
    }
}

/// Whether a shell takes it as it stands. Patterns are left bare: it is not known any more whether they were quoted.
fn is_plain(word: &str) -> bool {
    let special = |c: char| c.is_whitespace() || c.is_control() || "'\"\\$`;&|<>()#!".contains(c);
    !word.is_empty() && !word.contains(special)
}

impl Verdict {
    pub(crate) fn of(findings: Vec<Finding>) -> Self {
        let strictest = findings.iter().map(|finding| finding.decision).max();
        Self {
            decision: strictest.unwrap_or_default(),
            findings,
        }
    }

    /// Both verdicts as one: all findings, and the stricter decision.
    #[must_use]
    pub fn and(mut self, other: Self) -> Self {
        for finding in other.findings {
            if !self.findings.contains(&finding) {
                self.findings.push(finding);
            }
        }
        Self::of(self.findings)
    }

    /// The findings that bring about the decision.
    pub fn decisive(&self) -> impl Iterator<Item = &Finding> {
        self.findings
            .iter()
            .filter(|finding| finding.decision == self.decision)
    }
}

#[cfg(test)]
mod tests {
    use crate::{Decision, Policy, PolicyDocument};

    #[test]
    fn a_command_is_shown_as_one_would_type_it() {
        let document = PolicyDocument {
            default: Decision::Ask,
            ..PolicyDocument::default()
        };
        let policy = Policy::from_document(document).unwrap();
        for (line, shown) in [
            ("python3 -c 'print(1)'", "python3 -c 'print(1)'"),
            (r#"echo "it's" """#, r"echo 'it'\''s' ''"),
            (
                "grep -r 'two words' src/*.rs",
                "grep -r 'two words' src/*.rs",
            ),
            ("echo a\\;b", "echo 'a;b'"),
            ("date >/etc/motd", "> /etc/motd"),
        ] {
            let verdict = policy.check_line(line);
            let all: Vec<_> = verdict.findings.iter().map(super::Finding::shown).collect();
            assert!(all.iter().any(|one| one == shown), "{line}: {all:?}");
        }
    }
}
