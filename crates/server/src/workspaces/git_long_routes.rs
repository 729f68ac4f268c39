//! What takes long: it answers lines of JSON until it is done, and is ended by closing the connection.

use atelier_api::Problem;
use atelier_api::agent::git::{
    CloneEvent, GitClone, GitEvent, GitFetch, GitProceed, GitPull, GitPush, GitRebase,
    GitSubmoduleUpdate,
};
use atelier_api::ids::WorkspaceId;
use axum::extract::Request;
use axum::response::Response;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::forward::{Audited, forward};
use super::git_sign_in::{forward_clone, forward_signed_in};
use crate::app::App;
use crate::authz::Action;
use crate::ctx::Ctx;
use crate::error::Result;

pub(super) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(git_clone))
        .routes(routes!(git_fetch))
        .routes(routes!(git_pull))
        .routes(routes!(git_push))
        .routes(routes!(git_rebase))
        .routes(routes!(git_proceed))
        .routes(routes!(git_submodule_update))
}

/// Clones a repository into a folder of the workspace. Answers lines of JSON until `done` or `failed`.
#[utoipa::path(
    post,
    path = "/workspaces/{workspace}/git/clone",
    tag = "git",
    params(("workspace" = WorkspaceId, Path)),
    request_body = GitClone,
    responses((status = 200, body = CloneEvent, content_type = "application/x-ndjson"), (status = "default", body = Problem))
)]
async fn git_clone(ctx: Ctx, request: Request) -> Result<Response> {
    // A password can stand in the address.
    let audited = Audited::Body(&["path", "reference"]);
    forward_clone(ctx, audited, request).await
}

/// Fetches from remotes. Answers lines of JSON until `done`, `failed`, or `credentials_required`.
#[utoipa::path(
    post,
    path = "/workspaces/{workspace}/git/fetch",
    tag = "git",
    params(("workspace" = WorkspaceId, Path)),
    request_body = GitFetch,
    responses((status = 200, body = GitEvent, content_type = "application/x-ndjson"), (status = "default", body = Problem))
)]
async fn git_fetch(ctx: Ctx, request: Request) -> Result<Response> {
    let audited = Audited::Body(&["path", "remote", "prune"]);
    forward_signed_in(ctx, Action::GitFetch, audited, request).await
}

/// Fetches from the upstream and joins what came. Answers lines of JSON until `done`, `failed`, or `credentials_required`.
#[utoipa::path(
    post,
    path = "/workspaces/{workspace}/git/pull",
    tag = "git",
    params(("workspace" = WorkspaceId, Path)),
    request_body = GitPull,
    responses((status = 200, body = GitEvent, content_type = "application/x-ndjson"), (status = "default", body = Problem))
)]
async fn git_pull(ctx: Ctx, request: Request) -> Result<Response> {
    let audited = Audited::Body(&["path", "rebase", "autostash"]);
    forward_signed_in(ctx, Action::GitPull, audited, request).await
}

/// Pushes a branch. Answers lines of JSON until `done`, `failed`, or `credentials_required`.
#[utoipa::path(
    post,
    path = "/workspaces/{workspace}/git/push",
    tag = "git",
    params(("workspace" = WorkspaceId, Path)),
    request_body = GitPush,
    responses((status = 200, body = GitEvent, content_type = "application/x-ndjson"), (status = "default", body = Problem))
)]
async fn git_push(ctx: Ctx, request: Request) -> Result<Response> {
    let audited = Audited::Body(&["path", "remote", "branch", "force", "tags"]);
    forward_signed_in(ctx, Action::GitPush, audited, request).await
}

/// Rebases the current branch; with a list of commits, interactively. Answers lines of JSON until `done`, `failed`, or `credentials_required`.
#[utoipa::path(
    post,
    path = "/workspaces/{workspace}/git/rebase",
    tag = "git",
    params(("workspace" = WorkspaceId, Path)),
    request_body = GitRebase,
    responses((status = 200, body = GitEvent, content_type = "application/x-ndjson"), (status = "default", body = Problem))
)]
async fn git_rebase(ctx: Ctx, request: Request) -> Result<Response> {
    let audited = Audited::Body(&["path", "onto", "autostash"]);
    forward(ctx, Action::GitRebase, audited, request).await
}

/// Goes on with a merge, rebase, cherry-pick or revert that has stopped, or aborts it. Answers lines of JSON until `done`, `failed`, or `credentials_required`.
#[utoipa::path(
    post,
    path = "/workspaces/{workspace}/git/proceed",
    tag = "git",
    params(("workspace" = WorkspaceId, Path)),
    request_body = GitProceed,
    responses((status = 200, body = GitEvent, content_type = "application/x-ndjson"), (status = "default", body = Problem))
)]
async fn git_proceed(ctx: Ctx, request: Request) -> Result<Response> {
    let audited = Audited::Body(&["path", "step"]);
    forward(ctx, Action::GitProceed, audited, request).await
}

/// Gets submodules, and checks out the commits that are wanted. Answers lines of JSON until `done`, `failed`, or `credentials_required`.
#[utoipa::path(
    post,
    path = "/workspaces/{workspace}/git/submodules/update",
    tag = "git",
    params(("workspace" = WorkspaceId, Path)),
    request_body = GitSubmoduleUpdate,
    responses((status = 200, body = GitEvent, content_type = "application/x-ndjson"), (status = "default", body = Problem))
)]
async fn git_submodule_update(ctx: Ctx, request: Request) -> Result<Response> {
    let audited = Audited::Body(&["path", "directories"]);
    forward_signed_in(ctx, Action::GitSubmoduleUpdate, audited, request).await
}
