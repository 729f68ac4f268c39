//! Why an operation failed, told from what Git printed (in English: it runs with `LC_ALL=C`), and what to
//! do about it.

use atelier_api::agent::git::GitFailure;

use super::failure::said;
use crate::AgentError;

/// What Git prints, and what it means. The first match counts.
const SIGNS: [(&str, GitFailure); 48] = [
    ("No space left on device", GitFailure::OutOfSpace),
    ("Disk quota exceeded", GitFailure::OutOfSpace),
    (".lock': File exists", GitFailure::Locked),
    ("Please tell me who you are", GitFailure::NoIdentity),
    ("empty ident name", GitFailure::NoIdentity),
    ("no email was given", GitFailure::NoIdentity),
    ("Host key verification failed", GitFailure::HostKey),
    (
        "REMOTE HOST IDENTIFICATION HAS CHANGED",
        GitFailure::HostKey,
    ),
    ("could not read Username", GitFailure::Unauthorized),
    ("could not read Password", GitFailure::Unauthorized),
    ("Authentication failed", GitFailure::Unauthorized),
    ("Permission denied (", GitFailure::Unauthorized),
    ("Too many authentication failures", GitFailure::Unauthorized),
    ("returned error: 401", GitFailure::Unauthorized),
    ("returned error: 403", GitFailure::Unauthorized),
    ("(non-fast-forward)", GitFailure::NotFastForward),
    ("(fetch first)", GitFailure::NotFastForward),
    ("(stale info)", GitFailure::NotFastForward),
    ("Not possible to fast-forward", GitFailure::NotFastForward),
    (
        "Need to specify how to reconcile",
        GitFailure::NotFastForward,
    ),
    ("hook declined", GitFailure::Refused),
    ("protected branch", GitFailure::Refused),
    ("[remote rejected]", GitFailure::Refused),
    ("hook returned", GitFailure::Refused),
    ("would be overwritten", GitFailure::LocalChanges),
    ("You have unstaged changes", GitFailure::LocalChanges),
    (
        "Your index contains uncommitted changes",
        GitFailure::LocalChanges,
    ),
    (
        "Please commit your changes or stash them",
        GitFailure::LocalChanges,
    ),
    ("Please commit or stash them", GitFailure::LocalChanges),
    (
        "contains modified or untracked files",
        GitFailure::LocalChanges,
    ),
    (
        "does not appear to be a git repository",
        GitFailure::NotFound,
    ),
    ("Repository not found", GitFailure::NotFound),
    ("returned error: 404", GitFailure::NotFound),
    ("couldn't find remote ref", GitFailure::NotFound),
    ("Could not resolve host", GitFailure::Network),
    ("Could not connect", GitFailure::Network),
    ("Failed to connect", GitFailure::Network),
    ("Connection refused", GitFailure::Network),
    ("Connection reset", GitFailure::Network),
    ("Connection timed out", GitFailure::Network),
    ("Connection closed by", GitFailure::Network),
    ("No route to host", GitFailure::Network),
    ("Network is unreachable", GitFailure::Network),
    ("Operation too slow", GitFailure::Network),
    ("unexpected disconnect", GitFailure::Network),
    ("early EOF", GitFailure::Network),
    ("RPC failed", GitFailure::Network),
    ("returned error: 5", GitFailure::Network),
];

/// Why it failed, and a text that says what to do.
pub(super) fn refusal(printed: &str) -> (GitFailure, String) {
    let sign = SIGNS.iter().find(|(sign, _)| printed.contains(sign));
    let is_gone = printed.contains("repository '") && printed.contains("' not found");
    let reason = match sign {
        Some((_, reason)) => *reason,
        None if is_gone => GitFailure::NotFound,
        None => GitFailure::Other,
    };
    let lines: Vec<String> = printed
        .lines()
        .filter(|line| !line.starts_with("hint: ") && !line.trim().is_empty())
        .map(str::to_owned)
        .collect();
    let mut detail = advice(reason, printed);
    let said = said(&lines);
    if said.is_empty() {
        detail.push_str(" Git said nothing.");
    } else {
        let end = said.floor_char_boundary(2_000);
        detail.push_str(" Git said: ");
        detail.push_str(&said[..end]);
    }
    (reason, detail.trim_start().to_owned())
}

