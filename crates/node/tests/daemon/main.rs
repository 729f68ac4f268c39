//! A daemon against a small control plane of our making, over the real tunnel.
#![expect(clippy::unwrap_used, reason = "a failed step fails the test")]

mod plane;

use std::path::Path;
use std::time::Duration;

use atelier_api::node::NodeInfo;
use atelier_node::daemon::{
    self, DaemonDirectory, Destination, Join, JoinError, Proxy, Registration, RunError,
};
use atelier_node::{Launcher, Node, NodeConfig};
use axum::body::Body;
use http::Request;
use http_body_util::BodyExt as _;
use tokio_util::sync::CancellationToken;

use crate::plane::{Plane, TOKEN};

/// How long anything may take that a test waits for.
const PATIENCE: Duration = Duration::from_secs(60);

struct Server {
    folder: tempfile::TempDir,
    directory: DaemonDirectory,
    node: Node,
}

impl Server {
    async fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let node = open(folder.path()).await;
        Self {
            directory: DaemonDirectory::new(folder.path().join("data")),
            folder,
            node,
        }
    }

    async fn join(&self, plane: &Plane, token: &str) -> Result<Registration, JoinError> {
        self.join_with(plane, token, false).await
    }

    async fn join_with(
        &self,
        plane: &Plane,
        token: &str,
        fresh_key: bool,
    ) -> Result<Registration, JoinError> {
        let join = Join {
            destination: Destination::new(plane.url()),
            proxy: Proxy::none(),
            token: token.to_owned(),
            fresh_key,
        };
        daemon::join(&self.node, &self.directory, join).await
    }

    /// Runs the daemon while `work` does; answers both results.
    async fn run<T>(&self, work: impl Future<Output = T>) -> (Result<(), RunError>, T) {
        let shutdown = CancellationToken::new();
        let running = daemon::run(&self.node, &self.directory, Proxy::none(), shutdown.clone());
        let work = async {
            let result = tokio::time::timeout(PATIENCE, work).await.unwrap();
            shutdown.cancel();
            result
        };
        tokio::join!(running, work)
    }
}

async fn open(folder: &Path) -> Node {
    let config = NodeConfig::new(folder.join("data"), Launcher::InProcess);
    Node::open(config).await.unwrap()
}

#[tokio::test]
async fn a_server_joins_once_and_is_called_through_the_tunnel() {
    let plane = Plane::start().await;
    let server = Server::new().await;
    let joined = server.join(&plane, TOKEN).await.unwrap();
    assert_eq!(
        server.directory.registration().unwrap(),
        Some(joined.clone())
    );
    // The answer was lost, say: the same token and key are told the same.
    assert_eq!(server.join(&plane, TOKEN).await.unwrap(), joined);
    assert_eq!(plane.nodes(), 1);

    let (ran, info) = server
        .run(async {
            let response = plane
                .call(Request::get("/v1/info").body(Body::empty()).unwrap())
                .await;
            let body = response.into_body().collect().await.unwrap().to_bytes();
            serde_json::from_slice::<NodeInfo>(&body).unwrap()
        })
        .await;
    ran.unwrap();
    assert_eq!(info, server.node.info().await);
    assert!(server.folder.path().join("data/node.key").exists());
}

#[tokio::test]
async fn a_token_of_another_or_none_is_told_in_the_control_planes_words() {
    let plane = Plane::start().await;
    let first = Server::new().await;
    first.join(&plane, TOKEN).await.unwrap();
    let second = Server::new().await;
    for (token, words) in [(TOKEN, "was used"), ("atj_wrong", "no such join token")] {
        match second.join(&plane, token).await {
            Err(JoinError::Refused(told)) => assert!(told.contains(words), "{told}"),
            other => panic!("{other:?}"),
        }
    }
    assert_eq!(second.directory.registration().unwrap(), None);
    let (ran, ()) = second.run(async {}).await;
    assert!(matches!(ran, Err(RunError::NotJoined)), "{ran:?}");
}

#[tokio::test]
async fn a_revoked_server_ends_and_may_join_again_with_a_new_key() {
    let plane = Plane::start().await;
    let server = Server::new().await;
    let before = server.join(&plane, TOKEN).await.unwrap();
    // It ends by itself, without being told to.
    let never = CancellationToken::new();
    let running = daemon::run(&server.node, &server.directory, Proxy::none(), never);
    let running = tokio::time::timeout(PATIENCE, running);
    let (ran, ()) = tokio::join!(running, async {
        plane.connected().await;
        plane.revoke();
    });
    let ran = ran.unwrap();
    assert!(matches!(ran, Err(RunError::Revoked(_))), "{ran:?}");
    let again = plane.new_token();
    let after = server.join_with(&plane, &again, true).await.unwrap();
    assert_ne!(after.public_key, before.public_key);
    let (ran, ()) = server.run(plane.connected()).await;
    ran.unwrap();
}

#[tokio::test]
async fn a_control_plane_that_is_away_is_waited_for() {
    let plane = Plane::start().await;
    let server = Server::new().await;
    server.join(&plane, TOKEN).await.unwrap();
    let away = plane.stop().await;
    let unreachable = Server::new().await;
    let destination = Destination::new(away.url());
    let join = Join {
        destination,
        proxy: Proxy::none(),
        token: TOKEN.to_owned(),
        fresh_key: false,
    };
    let refused = daemon::join(&unreachable.node, &unreachable.directory, join).await;
    assert!(
        matches!(refused, Err(JoinError::Unreachable(_))),
        "{refused:?}"
    );

    let (ran, ()) = server
        .run(async {
            let back = away.start().await;
            back.connected().await;
        })
        .await;
    ran.unwrap();
}

#[tokio::test]
async fn leaving_needs_the_daemon_to_be_stopped() {
    let plane = Plane::start().await;
    let server = Server::new().await;
    server.join(&plane, TOKEN).await.unwrap();
    assert!(server.directory.leave().is_err(), "the node is open");
    let Server {
        folder,
        directory,
        node,
    } = server;
    node.shutdown().await;
    drop(node);
    directory.leave().unwrap();
    assert!(!folder.path().join("data/node.key").exists());
    assert!(folder.path().join("data/workspaces").exists());
}
