//! What a specification may contain.

use std::collections::BTreeSet;

use atelier_api::node::WorkspaceSpec;

use crate::drivers::host::seed_path;
use crate::error::NodeError;

/// Less memory than this does not start an agent and a shell.
const MEMORY_MIN: u64 = 32 << 20;

/// Fewer processes and threads than this do not start an agent and a shell.
const PROCESSES_MIN: u32 = 16;

/// The longest name, in bytes: 63 characters of any script.
const NAME_BYTES_MAX: usize = 255;

/// Refuses what could not be carried out, naming the field.
pub(super) fn spec(spec: &WorkspaceSpec) -> Result<(), NodeError> {
    let name = &spec.name;
    if name.is_empty() || name.len() > NAME_BYTES_MAX || name.contains(char::is_control) {
        return Err(NodeError::invalid(
            "name",
            "A name has 1 to 255 bytes and no control characters.",
        ));
    }
    if spec
        .limits
        .memory_bytes
        .is_some_and(|bytes| bytes < MEMORY_MIN)
    {
        return Err(NodeError::invalid(
            "limits.memory_bytes",
            "A workspace needs at least 32 MiB of memory.",
        ));
    }
    if spec.limits.cpu_millis == Some(0) {
        return Err(NodeError::invalid(
            "limits.cpu_millis",
            "A workspace needs some CPU.",
        ));
    }
    if spec
        .limits
        .processes
        .is_some_and(|count| count < PROCESSES_MIN)
    {
        return Err(NodeError::invalid(
            "limits.processes",
            "A workspace needs at least 16 processes and threads.",
        ));
    }
    for (key, value) in &spec.env {
        if key.is_empty() || key.contains(['=', '\0']) || value.contains('\0') {
            return Err(NodeError::invalid(
                "env",
                "A variable's name is not empty and without `=`; neither name nor value contain NUL.",
            ));
        }
    }
    seed(spec)
}

fn seed(spec: &WorkspaceSpec) -> Result<(), NodeError> {
    let mut files = BTreeSet::new();
    for (index, file) in spec.seed.iter().enumerate() {
        let field = || format!("seed.{index}.path");
        let path = seed_path(&file.path).map_err(|detail| NodeError::invalid(field(), detail))?;
        if !files.insert(path) {
            return Err(NodeError::invalid(
                field(),
                "The path is in the seed twice.",
            ));
        }
    }
    for (index, file) in spec.seed.iter().enumerate() {
        let mut above = std::path::Path::new(&file.path).ancestors().skip(1);
        if above.any(|parent| files.contains(parent)) {
            return Err(NodeError::invalid(
                format!("seed.{index}.path"),
                "The path leads through another file of the seed.",
            ));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use atelier_api::node::{DesiredState, Driver, SeedFile, WorkspaceLimits};

    use super::*;

    fn valid() -> WorkspaceSpec {
        WorkspaceSpec {
            desired: DesiredState::Running,
            generation: 1,
            name: "Ünï 🦀".into(),
            driver: Driver::default(),
            limits: WorkspaceLimits::default(),
            env: [("KEY".to_owned(), "value".to_owned())].into(),
            seed: Vec::new(),
        }
    }

    fn file(path: &str) -> SeedFile {
        SeedFile {
            path: path.into(),
            text: String::new(),
            executable: false,
        }
    }

    #[test]
    fn what_cannot_be_carried_out_is_refused() {
        assert!(spec(&valid()).is_ok());
        let refused = |field: &str, change: fn(&mut WorkspaceSpec)| {
            let mut changed = valid();
            change(&mut changed);
            let error = spec(&changed).expect_err(field);
            assert_eq!(error.field(), Some(field));
        };
        refused("name", |s| s.name.clear());
        refused("name", |s| s.name = "a\0b".into());
        refused("name", |s| s.name = "x".repeat(300));
        refused("limits.memory_bytes", |s| s.limits.memory_bytes = Some(1));
        refused("limits.cpu_millis", |s| s.limits.cpu_millis = Some(0));
        refused("limits.processes", |s| s.limits.processes = Some(1));
        refused("env", |s| drop(s.env.insert("A=B".into(), String::new())));
        refused("env", |s| drop(s.env.insert("A".into(), "\0".into())));
        refused("seed.0.path", |s| s.seed = vec![file("../x")]);
        refused("seed.1.path", |s| s.seed = vec![file("a"), file("./a")]);
        refused("seed.1.path", |s| s.seed = vec![file("a"), file("a/b")]);
    }
}
