//! Delays, times to live, clocks that are set, and old rows.

use std::time::Duration;

use atelier_api::v1::jobs::JobState;
use atelier_server::jobs::{self, JobOptions};

use super::script::{Act, BEGIN, Stage, assert_waits};

const DAY: Duration = Duration::from_secs(24 * 60 * 60);

fn delayed(seconds: u64) -> JobOptions {
    JobOptions {
        delay: Duration::from_secs(seconds),
        ..JobOptions::default()
    }
}

fn back(stage: &Stage, by: Duration) {
    let ms: i64 = by.as_millis().try_into().unwrap();
    stage.clock.advance(-ms);
}

#[tokio::test]
async fn a_delayed_job_begins_when_its_time_has_come_and_not_before() {
    let stage = Stage::new().await;
    stage
        .enqueue(&stage.play("a", Act::Succeed), delayed(10))
        .await;
    stage.settle().await;
    let left = stage.only_left().await;
    assert_waits(&left, "It begins in 10 seconds.");
    assert_eq!(left.run_at, BEGIN.plus_ms(10_000));
    stage.advance(Duration::from_millis(9_999)).await;
    assert_eq!(stage.board.lines(), Vec::<String>::new());
    stage.advance(Duration::from_millis(1)).await;
    assert_eq!(stage.board.lines(), ["a began 1", "a done"]);
}

#[tokio::test]
async fn a_clock_set_back_a_day_stalls_nothing() {
    let stage = Stage::before_start().await;
    stage
        .enqueue(&stage.play("at-once", Act::Succeed), JobOptions::default())
        .await;
    stage
        .enqueue(&stage.play("later", Act::Succeed), delayed(10))
        .await;
    back(&stage, DAY);
    jobs::start(&stage.app);
    stage.settle().await;
    assert_eq!(stage.board.lines(), ["at-once began 1", "at-once done"]);
    assert_waits(&stage.only_left().await, "It begins in 10 seconds.");
    stage.advance(Duration::from_secs(10)).await;
    assert_eq!(stage.board.count("later done"), 1);
}

#[tokio::test]
async fn a_clock_set_back_while_the_server_runs_stalls_nothing() {
    let stage = Stage::new().await;
    stage
        .enqueue(&stage.play("later", Act::Succeed), delayed(10))
        .await;
    stage
        .enqueue(&stage.play("retried", Act::Fail(1)), JobOptions::default())
        .await;
    stage.board.wait("retried failed", 1).await;
    back(&stage, DAY);
    stage
        .enqueue(&stage.play("new", Act::Succeed), JobOptions::default())
        .await;
    stage.board.wait("new done", 1).await;
    // A pass that had begun before has not seen it: until both delays have begun anew.
    while stage.left().await.iter().any(|job| job.run_at >= BEGIN) {
        stage.settle().await;
    }
    stage.advance(Duration::from_secs(10)).await;
    assert_eq!(stage.board.count("later done"), 1);
    assert_eq!(stage.board.count("retried done"), 1);
}

#[tokio::test]
async fn a_lease_from_the_future_holds_nothing_up() {
    let stage = Stage::before_start().await;
    let id = stage
        .enqueue(&stage.play("a", Act::Succeed), JobOptions::default())
        .await;
    // Claimed by a server whose clock was a day ahead, and which is gone.
    stage
        .tamper(
            "UPDATE jobs SET state = 'running', attempts = 1, lease_owner = 'gone', \
             lease_until = 1767312060000",
        )
        .await;
    jobs::start(&stage.app);
    jobs::drain(&stage.app).await.unwrap();
    assert_eq!(stage.stored(id).await.0, "succeeded");
}

#[tokio::test]
async fn what_does_not_begin_within_its_time_to_live_expires() {
    let stage = Stage::new().await;
    let live = |delay| JobOptions {
        time_to_live: Some(Duration::from_secs(60)),
        delay: Duration::from_secs(delay),
        ..JobOptions::default()
    };
    let late = stage
        .enqueue(&stage.play("late", Act::Succeed), live(90))
        .await;
    let begun = stage
        .enqueue(&stage.play("begun", Act::Wait), live(0))
        .await;
    stage.board.wait("begun began 1", 1).await;
    stage.clock.advance(60_000);
    stage.app.jobs().wake();
    stage.board.wait("late ended Expired", 1).await;
    stage.board.release(1);
    jobs::drain(&stage.app).await.unwrap();
    let (state, attempts, reason) = stage.stored(late).await;
    assert_eq!((state.as_str(), attempts), ("expired", 0));
    assert_eq!(reason.as_deref(), Some("It could not begin in time."));
    assert_eq!(stage.stored(begun).await.0, "succeeded");
    assert_eq!(stage.board.count("late began"), 0);
}

#[tokio::test]
async fn ended_jobs_are_kept_for_seven_days() {
    let stage = Stage::new().await;
    let old = stage
        .enqueue(&stage.play("old", Act::Succeed), JobOptions::default())
        .await;
    jobs::drain(&stage.app).await.unwrap();
    stage
        .clock
        .advance((DAY * 7).as_millis().try_into().unwrap());
    let waits = stage
        .enqueue(&stage.play("waits", Act::Succeed), delayed(3_600))
        .await;
    stage.settle().await;
    assert_eq!(stage.stored(old).await.0, "succeeded");
    stage.advance(Duration::from_secs(3_600)).await;
    assert_eq!(stage.board.count("waits done"), 1);
    let mut conn = stage.test.db().read().await.unwrap();
    let ids: Vec<String> = atelier_db::sqlx::query_scalar("SELECT id FROM jobs")
        .fetch_all(&mut *conn)
        .await
        .unwrap();
    assert_eq!(ids, [waits.to_string()]);
}

#[tokio::test]
async fn a_job_that_runs_says_so() {
    let stage = Stage::new().await;
    stage
        .enqueue(&stage.play("a", Act::Wait), JobOptions::default())
        .await;
    stage.board.wait("a began 1", 1).await;
    let left = stage.only_left().await;
    assert_eq!(left.state, JobState::Running);
    assert_eq!(left.started_at, Some(BEGIN));
    assert_eq!((left.attempts, left.reason), (1, None));
    stage.board.release(1);
    jobs::drain(&stage.app).await.unwrap();
}
