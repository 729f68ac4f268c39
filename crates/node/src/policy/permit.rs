//! Which request needs which permission.

use std::borrow::Cow;
use std::path::{Component, Path, PathBuf};

use atelier_api::node::{FilesPolicy, NodePolicy};
use http::Method;
use percent_encoding::percent_decode_str;

use crate::error::NodeError;

/// Workspaces may be started here, and those that run may be used. To see, stop and delete them is
/// always permitted: that only takes away.
pub(crate) fn workspaces_run(policy: &NodePolicy) -> Result<(), NodeError> {
    permitted(policy.workspaces, "workspaces")
}

/// Node jobs may be run here.
pub(crate) fn exec(policy: &NodePolicy) -> Result<(), NodeError> {
    permitted(policy.exec, "exec")
}

/// The node's program may be replaced.
pub(crate) fn update(policy: &NodePolicy) -> Result<(), NodeError> {
    permitted(policy.update, "updates of its program (update)")
}

/// A request to the machine itself: `path` is what follows `/v1/machine/`, as it was encoded, and `home`
/// where the root of that name is. What is not known here does not reach the agent.
pub(crate) fn machine_request(
    policy: &NodePolicy,
    home: &Path,
    method: &Method,
    path: &str,
    query: &str,
) -> Result<(), NodeError> {
    let (family, rest) = path.split_once('/').unwrap_or((path, ""));
    match family {
        "terminals" => permitted(policy.terminal, "terminal"),
        "processes" => permitted(policy.exec, "exec"),
        "files" => {
            permitted(policy.files.permitted, "files.permitted")?;
            let reads = method == Method::GET || method == Method::HEAD || rest == "watch";
            if policy.files.read_only && !reads {
                return Err(refused("changing files (files.read_only)"));
            }
            paths(&policy.files, home, query)
        }
        "health" if rest.is_empty() => permitted(
            policy.terminal || policy.exec || policy.files.permitted,
            "terminal, exec and files",
        ),
        _ => Err(NodeError::not_found(
            "A machine has terminals, processes and files, and nothing else.",
        )),
    }
}

fn permitted(is: bool, what: &str) -> Result<(), NodeError> {
    if is { Ok(()) } else { Err(refused(what)) }
}

fn refused(what: &str) -> NodeError {
    NodeError::forbidden(format!(
        "This server's owner does not permit {what}. That can only be changed on the server itself, \
         in its node.toml."
    ))
}

/// The paths in a query, as text. Where they lead by links, and the paths in bodies, are the agent's to
/// judge: it has them open.
fn paths(files: &FilesPolicy, home: &Path, query: &str) -> Result<(), NodeError> {
    if files.roots.is_empty() {
        return Ok(());
    }
    let values = |wanted: &'static str| {
        query.split('&').filter_map(move |pair| {
            let (key, value) = pair.split_once('=').unwrap_or((pair, ""));
            (decode(key) == wanted).then(|| decode(value).into_owned())
        })
    };
    let base = if values("root").any(|root| root == "home") {
        home
    } else {
        Path::new("/")
    };
    for path in values("path") {
        // Names are encoded once more in a path, see `atelier_api::agent::files`.
        let path = percent_decode_str(&path).decode_utf8_lossy().into_owned();
        let path = normal(base, &path);
        if !files.roots.iter().any(|root| path.starts_with(root)) {
            return Err(refused("files outside of files.roots"));
        }
    }
    Ok(())
}

/// Undoes the encoding of a query's keys and values.
fn decode(text: &str) -> Cow<'_, str> {
    let spaced = text.replace('+', " ");
    Cow::Owned(percent_decode_str(&spaced).decode_utf8_lossy().into_owned())
}

/// The path with `.` and `..` worked out as text.
fn normal(base: &Path, path: &str) -> PathBuf {
    let mut result = base.to_owned();
    for part in Path::new(path).components() {
        match part {
            Component::ParentDir => {
                result.pop();
            }
            Component::Normal(name) => result.push(name),
            Component::RootDir | Component::CurDir | Component::Prefix(_) => {}
        }
    }
    result
}

#[cfg(test)]
mod tests {
    use super::*;

    const TERMINAL: &str = "terminal";
    const EXEC: &str = "exec";
    const FILES: &str = "files.permitted";
    const CHANGES: &str = "files.read_only";
    const ALL: &[&str] = &[TERMINAL, EXEC, FILES, CHANGES];

