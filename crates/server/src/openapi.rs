//! The description of the API, from the handlers themselves.

use atelier_api::Problem;
use utoipa::openapi::security::{ApiKey, ApiKeyValue, HttpAuthScheme, HttpBuilder, SecurityScheme};
use utoipa::{Modify, OpenApi};

/// What the handlers do not say of themselves.
#[derive(Debug, OpenApi)]
#[openapi(
    info(
        title = "Atelier",
        description = "The API of an Atelier control plane. Errors are RFC 9457 problem details. \
            Times are UTC milliseconds. Lists are paged by opaque cursors.",
        license(name = "Apache-2.0", identifier = "Apache-2.0")
    ),
    components(schemas(Problem)),
    modifiers(&Security),
    security(("session" = []), ("token" = []))
)]
pub(crate) struct Description;

#[derive(Debug)]
struct Security;

impl Modify for Security {
    fn modify(&self, openapi: &mut utoipa::openapi::OpenApi) {
        let components = openapi.components.get_or_insert_with(Default::default);
        components.add_security_scheme(
            "session",
            SecurityScheme::ApiKey(ApiKey::Cookie(ApiKeyValue::new("atelier_session"))),
        );
        components.add_security_scheme(
            "token",
            SecurityScheme::Http(
                HttpBuilder::new()
                    .scheme(HttpAuthScheme::Bearer)
                    .bearer_format("atp_…")
                    .build(),
            ),
        );
    }
}
