//! What runs when: turns, keys, bounds, and the transaction that enqueues.

use atelier_api::v1::jobs::JobState;
use atelier_server::ctx::Ctx;
use atelier_server::jobs::{self, JobOptions, RUNNING_MAX};

use super::script::{Act, Single, Stage, assert_waits};

fn priority(priority: i32) -> JobOptions {
    JobOptions {
        priority,
        ..JobOptions::default()
    }
}

#[tokio::test]
async fn higher_priority_first_then_age() {
    let stage = Stage::before_start().await;
    for (name, rank) in [("a", 0), ("b", 5), ("c", -1), ("d", 5), ("e", 0)] {
        let job = Single(stage.play(name, Act::Succeed));
        stage.enqueue(&job, priority(rank)).await;
    }
    jobs::start(&stage.app);
    jobs::drain(&stage.app).await.unwrap();
    let order: Vec<_> = stage.board.lines();
    let order: Vec<_> = order
        .iter()
        .filter_map(|line| line.strip_suffix(" done"))
        .collect();
    assert_eq!(order, ["b", "d", "a", "e", "c"]);
}

#[tokio::test]
async fn a_rolled_back_transaction_enqueues_nothing() {
    let stage = Stage::new().await;
    let mut tx = Ctx::system(&stage.app, "test").begin().await.unwrap();
    tx.enqueue(&stage.play("a", Act::Succeed), JobOptions::default())
        .await
        .unwrap();
    drop(tx);
    stage
        .enqueue(&stage.play("b", Act::Succeed), JobOptions::default())
        .await;
    jobs::drain(&stage.app).await.unwrap();
    assert_eq!(stage.board.lines(), ["b began 1", "b done"]);
}

#[tokio::test]
async fn an_idempotency_key_enqueues_once_also_after_the_end() {
    let stage = Stage::new().await;
    let key = || JobOptions {
        idempotency_key: Some("once".to_owned()),
        ..JobOptions::default()
    };
    let first = stage.enqueue(&stage.play("a", Act::Succeed), key()).await;
    jobs::drain(&stage.app).await.unwrap();
    assert_eq!(
        stage.enqueue(&stage.play("b", Act::Succeed), key()).await,
        first
    );
    // The key counts within a kind.
    let other = stage
        .enqueue(&Single(stage.play("c", Act::Succeed)), key())
        .await;
    assert_ne!(other, first);
    jobs::drain(&stage.app).await.unwrap();
    assert_eq!(stage.board.count("a began"), 1);
    assert_eq!(stage.board.count("b began"), 0);
    assert_eq!(stage.board.count("c began"), 1);
}

#[tokio::test]
async fn jobs_of_one_serial_key_run_one_after_the_other() {
    let stage = Stage::before_start().await;
    let key = |key: &str| JobOptions {
        serial_key: Some(key.to_owned()),
        ..JobOptions::default()
    };
    // In one batch, and with others between.
    for number in 0..20 {
        let job = stage.play(&format!("k{number}"), Act::Wait);
        stage.enqueue(&job, key("ws_1")).await;
    }
    stage
        .enqueue(&stage.play("free", Act::Wait), key("ws_2"))
        .await;
    jobs::start(&stage.app);
    stage.board.wait("began", 2).await;
    let left = stage.left().await;
    let running: Vec<_> = left
        .iter()
        .filter(|job| job.state == JobState::Running)
        .collect();
    assert_eq!(running.len(), 2, "{left:#?}");
    assert_waits(&left[1], "Another job of ws_1 is running: test_play.");

    stage.board.release(21);
    jobs::drain(&stage.app).await.unwrap();
    assert!(stage.board.most_at_once() <= 2);
    let lines = stage.board.lines();
    let began: Vec<_> = lines
        .iter()
        .filter_map(|line| line.strip_suffix(" began 1"))
        .filter(|name| name.starts_with('k'))
        .collect();
    let expected: Vec<_> = (0..20).map(|number| format!("k{number}")).collect();
    assert_eq!(began, expected);
}

#[tokio::test]
async fn so_many_run_at_once_and_the_rest_say_what_they_wait_for() {
    let stage = Stage::before_start().await;
    for number in 0..RUNNING_MAX + 14 {
        let job = stage.play(&format!("j{number}"), Act::Wait);
        stage.enqueue(&job, JobOptions::default()).await;
    }
    jobs::start(&stage.app);
    stage.board.wait("began", RUNNING_MAX).await;
    // One that outranks the others must wait too, and is the first to begin.
    stage
        .enqueue(&stage.play("urgent", Act::Wait), priority(1))
        .await;
    let left = stage.left().await;
    assert_waits(
        &left[RUNNING_MAX],
        "Waiting for its turn: 1 job is before it.",
    );
    assert_waits(
        &left[RUNNING_MAX + 12],
        "Waiting for its turn: 13 jobs are before it.",
    );
    assert_waits(left.last().unwrap(), "It is about to begin.");
    stage.board.release(1);
    stage.board.wait("began", RUNNING_MAX + 1).await;
    assert_eq!(stage.board.count("urgent began"), 1);

    stage.board.release(RUNNING_MAX + 14);
    jobs::drain(&stage.app).await.unwrap();
    assert_eq!(stage.board.count("j"), 2 * (RUNNING_MAX + 14));
    assert!(stage.board.most_at_once() <= RUNNING_MAX);
}

#[tokio::test]
async fn a_kind_that_nobody_knows_waits_and_holds_nobody_up() {
    let stage = Stage::before_start().await;
    let stranger = stage
        .enqueue(&Single(stage.play("s", Act::Succeed)), priority(9))
        .await;
    stage
        .tamper("UPDATE jobs SET kind = 'from_the_future'")
        .await;
    stage
        .enqueue(&stage.play("a", Act::Succeed), JobOptions::default())
        .await;
    jobs::start(&stage.app);
    stage.board.wait("a done", 1).await;
    let left = stage.left().await;
    let left = left.iter().find(|job| job.id == stranger).unwrap();
    assert_waits(
        left,
        "This version of Atelier does not know this kind of job.",
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn what_is_enqueued_at_once_from_everywhere_runs_once_each() {
    const EACH: usize = 50;
    let stage = std::sync::Arc::new(Stage::new().await);
    let enqueuers = (0..8).map(|who| {
        let stage = std::sync::Arc::clone(&stage);
        tokio::spawn(async move {
            for number in 0..EACH {
                let job = stage.play(&format!("{who}/{number}."), Act::Succeed);
                stage.enqueue(&job, JobOptions::default()).await;
            }
        })
    });
    let enqueuers: Vec<_> = enqueuers.collect();
    for enqueuer in enqueuers {
        enqueuer.await.unwrap();
    }
    jobs::drain(&stage.app).await.unwrap();
    for who in 0..8 {
        for number in 0..EACH {
            assert_eq!(stage.board.count(&format!("{who}/{number}. began")), 1);
        }
    }
}
