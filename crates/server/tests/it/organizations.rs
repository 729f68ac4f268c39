//! Organizations and their members.

use atelier_api::ids::{AccountId, OrganizationId};
use atelier_api::v1::events::{EventBody, EventServerMessage, SUBPROTOCOL};
use atelier_api::v1::identity::Account;
use atelier_api::v1::organizations::{Member, Organization, OrganizationList, Role};
use atelier_api::{ErrorCode, Page};
use atelier_testkit::{PASSWORD, TestActor, TestApp, TestResponse, WebSocket};
use futures_util::{SinkExt as _, StreamExt as _};
use serde_json::{Value, json};
use tokio_tungstenite::tungstenite::Message;

fn path(organization: OrganizationId) -> String {
    format!("/api/v1/organizations/{organization}")
}

fn member_path(organization: OrganizationId, account: AccountId) -> String {
    format!("{}/members/{account}", path(organization))
}

fn new_member(email: &str, role: Role) -> Value {
    json!({ "email": email, "name": "New Person", "role": role, "password": PASSWORD })
}

async fn add(actor: &TestActor, organization: OrganizationId, body: &Value) -> TestResponse {
    let path = format!("{}/members", path(organization));
    actor.post(&path).json(body).send().await
}

async fn set_role(
    actor: &TestActor,
    organization: OrganizationId,
    whose: &TestActor,
    role: Role,
) -> TestResponse {
    let path = member_path(organization, whose.account().id);
    actor
        .patch(&path)
        .json(&json!({ "role": role }))
        .send()
        .await
}

async fn remove(
    actor: &TestActor,
    organization: OrganizationId,
    whose: &TestActor,
) -> TestResponse {
    let path = member_path(organization, whose.account().id);
    actor.delete(&path).send().await
}

#[tokio::test]
async fn an_organization_is_seen_by_its_members_and_named_by_its_owners() {
    let app = TestApp::start().await;
    let (owner, viewer, outsider) = (app.owner().await, app.viewer().await, app.outsider().await);
    let path = path(app.organization().await);

    let list: OrganizationList = viewer.get("/api/v1/organizations").send().await.ok();
    assert_eq!(list.items.len(), 1);
    assert_eq!(
        (list.items[0].name.as_str(), list.items[0].role),
        ("Workshop", Role::Viewer)
    );
    assert_eq!(
        viewer.get(&path).send().await.ok::<Organization>(),
        list.items[0]
    );

    let named = owner
        .patch(&path)
        .json(&json!({ "name": " ورشة 🛠 " }))
        .send()
        .await;
    assert_eq!(named.ok::<Organization>().name, "ورشة 🛠");
    for name in ["", "nul\0", &"n".repeat(300)] {
        let answer = owner
            .patch(&path)
            .json(&json!({ "name": name }))
            .send()
            .await;
        answer.problem(ErrorCode::Invalid);
    }
    let rename = json!({ "name": "Mine" });
    viewer
        .patch(&path)
        .json(&rename)
        .send()
        .await
        .problem(ErrorCode::Forbidden);
    outsider
        .patch(&path)
        .json(&rename)
        .send()
        .await
        .problem(ErrorCode::NotFound);
    outsider
        .get(&path)
        .send()
        .await
        .problem(ErrorCode::NotFound);
    owner
        .get("/api/v1/organizations/nonsense")
        .send()
        .await
        .problem(ErrorCode::NotFound);
    let kept: Organization = owner.get(&path).send().await.ok();
    assert_eq!(kept.name, "ورشة 🛠");
}

#[tokio::test]
async fn members_are_listed_by_pages() {
    let app = TestApp::start().await;
    let owner = app.owner().await;
    let path = format!("{}/members", path(app.organization().await));
    for number in 0..4 {
        let body = new_member(&format!("person{number}@example.org"), Role::Viewer);
        add(&owner, app.organization().await, &body)
            .await
            .expect_status(201);
    }
    let mut emails = Vec::new();
    let mut cursor = None;
    loop {
        let mut query = vec![("limit", "2".to_owned())];
        query.extend(cursor.map(|cursor| ("cursor", cursor)));
        let page: Page<Member> = owner.get(&path).query(&query).send().await.ok();
        assert!(page.items.len() <= 2);
        emails.extend(page.items.into_iter().map(|member| member.email));
        match page.next_cursor {
            Some(next) => cursor = Some(next),
            None => break,
        }
    }
    let mut expected = vec!["owner@example.org".to_owned()];
    expected.extend((0..4).map(|number| format!("person{number}@example.org")));
    assert_eq!(emails, expected);
    for (name, value, code) in [
        ("limit", "0", ErrorCode::Invalid),
        ("limit", "201", ErrorCode::Invalid),
        ("limit", "-1", ErrorCode::Malformed),
        ("cursor", "' OR 1=1 --", ErrorCode::Invalid),
    ] {
        owner
            .get(&path)
            .query(&[(name, value)])
            .send()
            .await
            .problem(code);
    }
}

