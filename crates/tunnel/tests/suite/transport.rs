//! The way there: certificates, plaintext, proxies.

use std::sync::Arc;

use atelier_tunnel::{AcceptOptions, DialConfig, Dialer, InvalidConfig, Proxy, State, Trust};
use tokio_util::sync::CancellationToken;

use crate::lab::node::{Seen, TestIdentity, router};
use crate::lab::plane::Plane;
use crate::lab::tls::{Certificates, TestProxy, certificates};
use crate::lab::{run_node, state_where};

/// What a first attempt comes to.
async fn outcome(config: DialConfig) -> State {
    let stop = CancellationToken::new();
    let _stop = stop.clone().drop_guard();
    let router = router(Arc::new(Seen::default()));
    let mut states = run_node(config, TestIdentity::new("n1"), router, &stop);
    let done = |state: &State| !matches!(state, State::Connecting);
    state_where(&mut states, "the attempt has ended", done).await
}

async fn encrypted(name: &str) -> (Plane, Certificates) {
    let certificates = certificates(name);
    let acceptor = certificates.acceptor.clone();
    let plane = Plane::serve(AcceptOptions::default(), Some(acceptor)).await;
    (plane, certificates)
}

fn trusting(plane: &Plane, host: &str, trust: Trust) -> DialConfig {
    DialConfig {
        trust,
        ..DialConfig::new(plane.url_with_host(host))
    }
}

fn assert_untrusted(state: &State) {
    match state {
        State::Waiting { error, .. } => {
            assert!(
                error.contains("no trusted TLS connection") && error.contains("certificate"),
                "{error}"
            );
        }
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn a_given_authority_is_believed_for_its_names() {
    let (plane, certificates) = encrypted("localhost").await;
    let trust = Trust::Authorities(certificates.authority_pem.clone());
    let state = outcome(trusting(&plane, "localhost", trust.clone())).await;
    assert!(matches!(state, State::Connected { .. }), "{state:?}");
    assert_untrusted(&outcome(trusting(&plane, "127.0.0.1", trust)).await);
}

#[tokio::test]
async fn a_certificate_nobody_vouches_for_is_not_believed() {
    let (plane, _) = encrypted("localhost").await;
    assert_untrusted(&outcome(trusting(&plane, "localhost", Trust::System)).await);
    let other = certificates("localhost").authority_pem;
    assert_untrusted(&outcome(trusting(&plane, "localhost", Trust::Authorities(other))).await);
    assert!(plane.shared.attempts.lock().is_empty());
}

#[tokio::test]
async fn a_pinned_certificate_is_believed_whatever_its_name_and_no_other_is() {
    let (plane, certificates) = encrypted("some.other.name").await;
    let shown = certificates
        .fingerprint
        .map(|byte| format!("{byte:02X}"))
        .join(":");
    let pinned = Trust::fingerprint(&format!("SHA256:{shown}")).unwrap();
    assert_eq!(pinned, Trust::Fingerprint(certificates.fingerprint));
    let state = outcome(trusting(&plane, "127.0.0.1", pinned)).await;
    assert!(matches!(state, State::Connected { .. }), "{state:?}");
    let wrong = outcome(trusting(&plane, "127.0.0.1", Trust::Fingerprint([7; 32]))).await;
    assert_untrusted(&wrong);
    let found = certificates
        .fingerprint
        .map(|byte| format!("{byte:02x}"))
        .concat();
    assert!(
        format!("{wrong:?}").contains(&found),
        "people can compare: {wrong:?}"
    );
}

#[tokio::test]
async fn unsafe_or_senseless_configurations_are_refused_before_the_first_dial() {
    let dialer = |change: &dyn Fn(&mut DialConfig), url: &str| {
        let mut config = DialConfig::new(url.parse().unwrap());
        change(&mut config);
        let router = router(Arc::new(Seen::default()));
        Dialer::new(config, Arc::new(TestIdentity::new("n1")), router).map(drop)
    };
    let unchanged = |_: &mut DialConfig| {};
    for url in [
        "ws://192.0.2.1/",
        "ws://atelier.example.org/",
        "ws://localhost.example.org/",
    ] {
        let refused = dialer(&unchanged, url);
        assert!(
            matches!(refused, Err(InvalidConfig::Plaintext)),
            "{url}: {refused:?}"
        );
        assert!(dialer(&|config| config.allow_plaintext = true, url).is_ok());
    }
    for url in [
        "ws://127.0.0.1/",
        "ws://[::1]/",
        "ws://localhost/",
        "wss://192.0.2.1/",
    ] {
        assert!(dialer(&unchanged, url).is_ok(), "{url}");
    }
    let refused = dialer(&unchanged, "https://a.example.org/");
    assert!(matches!(refused, Err(InvalidConfig::Url)), "{refused:?}");
    let no_pem = |config: &mut DialConfig| config.trust = Trust::Authorities("no".to_owned());
    let refused = dialer(&no_pem, "wss://a.example.org/");
    assert!(
        matches!(refused, Err(InvalidConfig::Authorities)),
        "{refused:?}"
    );
    assert!(matches!(
        Trust::fingerprint("abcd"),
        Err(InvalidConfig::Fingerprint)
    ));
}

#[tokio::test]
async fn a_proxy_is_passed_with_a_password() {
    let (plane, certificates) = encrypted("atelier.test").await;
    // "user:p@ss", as a proxy's address has it and as the header has it.
    let proxy = TestProxy::start(plane.address, "Basic dXNlcjpwQHNz").await;
    let address = proxy.address;
    let through = |url: String| DialConfig {
        proxy: Proxy::new(&url, "").unwrap(),
        ..trusting(
            &plane,
            "atelier.test",
            Trust::Authorities(certificates.authority_pem.clone()),
        )
    };
    let state = outcome(through(format!("http://user:p%40ss@{address}"))).await;
    assert!(matches!(state, State::Connected { .. }), "{state:?}");
    let head = proxy.heads.lock()[0].clone();
    let target = format!("CONNECT atelier.test:{} HTTP/1.1\r\n", plane.address.port());
    assert!(head.starts_with(&target), "{head}");

    match outcome(through(format!("http://user:wrong@{address}"))).await {
        State::Waiting { error, .. } => {
            assert!(
                error.contains("407") && error.contains("password"),
                "{error}"
            );
        }
        other => panic!("{other:?}"),
    }
}
