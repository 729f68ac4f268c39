//! The kinds of jobs that this process can run, without their types.

use std::collections::HashMap;
use std::pin::Pin;

use parking_lot::RwLock;

use super::{Job, JobEnd, JobError, JobRun};
use crate::ctx::Ctx;
use crate::error::{Error, Result};

type BoxFuture<T> = Pin<Box<dyn Future<Output = T> + Send>>;
type Run = fn(Ctx, &str, JobRun) -> BoxFuture<Result<(), JobError>>;
type Ended = fn(Ctx, &str, JobEnd) -> Option<BoxFuture<Result<()>>>;

/// What is known of a kind.
#[derive(Debug, Clone, Copy)]
pub(super) struct Kind {
    pub(super) name: &'static str,
    pub(super) concurrency_max: usize,
    /// One attempt; a payload that cannot be read fails for good.
    pub(super) run: Run,
    /// The hook; absent when the payload cannot be read.
    pub(super) ended: Ended,
}

/// The kinds by name.
#[derive(Debug, Default)]
pub(super) struct Kinds(RwLock<HashMap<&'static str, Kind>>);

impl Kinds {
    pub(super) fn insert<J: Job>(&self) {
        let kind = Kind {
            name: J::KIND,
            concurrency_max: J::CONCURRENCY_MAX,
            run: run::<J>,
            ended: ended::<J>,
        };
        let before = self.0.write().insert(kind.name, kind);
        debug_assert!(before.is_none(), "{} is registered twice", kind.name);
    }

    pub(super) fn get(&self, name: &str) -> Option<Kind> {
        self.0.read().get(name).copied()
    }

    pub(super) fn all(&self) -> Vec<Kind> {
        self.0.read().values().copied().collect()
    }
}

fn run<J: Job>(ctx: Ctx, payload: &str, run: JobRun) -> BoxFuture<Result<(), JobError>> {
    match serde_json::from_str::<J>(payload) {
        Ok(job) => Box::pin(job.run(ctx, run)),
        Err(error) => Box::pin(std::future::ready(Err(JobError::Fatal(
            Error::unavailable("This version of Atelier cannot read what the job is about.")
                .with_source(error),
        )))),
    }
}

fn ended<J: Job>(ctx: Ctx, payload: &str, end: JobEnd) -> Option<BoxFuture<Result<()>>> {
    let job = serde_json::from_str::<J>(payload).ok()?;
    Some(Box::pin(job.ended(ctx, end)))
}