/// What is the matter with SSH itself, and what to do.
pub(super) fn ssh_advice(printed: &str) -> Option<&'static str> {
    let is_missing = ["ssh: not found", "ssh: command not found", "cannot run ssh"]
        .iter()
        .any(|sign| printed.contains(sign));
    if is_missing {
        return Some(
            "The program ssh is not installed on this workspace's server. Have the server's package \
             “openssh-client” installed, or use an address that begins with https.",
        );
    }
    let is_refused = ["Permission denied (", "Too many authentication failures"]
        .iter()
        .any(|sign| printed.contains(sign));
    is_refused.then_some(
        "The host knows none of the SSH keys that this workspace has offered. Give it the public key of one, \
         or make one first: in the Git view under “SSH keys and known hosts”.",
    )
}

/// The answer to a request that Git has refused.
pub(super) fn refused(printed: &str) -> AgentError {
    let (reason, detail) = refusal(printed);
    match reason {
        GitFailure::Locked => AgentError::locked(detail),
        GitFailure::NoIdentity => AgentError::invalid("identity", detail),
        GitFailure::OutOfSpace => AgentError::out_of_space(detail),
        _ => AgentError::conflict(detail),
    }
}

fn advice(reason: GitFailure, printed: &str) -> String {
    if let Some(text) = ssh_advice(printed) {
        return text.to_owned();
    }
    let text = match reason {
        GitFailure::Locked => {
            let file = printed
                .split_once("Unable to create '")
                .and_then(|(_, rest)| rest.split_once(".lock'"))
                .map_or_else(
                    || ".git/index.lock".into(),
                    |(file, _)| format!("{file}.lock"),
                );
            return format!(
                "Another Git program is at work in this repository, or one was killed and has left its \
                 lock, the file {file}. Wait for it to end; if none runs, not in a terminal either, delete \
                 that file."
            );
        }
        GitFailure::NoIdentity => {
            "Git does not know in whose name to write the commit. Set your name and e-mail address first."
        }
        GitFailure::HostKey => {
            "The host's key is not known here, or not the one that is known, which can mean that somebody \
             stands between."
        }
        GitFailure::Unauthorized => "The server wants credentials, or refused those given.",
        GitFailure::NotFastForward => {
            "There are commits at the other side that are not here. Pull first: by a merge or by a rebase."
        }
        GitFailure::Refused => "A hook or a rule has refused it.",
        GitFailure::LocalChanges => {
            "Changes in the working tree stand in the way. Commit, stash or discard them first."
        }
        GitFailure::NotFound => {
            "There is no such repository or branch, or it is hidden from whoever is not signed in."
        }
        GitFailure::Network => {
            "The server could not be reached, or the connection broke. Try again."
        }
        GitFailure::OutOfSpace => "No space is left. Free some and try again.",
        _ => "",
    };
    text.to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_git_says_is_understood() {
        for (printed, reason) in [
            (
                " ! [rejected]  main -> main (non-fast-forward)",
                GitFailure::NotFastForward,
            ),
            (
                " ! [remote rejected] main -> main (pre-receive hook declined)",
                GitFailure::Refused,
            ),
            (
                "fatal: repository 'http://h/x/' not found",
                GitFailure::NotFound,
            ),
            (
                "fatal: unable to auto-detect email address\n*** Please tell me who you are.",
                GitFailure::NoIdentity,
            ),
            (
                "error: Your local changes to the following files would be overwritten by checkout:",
                GitFailure::LocalChanges,
            ),
            ("fatal: something new", GitFailure::Other),
        ] {
            assert_eq!(refusal(printed).0, reason, "{printed}");
        }
    }

    #[test]
    fn a_lock_is_named() {
        let (reason, detail) =
            refusal("fatal: Unable to create '/workspace/app/.git/index.lock': File exists.");
        assert_eq!(reason, GitFailure::Locked);
        assert!(
            detail.contains("/workspace/app/.git/index.lock. Wait"),
            "{detail}"
        );
    }
}
