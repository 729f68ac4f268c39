//! The workspace's `~/.ssh`: its keys, and the hosts that are known there.

use atelier_api::Problem;
use atelier_api::agent::git::{
    GitKnownHost, GitKnownHostCreate, GitKnownHostDelete, GitKnownHostList, GitKnownHostQuery,
    GitSshKey, GitSshKeyCreate, GitSshKeyDelete, GitSshKeyList,
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
        .routes(routes!(git_ssh_key_list))
        .routes(routes!(git_ssh_key_create))
        .routes(routes!(git_ssh_key_delete))
        .routes(routes!(git_known_host_list))
        .routes(routes!(git_known_host_create))
        .routes(routes!(git_known_host_delete))
}

/// Lists the SSH keys of the workspace. The private ones are never answered.
#[utoipa::path(
    get,
    path = "/workspaces/{workspace}/git/ssh/keys",
    tag = "git",
    params(("workspace" = WorkspaceId, Path)),
    responses((status = 200, body = GitSshKeyList), (status = "default", body = Problem))
)]
async fn git_ssh_key_list(ctx: Ctx, request: Request) -> Result<Response> {
    forward(ctx, Action::GitSshKeyList, Audited::No, request).await
}

/// Makes an SSH key in the workspace. A file that is there is never overwritten.
#[utoipa::path(
    post,
    path = "/workspaces/{workspace}/git/ssh/keys/create",
    tag = "git",
    params(("workspace" = WorkspaceId, Path)),
    request_body = GitSshKeyCreate,
    responses((status = 200, body = GitSshKey), (status = "default", body = Problem))
)]
async fn git_ssh_key_create(ctx: Ctx, request: Request) -> Result<Response> {
    let audited = Audited::Body(&["name", "comment"]);
    forward(ctx, Action::GitSshKeyCreate, audited, request).await
}

/// Deletes an SSH key of the workspace, its private half with it. It cannot be brought back.
#[utoipa::path(
    post,
    path = "/workspaces/{workspace}/git/ssh/keys/delete",
    tag = "git",
    params(("workspace" = WorkspaceId, Path)),
    request_body = GitSshKeyDelete,
    responses((status = 200, body = GitSshKeyList), (status = "default", body = Problem))
)]
async fn git_ssh_key_delete(ctx: Ctx, request: Request) -> Result<Response> {
    let audited = Audited::Body(&["name"]);
    forward(ctx, Action::GitSshKeyDelete, audited, request).await
}

/// Lists the SSH hosts whose keys are known in the workspace; of one host alone, hashed entries included, where it is named.
#[utoipa::path(
    get,
    path = "/workspaces/{workspace}/git/ssh/hosts",
    tag = "git",
    params(("workspace" = WorkspaceId, Path), GitKnownHostQuery),
    responses((status = 200, body = GitKnownHostList), (status = "default", body = Problem))
)]
async fn git_known_host_list(ctx: Ctx, request: Request) -> Result<Response> {
    forward(ctx, Action::GitKnownHostList, Audited::No, request).await
}

/// Trusts the key that an SSH host has presented, as `unknown_host` has shown it. A host that is known with another key is refused.
#[utoipa::path(
    post,
    path = "/workspaces/{workspace}/git/ssh/hosts/create",
    tag = "git",
    params(("workspace" = WorkspaceId, Path)),
    request_body = GitKnownHostCreate,
    responses((status = 200, body = GitKnownHost), (status = "default", body = Problem))
)]
async fn git_known_host_create(ctx: Ctx, request: Request) -> Result<Response> {
    let audited = Audited::Body(&["host", "key_type", "key"]);
    forward(ctx, Action::GitKnownHostCreate, audited, request).await
}

/// Forgets the key of an SSH host.
#[utoipa::path(
    post,
    path = "/workspaces/{workspace}/git/ssh/hosts/delete",
    tag = "git",
    params(("workspace" = WorkspaceId, Path)),
    request_body = GitKnownHostDelete,
    responses((status = 200, body = GitKnownHostList), (status = "default", body = Problem))
)]
async fn git_known_host_delete(ctx: Ctx, request: Request) -> Result<Response> {
    let audited = Audited::Body(&["id"]);
    forward(ctx, Action::GitKnownHostDelete, audited, request).await
}
