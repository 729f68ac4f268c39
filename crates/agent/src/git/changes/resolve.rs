//! Resolving conflicts.

use std::collections::BTreeMap;
use std::ffi::OsString;

use atelier_api::agent::git::{GitDone, GitResolution, GitResolve, GitRun};

use super::restore::write_output;
use crate::AgentError;
use crate::files::encode;
use crate::git::arguments::{self, Arguments};
use crate::git::repository::{Repository, done};

/// What a conflict has of each side: mode and object, by stage (1 base, 2 ours, 3 theirs).
type Stages = BTreeMap<u8, (String, String)>;

/// Resolves conflicts in files.
pub(in crate::git) async fn resolve(
    repository: &Repository,
    request: &GitResolve,
) -> Result<GitDone, AgentError> {
    let files = arguments::files("files", &request.files)?;
    let _turn = repository.turn("add").await?;
    let mut runs = Vec::new();
    for file in &files {
        let stages = stages(repository, file).await?;
        runs.extend(one(repository, file, &stages, request.with).await?);
    }
    Ok(done(runs))
}

async fn stages(repository: &Repository, file: &OsString) -> Result<Stages, AgentError> {
    let arguments = Arguments::of(&["ls-files", "--unmerged", "-z"]);
    let printed = repository
        .read(&arguments.files(std::slice::from_ref(file)))
        .await?;
    let mut stages = Stages::new();
    for record in printed.split(|byte| *byte == 0) {
        let fields = record
            .split(|byte| *byte == b'\t')
            .next()
            .unwrap_or_default();
        let fields = String::from_utf8_lossy(fields);
        let mut fields = fields.split(' ');
        if let (Some(mode), Some(object), Some(stage)) =
            (fields.next(), fields.next(), fields.next())
            && let Ok(stage) = stage.parse()
        {
            stages.insert(stage, (mode.to_owned(), object.to_owned()));
        }
    }
    if stages.is_empty() {
        use std::os::unix::ffi::OsStrExt as _;
        return Err(AgentError::conflict(format!(
            "“{}” is not in conflict any more.",
            encode(file.as_bytes())
        )));
    }
    Ok(stages)
}

async fn one(
    repository: &Repository,
    file: &OsString,
    stages: &Stages,
    with: GitResolution,
) -> Result<Vec<GitRun>, AgentError> {
    let named = std::slice::from_ref(file);
    let mut runs = Vec::new();
    match with {
        GitResolution::Ours | GitResolution::Theirs => {
            let (stage, option) = match with {
                GitResolution::Ours => (2, "--ours"),
                _ => (3, "--theirs"),
            };
            if !stages.contains_key(&stage) {
                // This side has deleted it.
                let arguments = Arguments::of(&["rm", "--quiet"]).files(named);
                return Ok(vec![repository.change(&arguments, None).await?]);
            }
            let arguments = Arguments::of(&["checkout"]).and(option).files(named);
            runs.push(repository.change(&arguments, None).await?);
        }
        GitResolution::Both => {
            let (Some((mode, ours)), Some((_, theirs))) = (stages.get(&2), stages.get(&3)) else {
                return Err(AgentError::conflict(
                    "One side has deleted the file, so there are no lines of both. Take one of the sides.",
                ));
            };
            let base = match stages.get(&1) {
                Some((_, base)) => base.clone(),
                None => empty_blob(repository).await?,
            };
            let arguments = Arguments::of(&["merge-file", "--stdout", "--union", "--object-id"]);
            let arguments = arguments.and(ours).and(base).and(theirs);
            write_output(repository, &arguments, repository.path_of(file)?, mode).await?;
            let shown = arguments.shown();
            runs.push(repository.shared.journal.note(shown, String::new(), true));
        }
        GitResolution::Marked => {}
    }
    let arguments = Arguments::of(&["add", "--all"]).files(named);
    runs.push(repository.change(&arguments, None).await?);
    Ok(runs)
}

async fn empty_blob(repository: &Repository) -> Result<String, AgentError> {
    let arguments = Arguments::of(&["hash-object", "-w", "--stdin"]);
    let run = repository.change(&arguments, Some(b"")).await?;
    Ok(run.output.trim().to_owned())
}
