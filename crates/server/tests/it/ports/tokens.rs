//! Tokens that were kept too long, or are tried elsewhere; and rights that end.

use axum::Router;
use http::{Method, header};
use serde_json::{Value, json};

use super::{Stage, echo, listen, running};
use atelier_testkit::TestApp;

async fn stage() -> Stage {
    let builder = TestApp::builder().manual_clock();
    Stage::with(builder, Router::new().fallback(echo)).await
}

#[tokio::test]
async fn an_entry_token_is_good_for_a_minute() {
    let stage = stage().await;
    let member = stage.app.member().await;
    let opened = stage.open(&member, json!({ "addressing": "host" })).await;
    let target = opened.url.strip_prefix(&stage.origin()).unwrap();
    stage.app.advance_ms(59_999);
    stage
        .visit(Method::GET, target, None)
        .send()
        .await
        .expect_status(303);
    stage.app.advance_ms(1);
    let late = stage.visit(Method::GET, target, None).send().await;
    late.expect_status(403);
    assert!(late.header(header::SET_COOKIE).is_none());

    let opened = stage.open(&member, json!({ "addressing": "path" })).await;
    let target = opened
        .url
        .strip_prefix(&stage.app.url())
        .unwrap()
        .to_owned();
    stage.app.advance_ms(60_000);
    stage
        .app
        .anonymous()
        .get(&target)
        .send()
        .await
        .expect_status(403);
}

#[tokio::test]
async fn a_token_opens_no_other_port_and_no_other_workspace() {
    let stage = stage().await;
    let member = stage.app.member().await;
    let other_port = listen(Router::new().fallback(echo)).await;
    let other = running(&stage.app, &member, "other").await;
    let opened = stage.open(&member, json!({ "addressing": "host" })).await;
    let target = opened.url.strip_prefix(&stage.origin()).unwrap();
    let cookie = stage.enter(&member).await;
    for host in [
        stage.host_of(&stage.workspace, other_port),
        stage.host_of(&other, stage.port),
    ] {
        let anonymous = stage.app.anonymous();
        let entry = anonymous
            .get(target)
            .header(header::HOST, &host)
            .send()
            .await;
        entry.expect_status(403);
        assert!(entry.header(header::SET_COOKIE).is_none());
        // Nor does the session that was made of one.
        let request = anonymous.get("/").header(header::HOST, &host);
        let session = request.header(header::COOKIE, &cookie).send().await;
        session.expect_status(401);
    }
    // The organization in the name is the workspace's own.
    let forged = stage.host();
    let organization = forged
        .split("--")
        .nth(2)
        .unwrap()
        .split('.')
        .next()
        .unwrap();
    let forged = forged.replace(organization, &"0".repeat(26));
    let request = stage.app.anonymous().get("/").header(header::HOST, &forged);
    request
        .header(header::COOKIE, &cookie)
        .send()
        .await
        .expect_status(404);
}

#[tokio::test]
async fn a_session_is_no_entry_and_an_entry_no_session() {
    let stage = stage().await;
    let member = stage.app.member().await;
    let cookie = stage.enter(&member).await;
    let session = cookie.split_once('=').unwrap().1;
    let target = format!("/.atelier/enter?token={session}&path=%2F");
    stage
        .visit(Method::GET, &target, None)
        .send()
        .await
        .expect_status(403);
    let opened = stage.open(&member, json!({ "addressing": "host" })).await;
    let entry = opened
        .url
        .split("token=")
        .nth(1)
        .unwrap()
        .split('&')
        .next()
        .unwrap();
    let forged = format!("atelier_app_session={entry}");
    stage
        .visit(Method::GET, "/", Some(&forged))
        .send()
        .await
        .expect_status(401);
    let path = format!("/apps/{session}/");
    stage
        .app
        .anonymous()
        .get(&path)
        .send()
        .await
        .expect_status(403);
}

#[tokio::test]
async fn who_has_signed_out_is_out_within_a_minute() {
    let stage = stage().await;
    let member = stage.app.member().await;
    let cookie = stage.enter(&member).await;
    let see = async || stage.visit(Method::GET, "/", Some(&cookie)).send().await;
    see().await.expect_status(200);
    member
        .delete("/api/v1/session")
        .send()
        .await
        .expect_status(204);
    stage.app.advance_ms(60_000);
    see().await.expect_status(401);
}

#[tokio::test]
async fn what_is_made_private_again_is_so_at_once() {
    let stage = stage().await;
    stage.share("public").await;
    let see = async || stage.visit(Method::GET, "/", None).send().await;
    let said: Value = see().await.ok();
    assert_eq!(said["target"], "/");
    stage.share("private").await;
    see().await.expect_status(401);
}

/// An answer under way ends with the right to it.
#[tokio::test]
async fn an_open_stream_ends_with_the_right_to_it() {
    let endless = || async {
        let stream = futures_util::stream::unfold((), |()| async {
            tokio::task::yield_now().await;
            Some((Ok::<_, std::io::Error>(bytes::Bytes::from_static(b"x")), ()))
        });
        axum::body::Body::from_stream(stream)
    };
    let router = Router::new().route("/", axum::routing::get(endless));
    let stage = Stage::start(router).await;
    stage.share("public").await;
    let mut stream = stage.visit(Method::GET, "/", None).stream().await.unwrap();
    assert!(stream.chunk().await.unwrap().is_some());
    stage.share("private").await;
    while let Ok(Some(_)) = stream.chunk().await {}
}
