//! Node jobs under load, and while the database fails.

use std::collections::HashSet;
use std::path::Path;
use std::sync::Arc;

use atelier_api::ids::{ExecutionId, NodeJobId, NodeRunId};
use atelier_api::node::jobs::{Execution, ExecutionState, OFFSET_HEADER};
use atelier_api::v1::node_jobs::{NodeJob, NodeJobState, NodeRunState};
use atelier_api::{ErrorCode, Timestamp};
use atelier_db::{Db, sqlx};
use atelier_testkit::{TestApp, wait_for, wait_until};
use axum::Router;
use axum::extract::Request;
use axum::response::{IntoResponse as _, Response};
use http::Method;
use parking_lot::Mutex;
use serde_json::json;
use uuid::Uuid;

use super::jobs::{Far, create, output, path, reach, run};

/// How many jobs wait for the server that is away.
const QUEUED: usize = 10_000;

/// As the configuration has it by default.
const PER_NODE_MAX: usize = 8;

/// Executions that end as they begin.
#[derive(Clone, Default)]
struct Stub(Arc<Mutex<Counts>>);

#[derive(Default)]
struct Counts {
    /// Asked for, once or again.
    begun: HashSet<ExecutionId>,
    /// Looked at, as is done only with those whose beginning was noted.
    acknowledged: HashSet<ExecutionId>,
    /// Asked for after that.
    asked_again: usize,
    /// Begun, and its output not yet fetched.
    open: HashSet<ExecutionId>,
    open_max: usize,
}

impl Stub {
    fn router(&self) -> Router {
        let stub = self.clone();
        Router::new().fallback(move |request: Request| {
            let answer = stub.answer(&request);
            async move { answer }
        })
    }

    fn answer(&self, request: &Request) -> Response {
        let path = request.uri().path().strip_prefix("/v1/jobs/").unwrap();
        let (id, rest) = path.split_once('/').unwrap_or((path, ""));
        let id = id.parse().unwrap();
        let mut counts = self.0.lock();
        if rest == "output" {
            counts.open.remove(&id);
            return ([(OFFSET_HEADER, "0")], "").into_response();
        }
        if request.method() == Method::PUT {
            // An answer can be lost, and is asked for again: a server knows the id. But not once the
            // control plane has noted it.
            if counts.acknowledged.contains(&id) {
                counts.asked_again += 1;
            }
            counts.begun.insert(id);
            counts.open.insert(id);
            counts.open_max = counts.open_max.max(counts.open.len());
        } else {
            counts.acknowledged.insert(id);
        }
        serde_json::to_vec(&done(id)).unwrap().into_response()
    }
}

fn done(id: ExecutionId) -> Execution {
    Execution {
        id,
        state: ExecutionState::Ended,
        detail: None,
        exit: Some(serde_json::from_value(json!({ "code": 0, "at": 0 })).unwrap()),
        timed_out: false,
        accepted_at: Timestamp(0),
        output: atelier_api::agent::processes::Span::default(),
    }
}

/// So many more of a job that waits, `every` second one of which expires then.
async fn multiply(app: &TestApp, of: NodeJobId, expires_at: Timestamp) {
    let db = app.database().await;
    let mut tx = db.begin().await.unwrap();
    let columns = "organization_id, spec, approval, created_by, created_by_name, created_at";
    for number in 1..QUEUED {
        let id = NodeJobId::from_uuid(Uuid::from_u128(number as u128));
        let insert = format!(
            "INSERT INTO node_jobs (id, {columns}, expires_at, concurrency, cancelled) \
             SELECT $1, {columns}, expires_at, concurrency, cancelled FROM node_jobs WHERE id = $2"
        );
        sqlx::query(sqlx::AssertSqlSafe(insert))
            .bind(id.to_string())
            .bind(of.to_string())
            .execute(&mut *tx)
            .await
            .unwrap();
        let expires = if number % 2 == 0 {
            Some(expires_at.0)
        } else {
            None
        };
        sqlx::query(
            "INSERT INTO node_runs (id, node_job_id, node_id, state, priority, attempt, \
             execution_id, acknowledged, expires_at, output_start, output_end) \
             SELECT $1, $2, node_id, state, priority, attempt, $3, 0, COALESCE($4, expires_at), 0, 0 \
             FROM node_runs WHERE node_job_id = $5",
        )
        .bind(NodeRunId::from_uuid(Uuid::from_u128(number as u128)).to_string())
        .bind(id.to_string())
        .bind(ExecutionId::from_uuid(Uuid::from_u128(number as u128)).to_string())
        .bind(expires)
        .bind(of.to_string())
        .execute(&mut *tx)
        .await
        .unwrap();
    }
    tx.commit().await.unwrap();
}

