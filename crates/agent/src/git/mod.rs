//! Git.

use std::sync::Arc;

use axum::Router;

use crate::Config;

/// The routes below `/v1/git`.
pub(crate) fn routes(_config: &Arc<Config>) -> Router {
    Router::new()
}
