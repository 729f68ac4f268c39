//! Links by which a terminal is shared with people who need no account.
//!
//! A link leads to one terminal of one workspace, to watch it or to type as well, for a day or at most
//! seven. Whoever holds it reaches nothing else of the platform.
//!
//! * Invariant: of a link's secret only the SHA-256 is stored.
//! * Invariant: a link allows no more than its maker may do now: it is dead while they may not attach to
//!   the terminal themselves.
//! * Invariant: when revoking is answered, whoever was there by the link has been cut off.
//! * What is guessed is answered like what never was, and slows down whoever guesses.

mod live;
mod routes;
mod service;
mod store;

use utoipa_axum::router::OpenApiRouter;

use crate::app::App;

pub(crate) use live::LiveShares;

pub(crate) fn routes() -> OpenApiRouter<App> {
    routes::routes()
}
