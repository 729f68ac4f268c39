//! Routes of Git credentials.

use atelier_api::Problem;
use atelier_api::ids::GitCredentialId;
use atelier_api::v1::git_credentials::{
    GitCredential, GitCredentialCreate, GitCredentialList, GitCredentialUpdate,
};
use http::StatusCode;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::service;
use crate::app::App;
use crate::ctx::Ctx;
use crate::error::Result;
use crate::http::{Json, Path};

/// The routes of this feature, below `/api/v1`.
pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(git_credential_list, git_credential_create))
        .routes(routes!(git_credential_update, git_credential_delete))
}

/// Lists who the signed-in person is at Git hosts, by address. The secrets are not answered.
#[utoipa::path(
    get,
    path = "/me/git-credentials",
    tag = "git credentials",
    responses((status = 200, body = GitCredentialList), (status = "default", body = Problem))
)]
async fn git_credential_list(ctx: Ctx) -> Result<Json<GitCredentialList>> {
    service::list(&ctx).await.map(Json)
}

/// Stores who the signed-in person is at a Git host, encrypted. It is given to Git in their own workspaces,
/// when a fetch, pull, push or clone asks for it.
#[utoipa::path(
    post,
    path = "/me/git-credentials",
    tag = "git credentials",
    request_body = GitCredentialCreate,
    responses(
        (status = 201, body = GitCredential),
        (status = 409, body = Problem, description = "There is one for this address and name"),
        (status = "default", body = Problem)
    )
)]
async fn git_credential_create(
    ctx: Ctx,
    Json(input): Json<GitCredentialCreate>,
) -> Result<(StatusCode, Json<GitCredential>)> {
    let stored = service::create(&ctx, input).await?;
    Ok((StatusCode::CREATED, Json(stored)))
}

/// Replaces the secret of a Git credential, and when it expires.
#[utoipa::path(
    patch,
    path = "/me/git-credentials/{git_credential}",
    tag = "git credentials",
    params(("git_credential" = GitCredentialId, Path)),
    request_body = GitCredentialUpdate,
    responses((status = 200, body = GitCredential), (status = "default", body = Problem))
)]
async fn git_credential_update(
    ctx: Ctx,
    Path(id): Path<GitCredentialId>,
    Json(input): Json<GitCredentialUpdate>,
) -> Result<Json<GitCredential>> {
    service::update(&ctx, id, input).await.map(Json)
}

/// Forgets a Git credential. Git asks from now on.
#[utoipa::path(
    delete,
    path = "/me/git-credentials/{git_credential}",
    tag = "git credentials",
    params(("git_credential" = GitCredentialId, Path)),
    responses((status = 204), (status = "default", body = Problem))
)]
async fn git_credential_delete(ctx: Ctx, Path(id): Path<GitCredentialId>) -> Result<StatusCode> {
    service::delete(&ctx, id).await?;
    Ok(StatusCode::NO_CONTENT)
}
