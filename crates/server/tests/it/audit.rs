//! The audit log: what is in it, and that it cannot be changed unnoticed.

#![expect(
    clippy::unwrap_used,
    reason = "Clippy's exception for tests does not reach their helper functions"
)]

use atelier_api::ids::OrganizationId;
use atelier_api::v1::audit::{AuditEvent, AuditOutcome};
use atelier_api::{ErrorCode, Page, Timestamp};
use atelier_db::sqlx;
use atelier_policy::Policy;
use atelier_server::Config;
use atelier_server::app::{App, AppParts};
use atelier_server::audit::{VerifyReport, verify, verify_all};
use atelier_server::authz::Action;
use atelier_server::ctx::{Clock, Ctx};
use atelier_server::gateway::Gateway;
use atelier_server::nodes::Nodes;
use atelier_server::secrets::Secrets;
use atelier_server::templates::Templates;
use atelier_testkit::{TestActor, TestApp, TestDb, wait_for};
use serde_json::json;

/// A chain of events on a fresh database.
struct Ledger {
    test: TestDb,
    app: App,
    organization: OrganizationId,
}

impl Ledger {
    async fn new(events: usize) -> Self {
        let test = TestDb::new().await;
        let app = App::new(AppParts {
            config: Config::default(),
            policy: Policy::default(),
            db: test.db().clone(),
            clock: Clock::manual(Timestamp(1_767_225_600_000)),
            nodes: Nodes::new(None),
            templates: Templates::default(),
            gateway: Gateway::new(&[7; 32], ""),
            secrets: Secrets::new(&[7; 32]),
        });
        let organization = OrganizationId::from_uuid(app.ids().next(app.clock()));
        let ledger = Self {
            test,
            app,
            organization,
        };
        for number in 0..events {
            ledger.record(number).await;
        }
        ledger
    }

    async fn record(&self, number: usize) {
        let mut tx = Ctx::system(&self.app, "test").begin().await.unwrap();
        let details =
            json!({ "number": number, "name": "“ورشة”\n", "b": [null, { "z": 1, "a": 2 }] });
        let resource = format!("ws_{number}");
        tx.audit(
            self.organization,
            Action::WorkspaceCreate,
            &resource,
            details,
        );
        tx.commit().await.unwrap();
    }

    async fn verify(&self) -> VerifyReport {
        verify(self.test.db(), self.organization).await.unwrap()
    }

    async fn tamper(&self, sql: &'static str) {
        let mut tx = self.test.db().begin().await.unwrap();
        let done = sqlx::query(sql).execute(&mut *tx).await.unwrap();
        assert!(done.rows_affected() > 0, "{sql}");
        tx.commit().await.unwrap();
    }

    /// Where the chain is found to be broken.
    #[track_caller]
    fn broken_at(report: &VerifyReport, sequence: i64, why: &str) {
        let broken = report.broken.as_ref().expect("the chain is broken");
        assert_eq!(broken.sequence, sequence, "{broken}");
        assert!(broken.reason.contains(why), "{broken}");
        assert_eq!(i64::try_from(report.proven).unwrap(), sequence - 1);
    }
}

#[tokio::test]
async fn a_chain_as_it_was_written_is_whole() {
    let ledger = Ledger::new(0).await;
    assert!(ledger.verify().await.is_whole());
    assert_eq!(verify_all(ledger.test.db()).await.unwrap(), []);
    for number in 0..10 {
        ledger.record(number).await;
    }
    let report = ledger.verify().await;
    assert_eq!((report.proven, &report.broken), (10, &None));
    assert_eq!(report.hash.len(), 64);
    assert_eq!(verify_all(ledger.test.db()).await.unwrap(), [report]);
}

#[tokio::test]
async fn a_chain_longer_than_one_read_is_whole() {
    let ledger = Ledger::new(0).await;
    let mut tx = Ctx::system(&ledger.app, "test").begin().await.unwrap();
    for number in 0..2_500 {
        tx.audit(
            ledger.organization,
            Action::WorkspaceStart,
            &number,
            json!({}),
        );
    }
    tx.commit().await.unwrap();
    let report = ledger.verify().await;
    assert_eq!((report.proven, report.broken), (2_500, None));
    ledger
        .tamper("UPDATE audit_events SET actor = 'nobody' WHERE sequence = 2001")
        .await;
    Ledger::broken_at(&ledger.verify().await, 2_001, "do not give its hash");
}

