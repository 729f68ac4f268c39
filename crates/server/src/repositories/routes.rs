//! Routes of repositories.

use atelier_api::ids::OrganizationId;
use atelier_api::v1::repositories::{Repository, RepositoryListQuery, RepositoryRefresh};
use atelier_api::{Page, Problem};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::service;
use crate::app::App;
use crate::ctx::Ctx;
use crate::error::Result;
use crate::http::{Json, Path, Query};

/// The routes of this feature, below `/api/v1`.
pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(repository_list))
        .routes(routes!(repository_refresh))
}

/// Lists the repositories of all workspaces in which the caller may use Git, as they were last seen; those with the
/// newest commits first.
#[utoipa::path(
    get,
    path = "/organizations/{organization}/repositories",
    tag = "repositories",
    params(("organization" = OrganizationId, Path), RepositoryListQuery),
    responses((status = 200, body = Page<Repository>), (status = "default", body = Problem))
)]
async fn repository_list(
    ctx: Ctx,
    Path(organization): Path<OrganizationId>,
    Query(query): Query<RepositoryListQuery>,
) -> Result<Json<Page<Repository>>> {
    service::list(&ctx, organization, &query).await.map(Json)
}

/// Looks at the repositories of all running workspaces in which the caller may use Git; at most 200 workspaces.
#[utoipa::path(
    post,
    path = "/organizations/{organization}/repositories/refresh",
    tag = "repositories",
    params(("organization" = OrganizationId, Path)),
    responses((status = 200, body = RepositoryRefresh), (status = "default", body = Problem))
)]
async fn repository_refresh(
    ctx: Ctx,
    Path(organization): Path<OrganizationId>,
) -> Result<Json<RepositoryRefresh>> {
    service::refresh(&ctx, organization).await.map(Json)
}
