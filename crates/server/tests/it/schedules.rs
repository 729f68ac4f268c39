//! Schedules: node jobs at times that cron expressions name.

#![expect(
    clippy::unwrap_used,
    reason = "a helper of tests fails like the test itself"
)]

use atelier_api::ids::NodeId;
use atelier_api::v1::audit::AuditEvent;
use atelier_api::v1::jobs::{Job, JobState};
use atelier_api::v1::node_jobs::{NodeJob, NodeJobState};
use atelier_api::v1::nodes::Node;
use atelier_api::v1::organizations::Role;
use atelier_api::v1::schedules::{Schedule, SchedulePreview};
use atelier_api::{ErrorCode, Page, Timestamp};
use atelier_db::sqlx;
use atelier_testkit::{TestActor, TestApp};
use serde_json::{Value, json};

const MINUTE: i64 = 60_000;
const HOUR: i64 = 60 * MINUTE;

async fn start() -> TestApp {
    TestApp::builder().manual_clock().start().await
}

async fn path(app: &TestApp, what: &str) -> String {
    format!("/api/v1/organizations/{}/{what}", app.organization().await)
}

/// The embedded server, which is away in these tests.
async fn node(app: &TestApp) -> NodeId {
    let nodes: Page<Node> = app
        .owner()
        .await
        .get(&path(app, "nodes").await)
        .send()
        .await
        .ok();
    nodes.items[0].id
}

async fn body(app: &TestApp, change: Value) -> Value {
    let mut body = json!({
        "name": "nightly", "cron": "0 * * * *",
        "job": { "command": "true", "nodes": [node(app).await], "ttl_ms": 2 * HOUR },
    });
    for (key, value) in change.as_object().unwrap() {
        body[key] = value.clone();
    }
    body
}

async fn create(app: &TestApp, actor: &TestActor, change: Value) -> Schedule {
    let request = actor.post(&path(app, "schedules").await);
    let made = request.json(&body(app, change).await).send().await;
    made.expect_status(201).ok()
}

async fn view(app: &TestApp, of: &Schedule) -> Schedule {
    let path = format!("/api/v1/schedules/{}", of.id);
    app.owner().await.get(&path).send().await.ok()
}

/// The jobs that a schedule has made, newest first.
async fn made(app: &TestApp, of: &Schedule) -> Vec<NodeJob> {
    let path = path(app, "node-jobs").await;
    let id = of.id.to_string();
    let query = [("schedule", id.as_str()), ("limit", "200")];
    let page: Page<NodeJob> = app.owner().await.get(&path).query(&query).send().await.ok();
    page.items
}

/// How many of the engine's jobs wait for a time of the schedule.
async fn waiting(app: &TestApp, of: &Schedule) -> usize {
    app.settle().await;
    let jobs: Page<Job> = app
        .owner()
        .await
        .get(&path(app, "jobs").await)
        .send()
        .await
        .ok();
    let subject = of.id.to_string();
    let waits =
        |job: &&Job| job.subject.as_ref() == Some(&subject) && job.state == JobState::Queued;
    jobs.items.iter().filter(waits).count()
}

/// Lets time pass until the schedule's next time, and so much more.
async fn pass(app: &TestApp, of: &Schedule, more_ms: i64) -> Timestamp {
    let next = view(app, of).await.next_runs[0];
    let now = app.inside(|app| async move { app.clock().now() }).await;
    app.advance_ms(next.ms_since(now) + more_ms);
    app.settle().await;
    next
}

