//! The trash.

use std::sync::Arc;

use atelier_api::agent::files::FileEntry;
use atelier_api::agent::transfers::{EntryOutcome, EntryOutcomes, Outcome};
use atelier_api::agent::trash::{FileTrash, TrashList, TrashQuery, TrashRestore};
use atelier_api::ids::TrashId;
use axum::extract::State;
use http::StatusCode;
use tokio::task::spawn_blocking;

use super::FilesState;
use super::transfer::check_count;
use crate::AgentError;
use crate::files::blocking;
use crate::files::copy::Progress;
use crate::files::error::{FileError, Reason};
use crate::files::path::RelativePath;
use crate::files::root::RootDir;
use crate::files::transfer::outcome;
use crate::files::trash::{Trash, settle};
use crate::http::{Json, Path, Query};

pub(super) async fn file_trash(
    State(files): FilesState,
    Json(request): Json<FileTrash>,
) -> Result<Json<EntryOutcomes>, AgentError> {
    check_count("paths", request.paths.len())?;
    let root = files.roots.get(request.root)?;
    let progress = Progress::default();
    // When the caller goes away, so does this future, and with it the guard.
    let _guard = progress.cancelled.clone().drop_guard();
    let items = blocking({
        let root = Arc::clone(&root);
        move || {
            let trash = Trash::open(&root)?;
            let mut gone = Vec::new();
            let items = request
                .paths
                .into_iter()
                .map(|wire| put(&trash, wire, &progress, &mut gone))
                .collect();
            trash.sync(&gone)?;
            Ok::<_, FileError>(items)
        }
    })
    .await?;
    tidy_up(root);
    Ok(Json(EntryOutcomes { items }))
}

fn put(
    trash: &Trash<'_>,
    wire: String,
    progress: &Progress,
    gone: &mut Vec<(TrashId, RelativePath)>,
) -> EntryOutcome {
    let parsed = RelativePath::parse(&wire).map_err(FileError::from);
    let put = parsed.and_then(|path| Ok((trash.put(&path, progress)?.id, path)));
    match put {
        Ok((id, path)) => {
            gone.push((id, path));
            EntryOutcome {
                trash_id: Some(id),
                outcome: Outcome::Done,
                ..outcome(wire, Ok(None))
            }
        }
        Err(error) => outcome(wire, Err(error)),
    }
}

pub(super) async fn trash_list(
    State(files): FilesState,
    Query(query): Query<TrashQuery>,
) -> Result<Json<TrashList>, AgentError> {
    let root = files.roots.get(query.root)?;
    blocking(move || match Trash::find(&root)? {
        Some(trash) => trash.list(),
        None => Ok(TrashList { items: Vec::new() }),
    })
    .await
    .map(Json)
}

pub(super) async fn trash_restore(
    State(files): FilesState,
    Json(request): Json<TrashRestore>,
) -> Result<Json<EntryOutcomes>, AgentError> {
    check_count("ids", request.ids.len())?;
    let root = files.roots.get(request.root)?;
    let progress = Progress::default();
    let _guard = progress.cancelled.clone().drop_guard();
    let conflict = request.conflict;
    let restore = move |trash: &Trash<'_>, id: TrashId| {
        let path = trash.path_of(id).unwrap_or_else(|| id.to_string());
        let restored: Result<Option<FileEntry>, FileError> = trash.restore(id, conflict, &progress);
        EntryOutcome {
            trash_id: Some(id),
            ..outcome(path, restored)
        }
    };
    let items = blocking(move || {
        let trash = Trash::open(&root)?;
        Ok::<_, FileError>(
            request
                .ids
                .into_iter()
                .map(|id| restore(&trash, id))
                .collect(),
        )
    })
    .await?;
    Ok(Json(EntryOutcomes { items }))
}

pub(super) async fn trash_delete(
    State(files): FilesState,
    Path(id): Path<TrashId>,
    Query(query): Query<TrashQuery>,
) -> Result<StatusCode, AgentError> {
    let root = files.roots.get(query.root)?;
    blocking(move || {
        let missing = || FileError::from(Reason::NotFound).about(|| id.to_string());
        Trash::find(&root)?.ok_or_else(missing)?.delete(id)
    })
    .await?;
    Ok(StatusCode::NO_CONTENT)
}

pub(super) async fn trash_empty(
    State(files): FilesState,
    Query(query): Query<TrashQuery>,
) -> Result<StatusCode, AgentError> {
    let root = files.roots.get(query.root)?;
    blocking(move || Trash::find(&root)?.map_or(Ok(()), |trash| trash.empty())).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Keeps the trash within its bounds, after the answer.
fn tidy_up(root: Arc<RootDir>) {
    drop(spawn_blocking(move || {
        if let Err(error) = settle(&root) {
            tracing::warn!(%error, "the trash could not be kept within its bounds");
        }
    }));
}
