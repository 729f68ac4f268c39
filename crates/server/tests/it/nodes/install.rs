//! What a new server fetches.

use atelier_testkit::TestApp;
use http::header;
use sha2::{Digest as _, Sha256};

#[tokio::test]
async fn the_script_and_the_running_program_are_served_to_anybody() {
    let app = TestApp::start().await;
    let anybody = app.anonymous();
    let script = anybody.get("/install.sh").send().await;
    script.expect_status(200);
    assert!(script.body.starts_with(b"#!/bin/sh\n"));

    let arch = std::env::consts::ARCH;
    let path = format!("/download/atelier?architecture={arch}");
    let program = anybody.get(&path).send().await;
    program.expect_status(200);
    // The server of a test runs in the test's own process.
    let own = std::fs::read("/proc/self/exe").unwrap();
    assert!(program.body == own, "{} bytes", program.body.len());
    assert_eq!(
        program.header(header::CONTENT_LENGTH),
        Some(own.len().to_string().as_str())
    );

    let checksum = anybody.get("/download/atelier.sha256").send().await;
    let expected = format!("{}  atelier\n", hex::encode(Sha256::digest(&own)));
    assert_eq!(checksum.body, expected);

    let etag = program.header(header::ETAG).unwrap();
    let again = anybody.get(&path).header(header::IF_NONE_MATCH, etag);
    let again = again.send().await;
    again.expect_status(304);
    assert!(again.body.is_empty());
}

#[tokio::test]
async fn a_machine_of_another_kind_is_told_so() {
    let app = TestApp::start().await;
    let path = "/download/atelier?architecture=pdp11";
    let answer = app.anonymous().get(path).send().await;
    answer.expect_status(404);
    let text = String::from_utf8_lossy(&answer.body).into_owned();
    assert!(text.contains("pdp11"), "{text}");
}