#[tokio::test]
async fn a_job_is_made_at_each_time_and_runs_under_the_name_of_whoever_made_the_schedule() {
    let app = start().await;
    let owner = app.owner().await;
    let change = json!({ "overlap": "allow", "time_zone": "europe/berlin" });
    let schedule = create(&app, &owner, change).await;
    assert_eq!(schedule.time_zone, "Europe/Berlin");
    assert_eq!(schedule.next_runs.len(), 5);
    app.settle().await;
    assert!(
        made(&app, &schedule).await.is_empty(),
        "not before its time"
    );
    for number in 1..=3 {
        let due = pass(&app, &schedule, 0).await;
        assert_eq!(made(&app, &schedule).await.len(), number);
        let now = view(&app, &schedule).await;
        assert_eq!(now.last_at, Some(due));
        assert_eq!(now.last_outcome.as_deref(), Some("The job was made."));
        assert_eq!(now.next_runs[0].ms_since(due), HOUR);
    }
    let job = &made(&app, &schedule).await[0];
    assert_eq!(job.created_by_name, owner.account().name);
    assert_eq!(job.schedule_id, Some(schedule.id));
    let audit: Page<AuditEvent> = owner
        .get(&path(&app, "audit-events").await)
        .send()
        .await
        .ok();
    let runs = audit.items.iter().filter(|it| it.action == "schedule_run");
    assert_eq!(runs.count(), 3);
}

#[tokio::test]
async fn a_time_at_which_the_last_job_has_not_ended_is_skipped() {
    let app = start().await;
    let owner = app.owner().await;
    // Its server is away, so each job waits until it expires.
    let schedule = create(&app, &owner, json!({ "cron": "*/5 * * * *" })).await;
    pass(&app, &schedule, 0).await;
    pass(&app, &schedule, 0).await;
    let jobs = made(&app, &schedule).await;
    assert_eq!(jobs.len(), 1);
    let outcome = view(&app, &schedule).await.last_outcome.unwrap();
    assert!(outcome.contains("has not ended"), "{outcome}");
    let cancel = format!("/api/v1/node-jobs/{}/cancel", jobs[0].id);
    owner.post(&cancel).send().await.expect_status(200);
    pass(&app, &schedule, 0).await;
    assert_eq!(made(&app, &schedule).await.len(), 2);
}

#[tokio::test]
async fn missed_times_are_one_and_too_late_is_never() {
    let app = start().await;
    let owner = app.owner().await;
    let skip = create(&app, &owner, json!({ "cron": "0 3 * * *" })).await;
    let once = create(
        &app,
        &owner,
        json!({ "cron": "0 3 * * *", "missed": "run_once" }),
    )
    .await;
    let often = create(&app, &owner, json!({ "name": "hourly" })).await;
    // As if the control plane had been down for two days and a half.
    let first = pass(&app, &skip, 60 * HOUR).await;
    assert!(made(&app, &skip).await.is_empty());
    let skipped = view(&app, &skip).await;
    let outcome = skipped.last_outcome.unwrap();
    assert!(outcome.contains("too late"), "{outcome}");
    assert_eq!(skipped.last_at.unwrap().ms_since(first), 48 * HOUR);
    assert_eq!(made(&app, &once).await.len(), 1);
    // Of its many missed times the last is not too late.
    assert_eq!(made(&app, &often).await.len(), 1);
    // Within its time to live a late one is made.
    pass(&app, &skip, HOUR).await;
    assert_eq!(made(&app, &skip).await.len(), 1);
}

#[tokio::test]
async fn a_time_that_is_carried_out_twice_makes_one_job() {
    let app = start().await;
    let owner = app.owner().await;
    let schedule = create(&app, &owner, json!({ "overlap": "allow" })).await;
    let due = pass(&app, &schedule, 0).await;
    assert_eq!(made(&app, &schedule).await.len(), 1);
    // As another control plane sees it that has not heard of the first one's work: the same job of the
    // engine is run once more, on the schedule as it was.
    let db = app.database().await;
    let mut tx = db.begin().await.unwrap();
    sqlx::query("UPDATE schedules SET next_at = $1")
        .bind(due.0)
        .execute(&mut *tx)
        .await
        .unwrap();
    let again = sqlx::query(
        "UPDATE jobs SET state = 'queued', finished_at = NULL \
         WHERE kind = 'schedule_fire' AND state = 'succeeded'",
    );
    assert_eq!(again.execute(&mut *tx).await.unwrap().rows_affected(), 1);
    tx.commit().await.unwrap();
    app.settle().await;
    assert_eq!(made(&app, &schedule).await.len(), 1);
    assert!(
        view(&app, &schedule).await.next_runs[0] > due,
        "and it goes on"
    );
    pass(&app, &schedule, 0).await;
    assert_eq!(made(&app, &schedule).await.len(), 2);
}

