//! The first set-up.

use atelier_api::v1::identity::Account;
use atelier_api::v1::organizations::{Member, Role};
use atelier_api::v1::system::ServerInfo;
use atelier_api::{ErrorCode, Page};
use atelier_testkit::{PASSWORD, TestApp, TestResponse};
use http::header::SET_COOKIE;
use serde_json::{Value, json};

fn body(token: &str) -> Value {
    json!({
        "token": token,
        "email": "ada@example.org",
        "name": "Ada",
        "password": PASSWORD,
    })
}

async fn complete(app: &TestApp, body: &Value) -> TestResponse {
    let setup = app.anonymous().post("/api/v1/setup").json(body);
    setup.send().await
}

async fn setup_required(app: &TestApp) -> bool {
    let info: ServerInfo = app.anonymous().get("/api/v1/info").send().await.ok();
    assert!(!info.version.is_empty());
    info.setup_required
}

#[tokio::test]
async fn the_token_makes_the_first_account_once() {
    let app = TestApp::start().await;
    assert!(setup_required(&app).await);
    let body = body(app.setup_token().unwrap());

    let answer = complete(&app, &body).await;
    let cookie = answer.header(SET_COOKIE).unwrap();
    for attribute in ["; Path=/", "; HttpOnly", "; SameSite=Lax"] {
        assert!(cookie.contains(attribute), "{cookie}");
    }
    assert!(!cookie.contains("Secure"), "plain http here: {cookie}");
    let account: Account = answer.ok();
    assert_eq!(account.email, "ada@example.org");
    assert_eq!(account.memberships[0].organization_name, "Workshop");
    assert_eq!(account.memberships[0].role, Role::Owner);

    let ada = app.anonymous().signed_in(&answer);
    assert_eq!(ada.get("/api/v1/me").send().await.ok::<Account>(), account);
    assert!(!setup_required(&app).await);
    complete(&app, &body).await.problem(ErrorCode::Conflict);
}

#[tokio::test]
async fn behind_https_the_cookie_is_secure() {
    let builder = TestApp::builder().config(|config| {
        config.listen.public_url = Some("https://atelier.example.org".to_owned());
    });
    let app = builder.start().await;
    let answer = complete(&app, &body(app.setup_token().unwrap())).await;
    let cookie = answer.expect_status(200).header(SET_COOKIE).unwrap();
    assert!(cookie.ends_with("; Secure"), "{cookie}");
}

#[tokio::test]
async fn a_wrong_token_is_refused_and_costs_no_hashing() {
    let app = TestApp::start().await;
    let token = app.setup_token().unwrap();
    let almost: String = token.chars().rev().collect();
    for wrong in [
        "",
        "x",
        "atp_x",
        "\0",
        &almost,
        &format!("{token}A"),
        &token[1..],
    ] {
        complete(&app, &body(wrong))
            .await
            .problem(ErrorCode::Forbidden);
    }
    assert_eq!(app.app().identity().password_operations(), 0);
    complete(&app, &body(token)).await.expect_status(200);
}

#[tokio::test]
async fn guessing_the_token_is_limited() {
    let app = TestApp::builder().manual_clock().start().await;
    for _ in 0..10 {
        complete(&app, &body("wrong"))
            .await
            .problem(ErrorCode::Forbidden);
    }
    let right = body(app.setup_token().unwrap());
    let refused = complete(&app, &right).await;
    assert_eq!(
        refused.problem(ErrorCode::RateLimited).retry_after_s,
        Some(30)
    );
    assert_eq!(refused.header(http::header::RETRY_AFTER), Some("30"));
    app.advance_ms(30_000);
    complete(&app, &right).await.expect_status(200);
}

#[tokio::test]
async fn a_refused_field_leaves_the_token_usable() {
    let app = TestApp::start().await;
    let right = body(app.setup_token().unwrap());
    for (field, value) in [
        ("password", "weak"),
        ("password", "password123"),
        ("email", "not an address"),
        ("name", "  "),
        ("name", "line\nbreak"),
        ("organization", ""),
        ("organization", "nul\0"),
    ] {
        let mut wrong = right.clone();
        wrong[field] = json!(value);
        let problem = complete(&app, &wrong).await.problem(ErrorCode::Invalid);
        assert_eq!(problem.field.as_deref(), Some(field), "{value:?}");
    }
    let mut named = right;
    named["organization"] = json!("ورشة 🛠");
    let account: Account = complete(&app, &named).await.ok();
    assert_eq!(account.memberships[0].organization_name, "ورشة 🛠");
}

#[tokio::test]
async fn of_several_at_once_exactly_one_wins() {
    let app = TestApp::start().await;
    let token = app.setup_token().unwrap();
    let tries = (0..6).map(|number| {
        let mut body = body(token);
        body["email"] = json!(format!("ada{number}@example.org"));
        let setup = app.anonymous().post("/api/v1/setup").json(&body);
        tokio::spawn(setup.send())
    });
    let mut winner = None;
    for answer in tries.collect::<Vec<_>>() {
        let answer = answer.await.unwrap();
        if answer.status.is_success() {
            assert!(winner.replace(answer).is_none(), "two have won");
        } else {
            answer.problem(ErrorCode::Conflict);
        }
    }
    let winner = app.anonymous().signed_in(&winner.expect("one wins"));
    let organization = winner.account().memberships[0].organization_id;
    let members = format!("/api/v1/organizations/{organization}/members");
    let members: Page<Member> = winner.get(&members).send().await.ok();
    assert_eq!(members.items.len(), 1);
}

#[tokio::test]
async fn each_start_makes_a_new_token_until_the_set_up_is_completed() {
    let mut app = TestApp::start().await;
    let first = app.setup_token().unwrap().to_owned();
    app.restart().await.unwrap();
    let second = app.setup_token().unwrap().to_owned();
    complete(&app, &body(&first))
        .await
        .problem(ErrorCode::Forbidden);
    complete(&app, &body(&second)).await.expect_status(200);
    app.restart().await.unwrap();
    assert_eq!(app.setup_token(), None);
    complete(&app, &body(&second))
        .await
        .problem(ErrorCode::Conflict);
}
