//! Schedules: node jobs that are made at times that a cron expression names (decision 0011).
//!
//! A schedule that is enabled has one job of the engine waiting for its next time (`jobs.rs`). That job
//! makes the node job, works out the time after, and enqueues its successor, all in one transaction.
//!
//! * Invariant: at most one node job for a schedule and a time, however many control planes there are and
//!   whatever breaks: the node job's idempotency key is made of both.
//! * Invariant: a job of the engine is for one revision of its schedule, and does nothing for another.
//! * Invariant: jobs are made in the name of a person, and only while that person could make them by hand.

mod cron;
mod fields;
mod jobs;
mod routes;
mod service;
mod store;
mod wire;

pub(crate) use jobs::register;
pub(crate) use routes::routes;