#[tokio::test]
async fn every_changed_field_is_noticed() {
    for change in [
        "UPDATE audit_events SET id = 'aud_00000000000000000000000000' WHERE sequence = 3",
        "UPDATE audit_events SET at = at + 1 WHERE sequence = 3",
        "UPDATE audit_events SET actor = 'account:mallory' WHERE sequence = 3",
        "UPDATE audit_events SET actor_name = 'Mallory' WHERE sequence = 3",
        "UPDATE audit_events SET action = 'workspace_view' WHERE sequence = 3",
        "UPDATE audit_events SET resource = NULL WHERE sequence = 3",
        "UPDATE audit_events SET resource = '' WHERE sequence = 3",
        "UPDATE audit_events SET outcome = 'failure' WHERE sequence = 3",
        "UPDATE audit_events SET details = '{}' WHERE sequence = 3",
        "UPDATE audit_events SET address = '127.0.0.1' WHERE sequence = 3",
        "UPDATE audit_events SET request_id = NULL WHERE sequence = 3",
        "UPDATE audit_events SET hash = 'abc' WHERE sequence = 3",
    ] {
        let ledger = Ledger::new(5).await;
        ledger.tamper(change).await;
        Ledger::broken_at(&ledger.verify().await, 3, "do not give its hash");
    }
    for change in [
        "UPDATE audit_events SET outcome = 'maybe' WHERE sequence = 3",
        "UPDATE audit_events SET details = 'no JSON' WHERE sequence = 3",
    ] {
        let ledger = Ledger::new(5).await;
        ledger.tamper(change).await;
        Ledger::broken_at(&ledger.verify().await, 3, "cannot be read");
    }
}

#[tokio::test]
async fn every_missing_event_is_noticed() {
    for (change, sequence, why) in [
        (
            "DELETE FROM audit_events WHERE sequence = 1",
            2,
            "1 is missing",
        ),
        (
            "DELETE FROM audit_events WHERE sequence = 3",
            4,
            "3 is missing",
        ),
    ] {
        let ledger = Ledger::new(5).await;
        ledger.tamper(change).await;
        let report = ledger.verify().await;
        let broken = report.broken.unwrap();
        assert_eq!(broken.sequence, sequence);
        assert!(broken.reason.contains(why), "{broken}");
    }
    let ledger = Ledger::new(5).await;
    ledger
        .tamper("DELETE FROM audit_events WHERE sequence >= 4")
        .await;
    Ledger::broken_at(&ledger.verify().await, 4, "should have 5 events");
    ledger.tamper("DELETE FROM audit_events").await;
    Ledger::broken_at(&ledger.verify().await, 1, "should have 5 events");
    assert_eq!(verify_all(ledger.test.db()).await.unwrap().len(), 1);
}

#[tokio::test]
async fn a_gap_that_was_closed_is_noticed() {
    let ledger = Ledger::new(5).await;
    ledger
        .tamper("DELETE FROM audit_events WHERE sequence = 3")
        .await;
    ledger
        .tamper("UPDATE audit_events SET sequence = 3 WHERE sequence = 4")
        .await;
    Ledger::broken_at(&ledger.verify().await, 3, "do not give its hash");
}

#[tokio::test]
async fn two_events_that_changed_places_are_noticed() {
    let ledger = Ledger::new(5).await;
    for step in [
        "UPDATE audit_events SET sequence = 100 WHERE sequence = 2",
        "UPDATE audit_events SET sequence = 2 WHERE sequence = 3",
        "UPDATE audit_events SET sequence = 3 WHERE sequence = 100",
    ] {
        ledger.tamper(step).await;
    }
    Ledger::broken_at(&ledger.verify().await, 2, "do not give its hash");
}

#[tokio::test]
async fn a_last_event_that_the_head_does_not_know_is_noticed() {
    let ledger = Ledger::new(5).await;
    ledger.tamper("UPDATE audit_heads SET hash = 'abc'").await;
    let report = ledger.verify().await;
    assert!(report.broken.unwrap().reason.contains("head"));
}

