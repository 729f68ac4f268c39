//! Jobs over the public API.

use std::time::Duration;

use atelier_api::ids::{JobId, OrganizationId};
use atelier_api::v1::audit::AuditEvent;
use atelier_api::v1::jobs::{Job, JobState};
use atelier_api::{ErrorCode, Page};
use atelier_server::jobs::{self, JobOptions};
use atelier_testkit::TestApp;

use super::script::{Act, Board, Play, assert_waits, enqueue};

async fn start() -> (TestApp, Board, String) {
    let app = TestApp::start().await;
    jobs::register::<Play>(app.app());
    let path = format!("/api/v1/organizations/{}/jobs", app.organization().await);
    (app, Board::new(), path)
}

fn of(organization: OrganizationId) -> JobOptions {
    JobOptions {
        organization: Some(organization),
        subject: Some("ws_1".to_owned()),
        ..JobOptions::default()
    }
}

fn later(organization: OrganizationId) -> JobOptions {
    JobOptions {
        delay: Duration::from_secs(3_600),
        ..of(organization)
    }
}

fn path(job: JobId) -> String {
    format!("/api/v1/jobs/{job}")
}

#[tokio::test]
async fn jobs_are_listed_newest_first_and_page_by_page() {
    let (app, board, list) = start().await;
    let organization = app.organization().await;
    let mut ids = Vec::new();
    for number in 0..5 {
        let job = board.play(&format!("j{number}"), Act::Succeed);
        ids.push(enqueue(app.app(), &job, of(organization)).await);
    }
    // The platform's own, and those of others, are not among them.
    enqueue(
        app.app(),
        &board.play("own", Act::Succeed),
        JobOptions::default(),
    )
    .await;
    let elsewhere = app.outsider().await.account().memberships[0].organization_id;
    enqueue(app.app(), &board.play("other", Act::Succeed), of(elsewhere)).await;
    jobs::drain(app.app()).await.unwrap();

    let owner = app.owner().await;
    let mut seen = Vec::new();
    let mut cursor: Option<String> = None;
    loop {
        let mut query = vec![("limit", "2".to_owned())];
        query.extend(cursor.map(|cursor| ("cursor", cursor)));
        let page: Page<Job> = owner.get(&list).query(&query).send().await.ok();
        assert!(page.items.len() <= 2);
        for job in &page.items {
            assert_eq!(job.state, JobState::Succeeded);
            assert_eq!(job.subject.as_deref(), Some("ws_1"));
            assert_eq!((job.attempts, job.reason.as_deref()), (1, None));
            assert!(job.finished_at.is_some());
        }
        seen.extend(page.items.iter().map(|job| job.id));
        cursor = page.next_cursor;
        if cursor.is_none() {
            break;
        }
    }
    ids.reverse();
    assert_eq!(seen, ids);
}

#[tokio::test]
async fn a_waiting_job_is_cancelled_before_it_begins() {
    let (app, board, _) = start().await;
    let organization = app.organization().await;
    let id = enqueue(
        app.app(),
        &board.play("a", Act::Succeed),
        later(organization),
    )
    .await;
    let owner = app.owner().await;
    let job: Job = owner.get(&path(id)).send().await.ok();
    assert_waits(&job, "It begins in 60 minutes.");

    let answer = owner.post(&format!("{}/cancel", path(id))).send().await;
    let job: Job = answer.ok();
    assert_eq!(job.id, id);
    jobs::drain(app.app()).await.unwrap();
    let job: Job = owner.get(&path(id)).send().await.ok();
    assert_eq!(job.state, JobState::Cancelled);
    assert_eq!(job.reason.as_deref(), Some("Cancelled by Olivia Owner."));
    assert_eq!(board.lines(), ["a ended Cancelled"]);

    let again = owner.post(&format!("{}/cancel", path(id))).send().await;
    again.problem(ErrorCode::Conflict);
    let audit = format!("/api/v1/organizations/{organization}/audit-events");
    let audit: Page<AuditEvent> = owner.get(&audit).send().await.ok();
    let ours = audit
        .items
        .iter()
        .filter(|event| event.action == "job_cancel");
    let ours: Vec<_> = ours.collect();
    assert_eq!(ours.len(), 1);
    assert_eq!(ours[0].resource, Some(id.to_string()));
}

#[tokio::test]
async fn a_running_job_is_stopped_and_its_hook_called_once() {
    let (app, board, _) = start().await;
    let organization = app.organization().await;
    let id = enqueue(app.app(), &board.play("a", Act::Wait), of(organization)).await;
    board.wait("a began", 1).await;
    let owner = app.owner().await;
    let cancel = format!("{}/cancel", path(id));
    // Impatient people click twice.
    let (one, two) = tokio::join!(owner.post(&cancel).send(), owner.post(&cancel).send());
    for answer in [one, two] {
        assert!(
            answer.status.is_success() || answer.status == 409,
            "{answer}"
        );
    }
    jobs::drain(app.app()).await.unwrap();
    let job: Job = owner.get(&path(id)).send().await.ok();
    assert_eq!(job.state, JobState::Cancelled);
    assert_eq!(
        board.lines(),
        ["a began 1", "a dropped", "a ended Cancelled"]
    );
}

#[tokio::test]
async fn jobs_are_for_admins_of_their_organization() {
    let (app, board, list) = start().await;
    let organization = app.organization().await;
    let id = enqueue(
        app.app(),
        &board.play("a", Act::Succeed),
        later(organization),
    )
    .await;
    let own = enqueue(
        app.app(),
        &board.play("own", Act::Succeed),
        JobOptions::default(),
    )
    .await;
    let member = app.member().await;
    member.get(&list).send().await.problem(ErrorCode::Forbidden);
    member
        .get(&path(id))
        .send()
        .await
        .problem(ErrorCode::Forbidden);
    let outsider = app.outsider().await;
    outsider
        .get(&list)
        .send()
        .await
        .problem(ErrorCode::NotFound);
    outsider
        .get(&path(id))
        .send()
        .await
        .problem(ErrorCode::NotFound);
    let cancel = format!("{}/cancel", path(id));
    outsider
        .post(&cancel)
        .send()
        .await
        .problem(ErrorCode::NotFound);
    // The platform's own jobs are nobody's.
    app.owner()
        .await
        .get(&path(own))
        .send()
        .await
        .problem(ErrorCode::NotFound);
    app.admin()
        .await
        .post(&cancel)
        .send()
        .await
        .expect_status(200);
    jobs::drain(app.app()).await.unwrap();
}

#[tokio::test]
async fn nonsense_is_refused() {
    let (app, _, list) = start().await;
    let owner = app.owner().await;
    for (query, code) in [
        ("cursor=nonsense", ErrorCode::Invalid),
        ("cursor=ws_00000000000000000000000000", ErrorCode::Invalid),
        ("limit=0", ErrorCode::Invalid),
        ("limit=201", ErrorCode::Invalid),
        ("limit=-1", ErrorCode::Malformed),
    ] {
        owner
            .get(&format!("{list}?{query}"))
            .send()
            .await
            .problem(code);
    }
    for id in [
        "nonsense",
        "job_00000000000000000000000000",
        "%00",
        "job_%F0%9F%9A%80",
    ] {
        let path = format!("/api/v1/jobs/{id}");
        owner.get(&path).send().await.problem(ErrorCode::NotFound);
    }
}