async fn count(db: &Db, state: &str) -> usize {
    let mut conn = db.read().await.unwrap();
    let count: i64 = sqlx::query_scalar("SELECT COUNT(*) FROM node_runs WHERE state = $1")
        .bind(state)
        .fetch_one(&mut *conn)
        .await
        .unwrap();
    usize::try_from(count).unwrap()
}

/// Waits until so many runs are in a state; each step on the way may take its time.
async fn climb(db: &Db, state: &str, goal: usize) {
    let mut reached = 0;
    while reached < goal {
        let next = wait_for("more runs get there", || async {
            let now = count(db, state).await;
            (now > reached).then_some(now)
        });
        reached = next.await;
    }
}

#[tokio::test]
async fn ten_thousand_jobs_for_a_server_that_is_away_all_run_once_or_expire() {
    let app = TestApp::builder().manual_clock().start().await;
    let mut far = Far::join(&app).await;
    far.leave(&app).await;
    let body = json!({ "nodes": [far.id], "command": "true" });
    let first = create(&app, &body).await;
    let soon = app
        .inside(|app| async move { app.clock().now().plus_ms(60_000) })
        .await;
    multiply(&app, first.id, soon).await;
    let db = app.database().await;
    assert_eq!(count(&db, "queued").await, QUEUED);
    app.advance_ms(60_000);
    let expired = (QUEUED - 1) / 2;
    climb(&db, "expired", expired).await;
    let stub = Stub::default();
    far.start.router = stub.router();
    far.come_back(&app).await;
    let to_run = QUEUED - expired;
    climb(&db, "succeeded", to_run).await;
    assert_eq!(count(&db, "expired").await, expired);
    db.close().await;
    let counts = stub.0.lock();
    assert_eq!(
        counts.begun.len(),
        to_run,
        "those that expired were never asked for"
    );
    assert_eq!(counts.asked_again, 0);
    assert!(
        counts.open_max <= PER_NODE_MAX,
        "{} at once",
        counts.open_max
    );
}

#[tokio::test]
async fn what_waits_for_a_place_says_so_and_gets_it() {
    for (per_node, per_organization, word) in
        [(1, 10, "which runs at most 1"), (8, 1, "organization")]
    {
        let app = TestApp::builder()
            .config(|config| {
                config.node_jobs.per_node_max = per_node;
                config.node_jobs.per_organization_max = per_organization;
            })
            .start()
            .await;
        let far = Far::join(&app).await;
        let command = format!(
            "while ! [ -e {} ]; do sleep 0.02; done",
            far.file("go").display()
        );
        let body = json!({ "nodes": [far.id], "command": command });
        let first = create(&app, &body).await;
        wait_until("it runs", || async {
            run(&app, first.id).await.state == NodeRunState::Running
        })
        .await;
        let second = create(&app, &json!({ "nodes": [far.id], "command": "true" })).await;
        let waiting = run(&app, second.id).await;
        assert_eq!(waiting.state, NodeRunState::Queued);
        let reason = waiting.reason.unwrap();
        assert!(reason.contains(word), "{reason}");
        std::fs::write(far.file("go"), "").unwrap();
        reach(&app, first.id, NodeJobState::Succeeded).await;
        reach(&app, second.id, NodeJobState::Succeeded).await;
    }
}

/// How many bytes the files below a directory hold.
fn size(directory: &Path) -> u64 {
    let entries = std::fs::read_dir(directory).into_iter().flatten().flatten();
    entries
        .map(|entry| match entry.metadata() {
            Ok(metadata) if metadata.is_dir() => size(&entry.path()),
            Ok(metadata) => metadata.len(),
            Err(_) => 0,
        })
        .sum()
}