#[tokio::test]
async fn a_rolled_back_change_leaves_no_event() {
    let ledger = Ledger::new(1).await;
    let mut tx = Ctx::system(&ledger.app, "test").begin().await.unwrap();
    tx.audit(
        ledger.organization,
        Action::WorkspaceStop,
        &"ws_1",
        json!({}),
    );
    drop(tx);
    assert_eq!(ledger.verify().await.proven, 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn writers_at_once_make_one_chain() {
    let ledger = std::sync::Arc::new(Ledger::new(0).await);
    let writers: Vec<_> = (0..40)
        .map(|number| {
            let ledger = std::sync::Arc::clone(&ledger);
            tokio::spawn(async move { ledger.record(number).await })
        })
        .collect();
    for writer in writers {
        writer.await.unwrap();
    }
    let report = ledger.verify().await;
    assert_eq!((report.proven, report.broken), (40, None));
}

async fn events(actor: &TestActor, organization: OrganizationId) -> Vec<AuditEvent> {
    let mut all = Vec::new();
    let mut cursor: Option<String> = None;
    loop {
        let path = format!("/api/v1/organizations/{organization}/audit-events");
        let mut query = vec![("limit", "3".to_owned())];
        query.extend(cursor.map(|cursor| ("cursor", cursor)));
        let page: Page<AuditEvent> = actor.get(&path).query(&query).send().await.ok();
        all.extend(page.items);
        cursor = page.next_cursor;
        if cursor.is_none() {
            return all;
        }
    }
}

#[tokio::test]
async fn what_people_do_is_listed_newest_first_with_who_and_from_where() {
    let app = TestApp::start().await;
    let owner = app.owner().await;
    let organization = app.organization().await;
    let path = format!("/api/v1/organizations/{organization}");
    for name in ["One", "Two", "Three", "Four"] {
        let body = json!({ "name": name });
        owner
            .patch(&path)
            .json(&body)
            .send()
            .await
            .expect_status(200);
    }
    let all = events(&owner, organization).await;
    let places: Vec<_> = all.iter().map(|event| event.sequence).collect();
    let expected: Vec<_> = (1..=all.len() as u64).rev().collect();
    assert_eq!(places, expected);
    for event in &all[..4] {
        assert_eq!(event.action, "organization_update");
        assert_eq!(event.actor, format!("account:{}", owner.account().id));
        assert_eq!(event.actor_name, "Olivia Owner");
        assert_eq!(event.outcome, AuditOutcome::Success);
        assert_eq!(event.address.as_deref(), Some("127.0.0.1"));
        assert!(event.request_id.is_some());
        assert_eq!(event.hash.len(), 64);
    }
}

#[tokio::test]
async fn what_was_done_to_one_thing_is_listed_page_by_page() {
    let app = TestApp::start().await;
    let owner = app.owner().await;
    let organization = app.organization().await;
    let path = format!("/api/v1/organizations/{organization}");
    for name in ["One", "Two", "Three"] {
        let body = json!({ "name": name });
        owner
            .patch(&path)
            .json(&body)
            .send()
            .await
            .expect_status(200);
        let token = json!({ "name": name });
        let made = owner
            .post(&format!("{path}/node-tokens"))
            .json(&token)
            .send();
        made.await.expect_status(201);
    }
    let list = async |resource: &str, cursor: Option<String>| -> Page<AuditEvent> {
        let mut query = vec![("resource", resource.to_owned()), ("limit", "2".to_owned())];
        query.extend(cursor.map(|cursor| ("cursor", cursor)));
        let list = owner.get(&format!("{path}/audit-events")).query(&query);
        list.send().await.ok()
    };
    let id = organization.to_string();
    let newest = list(&id, None).await;
    let older = list(&id, newest.next_cursor.clone()).await;
    let updates: Vec<_> = [newest.items, older.items]
        .concat()
        .into_iter()
        .filter(|event| event.action == "organization_update")
        .collect();
    assert_eq!(updates.len(), 3);
    assert!(updates.is_sorted_by(|a, b| a.sequence > b.sequence));
    assert!(
        updates
            .iter()
            .all(|event| event.resource.as_deref() == Some(&*id))
    );
    for unknown in ["node_00000000000000000000000000", "", "' OR '1'='1"] {
        let none = list(unknown, None).await;
        assert_eq!((none.items, none.next_cursor), (Vec::new(), None));
    }
}

#[tokio::test]
async fn a_refusal_is_recorded() {
    let app = TestApp::start().await;
    let (owner, viewer) = (app.owner().await, app.viewer().await);
    let organization = app.organization().await;
    let path = format!("/api/v1/organizations/{organization}");
    let refused = viewer.patch(&path).json(&json!({ "name": "Mine" })).send();
    refused.await.problem(ErrorCode::Forbidden);
    let denied = wait_for("the refusal is in the audit log", || async {
        let all = events(&owner, organization).await;
        all.into_iter()
            .find(|event| event.outcome == AuditOutcome::Denied)
    })
    .await;
    assert_eq!(denied.action, "organization_update");
    assert_eq!(denied.actor, format!("account:{}", viewer.account().id));
}

#[tokio::test]
async fn what_an_outsider_tries_is_hidden_and_not_in_the_log() {
    let app = TestApp::start().await;
    let (owner, outsider) = (app.owner().await, app.outsider().await);
    let organization = app.organization().await;
    let path = format!("/api/v1/organizations/{organization}/audit-events");
    outsider
        .get(&path)
        .send()
        .await
        .problem(ErrorCode::NotFound);
    app.member()
        .await
        .get(&path)
        .send()
        .await
        .problem(ErrorCode::Forbidden);
    let nonsense = owner.get(&format!("{path}?cursor=x")).send().await;
    nonsense.problem(ErrorCode::Invalid);
    let by_outsider = format!("account:{}", outsider.account().id);
    let all = events(&owner, organization).await;
    assert!(all.iter().all(|event| event.actor != by_outsider));
}
