//! `Ctx` from a request. The middleware has put actor and origin into the extensions.

use axum::extract::FromRequestParts;
use http::request::Parts;

use crate::app::App;
use crate::ctx::{Actor, Ctx, Origin};
use crate::error::Error;

impl FromRequestParts<App> for Ctx {
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Error> {
        let actor = parts.extensions.get::<Actor>().cloned();
        let origin = parts.extensions.get::<Origin>().cloned();
        let (Some(actor), Some(origin)) = (actor, origin) else {
            return Err(Error::internal(
                "a route stands outside the authenticating middleware",
            ));
        };
        Ok(Ctx::new(app.clone(), actor, origin))
    }
}
