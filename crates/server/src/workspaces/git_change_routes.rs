//! What changes files, the stage and the current branch.

use atelier_api::Problem;
use atelier_api::agent::git::{
    GitChange, GitCommitCreate, GitCommitted, GitDiscardUndo, GitDiscarded, GitDone, GitMerge,
    GitPick, GitReset, GitResolve, GitRestored, GitStashChange, GitStashPush,
};
use atelier_api::ids::WorkspaceId;
use axum::extract::Request;
use axum::response::Response;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::forward::{Audited, forward};
use crate::app::App;
use crate::authz::Action;
use crate::ctx::Ctx;
use crate::error::Result;

pub(super) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(git_stage))
        .routes(routes!(git_unstage))
        .routes(routes!(git_discard))
        .routes(routes!(git_discard_undo))
        .routes(routes!(git_commit))
        .routes(routes!(git_resolve))
        .routes(routes!(git_stash_push))
        .routes(routes!(git_stash_apply))
        .routes(routes!(git_stash_pop))
        .routes(routes!(git_stash_drop))
        .routes(routes!(git_merge))
        .routes(routes!(git_cherry_pick))
        .routes(routes!(git_revert))
        .routes(routes!(git_reset))
}

/// Stages changes: files, or chosen lines of one.
#[utoipa::path(
    post,
    path = "/workspaces/{workspace}/git/stage",
    tag = "git",
    params(("workspace" = WorkspaceId, Path)),
    request_body = GitChange,
    responses((status = 200, body = GitDone), (status = "default", body = Problem))
)]
async fn git_stage(ctx: Ctx, request: Request) -> Result<Response> {
    let audited = Audited::Body(&["path", "files", "all"]);
    forward(ctx, Action::GitStage, audited, request).await
}

/// Takes changes off the stage.
#[utoipa::path(
    post,
    path = "/workspaces/{workspace}/git/unstage",
    tag = "git",
    params(("workspace" = WorkspaceId, Path)),
    request_body = GitChange,
    responses((status = 200, body = GitDone), (status = "default", body = Problem))
)]
async fn git_unstage(ctx: Ctx, request: Request) -> Result<Response> {
    let audited = Audited::Body(&["path", "files", "all"]);
    forward(ctx, Action::GitUnstage, audited, request).await
}

/// Discards changes that are not staged, so that they can be brought back.
#[utoipa::path(
    post,
    path = "/workspaces/{workspace}/git/discard",
    tag = "git",
    params(("workspace" = WorkspaceId, Path)),
    request_body = GitChange,
    responses((status = 200, body = GitDiscarded), (status = "default", body = Problem))
)]
async fn git_discard(ctx: Ctx, request: Request) -> Result<Response> {
    let audited = Audited::Body(&["path", "files", "all"]);
    forward(ctx, Action::GitDiscard, audited, request).await
}

/// Brings back what was discarded, where nothing else has come since.
#[utoipa::path(
    post,
    path = "/workspaces/{workspace}/git/discard/undo",
    tag = "git",
    params(("workspace" = WorkspaceId, Path)),
    request_body = GitDiscardUndo,
    responses((status = 200, body = GitRestored), (status = "default", body = Problem))
)]
async fn git_discard_undo(ctx: Ctx, request: Request) -> Result<Response> {
    let audited = Audited::Body(&["path"]);
    forward(ctx, Action::GitDiscardUndo, audited, request).await
}

/// Commits what is staged.
#[utoipa::path(
    post,
    path = "/workspaces/{workspace}/git/commit",
    tag = "git",
    params(("workspace" = WorkspaceId, Path)),
    request_body = GitCommitCreate,
    responses((status = 200, body = GitCommitted), (status = "default", body = Problem))
)]
async fn git_commit(ctx: Ctx, request: Request) -> Result<Response> {
    let audited = Audited::Body(&["path", "message", "amend", "sign_off", "all"]);
    forward(ctx, Action::GitCommit, audited, request).await
}

/// Resolves conflicts with one side, both, or the file as it is.
#[utoipa::path(
    post,
    path = "/workspaces/{workspace}/git/resolve",
    tag = "git",
    params(("workspace" = WorkspaceId, Path)),
    request_body = GitResolve,
    responses((status = 200, body = GitDone), (status = "default", body = Problem))
)]
async fn git_resolve(ctx: Ctx, request: Request) -> Result<Response> {
    let audited = Audited::Body(&["path", "files", "with"]);
    forward(ctx, Action::GitResolve, audited, request).await
}

