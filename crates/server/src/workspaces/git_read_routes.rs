//! What is read of repositories.

use atelier_api::Problem;
use atelier_api::agent::git::{
    GitBlame, GitBlameQuery, GitCommitDetail, GitCommitDraft, GitCommitQuery, GitContent,
    GitContentQuery, GitDiffQuery, GitFileDiff, GitIdentity, GitLog, GitLogQuery, GitQuery,
    GitReferenceList, GitReferenceQuery, GitRemoteList, GitRunList, GitStashList, GitStatus,
    GitStatusQuery, GitSubmoduleList, GitWorktreeList,
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
        .routes(routes!(git_status))
        .routes(routes!(git_run_list))
        .routes(routes!(git_diff))
        .routes(routes!(git_content))
        .routes(routes!(git_draft))
        .routes(routes!(git_reference_list))
        .routes(routes!(git_log))
        .routes(routes!(git_commit_view))
        .routes(routes!(git_blame))
        .routes(routes!(git_stash_list))
        .routes(routes!(git_remote_list))
        .routes(routes!(git_submodule_list))
        .routes(routes!(git_worktree_list))
        .routes(routes!(git_identity_view))
}

/// Shows the state of a Git working tree.
#[utoipa::path(
    get,
    path = "/workspaces/{workspace}/git/status",
    tag = "git",
    params(("workspace" = WorkspaceId, Path), GitStatusQuery),
    responses((status = 200, body = GitStatus), (status = "default", body = Problem))
)]
async fn git_status(ctx: Ctx, request: Request) -> Result<Response> {
    forward(ctx, Action::GitStatus, Audited::No, request).await
}

/// Lists the Git commands that were run last, and what they printed.
#[utoipa::path(
    get,
    path = "/workspaces/{workspace}/git/runs",
    tag = "git",
    params(("workspace" = WorkspaceId, Path)),
    responses((status = 200, body = GitRunList), (status = "default", body = Problem))
)]
async fn git_run_list(ctx: Ctx, request: Request) -> Result<Response> {
    forward(ctx, Action::GitRunList, Audited::No, request).await
}

/// Shows how a file differs: from the index, from the last commit, or between commits.
#[utoipa::path(
    get,
    path = "/workspaces/{workspace}/git/diff",
    tag = "git",
    params(("workspace" = WorkspaceId, Path), GitDiffQuery),
    responses((status = 200, body = GitFileDiff), (status = "default", body = Problem))
)]
async fn git_diff(ctx: Ctx, request: Request) -> Result<Response> {
    forward(ctx, Action::GitDiff, Audited::No, request).await
}

/// Reads what a file held in a commit, in the index, or on a side of a conflict.
#[utoipa::path(
    get,
    path = "/workspaces/{workspace}/git/content",
    tag = "git",
    params(("workspace" = WorkspaceId, Path), GitContentQuery),
    responses((status = 200, body = GitContent), (status = "default", body = Problem))
)]
async fn git_content(ctx: Ctx, request: Request) -> Result<Response> {
    forward(ctx, Action::GitContent, Audited::No, request).await
}

/// Tells what a commit's message begins with: of a merge under way, or the template.
#[utoipa::path(
    get,
    path = "/workspaces/{workspace}/git/draft",
    tag = "git",
    params(("workspace" = WorkspaceId, Path), GitQuery),
    responses((status = 200, body = GitCommitDraft), (status = "default", body = Problem))
)]
async fn git_draft(ctx: Ctx, request: Request) -> Result<Response> {
    forward(ctx, Action::GitDraft, Audited::No, request).await
}

/// Lists branches and tags, those last committed to first.
#[utoipa::path(
    get,
    path = "/workspaces/{workspace}/git/references",
    tag = "git",
    params(("workspace" = WorkspaceId, Path), GitReferenceQuery),
    responses((status = 200, body = GitReferenceList), (status = "default", body = Problem))
)]
async fn git_reference_list(ctx: Ctx, request: Request) -> Result<Response> {
    forward(ctx, Action::GitReferenceList, Audited::No, request).await
}

