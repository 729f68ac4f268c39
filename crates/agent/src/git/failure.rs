//! Why Git failed, told from what it printed (in English: it runs with `LC_ALL=C`).

use atelier_api::agent::git::CloneFailure;

use super::refusal::ssh_advice;

/// How many lines are kept to explain a failure.
pub(super) const LINES_MAX: usize = 20;

/// What Git prints, and what it means. The first match counts, so the more special ones come first.
const SIGNS: [(&str, CloneFailure); 38] = [
    ("No space left on device", CloneFailure::OutOfSpace),
    ("Disk quota exceeded", CloneFailure::OutOfSpace),
    ("could not read Username", CloneFailure::Unauthorized),
    ("could not read Password", CloneFailure::Unauthorized),
    ("Authentication failed", CloneFailure::Unauthorized),
    ("Access denied", CloneFailure::Unauthorized),
    ("Permission denied (", CloneFailure::Unauthorized),
    (
        "Too many authentication failures",
        CloneFailure::Unauthorized,
    ),
    ("returned error: 401", CloneFailure::Unauthorized),
    ("returned error: 403", CloneFailure::Unauthorized),
    ("returned error: 404", CloneFailure::NotFound),
    ("returned error: 410", CloneFailure::NotFound),
    ("Remote branch", CloneFailure::NotFound),
    (
        "not valid: is this a git repository",
        CloneFailure::NotFound,
    ),
    (
        "does not appear to be a git repository",
        CloneFailure::NotFound,
    ),
    ("Repository not found", CloneFailure::NotFound),
    ("repository not exported", CloneFailure::NotFound),
    ("Could not resolve host", CloneFailure::Network),
    ("unable to look up", CloneFailure::Network),
    ("Could not connect", CloneFailure::Network),
    ("Failed to connect", CloneFailure::Network),
    ("unable to connect", CloneFailure::Network),
    ("Connection refused", CloneFailure::Network),
    ("Connection reset", CloneFailure::Network),
    ("Connection closed", CloneFailure::Network),
    ("Connection timed out", CloneFailure::Network),
    ("Network is unreachable", CloneFailure::Network),
    ("No route to host", CloneFailure::Network),
    ("Operation too slow", CloneFailure::Network),
    ("Empty reply from server", CloneFailure::Network),
    ("transfer closed", CloneFailure::Network),
    ("unexpected disconnect", CloneFailure::Network),
    ("hung up unexpectedly", CloneFailure::Network),
    ("early EOF", CloneFailure::Network),
    ("RPC failed", CloneFailure::Network),
    ("SSL", CloneFailure::Network),
    ("returned error: 5", CloneFailure::Network),
    ("Host key verification failed", CloneFailure::Other),
];

/// What it came to, and a text that says what to do.
pub(super) fn explain(lines: &[String]) -> (CloneFailure, String) {
    let reason = SIGNS
        .iter()
        .find(|(sign, _)| lines.iter().any(|line| line.contains(sign)))
        .map(|(_, reason)| *reason)
        .or_else(|| lines.iter().find_map(|line| repository_not_found(line)))
        .unwrap_or(CloneFailure::Other);
    let said = said(lines);
    let said = if said.is_empty() {
        "Git said nothing.".to_owned()
    } else {
        format!("Git said: {said}")
    };
    let advice = ssh_advice(&said).unwrap_or_else(|| advice(reason));
    (reason, format!("{advice} {said}"))
}

/// `fatal: repository 'https://…' not found`
fn repository_not_found(line: &str) -> Option<CloneFailure> {
    let line = line.strip_prefix("fatal: ")?;
    (line.starts_with("repository ") && line.ends_with(" not found"))
        .then_some(CloneFailure::NotFound)
}

/// The lines that matter, on one line.
pub(super) fn said(lines: &[String]) -> String {
    let matters = |line: &&String| {
        ["fatal: ", "error: ", "remote: ", "ssh: "]
            .iter()
            .any(|prefix| line.starts_with(prefix))
            || line.contains("denied")
    };
    let mut important: Vec<&str> = lines.iter().filter(matters).map(String::as_str).collect();
    if important.is_empty() {
        important = lines.iter().map(String::as_str).collect();
    }
    important.join(" · ")
}

fn advice(reason: CloneFailure) -> &'static str {
    match reason {
        CloneFailure::InvalidUrl => "Check the address.",
        CloneFailure::NotFound => {
            "There is no such repository or branch, or it is hidden from whoever is not signed in. \
             Check the address, or add credentials."
        }
        CloneFailure::Unauthorized => {
            "The server wants credentials, or refused those given. Use https://USER:TOKEN@host/…, or \
             a key with SSH."
        }
        CloneFailure::Network => {
            "The server could not be reached, or the connection broke. Nothing was kept; try again."
        }
        CloneFailure::TargetExists => "Choose another directory, or empty this one.",
        CloneFailure::OutOfSpace => "No space is left. Free some and try again.",
        _ => "The repository could not be cloned.",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_git_says_is_understood() {
        for (line, reason) in [
            (
                "fatal: could not read Username for 'http://h': terminal prompts disabled",
                CloneFailure::Unauthorized,
            ),
            (
                "git@h: Permission denied (publickey).",
                CloneFailure::Unauthorized,
            ),
            (
                "fatal: repository 'http://h/x/' not found",
                CloneFailure::NotFound,
            ),
            (
                "fatal: Remote branch nope not found in upstream origin",
                CloneFailure::NotFound,
            ),
            (
                "fatal: unable to access 'http://h/': Could not resolve host: h",
                CloneFailure::Network,
            ),
            ("fatal: early EOF", CloneFailure::Network),
            (
                "fatal: write error: No space left on device",
                CloneFailure::OutOfSpace,
            ),
            ("fatal: something new", CloneFailure::Other),
        ] {
            let (found, detail) = explain(&["Cloning into '.'...".into(), line.into()]);
            assert_eq!(found, reason, "{line}");
            assert!(
                detail.contains(line) && !detail.contains("Cloning"),
                "{detail}"
            );
        }
        assert_eq!(explain(&[]).0, CloneFailure::Other);
    }
}
