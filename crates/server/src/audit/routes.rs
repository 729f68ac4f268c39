//! Routes of the audit log.

use atelier_api::ids::OrganizationId;
use atelier_api::v1::audit::{AuditEvent, AuditEventListQuery};
use atelier_api::{Page, Problem};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::service;
use crate::app::App;
use crate::ctx::Ctx;
use crate::error::Result;
use crate::http::{Json, Path, Query};

/// The routes, below `/api/v1`.
pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(audit_event_list))
}

/// Lists who did what in an organization, or to one thing in it, newest first.
#[utoipa::path(
    get,
    path = "/organizations/{organization}/audit-events",
    tag = "audit",
    params(("organization" = OrganizationId, Path), AuditEventListQuery),
    responses((status = 200, body = Page<AuditEvent>), (status = "default", body = Problem))
)]
async fn audit_event_list(
    ctx: Ctx,
    Path(organization): Path<OrganizationId>,
    Query(query): Query<AuditEventListQuery>,
) -> Result<Json<Page<AuditEvent>>> {
    service::list(&ctx, organization, &query).await.map(Json)
}
