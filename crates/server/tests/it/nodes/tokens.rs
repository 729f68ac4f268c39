//! Join tokens, as people make and withdraw them.

use atelier_api::v1::nodes::{NodeToken, NodeTokenCreated};
use atelier_api::{ErrorCode, Page};
use atelier_testkit::TestApp;
use serde_json::json;

use super::{embedded, token, token_path, tokens_path};

#[tokio::test]
async fn a_token_is_shown_once_with_the_command_to_run() {
    let app = TestApp::start().await;
    let body = json!({ "name": "big one", "labels": { "gpu": "yes" } });
    let created = token(&app, &body).await;
    assert!(created.secret.starts_with("atj_"));
    assert_eq!(
        created.command,
        format!(
            "curl -fsSL {url}/install.sh | sh -s -- --url {url} --token {}",
            created.secret,
            url = app.url(),
        )
    );
    let hour = created.token.expires_at.ms_since(created.token.created_at);
    assert_eq!(hour, 3_600_000);

    let path = tokens_path(app.organization().await);
    let list = app.admin().await.get(&path).send().await;
    assert!(!String::from_utf8_lossy(&list.body).contains(&created.secret));
    assert_eq!(list.ok::<Page<NodeToken>>().items, [created.token]);
}

#[tokio::test]
async fn the_configured_address_stands_in_the_command() {
    let builder = TestApp::builder().config(|config| {
        config.listen.public_url = Some("https://atelier.example/".to_owned());
    });
    let app = builder.start().await;
    let created = token(&app, &json!({})).await;
    let begin = "curl -fsSL https://atelier.example/install.sh | sh -s -- ";
    assert!(created.command.starts_with(begin), "{}", created.command);
}

#[tokio::test]
async fn tokens_are_checked_paged_and_withdrawn() {
    let app = TestApp::start().await;
    let (owner, outsider) = (app.owner().await, app.outsider().await);
    let path = tokens_path(app.organization().await);
    for (body, field) in [
        (json!({ "name": "a/b" }), "name"),
        (json!({ "labels": { "A": "" } }), "labels"),
        (json!({ "node_id": embedded(&app).await.id }), "node_id"),
        (
            json!({ "node_id": "node_00000000000000000000000000" }),
            "node_id",
        ),
        (
            json!({ "node_id": "node_00000000000000000000000000", "name": "n" }),
            "node_id",
        ),
    ] {
        let answer = owner.post(&path).json(&body).send().await;
        let problem = answer.problem(ErrorCode::Invalid);
        assert_eq!(problem.field.as_deref(), Some(field), "{body}");
    }

    let mut made = Vec::new();
    for _ in 0..3 {
        made.push(token(&app, &json!({})).await.token.id);
    }
    made.reverse();
    let first: Page<NodeToken> = owner.get(&path).query(&[("limit", "2")]).send().await.ok();
    let cursor = first.next_cursor.unwrap();
    let query = [("limit", "2"), ("cursor", &cursor)];
    let second: Page<NodeToken> = owner.get(&path).query(&query).send().await.ok();
    let listed = first.items.iter().chain(&second.items);
    assert_eq!(listed.map(|token| token.id).collect::<Vec<_>>(), made);
    assert_eq!(second.next_cursor, None);

    let withdrawn = token_path(made[0]);
    let answer = outsider.delete(&withdrawn).send().await;
    answer.problem(ErrorCode::NotFound);
    owner.delete(&withdrawn).send().await.expect_status(204);
    let answer = owner.delete(&withdrawn).send().await;
    answer.problem(ErrorCode::NotFound);
    let left: Page<NodeToken> = owner.get(&path).send().await.ok();
    assert_eq!(left.items.len(), 2);
}

#[tokio::test]
async fn tokens_of_another_organization_do_not_exist() {
    let app = TestApp::start().await;
    let outsider = app.outsider().await;
    let path = tokens_path(app.organization().await);
    let list = outsider.get(&path).send().await;
    list.problem(ErrorCode::NotFound);
    let made = outsider.post(&path).json(&json!({})).send().await;
    made.problem(ErrorCode::NotFound);

    // Nor can a server of one organization be joined again by another.
    let node = embedded(&app).await;
    let elsewhere = tokens_path(outsider.account().memberships[0].organization_id);
    let body = json!({ "node_id": node.id });
    let refused = outsider.post(&elsewhere).json(&body).send().await;
    refused.problem(ErrorCode::Invalid);
    let own = outsider.post(&elsewhere).json(&json!({})).send().await;
    own.expect_status(201).ok::<NodeTokenCreated>();
}
