//! Watching: one task reads the tables for all who watch, and ends with the last of them.

use std::sync::Arc;
use std::time::Duration;

use atelier_api::agent::ports::ListeningPorts;
use tokio::sync::watch::Receiver;

use super::Ports;
use crate::AgentError;

/// How often the tables are read while somebody watches: a port that opens is seen within a second.
const LOOK_EVERY: Duration = Duration::from_millis(400);

impl Ports {
    /// What listens now, and whatever changes in it.
    pub(super) async fn watch(
        self: &Arc<Self>,
    ) -> Result<Receiver<Arc<ListeningPorts>>, AgentError> {
        let mut changes = self.changes.subscribe();
        self.list().await?;
        changes.mark_changed();
        let mut polling = self.polling.lock();
        if !*polling {
            *polling = true;
            tokio::spawn(Arc::clone(self).poll());
        }
        Ok(changes)
    }

    async fn poll(self: Arc<Self>) {
        loop {
            tokio::time::sleep(LOOK_EVERY).await;
            {
                let mut polling = self.polling.lock();
                if self.changes.receiver_count() == 0 {
                    *polling = false;
                    return;
                }
            }
            if let Err(error) = self.list().await {
                tracing::debug!(%error, "the listening ports could not be read");
            }
        }
    }
}
