//! One attempt of one job: its work, or its `ended` hook once it is decided that it ends.

use std::time::Duration;

use atelier_api::ErrorCode;
use tokio::time::timeout;
use tokio_util::sync::CancellationToken;
use tracing::Instrument as _;

use super::registry::Kind;
use super::store::{Claimed, Ending};
use super::{JobEnd, JobError, JobRun};
use crate::app::App;
use crate::ctx::Ctx;
use crate::error::{Chain, Error};

/// How an attempt ended.
#[derive(Debug)]
pub(super) enum Outcome {
    /// The work is done.
    Done,
    /// The work failed; trying again makes sense.
    Failed(String),
    /// The work could not be begun; it does not count.
    NotYet(String),
    /// The work failed for good.
    GaveUp(String),
    /// The work was stopped because someone wants the job cancelled.
    Cancelled,
    /// The hook is done, or can never be.
    Ended,
    /// The hook failed, and must be tried again.
    EndedNot(String),
    /// Stopped by the server's shutdown.
    Stopped,
}

/// Makes the attempt. `cancel` stops the work; the hook cannot be stopped.
pub(super) async fn attempt(
    app: App,
    kind: Kind,
    job: Claimed,
    cancel: CancellationToken,
) -> Outcome {
    let span = tracing::info_span!("job", job.id = %job.id, job.kind = kind.name, job.attempt = job.attempts);
    let ctx = Ctx::system(&app, kind.name);
    match job.ending {
        None => {
            tokio::select! {
                biased;
                () = cancel.cancelled() => Outcome::Cancelled,
                outcome = work(ctx, kind, &job).instrument(span) => outcome,
            }
        }
        Some(ending) => hook(ctx, kind, &job, ending).instrument(span).await,
    }
}

async fn work(ctx: Ctx, kind: Kind, job: &Claimed) -> Outcome {
    let run = JobRun {
        id: job.id,
        attempt: job.attempts,
    };
    match timeout(job.timeout, (kind.run)(ctx, &job.payload, run)).await {
        Ok(Ok(())) => Outcome::Done,
        Ok(Err(JobError::Retry(error))) => {
            tracing::warn!(error = %Chain(&error), "an attempt of a job failed");
            Outcome::Failed(words(&error))
        }
        Ok(Err(JobError::NotYet(error))) => {
            tracing::debug!(error = %Chain(&error), "a job waits");
            Outcome::NotYet(words(&error))
        }
        Ok(Err(JobError::Fatal(error))) => {
            tracing::warn!(error = %Chain(&error), "a job failed for good");
            Outcome::GaveUp(words(&error))
        }
        Err(_) => Outcome::Failed(took_too_long(job.timeout)),
    }
}

async fn hook(ctx: Ctx, kind: Kind, job: &Claimed, ending: Ending) -> Outcome {
    let end = match ending {
        Ending::Failed => JobEnd::Failed(job.reason.clone().unwrap_or_default()),
        Ending::Cancelled => JobEnd::Cancelled,
        Ending::Expired => JobEnd::Expired,
    };
    let Some(hook) = (kind.ended)(ctx, &job.payload, end) else {
        tracing::error!("a job ended whose payload this version cannot read; nothing cleans up");
        return Outcome::Ended;
    };
    match timeout(job.timeout, hook).await {
        Ok(Ok(())) => Outcome::Ended,
        Ok(Err(error)) => {
            tracing::error!(error = %Chain(&error), "the clean-up of a job failed");
            Outcome::EndedNot(words(&error))
        }
        Err(_) => Outcome::EndedNot(took_too_long(job.timeout)),
    }
}

/// What a panic means for the attempt.
pub(super) fn panicked(job: &Claimed, panic: &(dyn std::any::Any + Send)) -> Outcome {
    let text = panic
        .downcast_ref::<&str>()
        .copied()
        .or_else(|| panic.downcast_ref::<String>().map(String::as_str))
        .unwrap_or("unknown");
    tracing::error!(job.id = %job.id, job.kind = job.kind, panic = text, "a job panicked");
    let reason = logged();
    match job.ending {
        None => Outcome::Failed(reason),
        Some(_) => Outcome::EndedNot(reason),
    }
}

/// For people: an internal error's own text speaks of a request.
fn words(error: &Error) -> String {
    match error.code() {
        ErrorCode::Internal => logged(),
        _ => error.to_string(),
    }
}

fn logged() -> String {
    "Something went wrong on the server. It has been logged under this job's id.".to_owned()
}

fn took_too_long(timeout: Duration) -> String {
    format!(
        "It took longer than its {}.",
        super::status::duration(timeout)
    )
}
