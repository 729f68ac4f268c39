//! Nodes that are nothing but their line: the real dialer, a real key, a tiny router.

use std::fmt;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex, OnceLock};
use std::time::Duration;

use atelier_api::ids::NodeId;
use atelier_api::node::{
    Driver, NodeInfo, NodePolicy, NodeWorkspaceList, Protection, ProtectionKind,
};
use atelier_api::v1::nodes::{NodeIdentity, NodeWelcome, signed_bytes};
use atelier_tunnel::{Asked, DialConfig, Dialer, Identity, State};
use axum::Router;
use axum::http::HeaderName;
use axum::http::header::CONTENT_TYPE;
use axum::routing::get;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use ring::rand::SystemRandom;
use ring::signature::{Ed25519KeyPair, KeyPair as _};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use tokio::io::{AsyncBufReadExt as _, BufReader};
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;
use url::Url;

/// How often the harness is told of changes.
const TELL_EVERY: Duration = Duration::from_millis(20);

/// How the simulated nodes stand.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Census {
    /// Connected now.
    pub(super) connected: u32,
    /// Refusals by the control plane so far.
    refused: u32,
    /// Attempts that failed, and connections that ended, so far.
    failed: u32,
    /// What was said last of either.
    last: String,
}

impl fmt::Display for Census {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{} connected, {} refusals and {} failures so far",
            self.connected, self.refused, self.failed
        )?;
        if self.last.is_empty() {
            Ok(())
        } else {
            write!(f, "; last: {}", self.last)
        }
    }
}

#[derive(Debug, Default)]
struct Counters {
    connected: AtomicU32,
    refused: AtomicU32,
    failed: AtomicU32,
    last: Mutex<String>,
}

impl Counters {
    fn census(&self) -> Census {
        Census {
            connected: self.connected.load(Ordering::Relaxed),
            refused: self.refused.load(Ordering::Relaxed),
            failed: self.failed.load(Ordering::Relaxed),
            last: self.last.lock().expect("no holder panics").clone(),
        }
    }

    fn failed(&self, counter: &AtomicU32, why: String) {
        counter.fetch_add(1, Ordering::Relaxed);
        *self.last.lock().expect("no holder panics") = why;
    }
}

/// One more node for each line of the input, which is its join token; until the input ends.
/// Each measures so often.
pub(crate) async fn serve(address: String, measuring_s: u32) -> anyhow::Result<()> {
    let every_ms = i64::from(measuring_s) * 1_000;
    let url = Url::parse(&format!("ws://{address}/api/v1/tunnel"))?;
    let counters = Arc::<Counters>::default();
    println!("ready");
    tokio::spawn(tell(Arc::clone(&counters)));
    let mut tokens = BufReader::new(tokio::io::stdin()).lines();
    let mut number = 0;
    while let Some(token) = tokens.next_line().await? {
        let node = SimulatedNode::new(number, token);
        let router = router(&node.info)?.merge(crate::telemetry::routes(number, every_ms));
        number += 1;
        let dialer = Dialer::new(DialConfig::new(url.clone()), Arc::new(node), router)?;
        tokio::spawn(count(dialer.state(), Arc::clone(&counters)));
        tokio::spawn(dialer.run(CancellationToken::new()));
    }
    Ok(())
}

async fn tell(counters: Arc<Counters>) {
    let mut told = Census::default();
    loop {
        tokio::time::sleep(TELL_EVERY).await;
        let now = counters.census();
        if now != told {
            println!("{}", serde_json::to_string(&now).unwrap_or_default());
            told = now;
        }
    }
}

async fn count(mut states: watch::Receiver<State>, counters: Arc<Counters>) {
    let mut was_connected = false;
    while states.changed().await.is_ok() {
        let state = states.borrow_and_update().clone();
        let is_connected = matches!(state, State::Connected { .. });
        match (was_connected, is_connected) {
            (false, true) => drop(counters.connected.fetch_add(1, Ordering::Relaxed)),
            (true, false) => drop(counters.connected.fetch_sub(1, Ordering::Relaxed)),
            _ => {}
        }
        was_connected = is_connected;
        match state {
            State::Refused { refusal, .. } => {
                let why = format!("{:?}: {refusal}", refusal.reason);
                counters.failed(&counters.refused, why);
            }
            State::Waiting { error, .. } => counters.failed(&counters.failed, error),
            _ => {}
        }
    }
}

/// What the control plane asks of a node that has nothing.
fn router(info: &NodeInfo) -> anyhow::Result<Router> {
    let info = json(info)?;
    let workspaces = json(&NodeWorkspaceList { items: Vec::new() })?;
    Ok(Router::new()
        .route("/v1/info", get(async move || info))
        .route("/v1/workspaces", get(async move || workspaces)))
}

/// A type of content, and content of it.
type Answer = ([(HeaderName, &'static str); 1], Bytes);

/// An answer, serialized once.
fn json(value: &impl Serialize) -> anyhow::Result<Answer> {
    let body = Bytes::from(serde_json::to_vec(value)?);
    Ok(([(CONTENT_TYPE, "application/json")], body))
}

struct SimulatedNode {
    key: Ed25519KeyPair,
    token: String,
    /// Once it has joined.
    id: OnceLock<NodeId>,
    info: NodeInfo,
}

impl SimulatedNode {
    fn new(number: u32, token: String) -> Self {
        let pkcs8 = Ed25519KeyPair::generate_pkcs8(&SystemRandom::new())
            .expect("the system has randomness");
        Self {
            key: Ed25519KeyPair::from_pkcs8(pkcs8.as_ref()).expect("it was just made"),
            token,
            id: OnceLock::new(),
            info: info(number),
        }
    }
}

impl Identity for SimulatedNode {
    fn answer(&self, asked: &Asked<'_>) -> Value {
        let public = self.key.public_key().as_ref();
        let message = signed_bytes(asked.nonce.as_bytes(), public);
        let node_id = self.id.get().copied();
        let identity = NodeIdentity {
            public_key: STANDARD.encode(public),
            signature: STANDARD.encode(self.key.sign(&message)),
            node_id,
            join_token: node_id.is_none().then(|| self.token.clone()),
            info: self.info.clone(),
        };
        serde_json::to_value(identity).expect("an identity is plain data")
    }

    fn welcomed(&self, data: &Value) {
        if let Ok(welcome) = serde_json::from_value::<NodeWelcome>(data.clone()) {
            let _ = self.id.set(welcome.node_id);
        }
    }
}

/// As much as a real one says of itself.
fn info(number: u32) -> NodeInfo {
    use ProtectionKind as Kind;
    let protections = [
        Kind::OwnUser,
        Kind::Filesystem,
        Kind::Processes,
        Kind::Ipc,
        Kind::NoNewPrivileges,
        Kind::Landlock,
        Kind::MemoryLimit,
        Kind::CpuLimit,
        Kind::ProcessLimit,
    ];
    NodeInfo {
        version: env!("CARGO_PKG_VERSION").to_owned(),
        hostname: format!("node-{number:05}"),
        kernel: "Linux 6.18.0".to_owned(),
        architecture: std::env::consts::ARCH.to_owned(),
        cpus: 4,
        memory_bytes: 16 << 30,
        drivers: vec![Driver::Host],
        protections: protections
            .map(|kind| Protection {
                kind,
                holds: true,
                detail: "This much is said here of how it is enforced.".to_owned(),
            })
            .to_vec(),
        policy: Some(NodePolicy::default()),
        machine: Some(format!("{number:064x}")),
        program: None,
    }
}
