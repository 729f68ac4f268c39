//! Rollouts: servers are given the program that the control plane offers, in stages (docs/decisions/0012).
//!
//! * `programs` of `nodes`: what is offered, for which architecture.
//! * `service`: what people ask for. `fields`: what of it makes sense.
//! * `advance`: the job that begins the next stage when it is time. `apply`: the job that updates one server.
//! * `store`: the rows, from which either goes on after a crash.
//!
//! * Invariant: a stage begins only when every server of the one before has ended, none of them badly.
//! * Invariant: a server hears of an order only after the row says that it may have; the order's id is the
//!   row's, and the server carries it out once however often it is asked.

mod advance;
mod apply;
mod fields;
mod routes;
mod service;
mod store;

use crate::app::App;
use crate::jobs;

pub(crate) use routes::routes;

/// Tells the job engine what there is to do here.
pub(crate) fn register(app: &App) {
    jobs::register::<advance::NodeRolloutAdvance>(app);
    jobs::register::<apply::NodeUpdateApply>(app);
}
