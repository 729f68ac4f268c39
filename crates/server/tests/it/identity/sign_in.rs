//! Signing in, and guessing.

use std::net::IpAddr;

use atelier_api::ErrorCode;
use atelier_api::Problem;
use atelier_testkit::{PASSWORD, TestApp, TestResponse};
use http::HeaderName;
use serde_json::json;
use tokio::io::{AsyncBufReadExt as _, AsyncWriteExt as _, BufReader};
use tokio::net::TcpStream;

async fn sign_in(app: &TestApp, email: &str, password: &str) -> TestResponse {
    let body = json!({ "email": email, "password": password });
    let request = app.anonymous().post("/api/v1/session").json(&body);
    request.send().await
}

fn operations(app: &TestApp) -> u64 {
    app.app().identity().password_operations()
}

#[tokio::test]
async fn the_address_is_compared_without_case() {
    let app = TestApp::start().await;
    let owner = app.owner().await;
    let again = sign_in(&app, " OWNER@Example.ORG ", PASSWORD).await;
    assert_eq!(
        app.anonymous().signed_in(&again).account().id,
        owner.account().id
    );
}

#[tokio::test]
async fn an_unknown_account_answers_and_costs_as_a_wrong_password() {
    let app = TestApp::start().await;
    app.owner().await;
    let mut answers = Vec::new();
    for email in ["owner@example.org", "nobody@example.org"] {
        let before = operations(&app);
        let answer = sign_in(&app, email, "not the password").await;
        assert_eq!(operations(&app) - before, 1, "{email}");
        let problem = answer.problem(ErrorCode::InvalidCredentials);
        assert!(answer.header(http::header::SET_COOKIE).is_none());
        answers.push(Problem {
            request_id: None,
            ..problem
        });
    }
    assert_eq!(answers[0], answers[1]);
}

#[tokio::test]
async fn tries_are_limited_alike_for_known_and_unknown_accounts() {
    let app = TestApp::builder().manual_clock().start().await;
    app.owner().await;
    for email in ["owner@example.org", "nobody@example.org"] {
        for _ in 0..10 {
            sign_in(&app, email, "a wrong guess")
                .await
                .problem(ErrorCode::InvalidCredentials);
        }
        let before = operations(&app);
        let refused = sign_in(&app, email, PASSWORD).await;
        assert_eq!(
            refused.problem(ErrorCode::RateLimited).retry_after_s,
            Some(30)
        );
        assert_eq!(refused.header(http::header::RETRY_AFTER), Some("30"));
        assert_eq!(operations(&app), before, "a refused try costs no hashing");
    }
    // The right person is kept out for half a minute, and has all tries again after that.
    app.advance_ms(30_000);
    sign_in(&app, "owner@example.org", PASSWORD)
        .await
        .expect_status(200);
    for _ in 0..9 {
        sign_in(&app, "owner@example.org", "a wrong guess")
            .await
            .problem(ErrorCode::InvalidCredentials);
    }
    sign_in(&app, "owner@example.org", PASSWORD)
        .await
        .expect_status(200);
}

#[tokio::test]
async fn one_address_cannot_try_one_account_after_the_other() {
    let app = TestApp::builder().manual_clock().start().await;
    app.owner().await;
    let mut refused = 0;
    for number in 0..70 {
        // Too long for a password: refused before hashing, so count tries by right-sized ones.
        let answer = sign_in(&app, &format!("guess{number}@example.org"), "a wrong guess").await;
        refused += u32::from(answer.status == http::StatusCode::TOO_MANY_REQUESTS);
    }
    assert_eq!(refused, 10, "60 tries at once, then one each two seconds");
}

/// Whoever knows an address can use up its account's tries from many places. The person goes on
/// signing in from where they are signed in already.
#[tokio::test]
async fn guessing_from_everywhere_does_not_keep_the_owner_out() {
    let builder = TestApp::builder().manual_clock().config(|config| {
        config.listen.trusted_proxies = vec![IpAddr::from([127, 0, 0, 1])];
    });
    let app = builder.start().await;
    app.owner().await;
    let sign_in_from = |address: String, password: &str| {
        let body = json!({ "email": "owner@example.org", "password": password });
        let request = app.anonymous().post("/api/v1/session").json(&body);
        let from = HeaderName::from_static("x-forwarded-for");
        request.header(from, &address).send()
    };
    let home = || "198.51.100.7".to_owned();
    sign_in_from(home(), PASSWORD).await.expect_status(200);
    for number in 0..100 {
        let guess = sign_in_from(format!("192.0.2.{number}"), "a wrong guess").await;
        guess.problem(ErrorCode::InvalidCredentials);
    }
    for password in ["a wrong guess", PASSWORD] {
        let elsewhere = sign_in_from("192.0.2.200".to_owned(), password).await;
        elsewhere.problem(ErrorCode::RateLimited);
    }
    sign_in_from(home(), PASSWORD).await.expect_status(200);
}

#[tokio::test]
async fn an_overlong_password_is_refused_before_hashing() {
    let app = TestApp::start().await;
    app.owner().await;
    let before = operations(&app);
    let long = "x1y2".repeat(300);
    let problem = sign_in(&app, "owner@example.org", &long)
        .await
        .problem(ErrorCode::Invalid);
    assert_eq!(problem.field.as_deref(), Some("password"));
    assert_eq!(
        answer_to_ten_megabytes(&app).await,
        "HTTP/1.1 413 Payload Too Large"
    );
    assert_eq!(operations(&app), before);
}

/// Announces a password of 10 MB, sends as much of it as the server has to read to know that it is
/// too much, and gives back the answer's first line.
async fn answer_to_ten_megabytes(app: &TestApp) -> String {
    let address = app.url().replace("http://", "");
    let mut stream = TcpStream::connect(&address).await.expect("it listens");
    let head = format!(
        "POST /api/v1/session HTTP/1.1\r\nHost: {address}\r\nAtelier-Csrf: 1\r\n\
         Content-Type: application/json\r\nContent-Length: 10485760\r\n\r\n\
         {{\"email\":\"owner@example.org\",\"password\":\""
    );
    let sent = stream.write_all(head.as_bytes()).await;
    sent.expect("the head is read");
    let sent = stream.write_all(&vec![b'x'; 1024 * 1024]).await;
    sent.expect("the first megabyte is read");
    let mut line = String::new();
    let read = BufReader::new(stream).read_line(&mut line).await;
    read.expect("there is an answer");
    line.trim_end().to_owned()
}

#[tokio::test]
async fn bodies_that_are_none_are_malformed() {
    let app = TestApp::start().await;
    let post = || app.anonymous().post("/api/v1/session");
    let json_type = "application/json";
    for body in [
        "",
        "{",
        "[]",
        "null",
        "{\"email\":1,\"password\":2}",
        "\u{0}",
    ] {
        let request = post()
            .header(http::header::CONTENT_TYPE, json_type)
            .body(body);
        request.send().await.problem(ErrorCode::Malformed);
    }
    let unknown = json!({ "email": "a@b.c", "password": "x", "admin": true });
    post()
        .json(&unknown)
        .send()
        .await
        .problem(ErrorCode::Malformed);
    let form = post().header(
        http::header::CONTENT_TYPE,
        "application/x-www-form-urlencoded",
    );
    form.body("email=a@b.c&password=x")
        .send()
        .await
        .problem(ErrorCode::Malformed);
}