/// Lists commits, newest first, with what a graph of them needs.
#[utoipa::path(
    get,
    path = "/workspaces/{workspace}/git/log",
    tag = "git",
    params(("workspace" = WorkspaceId, Path), GitLogQuery),
    responses((status = 200, body = GitLog), (status = "default", body = Problem))
)]
async fn git_log(ctx: Ctx, request: Request) -> Result<Response> {
    forward(ctx, Action::GitLog, Audited::No, request).await
}

/// Shows a commit: all of its message, and the files that it has changed.
#[utoipa::path(
    get,
    path = "/workspaces/{workspace}/git/commit",
    tag = "git",
    params(("workspace" = WorkspaceId, Path), GitCommitQuery),
    responses((status = 200, body = GitCommitDetail), (status = "default", body = Problem))
)]
async fn git_commit_view(ctx: Ctx, request: Request) -> Result<Response> {
    forward(ctx, Action::GitCommitView, Audited::No, request).await
}

/// Tells which commit each line of a file comes from.
#[utoipa::path(
    get,
    path = "/workspaces/{workspace}/git/blame",
    tag = "git",
    params(("workspace" = WorkspaceId, Path), GitBlameQuery),
    responses((status = 200, body = GitBlame), (status = "default", body = Problem))
)]
async fn git_blame(ctx: Ctx, request: Request) -> Result<Response> {
    forward(ctx, Action::GitBlame, Audited::No, request).await
}

/// Lists the changes that were put aside.
#[utoipa::path(
    get,
    path = "/workspaces/{workspace}/git/stashes",
    tag = "git",
    params(("workspace" = WorkspaceId, Path), GitQuery),
    responses((status = 200, body = GitStashList), (status = "default", body = Problem))
)]
async fn git_stash_list(ctx: Ctx, request: Request) -> Result<Response> {
    forward(ctx, Action::GitStashList, Audited::No, request).await
}

/// Lists the remotes, their addresses without passwords.
#[utoipa::path(
    get,
    path = "/workspaces/{workspace}/git/remotes",
    tag = "git",
    params(("workspace" = WorkspaceId, Path), GitQuery),
    responses((status = 200, body = GitRemoteList), (status = "default", body = Problem))
)]
async fn git_remote_list(ctx: Ctx, request: Request) -> Result<Response> {
    forward(ctx, Action::GitRemoteList, Audited::No, request).await
}

/// Lists the submodules and how they stand.
#[utoipa::path(
    get,
    path = "/workspaces/{workspace}/git/submodules",
    tag = "git",
    params(("workspace" = WorkspaceId, Path), GitQuery),
    responses((status = 200, body = GitSubmoduleList), (status = "default", body = Problem))
)]
async fn git_submodule_list(ctx: Ctx, request: Request) -> Result<Response> {
    forward(ctx, Action::GitSubmoduleList, Audited::No, request).await
}

/// Lists the working trees.
#[utoipa::path(
    get,
    path = "/workspaces/{workspace}/git/worktrees",
    tag = "git",
    params(("workspace" = WorkspaceId, Path), GitQuery),
    responses((status = 200, body = GitWorktreeList), (status = "default", body = Problem))
)]
async fn git_worktree_list(ctx: Ctx, request: Request) -> Result<Response> {
    forward(ctx, Action::GitWorktreeList, Audited::No, request).await
}

/// Tells in whose name commits are written.
#[utoipa::path(
    get,
    path = "/workspaces/{workspace}/git/identity",
    tag = "git",
    params(("workspace" = WorkspaceId, Path), GitQuery),
    responses((status = 200, body = GitIdentity), (status = "default", body = Problem))
)]
async fn git_identity_view(ctx: Ctx, request: Request) -> Result<Response> {
    forward(ctx, Action::GitIdentityView, Audited::No, request).await
}
