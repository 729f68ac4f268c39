//! Discarding changes, so that they can be brought back: what changed files held is kept as objects of the
//! repository, and untracked files go to the workspace's trash.

use std::ffi::OsString;
use std::os::unix::ffi::OsStrExt as _;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use atelier_api::agent::git::{
    GitChange, GitDiffScope, GitDiscarded, GitRun, GitUndo, GitUndoFile,
};
use atelier_api::ids::TrashId;

use super::diff::selected;
use super::patch::Direction;
use super::stage::{Subject, subject};
use crate::AgentError;
use crate::files::{
    CopyProgress, FileError, Trash, blocking, encode, percent_decode, settle_trash,
};
use crate::git::arguments::{Arguments, nul_separated};
use crate::git::porcelain::parse;
use crate::git::repository::Repository;

/// Discards changes of the working tree that are not staged.
pub(in crate::git) async fn discard(
    repository: &Repository,
    change: &GitChange,
) -> Result<GitDiscarded, AgentError> {
    let subject = subject(change)?;
    let _turn = repository.turn("restore").await?;
    let mut runs = Vec::new();
    let (changed, unknown) = match &subject {
        Subject::Lines(file) if is_untracked(repository, file).await? => {
            return Err(AgentError::conflict(
                "The file is untracked: there is nothing that its lines could go back to. Discard the \
                 whole file, or edit it.",
            ));
        }
        Subject::Lines(file) => (vec![file.clone()], Vec::new()),
        Subject::Files(files) => affected(repository, files).await?,
        Subject::All => affected(repository, &[]).await?,
    };
    let mut files = Vec::with_capacity(changed.len());
    let before = hashes(repository, &changed, true).await?;
    for (file, (blob, mode)) in changed.iter().zip(before) {
        files.push(GitUndoFile {
            file: encode(file.as_bytes()),
            blob,
            mode,
            after: None,
        });
    }
    if let Subject::Lines(file) = &subject {
        let selection = change.selection.as_ref().expect("the subject has lines");
        let (scope, direction) = (GitDiffScope::Unstaged, Direction::Reverse);
        let patch = selected(repository, scope, direction, file, selection).await?;
        let arguments = Arguments::of(&["apply", "--reverse", "--whitespace=nowarn", "-"]);
        runs.push(repository.change(&arguments, Some(&patch)).await?);
    } else if !changed.is_empty() {
        runs.push(restore_from_index(repository, &changed).await?);
    }
    let after = hashes(repository, &changed, false).await?;
    for (file, (after, _)) in files.iter_mut().zip(after) {
        file.after = after;
    }
    let trash = throw_away(repository, &unknown).await?;
    Ok(GitDiscarded {
        undo: GitUndo { files, trash },
        runs,
    })
}

async fn restore_from_index(
    repository: &Repository,
    files: &[OsString],
) -> Result<GitRun, AgentError> {
    let arguments = Arguments::of(&["restore", "--worktree"])
        .and("--pathspec-from-file=-")
        .and("--pathspec-file-nul");
    repository
        .change(&arguments, Some(&nul_separated(files)))
        .await
}

async fn is_untracked(repository: &Repository, file: &OsString) -> Result<bool, AgentError> {
    let arguments = Arguments::of(&["ls-files", "--others", "-z"]);
    let others = repository
        .read(&arguments.files(std::slice::from_ref(file)))
        .await?;
    Ok(!others.is_empty())
}

/// Of the files that are named, or all: those with changes that are not staged, and the untracked ones.
async fn affected(
    repository: &Repository,
    files: &[OsString],
) -> Result<(Vec<OsString>, Vec<OsString>), AgentError> {
    let arguments = Arguments::of(&[
        "--no-optional-locks",
        "status",
        "--porcelain=v2",
        "-z",
        "--untracked-files=normal",
    ]);
    let status = parse(
        &repository.read(&arguments.files(files)).await?,
        String::new(),
    );
    if status.truncated {
        return Err(AgentError::too_large(
            "More than 10,000 files have changed. Discard a part of them at a time.",
        ));
    }
    let (mut changed, mut unknown) = (Vec::new(), Vec::new());
    for file in status.files {
        let name = percent_decode(file.path.trim_end_matches('/')).unwrap_or_default();
        let name = std::ffi::OsStr::from_bytes(&name).to_owned();
        let letters = format!("{}{}", file.index, file.worktree);
        match file.worktree.as_str() {
            "?" => unknown.push(name),
            _ if letters.contains('U') || letters == "AA" || letters == "DD" => {
                let shown = &file.path;
                return Err(AgentError::conflict(format!(
                    "“{shown}” is in conflict. Resolve it, or abort what is under way."
                )));
            }
            "." => {}
            _ => changed.push(name),
        }
    }
    Ok((changed, unknown))
}

