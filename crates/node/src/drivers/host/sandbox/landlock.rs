//! The second wall: Landlock rules, and the scopes that namespaces do not give (abstract Unix
//! sockets live in the network namespace, which workspaces share with the host).

use std::path::PathBuf;

use ::landlock::{
    ABI, Access as _, AccessFs, CompatLevel, Compatible as _, Ruleset, RulesetAttr as _,
    RulesetCreatedAttr as _, RulesetError, RulesetStatus, Scope, path_beneath_rules,
};
use atelier_api::node::{Protection, ProtectionKind};

use super::namespaces::Level;
use super::{HOME, SYSTEM_PATHS, SandboxSpec};

/// The version of Landlock that is asked for: the first that scopes sockets and signals.
const ABI_WANTED: ABI = ABI::V6;

/// Restricts this process and all that it starts, as far as the kernel can.
pub(super) fn restrict(spec: &SandboxSpec, level: Level) -> Protection {
    let (holds, detail) = match apply(spec, level) {
        Ok(RulesetStatus::FullyEnforced) => (
            true,
            "Landlock confines files, abstract sockets and signals.".to_owned(),
        ),
        Ok(RulesetStatus::PartiallyEnforced) => (
            false,
            "This kernel's Landlock confines files, but not abstract Unix sockets and signals. \
             Linux 6.12 or newer does."
                .to_owned(),
        ),
        Ok(RulesetStatus::NotEnforced) => (
            false,
            "This kernel has no Landlock. Use Linux 6.12 or newer with `landlock` in its `lsm=` list."
                .to_owned(),
        ),
        Err(error) => (false, format!("Landlock could not be applied: {error}.")),
    };
    Protection {
        kind: ProtectionKind::Landlock,
        holds,
        detail,
    }
}

fn apply(spec: &SandboxSpec, level: Level) -> Result<RulesetStatus, RulesetError> {
    let (read, write) = rules(spec, level);
    let status = Ruleset::default()
        .set_compatibility(CompatLevel::BestEffort)
        .handle_access(AccessFs::from_all(ABI_WANTED))?
        .scope(Scope::from_all(ABI_WANTED))?
        .create()?
        .add_rules(path_beneath_rules(read, AccessFs::from_read(ABI_WANTED)))?
        .add_rules(path_beneath_rules(write, AccessFs::from_all(ABI_WANTED)))?
        .restrict_self()?;
    Ok(status.ruleset)
}

/// What may be read and executed, and what may also be written.
fn rules(spec: &SandboxSpec, level: Level) -> (Vec<PathBuf>, Vec<PathBuf>) {
    let storage = &spec.storage;
    let mut read: Vec<PathBuf> = SYSTEM_PATHS.iter().map(PathBuf::from).collect();
    read.extend(spec.read_only.iter().cloned());
    let mut write: Vec<PathBuf> = vec!["/proc".into()];
    if level.mounts() {
        // `/` holds nothing but the whitelist; it must be listable.
        read.push("/".into());
        write.extend(
            [
                "/workspace",
                HOME,
                "/tmp",
                "/var/tmp",
                "/run/atelier",
                "/dev",
            ]
            .map(PathBuf::from),
        );
    } else {
        // Nothing can be covered here, and rules only add: what leads to hidden things is left out.
        read.retain(|path| !spec.hidden.iter().any(|hidden| hidden.starts_with(path)));
        read.push(spec.program.clone());
        write.extend([
            storage.workspace.clone(),
            storage.home.clone(),
            storage.tmp.clone(),
            storage.var_tmp.clone(),
            storage.run.clone(),
        ]);
        // Not /dev/shm: there is only one, shared with everything of this user.
        write.extend(
            [
                "null", "zero", "full", "random", "urandom", "tty", "ptmx", "pts",
            ]
            .map(|device| PathBuf::from("/dev").join(device)),
        );
    }
    (read, write)
}
