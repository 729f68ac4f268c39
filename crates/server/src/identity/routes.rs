//! Routes of the set-up and of identity.

use atelier_api::Problem;
use atelier_api::ids::{SessionId, TokenId};
use atelier_api::v1::identity::{
    Account, AccountUpdate, PasswordUpdate, SessionCreate, SessionList, TokenCreate, TokenCreated,
    TokenList,
};
use atelier_api::v1::system::{ServerInfo, SetupComplete};
use axum::response::{AppendHeaders, IntoResponse};
use http::StatusCode;
use http::header::{HeaderName, SET_COOKIE};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::sign_in::{SignedIn, sign_in};
use super::{SESSION_COOKIE, service, setup};
use crate::app::App;
use crate::ctx::Ctx;
use crate::error::Result;
use crate::http::{Json, Path};

/// How long a browser keeps the cookie, in seconds: the 400 days that browsers allow (RFC 6265bis).
/// The server decides when the session ends, and moves that with each use.
const COOKIE_MAX_AGE_S: u32 = 400 * 24 * 60 * 60;

/// The routes of this feature, below `/api/v1`.
pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(info_view))
        .routes(routes!(setup_complete))
        .routes(routes!(session_create, session_delete))
        .routes(routes!(account_view, account_update))
        .routes(routes!(password_update))
        .routes(routes!(session_list))
        .routes(routes!(session_revoke))
        .routes(routes!(token_list, token_create))
        .routes(routes!(token_delete))
}

type Cookie = AppendHeaders<[(HeaderName, String); 1]>;

/// The cookie that carries a session's secret; without one, it is taken away.
fn cookie(app: &App, secret: Option<&str>) -> Cookie {
    let value = secret.unwrap_or_default();
    let max_age = if secret.is_some() {
        COOKIE_MAX_AGE_S
    } else {
        0
    };
    let secure = if app.config().is_https() {
        "; Secure"
    } else {
        ""
    };
    AppendHeaders([(
        SET_COOKIE,
        format!(
            "{SESSION_COOKIE}={value}; Path=/; HttpOnly; SameSite=Lax; Max-Age={max_age}{secure}"
        ),
    )])
}

async fn signed_in(signed_in: SignedIn) -> Result<(Cookie, Json<Account>)> {
    let SignedIn { ctx, secret } = signed_in;
    let account = service::describe(&ctx, ctx.person()?).await?;
    Ok((cookie(ctx.app(), Some(secret.expose())), Json(account)))
}

/// Shows what anybody may know of the server: its version, and whether it waits for its set-up.
#[utoipa::path(
    get,
    path = "/info",
    tag = "identity",
    responses((status = 200, body = ServerInfo), (status = "default", body = Problem))
)]
async fn info_view(ctx: Ctx) -> Result<Json<ServerInfo>> {
    setup::info(&ctx).await.map(Json)
}

/// Makes the first account with the set-up token that the server printed, and signs it in.
#[utoipa::path(
    post,
    path = "/setup",
    tag = "identity",
    request_body = SetupComplete,
    responses(
        (status = 200, body = Account, description = "Signed in: sets the session cookie"),
        (status = 403, body = Problem, description = "The token is not the newest one"),
        (status = 409, body = Problem, description = "The server is set up already"),
        (status = 422, body = Problem, description = "A field is not acceptable"),
        (status = 429, body = Problem, description = "Too many tries"),
        (status = "default", body = Problem)
    )
)]
async fn setup_complete(
    ctx: Ctx,
    Json(input): Json<SetupComplete>,
) -> Result<(Cookie, Json<Account>)> {
    signed_in(setup::complete(&ctx, input).await?).await
}

/// Signs in.
#[utoipa::path(
    post,
    path = "/session",
    tag = "identity",
    request_body = SessionCreate,
    responses(
        (status = 200, body = Account, description = "Signed in: sets the session cookie"),
        (status = 401, body = Problem, description = "The address or the password is wrong"),
        (status = 429, body = Problem, description = "Too many tries"),
        (status = "default", body = Problem)
    )
)]
async fn session_create(
    ctx: Ctx,
    Json(input): Json<SessionCreate>,
) -> Result<(Cookie, Json<Account>)> {
    signed_in(sign_in(&ctx, &input).await?).await
}

