//! Crashes and shutdowns: a job that was enqueued is done, and its hook is not lost.

use std::time::Duration;

use atelier_db::Db;
use atelier_server::jobs::{self, JobOptions};
use atelier_testkit::TestDb;

use super::script::{Act, Stage, Twice, app_on, enqueue};

/// Longer than any lease.
const LEASE_PASSED: Duration = Duration::from_secs(61);

/// What a server that was killed while it ran everything leaves behind.
const KILLED: &str = "UPDATE jobs SET state = 'running', attempts = attempts + 1, \
    lease_owner = 'a dead server', lease_until = 1767225660000";

#[tokio::test]
async fn what_a_killed_server_ran_is_run_again() {
    let stage = Stage::before_start().await;
    let id = stage
        .enqueue(&stage.play("a", Act::Succeed), JobOptions::default())
        .await;
    stage.tamper(KILLED).await;
    jobs::start(&stage.app);
    if TestDb::is_postgres() {
        // The other server may live: its lease counts.
        stage
            .enqueue(&stage.play("b", Act::Succeed), JobOptions::default())
            .await;
        stage.board.wait("b done", 1).await;
        assert_eq!(stage.stored(id).await.0, "running");
        stage
            .clock
            .advance(LEASE_PASSED.as_millis().try_into().unwrap());
        stage.app.jobs().wake();
    }
    jobs::drain(&stage.app).await.unwrap();
    assert_eq!(stage.stored(id).await, ("succeeded".to_owned(), 2, None));
    assert_eq!(stage.board.count("a began 2"), 1);
}

#[tokio::test]
async fn a_job_that_kills_its_server_each_time_is_given_up() {
    let stage = Stage::before_start().await;
    let id = stage
        .enqueue(&Twice(stage.play("a", Act::Succeed)), JobOptions::default())
        .await;
    stage.tamper(KILLED).await;
    stage.tamper("UPDATE jobs SET attempts = 2").await;
    stage
        .clock
        .advance(LEASE_PASSED.as_millis().try_into().unwrap());
    jobs::start(&stage.app);
    jobs::drain(&stage.app).await.unwrap();
    let (state, attempts, reason) = stage.stored(id).await;
    assert_eq!((state.as_str(), attempts), ("failed", 2));
    assert_eq!(
        reason.as_deref(),
        Some("The server that ran it stopped in the middle.")
    );
    assert_eq!(
        stage.board.lines(),
        ["a ended Failed(\"The server that ran it stopped in the middle.\")"]
    );
}

#[tokio::test]
async fn a_hook_during_which_the_server_was_killed_is_repeated() {
    let stage = Stage::before_start().await;
    let id = stage
        .enqueue(&stage.play("a", Act::Succeed), JobOptions::default())
        .await;
    stage.tamper(KILLED).await;
    stage
        .tamper("UPDATE jobs SET ending = 'failed', reason = 'It broke.', ending_attempts = 1")
        .await;
    stage
        .clock
        .advance(LEASE_PASSED.as_millis().try_into().unwrap());
    jobs::start(&stage.app);
    jobs::drain(&stage.app).await.unwrap();
    let (state, _, reason) = stage.stored(id).await;
    assert_eq!(
        (state.as_str(), reason.as_deref()),
        ("failed", Some("It broke."))
    );
    assert_eq!(stage.board.lines(), ["a ended Failed(\"It broke.\")"]);
}

#[tokio::test]
async fn a_wish_to_cancel_survives_the_server_that_was_killed() {
    let stage = Stage::before_start().await;
    let id = stage
        .enqueue(&stage.play("a", Act::Succeed), JobOptions::default())
        .await;
    stage.tamper(KILLED).await;
    stage
        .tamper("UPDATE jobs SET cancel_requested = 1, reason = 'Cancelled by Ada.'")
        .await;
    stage
        .clock
        .advance(LEASE_PASSED.as_millis().try_into().unwrap());
    jobs::start(&stage.app);
    jobs::drain(&stage.app).await.unwrap();
    let (state, _, reason) = stage.stored(id).await;
    assert_eq!(
        (state.as_str(), reason.as_deref()),
        ("cancelled", Some("Cancelled by Ada."))
    );
    assert_eq!(stage.board.lines(), ["a ended Cancelled"]);
}

