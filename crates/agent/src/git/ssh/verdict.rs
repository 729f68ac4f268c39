//! Why a host was not accepted: it is not known, or not who it was.

use std::fmt::Write as _;

use atelier_api::agent::git::{GitHostKey, GitHostKeyProblem, GitKnownHost};

use super::Ssh;

/// What `ssh` says, whatever the reason.
const SIGNS: [&str; 3] = [
    "Host key verification failed",
    "REMOTE HOST IDENTIFICATION HAS CHANGED",
    "REVOKED HOST KEY DETECTED",
];

/// What came of looking at it.
#[derive(Debug, PartialEq, Eq)]
pub(in crate::git) struct Verdict {
    /// The host was never seen before; else it is not who it was.
    pub(in crate::git) is_unknown: bool,
    pub(in crate::git) detail: String,
    /// Absent where `ssh` is too old to tell, or the host is reached through another one.
    pub(in crate::git) problem: Option<GitHostKeyProblem>,
}

impl Ssh {
    /// Says why a command failed, if a host's key was the reason. `presented`: what the hosts have presented
    /// that the command has reached.
    pub(in crate::git) async fn verdict(
        &self,
        printed: &str,
        presented: &[GitHostKey],
    ) -> Option<Verdict> {
        if !SIGNS.iter().any(|sign| printed.contains(sign)) {
            return None;
        }
        for key in presented {
            let Ok(known) = self.known(&key.host).await else {
                continue;
            };
            let is_accepted = known.iter().any(|entry| accepts(entry, key))
                && !known.iter().any(|entry| revokes(entry, key));
            if !is_accepted {
                return Some(judge(key.clone(), known));
            }
        }
        Some(unseen(printed))
    }
}

fn accepts(entry: &GitKnownHost, key: &GitHostKey) -> bool {
    entry.marker.is_none() && entry.fingerprint == key.fingerprint
}

fn revokes(entry: &GitKnownHost, key: &GitHostKey) -> bool {
    entry.marker.as_deref() == Some("revoked") && entry.fingerprint == key.fingerprint
}

fn judge(presented: GitHostKey, known: Vec<GitKnownHost>) -> Verdict {
    let GitHostKey {
        host,
        key_type,
        fingerprint,
        ..
    } = &presented;
    let is_unknown = known.is_empty();
    let mut detail = if is_unknown {
        format!(
            "This is the first connection to {host}, whose key is not known here. It has presented {key_type} \
             {fingerprint}. Compare that with what the host publishes. If it is the same, trust it and try \
             again."
        )
    } else {
        format!(
            "The key of {host} is not the one that is known, which can mean that somebody stands between. It \
             has presented {key_type} {fingerprint}; known is"
        )
    };
    for entry in &known {
        let mark = entry.marker.as_deref().unwrap_or_default();
        let gap = if mark.is_empty() { "" } else { " " };
        let _ = write!(
            detail,
            " {}{gap}{mark} {}.",
            entry.key_type, entry.fingerprint
        );
    }
    if !is_unknown {
        detail.push_str(
            " Nothing was sent. Only if the host has really got another key, delete the old one from the \
             known hosts, and connect again.",
        );
    }
    Verdict {
        is_unknown,
        detail,
        problem: Some(GitHostKeyProblem { presented, known }),
    }
}

/// Where nobody has told what was presented.
fn unseen(printed: &str) -> Verdict {
    let is_unknown = !SIGNS[1..].iter().any(|sign| printed.contains(sign));
    let detail = if is_unknown {
        "The host's key is not known here, or could not be checked, and the version of ssh in this workspace \
         cannot tell which it is. Connect once in a terminal (“ssh git@HOST”), compare the fingerprint that is \
         shown with what the host publishes, and say yes if it is the same."
    } else {
        "The host's key is not the one that is known, which can mean that somebody stands between. Nothing was \
         sent. Only if the host has really got another key, delete the old one from the known hosts, and \
         connect again."
    };
    Verdict {
        is_unknown,
        detail: detail.to_owned(),
        problem: None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(fingerprint: &str) -> GitHostKey {
        GitHostKey {
            host: "example.com".into(),
            key_type: "ssh-ed25519".into(),
            key: "AAAA".into(),
            fingerprint: fingerprint.into(),
        }
    }

    fn entry(fingerprint: &str, marker: Option<&str>) -> GitKnownHost {
        GitKnownHost {
            id: "1".into(),
            hosts: None,
            marker: marker.map(str::to_owned),
            key_type: "ssh-rsa".into(),
            fingerprint: fingerprint.into(),
            system: false,
        }
    }

    #[test]
    fn whoever_is_known_with_a_key_of_another_type_is_not_new() {
        assert!(judge(key("SHA256:a"), Vec::new()).is_unknown);
        let verdict = judge(key("SHA256:a"), vec![entry("SHA256:b", None)]);
        assert!(!verdict.is_unknown);
        let detail = verdict.detail;
        assert!(
            detail.contains("SHA256:a") && detail.contains("SHA256:b"),
            "{detail}"
        );
    }

    #[test]
    fn a_revoked_key_is_refused_though_it_is_known() {
        let presented = key("SHA256:a");
        assert!(revokes(&entry("SHA256:a", Some("revoked")), &presented));
        assert!(!accepts(&entry("SHA256:a", Some("revoked")), &presented));
        assert!(accepts(&entry("SHA256:a", None), &presented));
    }

    #[test]
    fn an_old_ssh_tells_what_it_can() {
        assert!(unseen("Host key verification failed.").is_unknown);
        let changed =
            "@ WARNING: REMOTE HOST IDENTIFICATION HAS CHANGED! @\nHost key verification failed.";
        assert!(!unseen(changed).is_unknown);
    }
}
