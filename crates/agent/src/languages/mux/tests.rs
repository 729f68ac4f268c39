use serde_json::{Value, json};

use super::work::WORKS_MAX;
use super::*;

fn mux() -> Mux {
    let mut mux = Mux::new(Project {
        root_uri: "file:///w".into(),
        root_path: "/w".into(),
        options: json!({}),
        settings: json!({ "python": { "analysis": { "deep": 1 } } }),
    });
    let project = mux.project.clone();
    mux.started(project);
    mux
}

/// A viewer that has initialized, and the server that is up.
fn ready(mux: &mut Mux) -> ViewerId {
    let viewer = mux.join();
    mux.hear_viewer(
        viewer,
        r#"{"id":1,"method":"initialize","params":{"capabilities":{}}}"#,
    );
    if !mux.is_up() {
        mux.hear_server(r#"{"id":0,"result":{"capabilities":{"textDocumentSync":2}}}"#)
            .expect("read");
    }
    mux.take();
    viewer
}

/// What the server was sent.
fn sent(mux: &mut Mux) -> Vec<Value> {
    let texts = mux.take().into_iter().filter_map(|out| match out {
        Out::Server(text) => Some(serde_json::from_str(&text).expect("JSON")),
        _ => None,
    });
    texts.collect()
}

#[test]
fn a_viewer_that_leaves_takes_its_requests_with_it() {
    let mut mux = mux();
    let viewer = ready(&mut mux);
    mux.hear_viewer(
        viewer,
        r#"{"id":"x","method":"test/slow","params":{"workDoneToken":1,"a":2}}"#,
    );
    let asked = sent(&mut mux);
    assert_eq!(
        asked[0]["params"],
        json!({ "a": 2 }),
        "tokens of two viewers may be alike"
    );
    mux.leave(viewer);
    let told = sent(&mut mux);
    assert_eq!(told[0]["method"], "$/cancelRequest");
    assert_eq!(told[0]["params"]["id"], asked[0]["id"]);
    // Its answer is for nobody.
    mux.hear_server(&json!({ "id": asked[0]["id"], "result": 1 }).to_string())
        .expect("read");
    assert_eq!(mux.take(), []);
    assert_eq!(mux.waiting_since(), None);
}

#[test]
fn a_request_is_cancelled_by_the_id_that_its_viewer_gave() {
    let mut mux = mux();
    let (ada, bob) = (ready(&mut mux), ready(&mut mux));
    for viewer in [ada, bob] {
        mux.hear_viewer(viewer, r#"{"id":7,"method":"test/slow"}"#);
    }
    let asked = sent(&mut mux);
    mux.hear_viewer(bob, r#"{"method":"$/cancelRequest","params":{"id":7}}"#);
    assert_eq!(sent(&mut mux)[0]["params"]["id"], asked[1]["id"]);
}

#[test]
fn too_many_requests_are_refused_one_by_one() {
    let mut mux = mux();
    let viewer = ready(&mut mux);
    let most = atelier_api::agent::languages::REQUESTS_MAX;
    for id in 0..=most {
        mux.hear_viewer(viewer, &format!(r#"{{"id":{id},"method":"test/slow"}}"#));
    }
    let out = mux.take();
    let refused = out
        .iter()
        .filter(|out| matches!(out, Out::Viewer(_, _, text) if text.contains("-32803")));
    assert_eq!(refused.count(), 1);
    assert_eq!(out.len(), most + 1);
    // A server that ends answers all of them.
    mux.ended("It is gone.");
    assert_eq!(mux.take().len(), most);
}

#[test]
fn settings_are_found_by_their_section() {
    let mut mux = mux();
    ready(&mut mux);
    let ask = json!({ "id": 5, "method": "workspace/configuration",
        "params": { "items": [{ "section": "python.analysis" }, { "section": "rust" }] } });
    mux.hear_server(&ask.to_string()).expect("read");
    assert_eq!(sent(&mut mux)[0]["result"], json!([{ "deep": 1 }, null]));
}

#[test]
fn what_a_server_is_busy_with_is_told_when_it_changes_and_forgotten_with_it() {
    let mut mux = mux();
    ready(&mut mux);
    let said = |mux: &mut Mux, token: Value, value: Value| {
        let params = json!({ "token": token, "value": value });
        mux.hear_server(&json!({ "method": "$/progress", "params": params }).to_string())
            .expect("read");
        let told = mux.take().contains(&Out::Busy);
        let work = mux.work().cloned();
        (told, work.map(|work| (work.title, work.percentage)))
    };
    let indexing = |percentage| Some(("Indexing".to_owned(), percentage));
    let begin = json!({ "kind": "begin", "title": "Indexing", "percentage": 0 });
    assert_eq!(
        said(&mut mux, json!("a"), begin.clone()),
        (true, indexing(Some(0)))
    );
    let report = |percentage: f64| json!({ "kind": "report", "percentage": percentage });
    assert_eq!(
        said(&mut mux, json!("a"), report(40.2)),
        (true, indexing(Some(40)))
    );
    // Each file that is read is none of the viewers' business.
    assert_eq!(
        said(&mut mux, json!("a"), report(40.9)),
        (false, indexing(Some(40)))
    );
    assert_eq!(
        said(&mut mux, json!("a"), report(1e9)),
        (true, indexing(Some(100)))
    );
    let other = json!({ "kind": "begin", "title": "Checking" });
    assert_eq!(
        said(&mut mux, json!(7), other.clone()),
        (false, indexing(Some(100)))
    );
    // What was never begun, and what is no progress.
    assert_eq!(
        said(&mut mux, json!(8), report(1.0)),
        (false, indexing(Some(100)))
    );
    assert_eq!(
        said(&mut mux, json!(8), json!([])),
        (false, indexing(Some(100)))
    );
    let end = json!({ "kind": "end" });
    let checking = Some(("Checking".to_owned(), None));
    assert_eq!(said(&mut mux, json!("a"), end.clone()), (true, checking));
    assert_eq!(said(&mut mux, json!(7), end.clone()), (true, None));
    // Of too many, those beyond the bound are not kept.
    for token in 0..WORKS_MAX + 100 {
        said(&mut mux, json!(token), other.clone());
    }
    for token in 0..WORKS_MAX {
        assert!(mux.work().is_some(), "{token}");
        said(&mut mux, json!(token), end.clone());
    }
    assert_eq!(mux.work(), None);
    said(&mut mux, json!("a"), begin);
    mux.ended("It ended.");
    assert_eq!(mux.work(), None);
}