#[tokio::test]
async fn an_added_person_signs_in_with_the_role() {
    let app = TestApp::start().await;
    let organization = app.organization().await;
    let owner = app.owner().await;
    let body = new_member("Grace@Example.org", Role::Member);
    let member: Member = add(&owner, organization, &body)
        .await
        .expect_status(201)
        .ok();
    assert_eq!(
        (member.email.as_str(), member.role),
        ("Grace@Example.org", Role::Member)
    );
    let grace = app.anonymous().sign_in("grace@example.org").await;
    assert_eq!(grace.account().memberships[0].role, Role::Member);

    let again = new_member("GRACE@example.ORG", Role::Viewer);
    let problem = add(&owner, organization, &again)
        .await
        .problem(ErrorCode::Conflict);
    assert_eq!(problem.field.as_deref(), Some("email"));
    for (field, value) in [
        ("email", "no address"),
        ("name", ""),
        ("password", "password123"),
    ] {
        let mut body = new_member("x@example.org", Role::Viewer);
        body[field] = json!(value);
        let problem = add(&owner, organization, &body)
            .await
            .problem(ErrorCode::Invalid);
        assert_eq!(problem.field.as_deref(), Some(field));
    }
    let mut unknown = new_member("x@example.org", Role::Viewer);
    unknown["role"] = json!("emperor");
    add(&owner, organization, &unknown)
        .await
        .problem(ErrorCode::Malformed);
}

#[tokio::test]
async fn nobody_reaches_above_the_own_role() {
    let app = TestApp::start().await;
    let organization = app.organization().await;
    let (owner, admin, member) = (app.owner().await, app.admin().await, app.member().await);

    let body = new_member("second@example.org", Role::Owner);
    add(&admin, organization, &body)
        .await
        .problem(ErrorCode::Forbidden);
    for whose in [&admin, &member] {
        set_role(&admin, organization, whose, Role::Owner)
            .await
            .problem(ErrorCode::Forbidden);
    }
    set_role(&admin, organization, &owner, Role::Viewer)
        .await
        .problem(ErrorCode::Forbidden);
    remove(&admin, organization, &owner)
        .await
        .problem(ErrorCode::Forbidden);
    set_role(&admin, organization, &member, Role::Admin)
        .await
        .expect_status(200);
    set_role(&owner, organization, &member, Role::Owner)
        .await
        .expect_status(200);
}

#[tokio::test]
async fn the_last_owner_stays() {
    let app = TestApp::start().await;
    let organization = app.organization().await;
    let (owner, admin) = (app.owner().await, app.admin().await);
    set_role(&owner, organization, &owner, Role::Admin)
        .await
        .problem(ErrorCode::Conflict);
    remove(&owner, organization, &owner)
        .await
        .problem(ErrorCode::Conflict);

    set_role(&owner, organization, &admin, Role::Owner)
        .await
        .expect_status(200);
    set_role(&owner, organization, &owner, Role::Viewer)
        .await
        .expect_status(200);
    remove(&admin, organization, &admin)
        .await
        .problem(ErrorCode::Conflict);
}

#[tokio::test]
async fn of_two_owners_who_leave_at_once_one_stays() {
    let app = TestApp::start().await;
    let organization = app.organization().await;
    let (first, second) = (app.owner().await, app.admin().await);
    set_role(&first, organization, &second, Role::Owner)
        .await
        .expect_status(200);
    let (a, b) = tokio::join!(
        remove(&first, organization, &first),
        remove(&second, organization, &second),
    );
    let gone = [&a, &b]
        .iter()
        .filter(|answer| answer.status.is_success())
        .count();
    assert_eq!(gone, 1, "{a} / {b}");
}

#[tokio::test]
async fn a_change_of_role_takes_effect_at_once() {
    let app = TestApp::start().await;
    let organization = app.organization().await;
    let (owner, admin) = (app.owner().await, app.admin().await);
    let token = app.token_of(&admin).await;
    let jobs = format!("{}/members", path(organization));
    let body = |email: &str| new_member(email, Role::Viewer);

    add(&admin, organization, &body("a@example.org"))
        .await
        .expect_status(201);
    add(&token, organization, &body("b@example.org"))
        .await
        .expect_status(201);
    set_role(&owner, organization, &admin, Role::Viewer)
        .await
        .expect_status(200);
    for actor in [&admin, &token] {
        add(actor, organization, &body("c@example.org"))
            .await
            .problem(ErrorCode::Forbidden);
        actor.get(&jobs).send().await.expect_status(200);
    }
}

