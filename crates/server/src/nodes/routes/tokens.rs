//! Routes of join tokens.

use atelier_api::ids::{NodeTokenId, OrganizationId};
use atelier_api::page::PageQuery;
use atelier_api::v1::nodes::{NodeToken, NodeTokenCreate, NodeTokenCreated};
use atelier_api::{Page, Problem};
use http::{HeaderMap, StatusCode, header};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::app::App;
use crate::ctx::Ctx;
use crate::error::{Error, Result};
use crate::http::{Json, Path, Query};
use crate::nodes::tokens;

pub(super) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(node_token_list, node_token_create))
        .routes(routes!(node_token_delete))
}

/// Lists the join tokens of an organization, newest first, the expired ones of a week too.
#[utoipa::path(
    get,
    path = "/organizations/{organization}/node-tokens",
    tag = "nodes",
    params(("organization" = OrganizationId, Path), PageQuery),
    responses((status = 200, body = Page<NodeToken>), (status = "default", body = Problem))
)]
async fn node_token_list(
    ctx: Ctx,
    Path(organization): Path<OrganizationId>,
    Query(query): Query<PageQuery>,
) -> Result<Json<Page<NodeToken>>> {
    tokens::list(&ctx, organization, &query).await.map(Json)
}

/// Makes a join token: one use, one hour. Its secret is answered here and never again.
#[utoipa::path(
    post,
    path = "/organizations/{organization}/node-tokens",
    tag = "nodes",
    params(("organization" = OrganizationId, Path)),
    request_body = NodeTokenCreate,
    responses((status = 201, body = NodeTokenCreated), (status = "default", body = Problem))
)]
async fn node_token_create(
    ctx: Ctx,
    Path(organization): Path<OrganizationId>,
    headers: HeaderMap,
    Json(request): Json<NodeTokenCreate>,
) -> Result<(StatusCode, Json<NodeTokenCreated>)> {
    let url = own_url(ctx.app(), &headers)?;
    let created = tokens::create(&ctx, organization, request, &url).await?;
    Ok((StatusCode::CREATED, Json(created)))
}

/// Takes a join token back. A server that has joined with it stays.
#[utoipa::path(
    delete,
    path = "/node-tokens/{node_token}",
    tag = "nodes",
    params(("node_token" = NodeTokenId, Path)),
    responses((status = 204), (status = "default", body = Problem))
)]
async fn node_token_delete(ctx: Ctx, Path(token): Path<NodeTokenId>) -> Result<StatusCode> {
    tokens::delete(&ctx, token).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// The address under which servers reach us: the configured one, else the one that the person uses,
/// whose browser says whether a proxy before us speaks TLS.
fn own_url(app: &App, headers: &HeaderMap) -> Result<String> {
    if let Some(url) = &app.config().listen.public_url {
        return Ok(url.trim_end_matches('/').to_owned());
    }
    seen_url(headers)
}

fn seen_url(headers: &HeaderMap) -> Result<String> {
    let text = |name| headers.get(name).and_then(|value| value.to_str().ok());
    let fits = |host: &&str| {
        let fits = |c: char| c.is_ascii_alphanumeric() || ".-:[]".contains(c);
        !host.is_empty() && host.chars().all(fits)
    };
    let host = text(header::HOST).filter(fits).ok_or_else(|| {
        Error::malformed("The request names no host that a server could connect to.")
    })?;
    let secure = format!("https://{host}");
    if text(header::ORIGIN).is_some_and(|origin| origin.eq_ignore_ascii_case(&secure)) {
        return Ok(secure);
    }
    Ok(format!("http://{host}"))
}

#[cfg(test)]
mod tests {
    use http::HeaderValue;

    use super::*;

    #[test]
    fn the_address_is_the_one_that_the_browser_shows() {
        let seen = |host: Option<&'static str>, origin: Option<&'static str>| {
            let mut headers = HeaderMap::new();
            for (name, value) in [(header::HOST, host), (header::ORIGIN, origin)] {
                if let Some(value) = value {
                    headers.insert(name, HeaderValue::from_static(value));
                }
            }
            seen_url(&headers).ok()
        };
        let own = "atelier.example:8443";
        assert_eq!(
            seen(Some(own), None).unwrap(),
            "http://atelier.example:8443"
        );
        let http = seen(Some(own), Some("http://atelier.example:8443"));
        assert_eq!(http.unwrap(), "http://atelier.example:8443");
        let https = seen(Some(own), Some("https://atelier.example:8443"));
        assert_eq!(https.unwrap(), "https://atelier.example:8443");
        let foreign = seen(Some(own), Some("https://other.example"));
        assert_eq!(foreign.unwrap(), "http://atelier.example:8443");
        assert_eq!(seen(Some("a b"), None), None);
        assert_eq!(seen(None, Some("https://atelier.example")), None);
    }
}