#[tokio::test]
async fn a_shutdown_puts_back_what_runs_without_counting_the_attempt() {
    let stage = Stage::new().await;
    let id = stage
        .enqueue(&stage.play("a", Act::Wait), JobOptions::default())
        .await;
    stage.board.wait("a began 1", 1).await;
    stage.app.tasks().shutdown().await;
    assert_eq!(stage.stored(id).await, ("queued".to_owned(), 0, None));
    assert_eq!(stage.board.count("a dropped"), 1);

    let next = app_on(
        Db::open(stage.test.options()).await.unwrap(),
        stage.clock.clone(),
    );
    jobs::start(&next);
    stage.board.release(1);
    jobs::drain(&next).await.unwrap();
    assert_eq!(stage.stored(id).await, ("succeeded".to_owned(), 1, None));
    next.tasks().shutdown().await;
}

#[tokio::test]
async fn a_long_run_keeps_its_lease() {
    let stage = Stage::new().await;
    let id = stage
        .enqueue(&stage.play("a", Act::Wait), JobOptions::default())
        .await;
    stage.board.wait("a began 1", 1).await;
    for step in 0..10 {
        // Each pass that sees 20 s gone renews; a job that comes and goes makes sure of one.
        stage.clock.advance(25_000);
        let other = stage.play(&format!("other{step}"), Act::Succeed);
        stage.enqueue(&other, JobOptions::default()).await;
        stage.board.wait(&format!("other{step} done"), 1).await;
    }
    assert_eq!(stage.stored(id).await.0, "running");
    stage.board.release(1);
    jobs::drain(&stage.app).await.unwrap();
    assert_eq!(stage.stored(id).await, ("succeeded".to_owned(), 1, None));
    assert_eq!(stage.board.count("a began"), 1);
}

#[tokio::test]
async fn what_another_server_has_taken_over_is_stopped_here() {
    let stage = Stage::new().await;
    let id = stage
        .enqueue(&stage.play("a", Act::Wait), JobOptions::default())
        .await;
    stage.board.wait("a began 1", 1).await;
    stage
        .tamper("UPDATE jobs SET lease_owner = 'another server', lease_until = 1767225690000")
        .await;
    stage.clock.advance(25_000);
    stage.app.jobs().wake();
    stage.board.wait("a dropped", 1).await;
    assert_eq!(stage.stored(id).await.0, "running");
}

/// Its lease was taken back while it still ran here: only the new attempt counts.
#[tokio::test]
async fn what_is_claimed_again_here_runs_once() {
    let stage = Stage::new().await;
    let id = stage
        .enqueue(&stage.play("a", Act::Wait), JobOptions::default())
        .await;
    stage.board.wait("a began 1", 1).await;
    stage
        .tamper("UPDATE jobs SET state = 'queued', lease_owner = NULL")
        .await;
    stage.app.jobs().wake();
    stage.board.wait("a began 2", 1).await;
    stage.board.wait("a dropped", 1).await;
    stage.board.release(1);
    jobs::drain(&stage.app).await.unwrap();
    assert_eq!(stage.stored(id).await, ("succeeded".to_owned(), 2, None));
    assert_eq!(stage.board.count("a done"), 1);
}

/// Two servers on one PostgreSQL; SQLite has one process only.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn two_servers_share_the_work_and_do_each_job_once() {
    const JOBS: usize = 300;
    if !TestDb::is_postgres() {
        return;
    }
    let stage = Stage::new().await;
    let other = app_on(
        Db::open(stage.test.options()).await.unwrap(),
        stage.clock.clone(),
    );
    jobs::start(&other);
    for number in 0..JOBS {
        let options = JobOptions {
            serial_key: (number % 3 == 0).then(|| "one at a time".to_owned()),
            ..JobOptions::default()
        };
        let app = if number % 2 == 0 { &stage.app } else { &other };
        enqueue(
            app,
            &stage.play(&format!("j{number}."), Act::Succeed),
            options,
        )
        .await;
    }
    jobs::drain(&stage.app).await.unwrap();
    for number in 0..JOBS {
        assert_eq!(stage.board.count(&format!("j{number}. began")), 1);
        assert_eq!(stage.board.count(&format!("j{number}. done")), 1);
    }
    other.tasks().shutdown().await;
}
