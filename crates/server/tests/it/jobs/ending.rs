//! Failure, retries, cancellation, and the hook that must not be lost.

use std::time::Duration;

use atelier_api::v1::jobs::JobState;
use atelier_server::jobs::{self, JobOptions};

use super::script::{Act, Hasty, Stage, Twice, assert_waits};

/// The longest wait between two attempts.
const CAP: Duration = Duration::from_secs(300);

#[tokio::test]
async fn a_failed_attempt_is_tried_again_and_says_why_it_waits() {
    let stage = Stage::new().await;
    let id = stage
        .enqueue(&stage.play("a", Act::Fail(2)), JobOptions::default())
        .await;
    stage.settle().await;
    // The wait is random and may be none at all.
    for _ in 0..2 {
        for job in stage.left().await {
            if job.state == JobState::Queued {
                assert_waits(&job, "after: a stumbled.");
            }
        }
        stage.advance(CAP).await;
    }
    assert_eq!(stage.stored(id).await, ("succeeded".to_owned(), 3, None));
    assert_eq!(stage.board.count("a began"), 3);
    assert_eq!(stage.board.count("a ended"), 0);
}

#[tokio::test]
async fn a_job_is_given_up_after_its_attempts() {
    let stage = Stage::new().await;
    let id = stage
        .enqueue(&Twice(stage.play("a", Act::Fail(9))), JobOptions::default())
        .await;
    stage.settle().await;
    stage.advance(CAP).await;
    let (state, attempts, reason) = stage.stored(id).await;
    assert_eq!((state.as_str(), attempts), ("failed", 2));
    assert_eq!(reason.as_deref(), Some("a stumbled."));
    assert_eq!(stage.board.count("a ended Failed(\"a stumbled.\")"), 1);
}

#[tokio::test]
async fn what_waits_for_something_uses_up_no_attempts() {
    let stage = Stage::new().await;
    let job = Twice(stage.play("a", Act::NotYet(7)));
    let id = stage.enqueue(&job, JobOptions::default()).await;
    stage.settle().await;
    for _ in 0..7 {
        let left = stage.only_left().await;
        assert_waits(
            &left,
            "a waits for the post. It is looked for again in 5 seconds.",
        );
        assert_eq!(left.attempts, 0);
        stage.advance(Duration::from_secs(5)).await;
    }
    let (state, attempts, _) = stage.stored(id).await;
    assert_eq!((state.as_str(), attempts), ("succeeded", 1));
    assert_eq!(stage.board.count("a waits"), 7);
    assert_eq!(stage.board.count("a ended"), 0);
}

#[tokio::test]
async fn a_fatal_failure_is_not_tried_again() {
    let stage = Stage::new().await;
    let id = stage
        .enqueue(&stage.play("a", Act::Fatal), JobOptions::default())
        .await;
    jobs::drain(&stage.app).await.unwrap();
    let (state, attempts, reason) = stage.stored(id).await;
    assert_eq!((state.as_str(), attempts), ("failed", 1));
    assert_eq!(reason.as_deref(), Some("a cannot be done."));
    assert_eq!(
        stage.board.lines(),
        [
            "a began 1",
            "a failed",
            "a ended Failed(\"a cannot be done.\")"
        ]
    );
}

#[tokio::test]
async fn a_panic_is_a_failed_attempt_and_the_engine_goes_on() {
    let stage = Stage::new().await;
    let id = stage
        .enqueue(&Twice(stage.play("a", Act::Panic)), JobOptions::default())
        .await;
    stage.settle().await;
    stage
        .enqueue(&stage.play("b", Act::Succeed), JobOptions::default())
        .await;
    stage.board.wait("b done", 1).await;
    stage.advance(CAP).await;
    let (state, attempts, reason) = stage.stored(id).await;
    assert_eq!((state.as_str(), attempts), ("failed", 2));
    assert!(reason.unwrap().contains("logged under this job's id"));
    assert_eq!(stage.board.count("a ended"), 1);
}

#[tokio::test]
async fn an_attempt_that_takes_too_long_is_dropped_and_tried_again() {
    let stage = Stage::new().await;
    let id = stage
        .enqueue(&Hasty(stage.play("a", Act::Wait)), JobOptions::default())
        .await;
    stage.board.wait("a dropped", 1).await;
    stage.board.release(1);
    // The attempt's time is the machine's; the wait for the next is the clock's.
    while stage.stored(id).await.0 != "succeeded" {
        stage.advance(CAP).await;
    }
    assert!(stage.board.count("a began") >= 2);
    assert_eq!(stage.board.count("a done"), 1);
}

#[tokio::test]
async fn the_hook_is_tried_until_it_succeeds_and_the_job_ends_after_it() {
    let stage = Stage::new().await;
    let id = stage
        .enqueue(&stage.play("a", Act::HookFails(2)), JobOptions::default())
        .await;
    stage.board.wait("a ended", 1).await;
    while stage.board.count("a ended") < 3 {
        let left = stage.only_left().await;
        assert!(left.finished_at.is_none());
        if left.state == JobState::Queued && left.reason.as_ref().unwrap().contains("Attempt") {
            assert_waits(&left, "Given up. a cannot be done.");
            assert_waits(&left, "at its clean-up begins");
            assert_waits(&left, "The broom is missing.");
        }
        stage.advance(CAP).await;
    }
    jobs::drain(&stage.app).await.unwrap();
    let (state, attempts, reason) = stage.stored(id).await;
    assert_eq!((state.as_str(), attempts), ("failed", 1));
    assert_eq!(reason.as_deref(), Some("a cannot be done."));
    assert_eq!(stage.board.count("a ended"), 3);
    assert_eq!(stage.board.count("a began"), 1);
}

#[tokio::test]
async fn a_hook_that_panics_is_tried_again() {
    let stage = Stage::new().await;
    let id = stage
        .enqueue(&stage.play("a", Act::HookPanics), JobOptions::default())
        .await;
    stage.board.wait("a ended", 1).await;
    while stage.stored(id).await.0 != "failed" {
        stage.advance(CAP).await;
    }
    assert_eq!(stage.board.count("a ended"), 2);
}

#[tokio::test]
async fn a_payload_that_cannot_be_read_fails_and_is_not_stuck() {
    let stage = Stage::before_start().await;
    let id = stage
        .enqueue(&stage.play("a", Act::Succeed), JobOptions::default())
        .await;
    stage
        .tamper("UPDATE jobs SET payload = '{\"from\":\"another version\"}'")
        .await;
    jobs::start(&stage.app);
    jobs::drain(&stage.app).await.unwrap();
    let (state, attempts, reason) = stage.stored(id).await;
    assert_eq!((state.as_str(), attempts), ("failed", 1));
    assert!(
        reason
            .unwrap()
            .contains("cannot read what the job is about")
    );
}
