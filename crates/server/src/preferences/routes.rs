//! Routes of preferences.

use atelier_api::Problem;
use atelier_api::v1::preferences::{Preference, PreferenceList, PreferenceUpdate};
use axum::response::AppendHeaders;
use http::header::{ETAG, HeaderName, IF_MATCH};
use http::{HeaderMap, StatusCode};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::service;
use crate::app::App;
use crate::ctx::Ctx;
use crate::error::{Error, Result};
use crate::http::{Json, Path};

/// The routes of this feature, below `/api/v1`.
pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(preference_list))
        .routes(routes!(
            preference_view,
            preference_update,
            preference_delete
        ))
}

type Tagged = (AppendHeaders<[(HeaderName, String); 1]>, Json<Preference>);

fn tagged(preference: Preference) -> Tagged {
    let etag = preference.etag.clone();
    (AppendHeaders([(ETAG, etag)]), Json(preference))
}

/// Lists the own preferences, by namespace.
#[utoipa::path(
    get,
    path = "/me/preferences",
    tag = "preferences",
    responses((status = 200, body = PreferenceList), (status = "default", body = Problem))
)]
async fn preference_list(ctx: Ctx) -> Result<Json<PreferenceList>> {
    service::list(&ctx).await.map(Json)
}

/// Shows the own preferences of one namespace. One that was never written is an empty object.
#[utoipa::path(
    get,
    path = "/me/preferences/{namespace}",
    tag = "preferences",
    params(("namespace" = String, Path, description = "`editor`: at most 64 of a-z, 0-9, . _ -")),
    responses(
        (status = 200, body = Preference, description = "With the version as ETag"),
        (status = 422, body = Problem, description = "This can be no namespace"),
        (status = "default", body = Problem)
    )
)]
async fn preference_view(ctx: Ctx, Path(namespace): Path<String>) -> Result<Tagged> {
    service::view(&ctx, &namespace).await.map(tagged)
}

/// Replaces the own preferences of one namespace: a JSON object of at most 16 KiB. Takes If-Match
/// with the version that was seen.
#[utoipa::path(
    put,
    path = "/me/preferences/{namespace}",
    tag = "preferences",
    params(
        ("namespace" = String, Path, description = "`editor`: at most 64 of a-z, 0-9, . _ -"),
        ("If-Match" = Option<String>, Header, description = "The version that was seen")
    ),
    request_body = PreferenceUpdate,
    responses(
        (status = 200, body = Preference, description = "With the new version as ETag"),
        (status = 412, body = Problem, description = "It was changed meanwhile; `etag` is the version now"),
        (status = 413, body = Problem, description = "The object is too large"),
        (status = 428, body = Problem, description = "If-Match is missing"),
        (status = 429, body = Problem, description = "There are too many namespaces"),
        (status = "default", body = Problem)
    )
)]
async fn preference_update(
    ctx: Ctx,
    Path(namespace): Path<String>,
    headers: HeaderMap,
    Json(input): Json<PreferenceUpdate>,
) -> Result<Tagged> {
    let seen = match headers.get(IF_MATCH) {
        Some(seen) => Some(
            seen.to_str()
                .map_err(|_| Error::malformed("If-Match is not a version that was ever given."))?,
        ),
        None => None,
    };
    let written = service::update(&ctx, &namespace, seen, &input.value).await?;
    Ok(tagged(written))
}

/// Forgets the own preferences of one namespace: whoever reads them has the defaults again.
#[utoipa::path(
    delete,
    path = "/me/preferences/{namespace}",
    tag = "preferences",
    params(("namespace" = String, Path, description = "`editor`: at most 64 of a-z, 0-9, . _ -")),
    responses((status = 204), (status = "default", body = Problem))
)]
async fn preference_delete(ctx: Ctx, Path(namespace): Path<String>) -> Result<StatusCode> {
    service::delete(&ctx, &namespace).await?;
    Ok(StatusCode::NO_CONTENT)
}