/// Puts changes aside.
#[utoipa::path(
    post,
    path = "/workspaces/{workspace}/git/stashes/push",
    tag = "git",
    params(("workspace" = WorkspaceId, Path)),
    request_body = GitStashPush,
    responses((status = 200, body = GitDone), (status = "default", body = Problem))
)]
async fn git_stash_push(ctx: Ctx, request: Request) -> Result<Response> {
    let audited = Audited::Body(&["path", "message", "untracked", "files"]);
    forward(ctx, Action::GitStashPush, audited, request).await
}

/// Brings changes back that were put aside, and keeps them aside, too.
#[utoipa::path(
    post,
    path = "/workspaces/{workspace}/git/stashes/apply",
    tag = "git",
    params(("workspace" = WorkspaceId, Path)),
    request_body = GitStashChange,
    responses((status = 200, body = GitDone), (status = "default", body = Problem))
)]
async fn git_stash_apply(ctx: Ctx, request: Request) -> Result<Response> {
    let audited = Audited::Body(&["path", "index"]);
    forward(ctx, Action::GitStashApply, audited, request).await
}

/// Brings changes back that were put aside.
#[utoipa::path(
    post,
    path = "/workspaces/{workspace}/git/stashes/pop",
    tag = "git",
    params(("workspace" = WorkspaceId, Path)),
    request_body = GitStashChange,
    responses((status = 200, body = GitDone), (status = "default", body = Problem))
)]
async fn git_stash_pop(ctx: Ctx, request: Request) -> Result<Response> {
    let audited = Audited::Body(&["path", "index"]);
    forward(ctx, Action::GitStashPop, audited, request).await
}

/// Throws changes away that were put aside.
#[utoipa::path(
    post,
    path = "/workspaces/{workspace}/git/stashes/drop",
    tag = "git",
    params(("workspace" = WorkspaceId, Path)),
    request_body = GitStashChange,
    responses((status = 200, body = GitDone), (status = "default", body = Problem))
)]
async fn git_stash_drop(ctx: Ctx, request: Request) -> Result<Response> {
    let audited = Audited::Body(&["path", "index", "id"]);
    forward(ctx, Action::GitStashDrop, audited, request).await
}

/// Merges into the current branch.
#[utoipa::path(
    post,
    path = "/workspaces/{workspace}/git/merge",
    tag = "git",
    params(("workspace" = WorkspaceId, Path)),
    request_body = GitMerge,
    responses((status = 200, body = GitDone), (status = "default", body = Problem))
)]
async fn git_merge(ctx: Ctx, request: Request) -> Result<Response> {
    let audited = Audited::Body(&["path", "reference", "no_fast_forward", "squash"]);
    forward(ctx, Action::GitMerge, audited, request).await
}

/// Applies commits once more, on the current branch.
#[utoipa::path(
    post,
    path = "/workspaces/{workspace}/git/cherry-pick",
    tag = "git",
    params(("workspace" = WorkspaceId, Path)),
    request_body = GitPick,
    responses((status = 200, body = GitDone), (status = "default", body = Problem))
)]
async fn git_cherry_pick(ctx: Ctx, request: Request) -> Result<Response> {
    let audited = Audited::Body(&["path", "commits"]);
    forward(ctx, Action::GitCherryPick, audited, request).await
}

/// Makes commits that undo others.
#[utoipa::path(
    post,
    path = "/workspaces/{workspace}/git/revert",
    tag = "git",
    params(("workspace" = WorkspaceId, Path)),
    request_body = GitPick,
    responses((status = 200, body = GitDone), (status = "default", body = Problem))
)]
async fn git_revert(ctx: Ctx, request: Request) -> Result<Response> {
    let audited = Audited::Body(&["path", "commits"]);
    forward(ctx, Action::GitRevert, audited, request).await
}

/// Moves the current branch.
#[utoipa::path(
    post,
    path = "/workspaces/{workspace}/git/reset",
    tag = "git",
    params(("workspace" = WorkspaceId, Path)),
    request_body = GitReset,
    responses((status = 200, body = GitDone), (status = "default", body = Problem))
)]
async fn git_reset(ctx: Ctx, request: Request) -> Result<Response> {
    let audited = Audited::Body(&["path", "commit", "mode"]);
    forward(ctx, Action::GitReset, audited, request).await
}
