//! Staying connected.

use std::io;
use std::sync::Arc;
use std::time::Duration;

use atelier_tunnel::{Dialer, Proxy, Reason, State};
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;

use super::identity::DaemonIdentity;
use super::key::KeyError;
use super::place::DaemonDirectory;
use super::registration::{DestinationError, Registration};
use crate::Node;

/// How long after a measurement its pages are given back: it has been passed on by then.
const PASSED_ON_AFTER: Duration = Duration::from_millis(250);

/// Why the daemon ended.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum RunError {
    /// It never joined.
    #[error("this server has not joined yet; run `atelier node join` with a join token")]
    NotJoined,
    /// What is known of where it belongs cannot be read.
    #[error("`node.json` in the data directory cannot be read; join again")]
    Registration(#[source] io::Error),
    /// The key cannot be used.
    #[error(transparent)]
    Key(#[from] KeyError),
    /// The address or the trust makes no sense.
    #[error(transparent)]
    Destination(#[from] DestinationError),
    /// The control plane has taken the permission back; in its words. To try again is pointless.
    #[error("the control plane revoked this server: {0}")]
    Revoked(String),
}

/// Serves the node to its control plane until `shutdown`. Whatever happens, workspaces go on.
pub async fn run(
    node: &Node,
    directory: &DaemonDirectory,
    proxy: Proxy,
    shutdown: CancellationToken,
) -> Result<(), RunError> {
    run_noticing(node, directory, proxy, shutdown, &CancellationToken::new()).await
}

/// The same; `connected` is cancelled when the control plane has let the node in.
pub(crate) async fn run_noticing(
    node: &Node,
    directory: &DaemonDirectory,
    proxy: Proxy,
    shutdown: CancellationToken,
    connected: &CancellationToken,
) -> Result<(), RunError> {
    let registration = directory.registration().map_err(RunError::Registration)?;
    let registration = registration.ok_or(RunError::NotJoined)?;
    let key = directory.key_of(&registration)?;
    let config = registration.destination.dial(proxy)?;
    tracing::info!(
        node.id = %registration.node_id,
        name = registration.name,
        url = registration.destination.url,
        "this server belongs to a control plane",
    );
    let identity = Arc::new(DaemonIdentity {
        key,
        info: node.info().await,
        node_id: Some(registration.node_id),
        join_token: None,
        welcome: parking_lot::Mutex::default(),
    });
    let dialer = Dialer::new(config, identity.clone(), node.router());
    let dialer = dialer.map_err(DestinationError::from)?;
    let states = dialer.state();
    let stop = shutdown.child_token();
    let watched = async {
        let result = watch(states, &identity, directory, registration, connected).await;
        stop.cancel();
        result
    };
    let serving = async {
        tokio::select! {
            () = dialer.run(stop.clone()) => {}
            () = stay_small(node) => {}
        }
    };
    let (result, ()) = tokio::join!(watched, Box::pin(serving));
    result
}

/// Measuring is most of what an idle daemon does, and touches 5 MiB of the program each time. They are its own
/// only for as long as that takes.
async fn stay_small(node: &Node) {
    let mut measurements = node.measurements();
    while measurements.changed().await.is_ok() {
        tokio::time::sleep(PASSED_ON_AFTER).await;
        measurements.mark_unchanged();
        atelier_agent::release_pages();
    }
    std::future::pending::<()>().await;
}

/// Follows the states until the daemon stops, or may as well.
async fn watch(
    mut states: watch::Receiver<State>,
    identity: &DaemonIdentity,
    directory: &DaemonDirectory,
    mut registration: Registration,
    connected: &CancellationToken,
) -> Result<(), RunError> {
    loop {
        match states.borrow_and_update().clone() {
            State::Stopped => return Ok(()),
            State::Connected { .. } => {
                connected.cancel();
                // Finding the way takes more of the program than staying on it.
                atelier_agent::release_pages();
            }
            State::Refused { refusal, .. } if refusal.reason == Reason::Revoked => {
                return Err(RunError::Revoked(refusal.detail));
            }
            _ => {}
        }
        let welcome = identity.welcome.lock().take();
        if let Some(welcome) = welcome
            && welcome.name != registration.name
        {
            registration.name = welcome.name;
            if let Err(error) = directory.save(&registration) {
                tracing::warn!(%error, "this server's new name could not be written down");
            }
        }
        // An error: the dialer is gone.
        if states.changed().await.is_err() {
            return Ok(());
        }
    }
}
