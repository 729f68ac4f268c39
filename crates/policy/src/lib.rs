//! The command policy: which command lines may run, which need a person's yes, and which are refused.
mod argument;
mod builtin;
mod expansion;
mod options;
mod path;
mod policy;
mod rule;
mod shell;
mod verdict;
mod walk;
mod wrap;

pub use policy::{EXAMPLES_MAX, PATTERN_MAX, Policy, PolicyDocument, PolicyError, RULES_MAX};
pub use rule::{Decision, Element, Rule};
pub use verdict::{Finding, RuleReference, Verdict};
pub use walk::{COMMANDS_MAX, LINE_BYTES_MAX, NESTING_MAX};
