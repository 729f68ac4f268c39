//! How a job stands, in words: computed when it is looked at.

use std::time::Duration;

use atelier_api::Timestamp;
use atelier_api::v1::jobs::{Job, JobState};

use super::registry::Kinds;
use super::store::{self, Ending, JobRow};
use crate::ctx::Conn;
use crate::ctx::column::corrupt;
use crate::error::Result;

/// Counting those before stops here.
const AHEAD_MAX: i64 = 1_000;

/// The job for the wire, with the reason of whatever it waits for.
pub(super) async fn to_wire(
    conn: &mut Conn,
    kinds: &Kinds,
    row: JobRow,
    now: Timestamp,
) -> Result<Job> {
    let state = match row.state.as_str() {
        "delayed" | "queued" => JobState::Queued,
        "running" => JobState::Running,
        "succeeded" => JobState::Succeeded,
        "failed" => JobState::Failed,
        "cancelled" => JobState::Cancelled,
        "expired" => JobState::Expired,
        other => return Err(corrupt("state", &other)),
    };
    let reason = reason(conn, kinds, &row, now).await?;
    Ok(Job {
        id: row.id,
        organization_id: row.organization_id,
        kind: row.kind,
        subject: row.subject,
        state,
        reason,
        priority: row.priority,
        attempts: row.attempts,
        attempts_max: row.attempts_max,
        created_at: row.created_at,
        run_at: row.run_at,
        started_at: row.started_at,
        finished_at: row.finished_at,
    })
}

async fn reason(
    conn: &mut Conn,
    kinds: &Kinds,
    row: &JobRow,
    now: Timestamp,
) -> Result<Option<String>> {
    if row.finished_at.is_some() {
        return Ok(row.reason.clone());
    }
    if let Some(ending) = row.ending {
        return Ok(Some(cleaning_up(row, ending, now)));
    }
    if let ("delayed", 0, Some(waits)) = (row.state.as_str(), row.attempts, &row.reason) {
        let next = until(row.run_at, now);
        return Ok(Some(format!("{waits} It is looked for again {next}.")));
    }
    let failure = row.reason.as_deref().filter(|_| row.attempts > 0);
    let (next, max) = (row.attempts + 1, row.attempts_max);
    Ok(match (row.state.as_str(), failure) {
        ("running", _) if row.cancel_requested => Some("It is being stopped.".to_owned()),
        ("running", Some(failure)) => Some(format!(
            "Attempt {} of {max}, after: {failure}",
            row.attempts
        )),
        ("running", None) => None,
        ("delayed", Some(failure)) => Some(format!(
            "Attempt {next} of {max} begins {}, after: {failure}",
            until(row.run_at, now)
        )),
        ("delayed", None) => Some(format!("It begins {}.", until(row.run_at, now))),
        (_, Some(failure)) => {
            let wait = wait(conn, kinds, row).await?;
            Some(format!("{wait} Attempt {next} of {max}, after: {failure}"))
        }
        (_, None) => Some(wait(conn, kinds, row).await?),
    })
}

/// What a due job waits for.
async fn wait(conn: &mut Conn, kinds: &Kinds, row: &JobRow) -> Result<String> {
    if kinds.get(&row.kind).is_none() {
        return Ok("This version of Atelier does not know this kind of job.".to_owned());
    }
    if let Some(key) = &row.serial_key
        && let Some(kind) = store::holder_of(conn, key).await?
    {
        return Ok(format!("Another job of {key} is running: {kind}."));
    }
    Ok(match store::ahead(conn, row, AHEAD_MAX + 1).await? {
        0 => "It is about to begin.".to_owned(),
        1 => "Waiting for its turn: 1 job is before it.".to_owned(),
        more if more > AHEAD_MAX => {
            format!("Waiting for its turn: more than {AHEAD_MAX} jobs are before it.")
        }
        some => format!("Waiting for its turn: {some} jobs are before it."),
    })
}

/// A job that ends: its hook waits or runs.
fn cleaning_up(row: &JobRow, ending: Ending, now: Timestamp) -> String {
    let why = row.reason.as_deref().unwrap_or_default();
    let what = match ending {
        Ending::Failed => format!("Given up. {why}"),
        Ending::Cancelled | Ending::Expired => why.to_owned(),
    };
    match (row.state.as_str(), &row.ending_error) {
        ("running", _) => format!("{what} Its clean-up is running."),
        ("delayed", Some(error)) => format!(
            "{what} Attempt {} at its clean-up begins {}, after: {error}",
            row.ending_attempts + 1,
            until(row.run_at, now)
        ),
        _ => format!("{what} Its clean-up is about to begin."),
    }
}

fn until(at: Timestamp, now: Timestamp) -> String {
    let ms = at.ms_since(now);
    if ms <= 0 {
        return "at once".to_owned();
    }
    format!("in {}", duration(Duration::from_millis(ms.unsigned_abs())))
}

/// A duration in words, in the largest unit that leaves it at least 2, rounded up.
pub(super) fn duration(duration: Duration) -> String {
    let seconds = duration.as_millis().div_ceil(1_000);
    match seconds {
        0..=1 => "1 second".to_owned(),
        2..=119 => format!("{seconds} seconds"),
        120..=7_199 => format!("{} minutes", seconds.div_ceil(60)),
        7_200..=172_799 => format!("{} hours", seconds.div_ceil(3_600)),
        _ => format!("{} days", seconds.div_ceil(86_400)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_read_well() {
        for (ms, words) in [
            (0, "1 second"),
            (1, "1 second"),
            (1_001, "2 seconds"),
            (119_000, "119 seconds"),
            (119_001, "2 minutes"),
            (7_199_000, "120 minutes"),
            (86_400_000, "24 hours"),
            (86_400_000 * 7, "7 days"),
        ] {
            assert_eq!(duration(Duration::from_millis(ms)), words, "{ms}");
        }
    }

    #[test]
    fn a_time_that_has_passed_is_at_once() {
        assert_eq!(until(Timestamp(5), Timestamp(5)), "at once");
        assert_eq!(until(Timestamp(5_005), Timestamp(5)), "in 5 seconds");
    }
}