    /// Every kind of request, and what it needs.
    const TABLE: &[(&str, &str, &[&str])] = &[
        ("GET", "terminals", &[TERMINAL]),
        ("POST", "terminals", &[TERMINAL]),
        ("GET", "terminals/trm_1", &[TERMINAL]),
        ("PATCH", "terminals/trm_1", &[TERMINAL]),
        ("DELETE", "terminals/trm_1", &[TERMINAL]),
        ("POST", "terminals/trm_1/signal", &[TERMINAL]),
        ("GET", "terminals/trm_1/attach", &[TERMINAL]),
        ("CONNECT", "terminals/trm_1/attach", &[TERMINAL]),
        ("GET", "processes", &[EXEC]),
        ("POST", "processes", &[EXEC]),
        ("GET", "processes/prc_1/output", &[EXEC]),
        ("POST", "processes/prc_1/stdin", &[EXEC]),
        ("POST", "processes/prc_1/signal", &[EXEC]),
        ("CONNECT", "processes/prc_1/attach", &[EXEC]),
        ("DELETE", "processes/prc_1", &[EXEC]),
        ("GET", "files/list", &[FILES]),
        ("GET", "files/stat", &[FILES]),
        ("GET", "files/content", &[FILES]),
        ("HEAD", "files/content", &[FILES]),
        ("GET", "files/watch", &[FILES]),
        ("CONNECT", "files/watch", &[FILES]),
        ("PUT", "files/content", &[FILES, CHANGES]),
        ("DELETE", "files", &[FILES, CHANGES]),
        ("POST", "files/directory", &[FILES, CHANGES]),
        ("POST", "files/move", &[FILES, CHANGES]),
        ("POST", "files/copy", &[FILES, CHANGES]),
        ("PUT", "files/mode", &[FILES, CHANGES]),
        ("POST", "files/some-day", &[FILES, CHANGES]),
        ("POST", "files/batch", &[FILES, CHANGES]),
        ("POST", "files/uploads", &[FILES, CHANGES]),
        ("GET", "files/uploads/upload_1", &[FILES]),
        ("PATCH", "files/uploads/upload_1", &[FILES, CHANGES]),
        ("POST", "files/uploads/upload_1/finish", &[FILES, CHANGES]),
        ("GET", "health", &[]),
    ];

    fn without(permission: &str) -> NodePolicy {
        let mut policy = NodePolicy::default();
        match permission {
            TERMINAL => policy.terminal = false,
            EXEC => policy.exec = false,
            FILES => policy.files.permitted = false,
            CHANGES => policy.files.read_only = true,
            other => panic!("{other}"),
        }
        policy
    }

    fn ask(policy: &NodePolicy, method: &str, request: &str) -> u16 {
        let (path, query) = request.split_once('?').unwrap_or((request, ""));
        let method = method.parse().unwrap();
        match machine_request(policy, Path::new("/home/ada"), &method, path, query) {
            Ok(()) => 200,
            Err(error) => error.status(),
        }
    }

    #[test]
    fn every_request_needs_its_permission_and_no_other() {
        for (method, path, needs) in TABLE {
            assert_eq!(ask(&NodePolicy::default(), method, path), 200, "{path}");
            for permission in ALL {
                let expected = if needs.contains(permission) { 403 } else { 200 };
                let got = ask(&without(permission), method, path);
                assert_eq!(got, expected, "{method} {path} without {permission}");
            }
        }
    }

    #[test]
    fn what_is_not_known_does_not_pass() {
        for path in [
            "git/status",
            "git/clone",
            "terminal%73",
            "Terminals",
            "health/x",
            "./terminals",
            "../workspaces",
            "//terminals",
            "",
        ] {
            assert_eq!(ask(&NodePolicy::default(), "GET", path), 404, "{path}");
        }
    }

    #[test]
    fn health_is_nobodys_business_where_nothing_is_permitted() {
        let mut policy = without(TERMINAL);
        policy.exec = false;
        assert_eq!(ask(&policy, "GET", "health"), 200);
        policy.files.permitted = false;
        assert_eq!(ask(&policy, "GET", "health"), 403);
    }

    #[test]
    fn paths_outside_of_the_roots_are_refused_however_they_are_written() {
        let mut policy = NodePolicy::default();
        policy.files.roots = vec!["/srv/open".into(), "/home/ada/shared".into()];
        for (query, expected) in [
            ("path=srv/open", 200),
            ("path=srv%2Fopen%2Fa%20b", 200),
            ("path=srv/open/../open/a", 200),
            ("root=home&path=shared/a", 200),
            ("path=shared/a&root=home", 200),
            ("path=srv/openly", 403),
            ("path=srv", 403),
            ("path=", 403),
            ("path=etc/passwd", 403),
            ("path=srv/open/../../etc/passwd", 403),
            ("path=srv/open/%2e%2e/%2e%2e/etc/passwd", 403),
            ("path=srv/open/%252e%252e/%252e%252e/etc/passwd", 403),
            ("root=home&path=.ssh/id_ed25519", 403),
            ("root=home&path=../../srv/open/a", 200),
            ("%70ath=etc/passwd", 403),
            ("path=srv/open/a&path=etc/passwd", 403),
        ] {
            let got = ask(&policy, "GET", &format!("files/content?{query}"));
            assert_eq!(got, expected, "{query}");
        }
    }

    #[test]
    fn workspaces_run_where_they_are_permitted() {
        let mut policy = NodePolicy::default();
        assert!(workspaces_run(&policy).is_ok());
        policy.workspaces = false;
        assert_eq!(workspaces_run(&policy).unwrap_err().status(), 403);
    }
}
