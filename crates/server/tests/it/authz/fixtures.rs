//! Real people and real things for the coverage test.

use std::collections::BTreeSet;
use std::sync::atomic::{AtomicU32, Ordering};

use atelier_api::Page;
use atelier_api::ids::{
    AccountId, NodeJobId, NodeRolloutId, NodeRunId, ProcessId, RecordingId, TerminalId,
    TerminalShareId, TrashId, UploadId,
};
use atelier_api::v1::audit::{AuditEvent, AuditOutcome};
use atelier_api::v1::git_credentials::GitCredential;
use atelier_api::v1::identity::TokenCreated;
use atelier_api::v1::jobs::Job;
use atelier_api::v1::node_jobs::{NodeJob, NodeRun};
use atelier_api::v1::node_rollouts::NodeRollout;
use atelier_api::v1::nodes::{Node, NodeTokenCreated};
use atelier_api::v1::organizations::Role;
use atelier_api::v1::schedules::Schedule;
use atelier_api::v1::workspaces::Workspace;
use atelier_testkit::{TestActor, TestApp, TestResponse};
use http::HeaderMap;
use http::header::{self, HeaderName, HeaderValue};
use serde_json::json;
use uuid::Uuid;

use super::Operation;
use super::samples::{Body, Sample, Target, sample};

/// Everybody that the table tells apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Person {
    /// Not signed in.
    Anonymous,
    /// The owner of another organization.
    Outsider,
    /// A viewer.
    Viewer,
    /// A member, at what they own.
    MemberOfOwn,
    /// A member, at what somebody else owns.
    MemberOfForeign,
    /// An admin, at what somebody else owns.
    Admin,
    /// An owner, at what somebody else owns.
    Owner,
}

impl Person {
    pub(super) const ALL: [Self; 7] = [
        Self::Anonymous,
        Self::Outsider,
        Self::Viewer,
        Self::MemberOfOwn,
        Self::MemberOfForeign,
        Self::Admin,
        Self::Owner,
    ];
}

/// A server without a node, so that whatever is authorized ends before a workspace: with 503.
#[derive(Debug)]
pub(super) struct Fixtures {
    app: TestApp,
    /// Owned by the member.
    of_member: Workspace,
    /// Owned by the owner.
    of_owner: Workspace,
    node: Node,
    job: Job,
    /// Somebody whose role may change.
    spare: AccountId,
    /// Counts the workspaces made for one request each.
    fresh: AtomicU32,
}

impl Fixtures {
    pub(super) async fn make() -> Self {
        let app = TestApp::start().await;
        let (owner, member) = (app.owner().await, app.member().await);
        let of_member = workspace(&app, &member, "of the member").await;
        let of_owner = workspace(&app, &owner, "of the owner").await;
        let organization = of_owner.organization_id;
        let nodes = format!("/api/v1/organizations/{organization}/nodes");
        let nodes: Page<Node> = owner.get(&nodes).send().await.ok();
        let jobs = format!("/api/v1/organizations/{organization}/jobs");
        let jobs: Page<Job> = owner.get(&jobs).send().await.ok();
        Self {
            of_member,
            of_owner,
            node: nodes.items[0].clone(),
            job: jobs.items[0].clone(),
            spare: app.add_member(Role::Viewer, "spare").await.account().id,
            fresh: AtomicU32::new(0),
            app,
        }
    }

    /// Sends the operation's sample as this person.
    pub(super) async fn drive(&self, operation: &Operation, person: Person) -> TestResponse {
        let sample = sample(&operation.stem).expect("another test demands samples");
        let actor = self.actor(person, &sample).await;
        let path = self.path(operation, person, &actor, &sample).await;
        send(&actor, operation, &path, sample).await
    }

    /// The same, at things that do not exist.
    pub(super) async fn drive_at_nothing(
        &self,
        operation: &Operation,
        person: Person,
    ) -> TestResponse {
        let sample = sample(&operation.stem).expect("another test demands samples");
        let actor = self.actor(person, &sample).await;
        let path = self.path(operation, person, &actor, &sample).await;
        let segments = path
            .split('/')
            .map(|segment| match segment.split_once('_') {
                Some((kind, id)) if id.len() == 26 => format!("{kind}_{}", "0".repeat(26)),
                _ => segment.to_owned(),
            });
        let path = segments.collect::<Vec<_>>().join("/");
        send(&actor, operation, &path, sample).await
    }

    /// The actions of which the owner's audit log holds a success.
    pub(super) async fn audited_actions(&self) -> BTreeSet<String> {
        let owner = self.app.owner().await;
        let organization = self.of_owner.organization_id;
        let path = format!("/api/v1/organizations/{organization}/audit-events");
        let mut actions = BTreeSet::new();
        let mut cursor = String::new();
        loop {
            let query = [("limit", "200"), ("cursor", cursor.as_str())];
            let query = &query[..if cursor.is_empty() { 1 } else { 2 }];
            let page: Page<AuditEvent> = owner.get(&path).query(query).send().await.ok();
            let done = page.items.into_iter();
            let done = done.filter(|event| event.outcome == AuditOutcome::Success);
            actions.extend(done.map(|event| event.action));
            match page.next_cursor {
                Some(next) => cursor = next,
                None => return actions,
            }
        }
    }

