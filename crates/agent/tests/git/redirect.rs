//! A host that sends Git on to another one must not have the person's credentials go there.

use std::sync::{Arc, Mutex};

use axum::Router;
use axum::extract::Request;
use axum::response::IntoResponse as _;
use http::{StatusCode, header};
use serde_json::{Value, json};

use crate::support::Agent;

/// A server that sends everybody on, once they have signed in where that is wanted.
async fn serve(asks: bool, on: Option<String>, seen: Arc<Mutex<Vec<String>>>) -> String {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let host = listener.local_addr().unwrap().to_string();
    let answer = move |request: Request| async move {
        let given = request.headers().get(header::AUTHORIZATION).cloned();
        if let Some(given) = &given {
            let mut seen = seen.lock().unwrap();
            seen.push(given.to_str().unwrap().to_owned());
        }
        match on {
            Some(on) if given.is_some() || !asks => {
                let to = format!("http://{on}{}", request.uri());
                (StatusCode::FOUND, [(header::LOCATION, to)]).into_response()
            }
            _ => {
                let challenge = [(header::WWW_AUTHENTICATE, "Basic realm=\"Git\"")];
                (StatusCode::UNAUTHORIZED, challenge).into_response()
            }
        }
    };
    let router = Router::new().fallback(answer);
    tokio::spawn(async move { axum::serve(listener, router).await });
    host
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn credentials_do_not_follow_a_redirect() {
    for asks in [false, true] {
        let (at_first, at_other) = <(Arc<Mutex<Vec<String>>>, Arc<Mutex<Vec<String>>>)>::default();
        let other = serve(true, None, Arc::clone(&at_other)).await;
        let first = serve(asks, Some(other.clone()), Arc::clone(&at_first)).await;
        let agent = Agent::with_repository();
        agent.git(&[
            "remote",
            "add",
            "origin",
            &format!("http://{first}/app.git"),
        ]);
        let credentials = json!({
            "protocol": "http", "host": first, "username": "ada", "secret": "s3cret",
        });
        let body = json!({ "remote": "origin", "credentials": credentials });
        let last: Value = agent.long("fetch", body).await.pop().unwrap();
        // The other host is told nothing, whichever of the two Git says has refused.
        assert_eq!(*at_other.lock().unwrap(), Vec::<String>::new(), "{asks}");
        assert_eq!(at_first.lock().unwrap().is_empty(), !asks);
        assert_eq!(last["type"], "credentials_required", "{asks}: {last}");
        let (host, refused) = if asks {
            (&first, true)
        } else {
            (&other, false)
        };
        assert_eq!(
            (&last["host"], &last["refused"]),
            (&json!(host), &json!(refused))
        );
    }
}
