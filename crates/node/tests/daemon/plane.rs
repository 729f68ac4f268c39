//! A control plane with one organization, no database and no people.

use std::collections::HashMap;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use atelier_api::v1::nodes::{NodeIdentity, NodeWelcome, signed_bytes};
use atelier_tunnel::{
    AcceptOptions, Admitted, Attempt, Authenticator, End, Link, Reason, Refusal, Tunnels, accept,
    upgrade,
};
use axum::Router;
use axum::body::Body;
use axum::routing::any;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use http::{Request, Response};
use parking_lot::Mutex;
use ring::signature::{ED25519, UnparsedPublicKey};
use tokio::net::TcpListener;
use tokio::task::JoinHandle;

/// A join token that is there from the start.
pub(crate) const TOKEN: &str = "atj_first";

/// The only server that joins.
const NODE: &str = "node_00000000000000000000000001";

#[derive(Debug)]
struct Records {
    /// Who has used a token.
    tokens: HashMap<String, Option<String>>,
    /// The key that counts; none after it was revoked.
    key: Option<String>,
    joined: usize,
}

#[derive(Debug, Clone)]
struct Gate {
    records: Arc<Mutex<Records>>,
    tunnels: Tunnels<String>,
}

#[derive(Debug)]
pub(crate) struct Plane {
    address: SocketAddr,
    gate: Gate,
    serving: JoinHandle<()>,
}

/// One that was switched off, with its records.
#[derive(Debug)]
pub(crate) struct Away {
    address: SocketAddr,
    gate: Gate,
}

impl Plane {
    pub(crate) async fn start() -> Self {
        let records = Records {
            tokens: [(TOKEN.to_owned(), None)].into(),
            key: None,
            joined: 0,
        };
        let gate = Gate {
            records: Arc::new(Mutex::new(records)),
            tunnels: Tunnels::default(),
        };
        Self::serve(SocketAddr::from(([127, 0, 0, 1], 0)), gate).await
    }

    async fn serve(address: SocketAddr, gate: Gate) -> Self {
        let listener = TcpListener::bind(address).await.unwrap();
        let address = listener.local_addr().unwrap();
        let handler = {
            let gate = gate.clone();
            any(move |request| {
                let gate = gate.clone();
                async move { gate.tunnel(request) }
            })
        };
        let router = Router::new().route("/api/v1/tunnel", handler);
        let serving = tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
        Self {
            address,
            gate,
            serving,
        }
    }

    pub(crate) fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// How many servers have joined.
    pub(crate) fn nodes(&self) -> usize {
        self.gate.records.lock().joined
    }

    pub(crate) fn new_token(&self) -> String {
        let token = "atj_second".to_owned();
        self.gate.records.lock().tokens.insert(token.clone(), None);
        token
    }

    pub(crate) fn revoke(&self) {
        self.gate.records.lock().key = None;
        self.gate
            .tunnels
            .tunnel(&NODE.to_owned())
            .end(&End::Killed("revoked".into()));
    }

    pub(crate) async fn connected(&self) {
        while !self.gate.tunnels.tunnel(&NODE.to_owned()).is_connected() {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    }

    /// Calls the server, once it is connected.
    pub(crate) async fn call(&self, request: Request<Body>) -> Response<Body> {
        self.connected().await;
        let link = Link::Tunnel(self.gate.tunnels.tunnel(&NODE.to_owned()));
        link.send(request).await.unwrap()
    }

    pub(crate) async fn stop(self) -> Away {
        self.serving.abort();
        let _ = self.serving.await;
        let why = End::Killed("switched off".into());
        self.gate.tunnels.tunnel(&NODE.to_owned()).end(&why);
        Away {
            address: self.address,
            gate: self.gate,
        }
    }
}

impl Away {
    pub(crate) fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    pub(crate) async fn start(self) -> Plane {
        Plane::serve(self.address, self.gate).await
    }
}

impl Gate {
    fn tunnel(self, mut request: Request<Body>) -> Response<Body> {
        let Ok((answer, connection)) = upgrade(&mut request) else {
            return Response::builder().status(426).body(Body::empty()).unwrap();
        };
        tokio::spawn(async move {
            let Ok(io) = connection.await else { return };
            let options = AcceptOptions::default();
            if let Ok(accepted) = accept(io, &options, &self).await {
                let instance = accepted.hello.instance.clone();
                let attached =
                    self.tunnels
                        .attach(&NODE.to_owned(), &instance, accepted.connection);
                let _ = attached.unwrap().ended().await;
            }
        });
        answer
    }

    fn decide(&self, identity: &NodeIdentity) -> Result<(), (Reason, &'static str)> {
        let mut records = self.records.lock();
        let key = &identity.public_key;
        let Some(token) = &identity.join_token else {
            return match &records.key {
                Some(known) if known == key && identity.node_id.is_some() => Ok(()),
                _ => Err((Reason::Revoked, "this server was revoked")),
            };
        };
        match records.tokens.get_mut(token) {
            None => Err((Reason::Denied, "there is no such join token")),
            Some(Some(user)) if user != key => {
                Err((Reason::Denied, "this join token was used already"))
            }
            Some(Some(_)) => Ok(()),
            Some(unused) => {
                *unused = Some(key.clone());
                records.key = Some(key.clone());
                records.joined += 1;
                Ok(())
            }
        }
    }
}

impl Authenticator for Gate {
    type Grant = ();

    async fn authenticate(&self, attempt: &Attempt) -> Result<Admitted<()>, Refusal> {
        let identity: NodeIdentity = serde_json::from_str(attempt.hello.identity.get()).unwrap();
        let key = STANDARD.decode(&identity.public_key).unwrap();
        let signature = STANDARD.decode(&identity.signature).unwrap();
        let message = signed_bytes(attempt.challenge.nonce.as_bytes(), &key);
        UnparsedPublicKey::new(&ED25519, &key)
            .verify(&message, &signature)
            .unwrap();
        self.decide(&identity)
            .map_err(|(reason, detail)| Refusal::new(reason, detail, Duration::from_secs(1)))?;
        let welcome = NodeWelcome {
            node_id: NODE.parse().unwrap(),
            name: "a server".into(),
        };
        Ok(Admitted {
            grant: (),
            data: serde_json::to_value(welcome).unwrap(),
        })
    }
}
