//! Routes of templates.

use atelier_api::Problem;
use atelier_api::v1::templates::TemplateList;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::app::App;
use crate::authz::{Action, Resource};
use crate::ctx::Ctx;
use crate::error::Result;
use crate::http::Json;

pub(crate) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(template_list))
}

/// Lists the templates that a workspace can be created from.
#[utoipa::path(
    get,
    path = "/templates",
    tag = "templates",
    responses((status = 200, body = TemplateList), (status = "default", body = Problem))
)]
async fn template_list(ctx: Ctx) -> Result<Json<TemplateList>> {
    ctx.authorize(Action::TemplateList, &Resource::Own)?;
    Ok(Json(TemplateList {
        items: ctx.app().templates().list(),
    }))
}