    async fn actor(&self, person: Person, sample: &Sample) -> TestActor {
        let (actor, handle) = match person {
            Person::Anonymous => return self.app.anonymous(),
            Person::Outsider => (self.app.outsider().await, "outsider"),
            Person::Viewer => (self.app.viewer().await, "viewer"),
            Person::MemberOfOwn | Person::MemberOfForeign => (self.app.member().await, "member"),
            Person::Admin => (self.app.admin().await, "admin"),
            Person::Owner => (self.app.owner().await, "owner"),
        };
        if sample.ends_session {
            return self.another_session(handle).await;
        }
        actor
    }

    async fn another_session(&self, handle: &str) -> TestActor {
        let email = format!("{handle}@example.org");
        self.app.anonymous().sign_in(&email).await
    }

    async fn path(
        &self,
        operation: &Operation,
        person: Person,
        actor: &TestActor,
        sample: &Sample,
    ) -> String {
        let mut path = operation.path.clone();
        while let Some((before, rest)) = path.split_once('{') {
            let (name, after) = rest.split_once('}').expect("braces come in pairs");
            let value = self.parameter(name, operation, person, actor, sample).await;
            path = format!("{before}{value}{after}");
        }
        path
    }

    async fn parameter(
        &self,
        name: &str,
        operation: &Operation,
        person: Person,
        actor: &TestActor,
        sample: &Sample,
    ) -> String {
        match name {
            "organization" => self.of_owner.organization_id.to_string(),
            // Whoever owns workspaces is not removed; this one is given another role.
            "account" if operation.stem == "member_update" => self.spare.to_string(),
            "account" => self.of_member.owner_id.to_string(),
            "node" => self.node.id.to_string(),
            "node_token" => self.node_token().await,
            "job" => self.job.id.to_string(),
            "node_job" => self.node_job().await.to_string(),
            "schedule" => self.schedule().await,
            "node_rollout" => self.node_rollout().await.to_string(),
            "node_run" => self.node_run().await.to_string(),
            "workspace" => self.workspace(person, sample).await.id.to_string(),
            "session" => self.session(person, actor).await,
            "token" => token(person, actor).await,
            "git_credential" => git_credential(person, actor).await,
            "terminal" => TerminalId::from_uuid(Uuid::from_u128(1)).to_string(),
            "recording" => RecordingId::from_uuid(Uuid::from_u128(1)).to_string(),
            "share" => self.share(person, sample).await,
            "entry" => TrashId::from_uuid(Uuid::from_u128(1)).to_string(),
            "upload" => UploadId::from_uuid(Uuid::from_u128(1)).to_string(),
            "port" => "3000".to_owned(),
            "language" => "typescript".to_owned(),
            "namespace" => "editor".to_owned(),
            "process" => ProcessId::from_uuid(Uuid::from_u128(1)).to_string(),
            other => panic!("no fixture for the path parameter {{{other}}}: add one"),
        }
    }

    /// A link to a terminal of the workspace. Without a node none can be made over the API.
    async fn share(&self, person: Person, sample: &Sample) -> String {
        static LINKS: AtomicU32 = AtomicU32::new(1);
        let workspace = self.workspace(person, sample).await;
        let number = LINKS.fetch_add(1, Ordering::Relaxed);
        let id = TerminalShareId::from_uuid(Uuid::from_u128(number.into())).to_string();
        let db = self.app.database().await;
        let mut tx = db.begin().await.expect("it begins");
        let insert = "INSERT INTO terminal_shares (id, organization_id, workspace_id, terminal_id, \
                      token_hash, access, created_by, created_by_name, created_at, expires_at, uses) \
                      VALUES ($1, $2, $3, 'term_00000000000000000000000001', $1, 'read', $4, 'A', 1, \
                      $5, 0)";
        sqlx::query(insert)
            .bind(&id)
            .bind(workspace.organization_id.to_string())
            .bind(workspace.id.to_string())
            .bind(workspace.owner_id.to_string())
            .bind(i64::MAX)
            .execute(&mut *tx)
            .await
            .expect("it is inserted");
        tx.commit().await.expect("it is committed");
        db.close().await;
        id
    }

    /// A join token that can be done without.
    async fn node_token(&self) -> String {
        let organization = self.of_owner.organization_id;
        let path = format!("/api/v1/organizations/{organization}/node-tokens");
        let request = self.app.owner().await.post(&path).json(&json!({}));
        let created: NodeTokenCreated = request.send().await.ok();
        created.token.id.to_string()
    }

    /// A node job of the owner that waits for an approval.
    async fn node_job(&self) -> NodeJobId {
        let organization = self.of_owner.organization_id;
        let path = format!("/api/v1/organizations/{organization}/node-jobs");
        let body = json!({ "command": "c=true; $c", "nodes": [self.node.id] });
        let request = self.app.owner().await.post(&path).json(&body);
        request.send().await.ok::<NodeJob>().id
    }

