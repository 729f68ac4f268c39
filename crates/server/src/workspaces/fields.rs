//! Checks of what people enter.

use std::ops::RangeInclusive;

use atelier_api::node::WorkspaceLimits;
use atelier_api::v1::workspaces::WorkspaceSource;

use crate::error::{Error, Result};
use crate::templates::Templates;

/// A workspace's memory, in bytes: at least for agent, shell and a small program.
const MEMORY: RangeInclusive<u64> = 64 << 20..=16 << 40;

/// A workspace's CPU, in thousandths of one.
const CPU_MILLIS: RangeInclusive<u32> = 50..=1_024_000;

/// A workspace's processes and threads; Linux knows no more than 2^22 (proc(5), `pid_max`).
const PROCESSES: RangeInclusive<u32> = 16..=1 << 22;

/// Checks where a workspace is to come from.
pub(super) fn source(source: &WorkspaceSource, templates: &Templates) -> Result<()> {
    match source {
        WorkspaceSource::Template { template } if templates.contains(template) => Ok(()),
        WorkspaceSource::Template { template } => Err(Error::invalid(
            "source.template",
            format!("There is no template “{template}”. GET /api/v1/templates lists them."),
        )),
        WorkspaceSource::Git { url, reference } => {
            git_url(url)?;
            reference.as_deref().map_or(Ok(()), git_reference)
        }
    }
}

/// The agent checks again; this is for an answer before anything is made.
fn git_url(url: &str) -> Result<()> {
    let invalid = |detail: &str| Err(Error::invalid("source.url", detail));
    if url.is_empty() || url.len() > 2_000 || url.chars().any(|c| c.is_control() || c == ' ') {
        return invalid("The Git address is empty, too long, or holds spaces or line breaks.");
    }
    if url.starts_with('-') {
        return invalid("A Git address does not begin with “-”.");
    }
    if let Some((scheme, rest)) = url.split_once("://") {
        if !matches!(scheme, "https" | "http" | "ssh" | "git") {
            return invalid(
                "Only https, http, ssh and git addresses can be cloned, not local files.",
            );
        }
        let authority = rest.split('/').next().unwrap_or("");
        if authority
            .split_once('@')
            .is_some_and(|(user, _)| user.contains(':'))
        {
            return invalid("Leave the password out of the address: it would be stored with it.");
        }
        if authority.is_empty() || authority.starts_with('-') {
            return invalid("The Git address names no host.");
        }
        return Ok(());
    }
    // The short form of ssh: user@host:path. `ext::command` and its like have `::`.
    match url.split_once(':') {
        Some((host, path)) if !path.starts_with(':') && !host.contains('/') && !path.is_empty() => {
            Ok(())
        }
        _ => invalid("This is no Git address. Use https://host/path or user@host:path."),
    }
}

fn git_reference(reference: &str) -> Result<()> {
    let bad = reference.is_empty()
        || reference.starts_with('-')
        || reference.len() > 250
        || reference
            .chars()
            .any(|c| c.is_control() || " ~^:?*[\\".contains(c));
    if bad {
        return Err(Error::invalid(
            "source.reference",
            "This is no name of a branch or tag.",
        ));
    }
    Ok(())
}

/// The folder that a clone goes to: the last part of its address.
pub(super) fn project_folder(url: &str) -> String {
    let trimmed = url.trim_end_matches('/');
    let last = trimmed.rsplit(['/', ':']).next().unwrap_or("");
    let name: String = last
        .trim_end_matches(".git")
        .chars()
        .map(|c| {
            if c.is_alphanumeric() || "-_.".contains(c) {
                c
            } else {
                '-'
            }
        })
        .collect();
    let name = name.trim_start_matches(['.', '-']);
    if name.is_empty() {
        "project".to_owned()
    } else {
        name.to_owned()
    }
}

/// Checks limits for what nothing could run in, and for what no machine has.
pub(super) fn limits(limits: &WorkspaceLimits) -> Result<()> {
    if limits
        .memory_bytes
        .is_some_and(|bytes| !MEMORY.contains(&bytes))
    {
        return Err(Error::invalid(
            "limits.memory_bytes",
            "A workspace has 64 MiB to 16 TiB of memory.",
        ));
    }
    if limits
        .cpu_millis
        .is_some_and(|millis| !CPU_MILLIS.contains(&millis))
    {
        return Err(Error::invalid(
            "limits.cpu_millis",
            "A workspace has 50 (0.05 CPU) to 1,024,000 (1,024 CPUs).",
        ));
    }
    if limits
        .processes
        .is_some_and(|count| !PROCESSES.contains(&count))
    {
        return Err(Error::invalid(
            "limits.processes",
            "A workspace has 16 to 4,194,304 processes.",
        ));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn limits_are_what_a_machine_can_have() {
        let memory = |bytes| WorkspaceLimits {
            memory_bytes: Some(bytes),
            ..WorkspaceLimits::default()
        };
        let cpu = |millis| WorkspaceLimits {
            cpu_millis: Some(millis),
            ..WorkspaceLimits::default()
        };
        let processes = |count| WorkspaceLimits {
            processes: Some(count),
            ..WorkspaceLimits::default()
        };
        for good in [
            WorkspaceLimits::default(),
            memory(64 << 20),
            memory(16 << 40),
            cpu(50),
            processes(16),
        ] {
            assert!(limits(&good).is_ok(), "{good:?}");
        }
        for bad in [
            memory(0),
            memory((64 << 20) - 1),
            memory((16 << 40) + 1),
            memory(u64::MAX),
            cpu(0),
            cpu(49),
            cpu(u32::MAX),
            processes(0),
            processes(15),
            processes(u32::MAX),
        ] {
            assert!(limits(&bad).is_err(), "{bad:?}");
        }
    }

    #[test]
    fn git_addresses() {
        for good in [
            "https://example.org/a/b.git",
            "http://127.0.0.1:8080/r",
            "ssh://git@host/r",
            "git@host:a/b.git",
        ] {
            git_url(good).unwrap();
        }
        for bad in [
            "",
            "file:///etc",
            "/etc",
            "-u",
            "--upload-pack=x",
            "ext::sh -c id",
            "ext::sh",
            "https://",
            "https://u:p@host/r",
            "a b",
            "https://-x/r",
            "javascript:",
            "host",
        ] {
            assert!(git_url(bad).is_err(), "{bad:?}");
        }
    }

    #[test]
    fn project_folders() {
        for (url, folder) in [
            ("https://h/a/b.git", "b"),
            ("git@h:a/c", "c"),
            ("https://h/", "h"),
            ("https://h/..", "project"),
            ("https://h/a%20b", "a-20b"),
        ] {
            assert_eq!(project_folder(url), folder, "{url}");
        }
    }
}