#[tokio::test]
async fn it_can_be_paused_changed_run_by_hand_and_deleted() {
    let app = start().await;
    let owner = app.owner().await;
    let schedule = create(&app, &owner, json!({})).await;
    let path = format!("/api/v1/schedules/{}", schedule.id);
    let paused = json!({ "enabled": false });
    let paused: Schedule = owner.patch(&path).json(&paused).send().await.ok();
    assert!(paused.next_runs.is_empty());
    assert_eq!(waiting(&app, &schedule).await, 0);
    app.advance_ms(3 * HOUR);
    app.settle().await;
    assert!(made(&app, &schedule).await.is_empty());

    let run: NodeJob = owner
        .post(&format!("{path}/run"))
        .send()
        .await
        .expect_status(201)
        .ok();
    assert_eq!(run.schedule_id, Some(schedule.id));
    assert_eq!(view(&app, &schedule).await.last_job_id, Some(run.id));

    let change =
        json!({ "enabled": true, "cron": "30 2 * * *", "name": "early", "overlap": "allow" });
    let changed: Schedule = owner.patch(&path).json(&change).send().await.ok();
    assert_eq!(
        (changed.name.as_str(), changed.next_runs.len()),
        ("early", 5)
    );
    let renamed = json!({ "name": "earlier" });
    owner
        .patch(&path)
        .json(&renamed)
        .send()
        .await
        .expect_status(200);
    assert_eq!(waiting(&app, &schedule).await, 1, "only the newest");
    pass(&app, &schedule, 0).await;
    assert_eq!(made(&app, &schedule).await.len(), 2);

    owner.delete(&path).send().await.expect_status(204);
    assert_eq!(waiting(&app, &schedule).await, 0);
    owner.get(&path).send().await.problem(ErrorCode::NotFound);
    app.advance_ms(48 * HOUR);
    app.settle().await;
    assert_eq!(made(&app, &schedule).await.len(), 2, "kept, and no more");
}

#[tokio::test]
async fn variables_are_not_shown_and_can_be_kept() {
    let app = start().await;
    let owner = app.owner().await;
    let job = json!({ "command": "true", "nodes": [node(&app).await], "env": { "KEY": "secret" } });
    let schedule = create(&app, &owner, json!({ "job": job })).await;
    let path = format!("/api/v1/schedules/{}", schedule.id);
    let mut job = json!({ "command": "false", "nodes": [node(&app).await] });
    let change = json!({ "job": job, "keep_env": true });
    let answer = owner.patch(&path).json(&change).send().await;
    let body = String::from_utf8_lossy(&answer.body);
    assert!(!body.contains("secret"), "{body}");
    let changed: Schedule = answer.ok();
    assert_eq!(
        (changed.job.command.as_str(), changed.job.env),
        ("false", vec!["KEY".to_owned()])
    );
    job["command"] = "true".into();
    let changed: Schedule = owner
        .patch(&path)
        .json(&json!({ "job": job }))
        .send()
        .await
        .ok();
    assert!(changed.job.env.is_empty());
}

#[tokio::test]
async fn it_pauses_when_whoever_answers_for_it_may_no_longer_run_jobs() {
    let app = start().await;
    let (owner, admin) = (app.owner().await, app.admin().await);
    let schedule = create(&app, &admin, json!({ "overlap": "allow" })).await;
    pass(&app, &schedule, 0).await;
    assert_eq!(made(&app, &schedule).await.len(), 1);
    let member = path(&app, &format!("members/{}", admin.account().id)).await;
    let demoted = owner
        .patch(&member)
        .json(&json!({ "role": Role::Member }))
        .send()
        .await;
    demoted.expect_status(200);
    pass(&app, &schedule, 0).await;
    assert_eq!(made(&app, &schedule).await.len(), 1);
    let paused = view(&app, &schedule).await;
    assert!(!paused.enabled);
    assert!(paused.last_outcome.unwrap().contains("no longer"));
    // Whoever saves what is run answers for it from then on.
    let job = body(&app, json!({})).await["job"].clone();
    let change = json!({ "enabled": true, "job": job });
    let path = format!("/api/v1/schedules/{}", schedule.id);
    owner
        .patch(&path)
        .json(&change)
        .send()
        .await
        .expect_status(200);
    pass(&app, &schedule, 0).await;
    assert_eq!(made(&app, &schedule).await.len(), 2);
}