    /// A schedule of the owner that can be done without.
    async fn schedule(&self) -> String {
        let organization = self.of_owner.organization_id;
        let path = format!("/api/v1/organizations/{organization}/schedules");
        let job = json!({ "command": "true", "nodes": [self.node.id] });
        let body = json!({ "name": "sample", "cron": "0 0 1 1 *", "job": job });
        let request = self.app.owner().await.post(&path).json(&body);
        request.send().await.ok::<Schedule>().id.to_string()
    }

    /// A rollout of the owner, which passes the embedded server over. There is one at a time.
    async fn node_rollout(&self) -> NodeRolloutId {
        let organization = self.of_owner.organization_id;
        let path = format!("/api/v1/organizations/{organization}/node-rollouts");
        let owner = self.app.owner().await;
        let page: Page<NodeRollout> = owner.get(&path).send().await.ok();
        if let Some(made) = page.items.first() {
            return made.id;
        }
        let body = json!({ "nodes": [self.node.id] });
        let request = owner.post(&path).json(&body);
        request.send().await.ok::<NodeRollout>().id
    }

    async fn node_run(&self) -> NodeRunId {
        let path = format!("/api/v1/node-jobs/{}/runs", self.node_job().await);
        let page: Page<NodeRun> = self.app.owner().await.get(&path).send().await.ok();
        page.items[0].id
    }

    async fn workspace(&self, person: Person, sample: &Sample) -> Workspace {
        let kept = match person {
            Person::Viewer | Person::MemberOfForeign => &self.of_owner,
            _ => &self.of_member,
        };
        if sample.workspace == Target::Kept {
            return kept.clone();
        }
        let owner = match person {
            Person::Viewer | Person::MemberOfForeign => self.app.owner().await,
            _ => self.app.member().await,
        };
        let number = self.fresh.fetch_add(1, Ordering::Relaxed);
        let fresh = workspace(&self.app, &owner, &format!("fresh {number}")).await;
        if sample.workspace == Target::Deleted {
            let path = format!("/api/v1/workspaces/{}", fresh.id);
            owner.delete(&path).send().await.expect_status(200);
        }
        fresh
    }

    /// A session of the same person that can be done without.
    async fn session(&self, person: Person, actor: &TestActor) -> String {
        if person == Person::Anonymous {
            return "ses_00000000000000000000000000".to_owned();
        }
        let other = self.app.anonymous().sign_in(&actor.account().email).await;
        let session = other.account().session_id;
        session.expect("a sign-in opens a session").to_string()
    }
}

async fn send(
    actor: &TestActor,
    operation: &Operation,
    path: &str,
    sample: Sample,
) -> TestResponse {
    let path = format!("{path}{}", sample.query);
    if sample.websocket {
        let mut headers = actor.headers();
        headers.extend(upgrade());
        let request = actor.bare_request(operation.method.clone(), &path, headers);
        return request.send().await;
    }
    let request = actor.request(operation.method.clone(), &path);
    let request = match sample.body {
        Body::None => request,
        Body::Json(body) => request.json(&body),
        Body::Bytes(body) => request.body(body),
    };
    request.send().await
}

async fn workspace(app: &TestApp, owner: &TestActor, name: &str) -> Workspace {
    let path = format!(
        "/api/v1/organizations/{}/workspaces",
        app.organization().await
    );
    let body = json!({ "name": name, "source": { "kind": "template", "template": "empty" } });
    owner.post(&path).json(&body).send().await.ok()
}

async fn token(person: Person, actor: &TestActor) -> String {
    if person == Person::Anonymous {
        return "tok_00000000000000000000000000".to_owned();
    }
    let body = json!({ "name": "to be deleted", "expires_in_days": 1 });
    let created: TokenCreated = actor
        .post("/api/v1/me/tokens")
        .json(&body)
        .send()
        .await
        .ok();
    created.token.id.to_string()
}

/// A Git credential of their own.
async fn git_credential(person: Person, actor: &TestActor) -> String {
    if person == Person::Anonymous {
        return "gitcred_00000000000000000000000000".to_owned();
    }
    let body = json!({
        "url": "https://sample.example.org", "username": "ada", "secret": "s3cret", "replace": true,
    });
    let request = actor.post("/api/v1/me/git-credentials").json(&body);
    request.send().await.ok::<GitCredential>().id.to_string()
}

/// What makes a request ask for a WebSocket (RFC 6455 §4.1).
fn upgrade() -> HeaderMap {
    let headers: [(HeaderName, &str); 4] = [
        (header::CONNECTION, "Upgrade"),
        (header::UPGRADE, "websocket"),
        (header::SEC_WEBSOCKET_VERSION, "13"),
        (header::SEC_WEBSOCKET_KEY, "dGhlIHNhbXBsZSBub25jZQ=="),
    ];
    headers
        .into_iter()
        .map(|(name, value)| (name, HeaderValue::from_static(value)))
        .collect()
}