#[tokio::test]
async fn a_removed_member_loses_access_at_once_and_can_come_back() {
    let app = TestApp::start().await;
    let organization = app.organization().await;
    let (owner, viewer) = (app.owner().await, app.viewer().await);
    viewer
        .get(&path(organization))
        .send()
        .await
        .expect_status(200);
    remove(&owner, organization, &viewer)
        .await
        .expect_status(204);

    viewer
        .get(&path(organization))
        .send()
        .await
        .problem(ErrorCode::NotFound);
    let account: Account = viewer.get("/api/v1/me").send().await.ok();
    assert!(
        account.memberships.is_empty(),
        "signed in still, to nothing"
    );
    remove(&owner, organization, &viewer)
        .await
        .problem(ErrorCode::NotFound);

    let mut back = new_member("viewer@example.org", Role::Member);
    back["password"] = json!("eleven quiet otters nap");
    let member: Member = add(&owner, organization, &back)
        .await
        .expect_status(201)
        .ok();
    assert_eq!((member.account_id, member.role), (account.id, Role::Member));
    let answer = viewer.get("/api/v1/me").send().await;
    answer.problem(ErrorCode::Unauthenticated);
    let sign_in = json!({ "email": "viewer@example.org", "password": "eleven quiet otters nap" });
    let request = app.anonymous().post("/api/v1/session").json(&sign_in);
    request.send().await.expect_status(200);
}

#[tokio::test]
async fn whoever_owns_workspaces_is_not_removed() {
    let app = TestApp::start().await;
    let organization = app.organization().await;
    let (owner, member) = (app.owner().await, app.member().await);
    let workspaces = format!("{}/workspaces", path(organization));
    let body = json!({
        "name": "mine",
        "source": { "kind": "template", "template": "empty" },
    });
    member
        .post(&workspaces)
        .json(&body)
        .send()
        .await
        .expect_status(201);
    let problem = remove(&owner, organization, &member)
        .await
        .problem(ErrorCode::Conflict);
    assert!(problem.detail.contains("1 workspace"), "{}", problem.detail);
    let viewer = json!({ "role": "viewer" });
    let path = member_path(organization, member.account().id);
    owner
        .patch(&path)
        .json(&viewer)
        .send()
        .await
        .expect_status(200);
}

#[tokio::test]
async fn another_organizations_members_do_not_exist() {
    let app = TestApp::start().await;
    let organization = app.organization().await;
    let (owner, outsider) = (app.owner().await, app.outsider().await);
    let elsewhere = outsider.account().memberships[0].organization_id;

    // A member of another organization under the own one, and the own one under another.
    for (actor, organization, whose) in [
        (&owner, organization, &outsider),
        (&owner, elsewhere, &outsider),
        (&outsider, organization, &owner),
        (&outsider, elsewhere, &owner),
    ] {
        set_role(actor, organization, whose, Role::Viewer)
            .await
            .problem(ErrorCode::NotFound);
        remove(actor, organization, whose)
            .await
            .problem(ErrorCode::NotFound);
    }
    let body = new_member("spy@example.org", Role::Viewer);
    add(&outsider, organization, &body)
        .await
        .problem(ErrorCode::NotFound);
}

#[tokio::test]
async fn changes_of_members_are_news() {
    let app = TestApp::start().await;
    let organization = app.organization().await;
    let owner = app.owner().await;
    let mut socket = owner
        .websocket("/api/v1/events", Some(SUBPROTOCOL))
        .await
        .unwrap();
    let topic = format!("organization:{organization}");
    let subscribe = json!({ "type": "subscribe", "topics": [topic] });
    let sent = socket.send(Message::text(subscribe.to_string())).await;
    sent.unwrap();
    assert!(matches!(
        next(&mut socket).await,
        EventServerMessage::Subscribed { .. }
    ));
    let body = new_member("news@example.org", Role::Viewer);
    add(&owner, organization, &body).await.expect_status(201);
    match next(&mut socket).await {
        EventServerMessage::Event(event) => {
            assert_eq!(event.organization_id, organization);
            assert_eq!(event.body, EventBody::OrganizationChanged);
        }
        other => panic!("{other:?}"),
    }
}

async fn next(socket: &mut WebSocket) -> EventServerMessage {
    loop {
        let message = socket.next().await.expect("the stream goes on");
        if let Message::Text(text) = message.expect("the stream is whole") {
            return serde_json::from_str(&text).expect("messages are as described");
        }
    }
}
