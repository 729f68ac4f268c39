//! Branches, tags, remotes, working trees, identity.

use atelier_api::Problem;
use atelier_api::agent::git::{
    GitBranchCreate, GitBranchDelete, GitBranchRename, GitBranchSwitch, GitDone, GitIdentityUpdate,
    GitRemoteAdd, GitRemoteRemove, GitRemoteUpdate, GitTagCreate, GitTagDelete, GitWorktreeAdd,
    GitWorktreeRemove,
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
        .routes(routes!(git_branch_create))
        .routes(routes!(git_branch_switch))
        .routes(routes!(git_branch_rename))
        .routes(routes!(git_branch_delete))
        .routes(routes!(git_tag_create))
        .routes(routes!(git_tag_delete))
        .routes(routes!(git_remote_add))
        .routes(routes!(git_remote_update))
        .routes(routes!(git_remote_remove))
        .routes(routes!(git_worktree_add))
        .routes(routes!(git_worktree_remove))
        .routes(routes!(git_identity_update))
}

/// Makes a branch.
#[utoipa::path(
    post,
    path = "/workspaces/{workspace}/git/branches/create",
    tag = "git",
    params(("workspace" = WorkspaceId, Path)),
    request_body = GitBranchCreate,
    responses((status = 200, body = GitDone), (status = "default", body = Problem))
)]
async fn git_branch_create(ctx: Ctx, request: Request) -> Result<Response> {
    let audited = Audited::Body(&["path", "name", "start", "switch"]);
    forward(ctx, Action::GitBranchCreate, audited, request).await
}

/// Switches to a branch or commit.
#[utoipa::path(
    post,
    path = "/workspaces/{workspace}/git/branches/switch",
    tag = "git",
    params(("workspace" = WorkspaceId, Path)),
    request_body = GitBranchSwitch,
    responses((status = 200, body = GitDone), (status = "default", body = Problem))
)]
async fn git_branch_switch(ctx: Ctx, request: Request) -> Result<Response> {
    let audited = Audited::Body(&["path", "name", "detach"]);
    forward(ctx, Action::GitBranchSwitch, audited, request).await
}

/// Renames a branch.
#[utoipa::path(
    post,
    path = "/workspaces/{workspace}/git/branches/rename",
    tag = "git",
    params(("workspace" = WorkspaceId, Path)),
    request_body = GitBranchRename,
    responses((status = 200, body = GitDone), (status = "default", body = Problem))
)]
async fn git_branch_rename(ctx: Ctx, request: Request) -> Result<Response> {
    let audited = Audited::Body(&["path", "name", "new_name"]);
    forward(ctx, Action::GitBranchRename, audited, request).await
}

/// Deletes a branch.
#[utoipa::path(
    post,
    path = "/workspaces/{workspace}/git/branches/delete",
    tag = "git",
    params(("workspace" = WorkspaceId, Path)),
    request_body = GitBranchDelete,
    responses((status = 200, body = GitDone), (status = "default", body = Problem))
)]
async fn git_branch_delete(ctx: Ctx, request: Request) -> Result<Response> {
    let audited = Audited::Body(&["path", "name", "force"]);
    forward(ctx, Action::GitBranchDelete, audited, request).await
}

/// Makes a tag.
#[utoipa::path(
    post,
    path = "/workspaces/{workspace}/git/tags/create",
    tag = "git",
    params(("workspace" = WorkspaceId, Path)),
    request_body = GitTagCreate,
    responses((status = 200, body = GitDone), (status = "default", body = Problem))
)]
async fn git_tag_create(ctx: Ctx, request: Request) -> Result<Response> {
    let audited = Audited::Body(&["path", "name", "commit"]);
    forward(ctx, Action::GitTagCreate, audited, request).await
}

/// Deletes a tag.
#[utoipa::path(
    post,
    path = "/workspaces/{workspace}/git/tags/delete",
    tag = "git",
    params(("workspace" = WorkspaceId, Path)),
    request_body = GitTagDelete,
    responses((status = 200, body = GitDone), (status = "default", body = Problem))
)]
async fn git_tag_delete(ctx: Ctx, request: Request) -> Result<Response> {
    let audited = Audited::Body(&["path", "name"]);
    forward(ctx, Action::GitTagDelete, audited, request).await
}

/// Adds a remote. Its address may hold no password.
#[utoipa::path(
    post,
    path = "/workspaces/{workspace}/git/remotes/add",
    tag = "git",
    params(("workspace" = WorkspaceId, Path)),
    request_body = GitRemoteAdd,
    responses((status = 200, body = GitDone), (status = "default", body = Problem))
)]
async fn git_remote_add(ctx: Ctx, request: Request) -> Result<Response> {
    let audited = Audited::Body(&["path", "name"]);
    forward(ctx, Action::GitRemoteAdd, audited, request).await
}

/// Renames a remote, or changes its address.
#[utoipa::path(
    post,
    path = "/workspaces/{workspace}/git/remotes/update",
    tag = "git",
    params(("workspace" = WorkspaceId, Path)),
    request_body = GitRemoteUpdate,
    responses((status = 200, body = GitDone), (status = "default", body = Problem))
)]
async fn git_remote_update(ctx: Ctx, request: Request) -> Result<Response> {
    let audited = Audited::Body(&["path", "name", "new_name"]);
    forward(ctx, Action::GitRemoteUpdate, audited, request).await
}

/// Removes a remote.
#[utoipa::path(
    post,
    path = "/workspaces/{workspace}/git/remotes/remove",
    tag = "git",
    params(("workspace" = WorkspaceId, Path)),
    request_body = GitRemoteRemove,
    responses((status = 200, body = GitDone), (status = "default", body = Problem))
)]
async fn git_remote_remove(ctx: Ctx, request: Request) -> Result<Response> {
    let audited = Audited::Body(&["path", "name"]);
    forward(ctx, Action::GitRemoteRemove, audited, request).await
}

/// Adds a working tree.
#[utoipa::path(
    post,
    path = "/workspaces/{workspace}/git/worktrees/add",
    tag = "git",
    params(("workspace" = WorkspaceId, Path)),
    request_body = GitWorktreeAdd,
    responses((status = 200, body = GitDone), (status = "default", body = Problem))
)]
async fn git_worktree_add(ctx: Ctx, request: Request) -> Result<Response> {
    let audited = Audited::Body(&["path", "directory", "branch"]);
    forward(ctx, Action::GitWorktreeAdd, audited, request).await
}

/// Removes a working tree.
#[utoipa::path(
    post,
    path = "/workspaces/{workspace}/git/worktrees/remove",
    tag = "git",
    params(("workspace" = WorkspaceId, Path)),
    request_body = GitWorktreeRemove,
    responses((status = 200, body = GitDone), (status = "default", body = Problem))
)]
async fn git_worktree_remove(ctx: Ctx, request: Request) -> Result<Response> {
    let audited = Audited::Body(&["path", "directory", "force"]);
    forward(ctx, Action::GitWorktreeRemove, audited, request).await
}

/// Says in whose name commits are written.
#[utoipa::path(
    post,
    path = "/workspaces/{workspace}/git/identity",
    tag = "git",
    params(("workspace" = WorkspaceId, Path)),
    request_body = GitIdentityUpdate,
    responses((status = 200, body = GitDone), (status = "default", body = Problem))
)]
async fn git_identity_update(ctx: Ctx, request: Request) -> Result<Response> {
    let audited = Audited::Body(&["path", "scope", "name", "email"]);
    forward(ctx, Action::GitIdentityUpdate, audited, request).await
}
