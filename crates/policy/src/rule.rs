//! Rules as people write them, and how one meets a command.

use serde::{Deserialize, Serialize};

use crate::argument::Argument;
use crate::path::{Certainty, normalize};

/// What is decided; the later the stricter.
#[derive(
    Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub enum Decision {
    /// It may run.
    #[default]
    Allow,
    /// A person who is permitted to must say yes first.
    Ask,
    /// It does not run.
    Deny,
}

/// A rule: what is decided of commands that begin with these arguments.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Rule {
    /// What is decided.
    pub action: Decision,
    /// The command's name and first arguments; further arguments do not matter.
    pub pattern: Vec<Element>,
    /// Why, in words for the person whose command it meets.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// Command lines that the rule must meet; tested when the policy is loaded.
    #[serde(default, rename = "match", skip_serializing_if = "Vec::is_empty")]
    pub matches: Vec<String>,
    /// Command lines that it must not meet; tested when the policy is loaded.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub not_match: Vec<String>,
}

/// One place in a pattern.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub enum Element {
    /// This very word; `*` is any one word.
    Word(String),
    /// One of these words, each literal (also `*`).
    OneOf(Vec<String>),
}

/// Where programs are installed by the system: an allow rule for `git` means these, not `./git`.
const SYSTEM_DIRECTORIES: [&str; 6] = [
    "/bin/",
    "/sbin/",
    "/usr/bin/",
    "/usr/sbin/",
    "/usr/local/bin/",
    "/usr/local/sbin/",
];

impl Element {
    /// Whether it is the wildcard.
    pub(crate) fn is_any(&self) -> bool {
        matches!(self, Self::Word(word) if word == "*")
    }

    pub(crate) fn words(&self) -> &[String] {
        match self {
            Self::Word(word) => std::slice::from_ref(word),
            Self::OneOf(words) => words,
        }
    }

    fn meets(&self, argument: &Argument) -> Certainty {
        if self.is_any() {
            return Certainty::Yes;
        }
        let known = argument.known();
        let mut certainty = Certainty::No;
        for word in self.words() {
            if known == Some(word) {
                return Certainty::Yes;
            }
            if known.is_none() && argument.could_be(word) {
                certainty = Certainty::Maybe;
            }
        }
        certainty
    }

    /// As [`Self::meets`], for a command's name: a word without a slash means the program wherever it lies, but an
    /// allowed one must come by `PATH` or from the system's directories.
    fn meets_name(&self, argument: &Argument, action: Decision) -> Certainty {
        let met = self.meets(argument);
        let Some(path) = argument.known().filter(|text| text.contains('/')) else {
            return met;
        };
        let path = normalize(path, None);
        let (folder, base) = path.rsplit_once('/').unwrap_or(("", &path));
        let by_name = action != Decision::Allow
            || SYSTEM_DIRECTORIES
                .iter()
                .any(|system| system.strip_suffix('/') == Some(folder));
        let named = self
            .words()
            .iter()
            .any(|word| (word.contains('/') && *word == path) || (by_name && word == base));
        if named { Certainty::Yes } else { met }
    }
}

impl Rule {
    /// Whether the rule meets the command. For "allow" only [`Certainty::Yes`] counts.
    pub(crate) fn meets(&self, arguments: &[Argument]) -> Certainty {
        let mut certainty = Certainty::Yes;
        let mut shifted = false;
        for (i, element) in self.pattern.iter().enumerate() {
            let Some(argument) = arguments.get(i) else {
                return if shifted {
                    Certainty::Maybe
                } else {
                    Certainty::No
                };
            };
            if argument.many {
                // It may be none, one or several: from here on, anything may stand anywhere.
                return Certainty::Maybe;
            }
            let met = if i == 0 {
                element.meets_name(argument, self.action)
            } else {
                element.meets(argument)
            };
            match met {
                Certainty::No if shifted => certainty = Certainty::Maybe,
                met => certainty = certainty.min(met),
            }
            if certainty == Certainty::No {
                return Certainty::No;
            }
            // A pattern of file names may become several arguments; those after it move.
            if argument.known().is_none() && !argument.is_computed() {
                shifted = true;
            }
        }
        if shifted && self.pattern.len() > 1 {
            certainty = certainty.min(Certainty::Maybe);
        }
        certainty
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::argument::STAR;

    fn rule(action: Decision, pattern: &[&str]) -> Rule {
        let element = |word: &&str| match word.split_once('|') {
            Some(_) => Element::OneOf(word.split('|').map(str::to_owned).collect()),
            None => Element::Word((*word).to_owned()),
        };
        Rule {
            action,
            pattern: pattern.iter().map(element).collect(),
            reason: None,
            matches: Vec::new(),
            not_match: Vec::new(),
        }
    }

    fn words(line: &str) -> Vec<Argument> {
        let argument = |word: &str| match word {
            "$x" => Argument {
                many: true,
                ..Argument::unknown()
            },
            "\"$x\"" => Argument::unknown(),
            word => Argument::exact(word.replace('*', &STAR.to_string())),
        };
        line.split(' ').map(argument).collect()
    }

    #[test]
    fn patterns_are_prefixes() {
        use Certainty::{Maybe, No, Yes};
        for (pattern, line, expected) in [
            (vec!["git", "push"], "git push --force", Yes),
            (vec!["git", "push"], "git", No),
            (vec!["git", "push|fetch"], "git fetch", Yes),
            (vec!["git", "push|fetch"], "git pull", No),
            (vec!["git", "*"], "git", No),
            (vec!["git", "*", "x"], "git a x", Yes),
            (vec!["git", "push"], "git $x", Maybe),
            (vec!["git", "push"], "git \"$x\"", Maybe),
            (vec!["git", "*"], "git \"$x\"", Yes),
            (vec!["git", "push"], "git *.c", No),
            (vec!["git", "push"], "git pu*", Maybe),
            (vec!["git", "add", "x"], "git add *", Maybe),
            (vec!["git", "add", "*", "x"], "git add *.c y", Maybe),
        ] {
            assert_eq!(
                rule(Decision::Deny, &pattern).meets(&words(line)),
                expected,
                "{pattern:?} {line}"
            );
        }
    }

    #[test]
    fn a_name_means_the_program_wherever_it_lies_but_is_allowed_only_where_the_system_put_it() {
        use Certainty::{No, Yes};
        for (action, name, expected) in [
            (Decision::Deny, "/tmp/git", Yes),
            (Decision::Deny, "./git", Yes),
            (Decision::Allow, "./git", No),
            (Decision::Allow, "/tmp/../usr/bin//git", Yes),
            (Decision::Allow, "git", Yes),
        ] {
            let rule = rule(action, &["git"]);
            assert_eq!(rule.meets(&words(name)), expected, "{action:?} {name}");
        }
    }
}
