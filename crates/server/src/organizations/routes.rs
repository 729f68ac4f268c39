//! Routes of organizations and their members.

use atelier_api::ids::{AccountId, OrganizationId};
use atelier_api::page::PageQuery;
use atelier_api::v1::organizations::{
    Member, MemberCreate, MemberUpdate, Organization, OrganizationList, OrganizationUpdate,
};
use atelier_api::{Page, Problem};
use http::StatusCode;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::{members, service};
use crate::app::App;
use crate::ctx::Ctx;
use crate::error::Result;
use crate::http::{Json, Path, Query};

/// The routes of this feature, below `/api/v1`.
pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(organization_list))
        .routes(routes!(organization_view, organization_update))
        .routes(routes!(member_list, member_create))
        .routes(routes!(member_update, member_delete))
}

/// Lists the own organizations, by name.
#[utoipa::path(
    get,
    path = "/organizations",
    tag = "organizations",
    responses((status = 200, body = OrganizationList), (status = "default", body = Problem))
)]
async fn organization_list(ctx: Ctx) -> Result<Json<OrganizationList>> {
    service::list(&ctx).await.map(Json)
}

/// Shows an organization.
#[utoipa::path(
    get,
    path = "/organizations/{organization}",
    tag = "organizations",
    params(("organization" = OrganizationId, Path)),
    responses((status = 200, body = Organization), (status = "default", body = Problem))
)]
async fn organization_view(
    ctx: Ctx,
    Path(organization): Path<OrganizationId>,
) -> Result<Json<Organization>> {
    service::view(&ctx, organization).await.map(Json)
}

/// Changes an organization.
#[utoipa::path(
    patch,
    path = "/organizations/{organization}",
    tag = "organizations",
    params(("organization" = OrganizationId, Path)),
    request_body = OrganizationUpdate,
    responses((status = 200, body = Organization), (status = "default", body = Problem))
)]
async fn organization_update(
    ctx: Ctx,
    Path(organization): Path<OrganizationId>,
    Json(input): Json<OrganizationUpdate>,
) -> Result<Json<Organization>> {
    service::update(&ctx, organization, input).await.map(Json)
}

/// Lists the members of an organization, in the order of their accounts' creation.
#[utoipa::path(
    get,
    path = "/organizations/{organization}/members",
    tag = "organizations",
    params(("organization" = OrganizationId, Path), PageQuery),
    responses((status = 200, body = Page<Member>), (status = "default", body = Problem))
)]
async fn member_list(
    ctx: Ctx,
    Path(organization): Path<OrganizationId>,
    Query(query): Query<PageQuery>,
) -> Result<Json<Page<Member>>> {
    members::list(&ctx, organization, &query).await.map(Json)
}

/// Adds a person with a new account to an organization.
#[utoipa::path(
    post,
    path = "/organizations/{organization}/members",
    tag = "organizations",
    params(("organization" = OrganizationId, Path)),
    request_body = MemberCreate,
    responses(
        (status = 201, body = Member),
        (status = 403, body = Problem, description = "The role is above the caller's own"),
        (status = 409, body = Problem, description = "The address has an account already"),
        (status = 422, body = Problem, description = "A field is not acceptable"),
        (status = "default", body = Problem)
    )
)]
async fn member_create(
    ctx: Ctx,
    Path(organization): Path<OrganizationId>,
    Json(input): Json<MemberCreate>,
) -> Result<(StatusCode, Json<Member>)> {
    let member = members::create(&ctx, organization, input).await?;
    Ok((StatusCode::CREATED, Json(member)))
}

/// Changes a member's role.
#[utoipa::path(
    patch,
    path = "/organizations/{organization}/members/{account}",
    tag = "organizations",
    params(("organization" = OrganizationId, Path), ("account" = AccountId, Path)),
    request_body = MemberUpdate,
    responses(
        (status = 200, body = Member),
        (status = 403, body = Problem, description = "The old or new role is above the caller's"),
        (status = 409, body = Problem, description = "It is the last owner"),
        (status = "default", body = Problem)
    )
)]
async fn member_update(
    ctx: Ctx,
    Path((organization, account)): Path<(OrganizationId, AccountId)>,
    Json(input): Json<MemberUpdate>,
) -> Result<Json<Member>> {
    members::update(&ctx, organization, account, input)
        .await
        .map(Json)
}

/// Removes a member; the access ends at once.
#[utoipa::path(
    delete,
    path = "/organizations/{organization}/members/{account}",
    tag = "organizations",
    params(("organization" = OrganizationId, Path), ("account" = AccountId, Path)),
    responses(
        (status = 204),
        (status = 403, body = Problem, description = "The role is above the caller's own"),
        (status = 409, body = Problem, description = "It is the last owner, or owns workspaces"),
        (status = "default", body = Problem)
    )
)]
async fn member_delete(
    ctx: Ctx,
    Path((organization, account)): Path<(OrganizationId, AccountId)>,
) -> Result<StatusCode> {
    members::delete(&ctx, organization, account).await?;
    Ok(StatusCode::NO_CONTENT)
}
