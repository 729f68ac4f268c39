//! Signals by their names.

use rustix::process::Signal;

use crate::AgentError;

const NAMED: [(&str, Signal); 10] = [
    ("SIGHUP", Signal::HUP),
    ("SIGINT", Signal::INT),
    ("SIGQUIT", Signal::QUIT),
    ("SIGKILL", Signal::KILL),
    ("SIGTERM", Signal::TERM),
    ("SIGUSR1", Signal::USR1),
    ("SIGUSR2", Signal::USR2),
    ("SIGSTOP", Signal::STOP),
    ("SIGCONT", Signal::CONT),
    ("SIGWINCH", Signal::WINCH),
];

/// The signal of that name, one of those that may be sent.
pub(crate) fn parse(name: &str) -> Result<Signal, AgentError> {
    NAMED
        .iter()
        .find(|(known, _)| *known == name)
        .map(|(_, signal)| *signal)
        .ok_or_else(|| {
            let names: Vec<&str> = NAMED.iter().map(|(known, _)| *known).collect();
            let name: String = name.chars().take(32).collect();
            AgentError::invalid(
                "signal",
                format!(
                    "`{name}` is not a signal that can be sent; these are: {}.",
                    names.join(", ")
                ),
            )
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_listed_names_are_signals() {
        assert_eq!(parse("SIGINT").expect("listed"), Signal::INT);
        for wrong in ["INT", "sigint", "SIGSEGV", "", "9"] {
            assert_eq!(
                parse(wrong)
                    .expect_err("not listed")
                    .problem()
                    .field
                    .as_deref(),
                Some("signal")
            );
        }
    }
}
