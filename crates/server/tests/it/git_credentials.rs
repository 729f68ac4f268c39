//! Git credentials over the public API. That Git is given them is tested with the real program
//! (`crates/cli/tests/program/git_credentials.rs`).

use atelier_api::ErrorCode;
use atelier_api::Page;
use atelier_api::v1::audit::AuditEvent;
use atelier_api::v1::git_credentials::{GitCredential, GitCredentialList};
use atelier_testkit::{TestActor, TestApp};
use serde_json::{Value, json};
use sqlx::Row as _;

const PATH: &str = "/api/v1/me/git-credentials";

const SECRET: &str = "t0p-s3cret";

fn body(url: &str, username: &str) -> Value {
    json!({ "url": url, "username": username, "secret": SECRET })
}

async fn list(actor: &TestActor) -> Vec<GitCredential> {
    actor.get(PATH).send().await.ok::<GitCredentialList>().items
}

async fn store(actor: &TestActor, url: &str) -> GitCredential {
    actor.post(PATH).json(&body(url, "ada")).send().await.ok()
}

#[tokio::test]
async fn what_is_stored_is_listed_replaced_and_forgotten_and_its_secret_told_nobody() {
    let app = TestApp::start().await;
    let (owner, admin) = (app.owner().await, app.admin().await);
    let made = owner
        .post(PATH)
        .json(&body("https://Git.example.org:443/team/", "ada"))
        .send()
        .await;
    made.expect_status(201);
    let stored: GitCredential = made.ok();
    assert_eq!(stored.url, "https://git.example.org/team");
    assert!(stored.readable && stored.last_used_at.is_none());
    let listed = owner.get(PATH).send().await;
    let items = listed.ok::<GitCredentialList>().items;
    assert_eq!(items.as_slice(), std::slice::from_ref(&stored));
    for answer in [&made, &listed] {
        assert!(!String::from_utf8_lossy(&answer.body).contains(SECRET));
    }

    // The same place and name again is a conflict, unless it is said to replace.
    let again = body("https://git.example.org/team", "ada");
    let refused = owner.post(PATH).json(&again).send().await;
    refused.problem(ErrorCode::Conflict);
    let mut replacing = again.clone();
    replacing["replace"] = true.into();
    let replaced: GitCredential = owner.post(PATH).json(&replacing).send().await.ok();
    assert_eq!(replaced.id, stored.id);
    let other_name = body("https://git.example.org/team", "bob");
    owner
        .post(PATH)
        .json(&other_name)
        .send()
        .await
        .expect_status(201);

    // Nobody else sees it, whatever their role.
    assert!(list(&admin).await.is_empty());
    let path = format!("{PATH}/{}", stored.id);
    let foreign = admin.patch(&path).json(&json!({ "secret": "x" }));
    foreign.send().await.problem(ErrorCode::NotFound);
    admin
        .delete(&path)
        .send()
        .await
        .problem(ErrorCode::NotFound);

    let update = owner.patch(&path).json(&json!({ "secret": "new-s3cret" }));
    update.send().await.ok::<GitCredential>();
    owner.delete(&path).send().await.expect_status(204);
    owner
        .delete(&path)
        .send()
        .await
        .problem(ErrorCode::NotFound);
    assert_eq!(list(&owner).await.len(), 1);

    let organization = app.organization().await;
    let events = format!("/api/v1/organizations/{organization}/audit-events?limit=200");
    let events: Page<AuditEvent> = owner.get(&events).send().await.ok();
    let text = serde_json::to_string(&events).expect("JSON");
    for action in [
        "git_credential_create",
        "git_credential_update",
        "git_credential_delete",
    ] {
        assert!(text.contains(action), "{action}: {text}");
    }
    // A token can stand in the name, too.
    assert!(!text.contains(SECRET) && !text.contains("new-s3cret") && !text.contains("\"ada\""));
}

#[tokio::test]
async fn what_cannot_be_used_is_not_stored() {
    let app = TestApp::start().await;
    let owner = app.owner().await;
    let with = |field: &str, value: Value| {
        let mut body = body("https://git.example.org", "ada");
        body[field] = value;
        body
    };
    for (field, value) in [
        ("url", json!("git@git.example.org:team/app")),
        ("url", json!("http://git.example.org")),
        ("url", json!("file:///etc")),
        ("url", json!("https://ada:pass@git.example.org")),
        ("username", json!("")),
        ("username", json!("a\nhost=evil.example")),
        ("secret", json!("")),
        ("secret", json!("a\nb")),
        ("secret", json!("x".repeat(5_000))),
        ("expires_at", json!(1)),
    ] {
        let answer = owner
            .post(PATH)
            .json(&with(field, value.clone()))
            .send()
            .await;
        let problem = answer.problem(ErrorCode::Invalid);
        assert_eq!(problem.field.as_deref(), Some(field), "{value}");
        assert!(!problem.detail.contains(SECRET), "{}", problem.detail);
    }
    for number in 0..100 {
        store(&owner, &format!("https://host{number}.example.org")).await;
    }
    let full = owner
        .post(PATH)
        .json(&body("https://one.more.example", "ada"));
    full.send().await.problem(ErrorCode::LimitReached);
}

#[tokio::test]
async fn the_database_holds_no_secret_and_another_key_is_said() {
    let mut app = TestApp::start().await;
    let owner = app.owner().await;
    store(&owner, "https://git.example.org").await;
    let db = app.database().await;
    let mut tx = db.begin().await.expect("it begins");
    let row = sqlx::query("SELECT sealed FROM git_credentials")
        .fetch_one(&mut *tx)
        .await
        .expect("there is one");
    let sealed: String = row.try_get("sealed").expect("text");
    drop(tx);
    db.close().await;
    assert!(!sealed.contains(SECRET), "{sealed}");

    // The key was lost: the server starts, and says which secrets are to be stored again.
    let key = app.data_dir().join("master.key");
    std::fs::remove_file(&key).expect("it is there");
    app.restart().await.expect("it starts");
    let owner = app.again(&owner);
    assert!(!list(&owner).await[0].readable);
    let mut replacing = body("https://git.example.org", "ada");
    replacing["replace"] = true.into();
    owner
        .post(PATH)
        .json(&replacing)
        .send()
        .await
        .ok::<GitCredential>();
    assert!(list(&owner).await[0].readable);
    // One that is no key is not replaced, and the start says so.
    std::fs::write(&key, "no key").expect("written");
    let error = app.restart().await.expect_err("it must not start");
    assert!(error.to_string().contains("openssl rand"), "{error}");
}