#[tokio::test]
async fn what_the_policy_asks_about_waits_each_time_and_what_cannot_be_made_is_said() {
    let app = start().await;
    let owner = app.owner().await;
    let job = json!({ "command": "c=true; $c", "nodes": [node(&app).await] });
    let asking = create(&app, &owner, json!({ "job": job })).await;
    pass(&app, &asking, 0).await;
    assert_eq!(
        made(&app, &asking).await[0].state,
        NodeJobState::AwaitingApproval
    );
    let job = json!({ "command": "true", "labels": { "no": "such" } });
    let vain = create(&app, &owner, json!({ "job": job })).await;
    pass(&app, &vain, 0).await;
    assert!(made(&app, &vain).await.is_empty());
    let vain = view(&app, &vain).await;
    let outcome = vain.last_outcome.unwrap();
    assert!(
        outcome.contains("No server has all these labels"),
        "{outcome}"
    );
    assert_eq!(vain.next_runs.len(), 5, "it goes on");
}

#[tokio::test]
async fn it_pauses_when_its_time_zone_is_no_longer_known() {
    let app = start().await;
    let schedule = create(&app, &app.owner().await, json!({})).await;
    let db = app.database().await;
    let mut tx = db.begin().await.unwrap();
    let forgotten = sqlx::query("UPDATE schedules SET time_zone = 'Gone/Zone'");
    forgotten.execute(&mut *tx).await.unwrap();
    tx.commit().await.unwrap();
    app.advance_ms(HOUR);
    app.settle().await;
    let paused = view(&app, &schedule).await;
    assert!(!paused.enabled);
    let outcome = paused.last_outcome.unwrap();
    assert!(outcome.contains("time zone"), "{outcome}");
    assert!(made(&app, &schedule).await.is_empty());
}

#[tokio::test]
async fn bad_requests_are_refused_with_their_field() {
    let app = start().await;
    let owner = app.owner().await;
    let node = node(&app).await;
    for (change, field) in [
        (json!({ "name": " " }), "name"),
        (json!({ "name": "a\u{7}" }), "name"),
        (json!({ "cron": "every day" }), "cron"),
        (json!({ "cron": "0 0 31 2 *" }), "cron"),
        (json!({ "time_zone": "Mars/Olympus" }), "time_zone"),
        (json!({ "job": { "command": "true" } }), "job"),
        (
            json!({ "job": { "command": " ", "nodes": [node] } }),
            "command",
        ),
        (
            json!({ "job": { "command": "true", "nodes": [node], "idempotency_key": "a" } }),
            "job",
        ),
    ] {
        let request = owner.post(&path(&app, "schedules").await);
        let refused = request.json(&body(&app, change.clone()).await).send().await;
        let refused = refused.problem(ErrorCode::Invalid);
        assert_eq!(refused.field.as_deref(), Some(field), "{change}");
    }
    let denied = json!({ "job": { "command": "rm -rf /", "nodes": [node] } });
    let request = owner.post(&path(&app, "schedules").await);
    let refused = request.json(&body(&app, denied).await).send().await;
    refused.problem(ErrorCode::Forbidden);
    let preview = owner
        .get("/api/v1/schedule-preview")
        .query(&[("cron", "@daily")]);
    assert_eq!(
        preview.send().await.ok::<SchedulePreview>().next_runs.len(),
        5
    );
    let key = json!({ "command": "true", "nodes": [node], "idempotency_key": "schedule:x" });
    let refused = owner
        .post(&path(&app, "node-jobs").await)
        .json(&key)
        .send()
        .await;
    assert_eq!(
        refused.problem(ErrorCode::Invalid).field.as_deref(),
        Some("idempotency_key")
    );
}