/// Signs out: ends the session of this request.
#[utoipa::path(
    delete,
    path = "/session",
    tag = "identity",
    responses((status = 204), (status = "default", body = Problem))
)]
async fn session_delete(ctx: Ctx) -> Result<impl IntoResponse> {
    service::sign_out(&ctx).await?;
    Ok((StatusCode::NO_CONTENT, cookie(ctx.app(), None)))
}

/// Shows the own account.
#[utoipa::path(
    get,
    path = "/me",
    tag = "identity",
    responses((status = 200, body = Account), (status = "default", body = Problem))
)]
async fn account_view(ctx: Ctx) -> Result<Json<Account>> {
    service::view(&ctx).await.map(Json)
}

/// Changes the own account.
#[utoipa::path(
    patch,
    path = "/me",
    tag = "identity",
    request_body = AccountUpdate,
    responses((status = 200, body = Account), (status = "default", body = Problem))
)]
async fn account_update(ctx: Ctx, Json(input): Json<AccountUpdate>) -> Result<Json<Account>> {
    service::update(&ctx, input).await.map(Json)
}

/// Changes the own password. All other sessions end. Takes a session, not a token.
#[utoipa::path(
    put,
    path = "/me/password",
    tag = "identity",
    request_body = PasswordUpdate,
    responses(
        (status = 204),
        (status = 422, body = Problem, description = "The current password is wrong, or the new one not acceptable"),
        (status = 429, body = Problem, description = "Too many tries"),
        (status = "default", body = Problem)
    )
)]
async fn password_update(ctx: Ctx, Json(input): Json<PasswordUpdate>) -> Result<StatusCode> {
    service::update_password(&ctx, input).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Lists the own sessions, newest first.
#[utoipa::path(
    get,
    path = "/me/sessions",
    tag = "identity",
    responses((status = 200, body = SessionList), (status = "default", body = Problem))
)]
async fn session_list(ctx: Ctx) -> Result<Json<SessionList>> {
    service::sessions(&ctx).await.map(Json)
}

/// Ends one of the own sessions.
#[utoipa::path(
    delete,
    path = "/me/sessions/{session}",
    tag = "identity",
    params(("session" = SessionId, Path)),
    responses((status = 204), (status = "default", body = Problem))
)]
async fn session_revoke(ctx: Ctx, Path(session): Path<SessionId>) -> Result<StatusCode> {
    service::revoke_session(&ctx, session).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Lists the own personal access tokens, newest first, with those that have expired.
#[utoipa::path(
    get,
    path = "/me/tokens",
    tag = "identity",
    responses((status = 200, body = TokenList), (status = "default", body = Problem))
)]
async fn token_list(ctx: Ctx) -> Result<Json<TokenList>> {
    service::tokens(&ctx).await.map(Json)
}

/// Makes a personal access token. Its secret is shown this once. Takes a session, not a token.
#[utoipa::path(
    post,
    path = "/me/tokens",
    tag = "identity",
    request_body = TokenCreate,
    responses(
        (status = 201, body = TokenCreated),
        (status = 422, body = Problem, description = "A field is not acceptable"),
        (status = 429, body = Problem, description = "The account has too many tokens"),
        (status = "default", body = Problem)
    )
)]
async fn token_create(
    ctx: Ctx,
    Json(input): Json<TokenCreate>,
) -> Result<(StatusCode, Json<TokenCreated>)> {
    let created = service::create_token(&ctx, input).await?;
    Ok((StatusCode::CREATED, Json(created)))
}

/// Removes a personal access token; it stops working at once.
#[utoipa::path(
    delete,
    path = "/me/tokens/{token}",
    tag = "identity",
    params(("token" = TokenId, Path)),
    responses((status = 204), (status = "default", body = Problem))
)]
async fn token_delete(ctx: Ctx, Path(token): Path<TokenId>) -> Result<StatusCode> {
    service::delete_token(&ctx, token).await?;
    Ok(StatusCode::NO_CONTENT)
}
