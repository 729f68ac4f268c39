//! The way to VS Code: an upgraded connection whose bytes are its socket's.

use std::sync::Arc;
use std::sync::atomic::Ordering;

use atelier_api::agent::vscode::VsCodeState;
use hyper::upgrade::OnUpgrade;
use hyper_util::rt::TokioIo;
use tokio::io::copy_bidirectional_with_sizes;
use tokio::net::UnixStream;
use tokio::time::Instant;

use super::VsCode;
use crate::AgentError;

/// The buffer of each direction, in bytes.
const BUFFER: usize = 64 * 1024;

/// A connection, which is counted as long as it lives.
pub(super) struct Connected {
    stream: UnixStream,
    counted: Counted,
}

struct Counted(Arc<VsCode>);

impl Drop for Counted {
    fn drop(&mut self) {
        self.0.connections.fetch_sub(1, Ordering::Relaxed);
        self.0.state.lock().used = Instant::now();
    }
}

impl VsCode {
    /// Connects to it, if it runs.
    pub(super) async fn connect(self: &Arc<Self>) -> Result<Connected, AgentError> {
        let (state, socket) = {
            let state = self.state.lock();
            (state.status.state, state.socket.clone())
        };
        let socket = socket.filter(|_| state == VsCodeState::Ready);
        let Some(socket) = socket else {
            return Err(AgentError::unavailable(
                1,
                "VS Code does not run in this workspace at the moment. Start it, then try again.",
            ));
        };
        self.connections.fetch_add(1, Ordering::Relaxed);
        let counted = Counted(Arc::clone(self));
        let stream = UnixStream::connect(&socket).await.map_err(|error| {
            AgentError::unavailable(1, "VS Code does not take connections at the moment.")
                .caused_by(error)
        })?;
        Ok(Connected { stream, counted })
    }
}

/// Passes bytes both ways until both sides are done or one breaks.
pub(super) async fn pipe(caller: OnUpgrade, connected: Connected) {
    let Connected {
        mut stream,
        counted,
    } = connected;
    if let Ok(caller) = caller.await {
        let mut caller = TokioIo::new(caller);
        // Ends with an error when either side is cut off, which is how most leave.
        let _: std::io::Result<_> =
            copy_bidirectional_with_sizes(&mut caller, &mut stream, BUFFER, BUFFER).await;
    }
    drop(counted);
}
