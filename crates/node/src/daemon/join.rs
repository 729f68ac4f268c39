//! Joining, once.

use std::io;
use std::sync::Arc;
use std::time::Duration;

use atelier_api::v1::nodes::NodeWelcome;
use atelier_tunnel::{Dialer, Proxy, Reason, State};
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;

use super::identity::DaemonIdentity;
use super::key::KeyError;
use super::place::DaemonDirectory;
use super::registration::{Destination, DestinationError, Registration};
use crate::Node;

/// An attempt that failed on the way is repeated so often: an answer may have been lost.
const ATTEMPTS: u32 = 3;

/// How long all may take, a control plane that is starting included.
const WITHIN: Duration = Duration::from_secs(120);

/// What joining takes.
#[derive(Debug, Clone)]
pub struct Join {
    /// Where to.
    pub destination: Destination,
    /// The way out.
    pub proxy: Proxy,
    /// The join token.
    pub token: String,
    /// Join with a new key, in place of the one of before.
    pub fresh_key: bool,
}

/// Why joining failed.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum JoinError {
    /// The address or the trust makes no sense.
    #[error(transparent)]
    Destination(#[from] DestinationError),
    /// The key cannot be made or used.
    #[error(transparent)]
    Key(#[from] KeyError),
    /// The control plane does not accept it; in its words.
    #[error("{0}")]
    Refused(String),
    /// There is no connection.
    #[error("the control plane cannot be reached: {0}. `atelier node doctor` looks closer")]
    Unreachable(String),
    /// The control plane speaks differently.
    #[error("the control plane let this server in without saying who it is; update it")]
    Wordless,
    /// What was achieved cannot be written down.
    #[error(
        "the registration cannot be written; free some space and join again with the same token"
    )]
    Storage(#[source] io::Error),
}

/// Joins: the control plane learns this server's key and says who the server is. To be repeated with the
/// same token when it failed: who joined already is told the same again.
pub async fn join(
    node: &Node,
    directory: &DaemonDirectory,
    join: Join,
) -> Result<Registration, JoinError> {
    let config = join.destination.dial(join.proxy)?;
    let key = directory.key_to_join_with(join.fresh_key)?;
    let public_key = key.public();
    let identity = Arc::new(DaemonIdentity {
        key,
        info: node.info().await,
        node_id: None,
        join_token: Some(join.token),
        welcome: parking_lot::Mutex::default(),
    });
    let dialer = Dialer::new(config, identity.clone(), node.router());
    let dialer = dialer.map_err(DestinationError::from)?;
    let states = dialer.state();
    let stop = CancellationToken::new();
    let verdict = async {
        let verdict = tokio::time::timeout(WITHIN, verdict(states, &identity)).await;
        stop.cancel();
        verdict.unwrap_or_else(|_| Err(JoinError::Unreachable("it did not decide in time".into())))
    };
    let (welcome, ()) = tokio::join!(verdict, Box::pin(dialer.run(stop.clone())));
    let NodeWelcome { node_id, name } = welcome?;
    let registration = Registration {
        destination: join.destination,
        node_id,
        name,
        public_key,
    };
    directory
        .accept(&registration)
        .map_err(JoinError::Storage)?;
    Ok(registration)
}

/// Waits until the control plane has decided, or there is no way to it.
async fn verdict(
    mut states: watch::Receiver<State>,
    identity: &DaemonIdentity,
) -> Result<NodeWelcome, JoinError> {
    let mut failed = 0;
    loop {
        let state = states.borrow_and_update().clone();
        // Whatever became of the connection since: this one is in.
        if let Some(welcome) = identity.welcome.lock().clone() {
            return Ok(welcome);
        }
        match state {
            State::Connected { .. } => return Err(JoinError::Wordless),
            State::Refused { refusal, .. } => match refusal.reason {
                Reason::Starting | Reason::Busy | Reason::Moved => {}
                _ => return Err(JoinError::Refused(refusal.detail)),
            },
            State::Waiting { error, .. } => {
                failed += 1;
                if failed == ATTEMPTS {
                    return Err(JoinError::Unreachable(error));
                }
            }
            _ => {}
        }
        if states.changed().await.is_err() {
            return Err(JoinError::Unreachable("the attempt was broken off".into()));
        }
    }
}
