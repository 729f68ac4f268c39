//! Bringing back what was discarded, where nothing else has come since.

use std::ffi::{OsStr, OsString};
use std::os::unix::ffi::OsStrExt as _;
use std::process::Stdio;
use std::sync::Arc;

use atelier_api::agent::git::{GitDiscardUndo, GitRestored, GitUndoFile};
use atelier_api::agent::transfers::NameConflict;
use rustix::fs::{AtFlags, Mode, symlinkat, unlinkat};
use rustix::io::Errno;

use super::discard::hashes;
use crate::AgentError;
use crate::files::{CopyProgress, Existing, FileError, RelativePath, Temporary, Trash, blocking};
use crate::git::arguments::{self, Arguments};
use crate::git::refusal::refused;
use crate::git::repository::Repository;

/// How many files may be brought back at once.
const FILES_MAX: usize = 10_000;

/// Brings back what was discarded.
pub(in crate::git) async fn restore(
    repository: &Repository,
    request: GitDiscardUndo,
) -> Result<GitRestored, AgentError> {
    let undo = request.undo;
    if undo.files.len() + undo.trash.len() > FILES_MAX {
        let detail = "No more than 10,000 files can be brought back at once.";
        return Err(AgentError::invalid("undo", detail));
    }
    let names: Vec<String> = undo.files.iter().map(|file| file.file.clone()).collect();
    let names = arguments::files("undo.files", &names)?;
    let _turn = repository.turn("restore").await?;
    let now = hashes(repository, &names, false).await?;
    let (mut restored, mut kept) = (0, Vec::new());
    for ((file, name), (now, _)) in undo.files.into_iter().zip(names).zip(now) {
        if now != file.after {
            kept.push(file.file);
            continue;
        }
        put_back(repository, &file, &name).await?;
        restored += 1;
    }
    let root = Arc::clone(&repository.workspace);
    let trash = undo.trash;
    let (back, stayed) = blocking(move || {
        let trash_is = Trash::open(&root)?;
        let (mut back, mut stayed) = (0, Vec::new());
        for id in trash {
            let path = trash_is.path_of(id).unwrap_or_else(|| id.to_string());
            match trash_is.restore(id, NameConflict::Fail, &CopyProgress::default()) {
                Ok(_) => back += 1,
                Err(_) => stayed.push(path),
            }
        }
        Ok::<_, FileError>((back, stayed))
    })
    .await?;
    kept.extend(stayed);
    Ok(GitRestored {
        restored: restored + back,
        kept,
    })
}

async fn put_back(
    repository: &Repository,
    file: &GitUndoFile,
    name: &OsString,
) -> Result<(), AgentError> {
    let path = repository.path_of(name)?;
    match file.blob.as_deref() {
        None => {
            let root = Arc::clone(&repository.workspace);
            blocking(move || {
                let place = root.locate(&path)?;
                match unlinkat(&place.parent, &place.name, AtFlags::empty()) {
                    Ok(()) | Err(Errno::NOENT) => Ok(()),
                    Err(errno) => Err(FileError::from(errno)),
                }
            })
            .await
        }
        Some(blob) => {
            let blob = arguments::hash("undo.files.blob", blob)?;
            let arguments = Arguments::of(&["cat-file", "blob"]).and(blob);
            write_output(repository, &arguments, path, &file.mode).await
        }
    }
}

/// Writes what a command prints to a file of the working tree, whole or not at all.
pub(super) async fn write_output(
    repository: &Repository,
    arguments: &Arguments,
    path: RelativePath,
    mode: &str,
) -> Result<(), AgentError> {
    let bits = match mode {
        "100755" => Mode::from_raw_mode(0o777),
        "120000" => return write_link(repository, arguments, path).await,
        _ => Mode::from_raw_mode(0o666),
    };
    let root = Arc::clone(&repository.workspace);
    let (temporary, output, place) = blocking(move || {
        let place = root.locate(&path)?;
        let parent = place
            .parent
            .try_clone()
            .map_err(|_| FileError::from(Errno::MFILE))?;
        let (temporary, output) = Temporary::file(parent, bits)?;
        Ok::<_, FileError>((temporary, output, place))
    })
    .await?;
    let mut command = repository.command(arguments);
    command.stdout(Stdio::from(output)).kill_on_drop(true);
    let ended = command.spawn().map_err(|error| {
        AgentError::unavailable(60, "The program git cannot be started in this workspace.")
            .caused_by(error)
    })?;
    let output = ended.wait_with_output().await;
    let output = output.map_err(|error| AgentError::internal("Git could not be read.", error))?;
    if !output.status.success() {
        return Err(refused(&String::from_utf8_lossy(&output.stderr)));
    }
    blocking(move || {
        temporary.publish(&place, Existing::Replace)?;
        place.sync()
    })
    .await
}

async fn write_link(
    repository: &Repository,
    arguments: &Arguments,
    path: RelativePath,
) -> Result<(), AgentError> {
    let target = repository.read(arguments).await?;
    let root = Arc::clone(&repository.workspace);
    blocking(move || {
        let place = root.locate(&path)?;
        match unlinkat(&place.parent, &place.name, AtFlags::empty()) {
            Ok(()) | Err(Errno::NOENT) => {}
            Err(errno) => return Err(FileError::from(errno)),
        }
        symlinkat(OsStr::from_bytes(&target), &place.parent, &place.name)?;
        place.sync()
    })
    .await
}
