//! The command policy: which command lines may run, which need a person's yes, and which are refused.
//!
//! The control plane asks it before a job or an assistant's command is sent to a node, and the node asks it again
//! before it runs. It is pure: no input or output, no clock, no state.
//!
//! ```
//! use atelier_policy::{Decision, Policy, PolicyDocument};
//!
//! let document: PolicyDocument = toml::from_str(r#"
//!     default = "ask"
//!     [[rules]]
//!     action = "allow"
//!     pattern = ["git", ["status", "log", "diff"]]
//!     match = ["git log --oneline"]
//!     not_match = ["git push"]
//! "#).unwrap();
//! let policy = Policy::from_document(document).unwrap();
//! assert_eq!(policy.check_line("cd src && git status").decision, Decision::Ask); // no rule allows `cd`
//! assert_eq!(policy.check_line("timeout 5 git status").decision, Decision::Allow);
//! assert_eq!(policy.check_line("git log; sudo sh -c 'rm -rf /'").decision, Decision::Deny);
//! ```
//!
//! # What a verdict is made of
//!
//! A line is read as bash reads it. Every simple command in it is decided: in lists, pipelines, groups, subshells,
//! functions, loops and conditions, in `$(…)`, backquotes, `<(…)`, here-documents, arithmetic and `${x:-…}`, and inside
//! wrappers (`sudo`, `env`, `timeout`, `xargs`, `find -exec`, `sh -c`, `eval`, `ssh`, … : `src/wrap/`). The strictest
//! decision of all is the line's: deny, then ask, then allow. Where dash and busybox would read the line differently it
//! is read their way too, and what they would run is denied if it must be.
//!
//! For one command, in this order:
//!
//! 1. **Rules that deny or ask.** The strictest that meets the command counts. If an argument is computed (`$x`) or a
//!    file name pattern (`*`), so that the rule *might* meet it, the decision is ask.
//! 2. **Built-in rules** (`src/builtin/`). A built-in denial stands whatever the rules say. A built-in question is
//!    lifted by a rule that allows the command by its name; not by `*`.
//! 3. **Rules that allow**, if none of the first kind meets.
//! 4. **The default**, if no rule meets. A wrapper that changes neither who nor where runs what is inside (`env`,
//!    `nice`, `timeout`, `sh -c`, …) needs no rule of its own. One that does (`sudo`, `ssh`, `xargs`, `find`, …) is a
//!    command like any other, and so is what it runs: allow both, or write one rule that reaches into it
//!    (`["sudo", "systemctl", "restart"]`).
//!
//! # Patterns
//!
//! A pattern is compared with the first arguments of a command, the name first, after quotes and escapes are removed;
//! further arguments do not matter. Each element is
//!
//! * a word: that very argument. As a command's name, a word without a slash means the program wherever it lies
//!   (`/tmp/git` is denied with `git`), but only rules that deny or ask go that far: an allowed `git` comes by `PATH` or
//!   from the system's directories;
//! * `"*"`: any one argument, which must be there;
//! * a list: one of its words, each literal. `["*"]` is a literal star.
//!
//! A redirection that writes is a command of its own: its operator (`>`, also for `>|` and `&>`; `>>`; `<>`), and the
//! file. `/dev/null`, the standard streams and the terminal are exempt.
//!
//! # What is never allowed by a default
//!
//! Ask at least, and deny if the policy is `strict`: a line that cannot be read; a command whose name is computed;
//! a shell that reads its commands from a pipe or a file; program text for `python -c`, `perl -e` and their like, which is
//! not looked into. Under a default other than allow, also setting `PATH`, `LD_…`, `IFS` and other variables that change
//! what names mean. Beyond [`LINE_BYTES_MAX`], [`COMMANDS_MAX`] or [`NESTING_MAX`] a line is denied.
//!
//! # What it cannot see
//!
//! The policy reads text. It does not see what scripts, makefiles and programs do, what symbolic links lead to, what
//! variables hold, nor files that were written before. `rm -rf "$dir/build"` is taken for what it looks like. It keeps
//! mistakes and careless assistants from harm, and sees through disguises; it is no sandbox.
//! `docs/decisions/0009-command-policy.md` says more.

mod argument;
mod builtin;
mod expansion;
mod options;
mod path;
mod place;
mod policy;
mod rule;
mod shell;
mod verdict;
mod walk;
mod wrap;

pub use place::explain;
pub use policy::{EXAMPLES_MAX, PATTERN_MAX, Policy, PolicyDocument, PolicyError, RULES_MAX};
pub use rule::{Decision, Element, Rule};
pub use verdict::{Finding, RuleReference, Verdict};
pub use walk::{COMMANDS_MAX, LINE_BYTES_MAX, NESTING_MAX};
