//! A server's daemon: the tunnel's own dialer, with a key, and a router that counts who calls.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use atelier_api::ids::NodeId;
use atelier_api::node::NodeInfo;
use atelier_api::v1::nodes::{NodeIdentity, NodeWelcome, signed_bytes};
use atelier_testkit::TestApp;
use atelier_tunnel::{Asked, DialConfig, Dialer, Identity, Reason, Refusal, State};
use axum::Router;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use parking_lot::Mutex;
use ring::rand::SystemRandom;
use ring::signature::{Ed25519KeyPair, KeyPair as _};
use serde_json::Value;
use tokio::sync::watch;
use tokio_util::sync::{CancellationToken, DropGuard};

/// How long a daemon may take on a busy machine.
const PATIENCE: Duration = Duration::from_secs(30);

/// A key as the daemon makes it when it first starts. Cheap to clone: so is a disk.
#[derive(Clone)]
pub(super) struct Key(Arc<Ed25519KeyPair>);

impl Key {
    pub(super) fn new() -> Self {
        let document = Ed25519KeyPair::generate_pkcs8(&SystemRandom::new()).unwrap();
        let pair = Ed25519KeyPair::from_pkcs8(document.as_ref()).unwrap();
        Self(Arc::new(pair))
    }

    pub(super) fn public(&self) -> String {
        STANDARD.encode(self.0.public_key())
    }
}

/// What a daemon is to say of itself.
#[derive(Clone)]
pub(super) struct Start {
    pub(super) key: Key,
    /// The key that signs, where it is not the one that is named.
    pub(super) signs_with: Option<Key>,
    pub(super) node_id: Option<NodeId>,
    pub(super) token: Option<String>,
    pub(super) info: NodeInfo,
    /// Signed in place of the nonce.
    pub(super) nonce: Option<String>,
    pub(super) router: Router,
}

/// What a machine called `hostname` says of itself.
pub(super) fn info(hostname: &str) -> NodeInfo {
    NodeInfo {
        version: env!("CARGO_PKG_VERSION").to_owned(),
        hostname: hostname.to_owned(),
        kernel: "Linux 6.1".to_owned(),
        architecture: "x86_64".to_owned(),
        cpus: 2,
        memory_bytes: 1 << 30,
        drivers: Vec::new(),
        protections: Vec::new(),
        policy: None,
        machine: Some(format!("machine of {hostname}")),
        program: None,
    }
}

impl Start {
    /// A new machine that joins with a token's secret.
    pub(super) fn joining(secret: &str) -> Self {
        Self {
            key: Key::new(),
            signs_with: None,
            node_id: None,
            token: Some(secret.to_owned()),
            info: info("machine"),
            nonce: None,
            router: Router::new(),
        }
    }

    /// The same machine once it has joined.
    pub(super) fn joined(&self, node: NodeId) -> Self {
        Self {
            node_id: Some(node),
            token: None,
            ..self.clone()
        }
    }

    pub(super) fn run(&self, app: &TestApp) -> Daemon {
        self.run_through(&app.url())
    }

    /// With another way to the control plane.
    pub(super) fn run_through(&self, url: &str) -> Daemon {
        let url = format!("{}/api/v1/tunnel", url.replacen("http", "ws", 1));
        let config = DialConfig::new(url.parse().unwrap());
        let calls = Arc::new(AtomicUsize::new(0));
        let counted = calls.clone();
        let router = self.router.clone().layer(axum::middleware::from_fn(
            move |request, next: axum::middleware::Next| {
                counted.fetch_add(1, Ordering::SeqCst);
                next.run(request)
            },
        ));
        let welcome = Arc::new(Mutex::new(None));
        let proof = Proof {
            start: self.clone(),
            welcome: welcome.clone(),
        };
        let dialer = Dialer::new(config, Arc::new(proof), router).unwrap();
        let stop = CancellationToken::new();
        let state = dialer.state();
        tokio::spawn(dialer.run(stop.clone()));
        Daemon {
            state,
            calls,
            welcome,
            _stop: stop.drop_guard(),
        }
    }

    /// Joins and answers which server it is.
    pub(super) async fn join(&self, app: &TestApp) -> (Daemon, NodeId) {
        let daemon = self.run(app);
        let welcome = daemon.welcome().await;
        (daemon, welcome.node_id)
    }

    /// Tries to come in and answers why it may not.
    pub(super) async fn refused(&self, app: &TestApp) -> Refusal {
        self.run(app).refusal().await
    }

    /// The same, whose reason is checked.
    pub(super) async fn denied(&self, app: &TestApp) -> String {
        let refusal = self.refused(app).await;
        assert_eq!(refusal.reason, Reason::Denied, "{refusal}");
        refusal.detail
    }
}

struct Proof {
    start: Start,
    welcome: Arc<Mutex<Option<NodeWelcome>>>,
}

impl Identity for Proof {
    fn answer(&self, asked: &Asked<'_>) -> Value {
        let start = &self.start;
        let nonce = start.nonce.as_deref().unwrap_or(asked.nonce);
        let signed = signed_bytes(nonce.as_bytes(), start.key.0.public_key().as_ref());
        let signs = start.signs_with.as_ref().unwrap_or(&start.key);
        let identity = NodeIdentity {
            public_key: start.key.public(),
            signature: STANDARD.encode(signs.0.sign(&signed)),
            node_id: start.node_id,
            join_token: start.token.clone(),
            info: start.info.clone(),
        };
        serde_json::to_value(identity).unwrap()
    }

    fn welcomed(&self, data: &Value) {
        *self.welcome.lock() = Some(serde_json::from_value(data.clone()).unwrap());
    }
}

/// A running daemon; dropped, it is killed.
pub(super) struct Daemon {
    state: watch::Receiver<State>,
    calls: Arc<AtomicUsize>,
    welcome: Arc<Mutex<Option<NodeWelcome>>>,
    _stop: DropGuard,
}

impl Daemon {
    /// How many requests have reached it.
    pub(super) fn calls(&self) -> usize {
        self.calls.load(Ordering::SeqCst)
    }

    /// Waits until it is connected.
    pub(super) async fn connected(&self) {
        self.until("connected", |state| {
            matches!(state, State::Connected { .. })
        })
        .await;
    }

    /// Waits until it is connected, and answers what it was told.
    pub(super) async fn welcome(&self) -> NodeWelcome {
        self.connected().await;
        self.welcome.lock().clone().unwrap()
    }

    /// Waits until it is refused, and answers why.
    pub(super) async fn refusal(&self) -> Refusal {
        let state = self
            .until("refused", |state| matches!(state, State::Refused { .. }))
            .await;
        match state {
            State::Refused { refusal, .. } => refusal,
            other => panic!("{other:?}"),
        }
    }

    async fn until(&self, what: &str, wanted: impl FnMut(&State) -> bool) -> State {
        let mut state = self.state.clone();
        let waiting = tokio::time::timeout(PATIENCE, state.wait_for(wanted));
        match waiting.await {
            Ok(Ok(state)) => (*state).clone(),
            _ => panic!("the daemon is not {what} but {:?}", self.state.borrow()),
        }
    }
}