async fn throw_away(
    repository: &Repository,
    files: &[OsString],
) -> Result<Vec<TrashId>, AgentError> {
    if files.is_empty() {
        return Ok(Vec::new());
    }
    let paths = files.iter().map(|file| repository.path_of(file));
    let paths = paths.collect::<Result<Vec<_>, _>>()?;
    let root = Arc::clone(&repository.workspace);
    blocking(move || {
        let trash = Trash::open(&root)?;
        let mut gone = Vec::new();
        for path in paths {
            let id = trash.put(&path, &CopyProgress::default())?.id;
            gone.push((id, path));
        }
        trash.sync(&gone)?;
        if let Err(error) = settle_trash(&root) {
            tracing::warn!(%error, "the trash could not be tidied up");
        }
        Ok::<_, FileError>(gone.into_iter().map(|(id, _)| id).collect())
    })
    .await
}

/// What stands in the working tree under a name.
enum Found {
    Nothing,
    Link(Vec<u8>),
    File { is_program: bool },
}

/// What files of the working tree hold, as objects: kept with `keep`, else only told.
pub(super) async fn hashes(
    repository: &Repository,
    files: &[OsString],
    keep: bool,
) -> Result<Vec<(Option<String>, String)>, AgentError> {
    let top = repository.top_path();
    let names: Vec<PathBuf> = files.iter().map(|file| top.join(file)).collect();
    let found = blocking(move || {
        Ok::<_, AgentError>(names.iter().map(|name| look(name)).collect::<Vec<_>>())
    })
    .await?;
    let base = Arguments::of(&["hash-object", "--no-filters"]).and_if(keep, "-w");
    let is_listable = |file: &OsString| !file.as_bytes().contains(&b'\n');
    let listed: Vec<_> = files
        .iter()
        .zip(&found)
        .filter(|(file, found)| matches!(found, Found::File { .. }) && is_listable(file))
        .flat_map(|(file, _)| file.as_bytes().iter().copied().chain([b'\n']))
        .collect();
    let mut all = Vec::new();
    if !listed.is_empty() {
        let arguments = base.clone().and("--stdin-paths");
        all = quietly(repository, &arguments, &listed).await?;
        all.reverse();
    }
    let mut hashes = Vec::with_capacity(files.len());
    for (file, found) in files.iter().zip(found) {
        let one = match found {
            Found::Nothing => (None, "100644".to_owned()),
            Found::Link(target) => {
                let arguments = base.clone().and("--stdin");
                let hash = quietly(repository, &arguments, &target).await?.pop();
                (hash, "120000".to_owned())
            }
            Found::File { is_program } => {
                let hash = if is_listable(file) {
                    all.pop()
                } else {
                    let arguments = base.clone().files(std::slice::from_ref(file));
                    quietly(repository, &arguments, &[]).await?.pop()
                };
                let mode = if is_program { "100755" } else { "100644" };
                (hash, mode.to_owned())
            }
        };
        hashes.push(one);
    }
    Ok(hashes)
}

fn look(name: &Path) -> Found {
    match name.symlink_metadata() {
        Ok(metadata) if metadata.is_symlink() => match std::fs::read_link(name) {
            Ok(target) => Found::Link(target.as_os_str().as_bytes().to_vec()),
            Err(_) => Found::Nothing,
        },
        Ok(metadata) if metadata.is_file() => Found::File {
            is_program: metadata.permissions().mode() & 0o100 != 0,
        },
        _ => Found::Nothing,
    }
}

/// Runs what only adds objects, which nobody needs to see in the journal. Gives its lines.
async fn quietly(
    repository: &Repository,
    arguments: &Arguments,
    input: &[u8],
) -> Result<Vec<String>, AgentError> {
    let command = repository.command(arguments);
    let output = crate::git::program::run_with(command, Some(input)).await?;
    if !output.succeeded {
        return Err(crate::git::refusal::refused(&output.message));
    }
    let text = String::from_utf8_lossy(&output.stdout);
    Ok(text.lines().map(str::to_owned).collect())
}