#[tokio::test]
async fn a_job_that_prints_a_gigabyte_holds_nobody_up_and_keeps_the_end() {
    let app = TestApp::start().await;
    let far = Far::join(&app).await;
    let command = "head -c 1000000000 /dev/zero | tr '\\0' x; echo; echo the end";
    let flood = create(&app, &json!({ "nodes": [far.id], "command": command })).await;
    wait_until("it prints", || async {
        let run = run(&app, flood.id).await;
        run.state == NodeRunState::Running && !output(&app, run.id, "").await.body.is_empty()
    })
    .await;
    let spooled = far.file("node").join("jobs");
    // Each step has its time; how long the whole takes is the machine's affair.
    let ended = loop {
        let other = create(&app, &json!({ "nodes": [far.id], "command": "true" })).await;
        reach(&app, other.id, NodeJobState::Succeeded).await;
        let spooled = size(&spooled);
        assert!(spooled < 4 << 20, "{spooled} bytes on the disk");
        let run = run(&app, flood.id).await;
        if run.state.has_ended() {
            break run;
        }
    };
    assert_eq!(ended.state, NodeRunState::Succeeded, "{ended:?}");
    assert_eq!(ended.output.end, 1_000_000_000 + "\nthe end\n".len() as u64);
    assert!(
        ended.output.start > 999_000_000,
        "the oldest is dropped, and said to be"
    );
    let kept = output(&app, ended.id, "").await;
    assert_eq!(
        kept.header(super::jobs::offset_header()),
        Some(ended.output.start.to_string().as_str())
    );
    assert!(kept.body.ends_with(b"xx\nthe end\n"));
}

#[tokio::test]
async fn while_the_database_fails_nothing_is_lost_and_nothing_runs_twice() {
    let app = TestApp::builder()
        .config(|config| config.node_jobs.per_node_max = 1)
        .start()
        .await;
    let far = Far::join(&app).await;
    let go = far.file("go").display().to_string();
    let command = format!(
        "{}; while ! [ -e {go} ]; do sleep 0.02; done; echo done",
        far.counting()
    );
    let first = create(&app, &json!({ "nodes": [far.id], "command": command })).await;
    let second = create(
        &app,
        &json!({ "nodes": [far.id], "command": far.counting() }),
    )
    .await;
    wait_until("the first has begun", || async { far.lines("count") == 1 }).await;
    let rename = |from: &'static str, to: &'static str| {
        let app = &app;
        async move {
            let db = app.database().await;
            let mut tx = db.begin().await.unwrap();
            let sql = format!("ALTER TABLE {from} RENAME TO {to}");
            sqlx::query(sqlx::AssertSqlSafe(sql))
                .execute(&mut *tx)
                .await
                .unwrap();
            tx.commit().await.unwrap();
        }
    };
    // Every query of the dispatcher fails from now on.
    rename("node_runs", "node_runs_away").await;
    std::fs::write(far.file("go"), "").unwrap();
    let failures = app.owner().await;
    for _ in 0..20 {
        failures
            .get(&path(first.id))
            .send()
            .await
            .problem(ErrorCode::Internal);
    }
    wait_until("the command has ended on the server", || async {
        let records = std::fs::read_dir(far.file("node").join("jobs")).unwrap();
        let ended = |file: std::fs::DirEntry| {
            let text = std::fs::read_to_string(file.path().join("record.json"));
            text.is_ok_and(|text| text.contains("\"ended\""))
        };
        records.flatten().any(ended)
    })
    .await;
    assert_eq!(far.lines("count"), 1, "the second has not begun");
    rename("node_runs_away", "node_runs").await;
    for job in [&first, &second] {
        let done: NodeJob = reach(&app, job.id, NodeJobState::Succeeded).await;
        assert_eq!(done.counts.succeeded, 1);
    }
    assert_eq!(far.lines("count"), 2);
    assert_eq!(
        output(&app, run(&app, first.id).await.id, "").await.body,
        "done\n"
    );
}
