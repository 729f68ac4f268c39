//! Workspaces that have started, or in which Git has changed something: told to whoever keeps what is seen there.

use std::collections::HashSet;

use atelier_api::ids::WorkspaceId;
use parking_lot::Mutex;
use tokio::sync::Notify;

use crate::app::App;

/// How many are held until somebody takes them. Beyond it they are looked at when somebody asks.
const HELD_MAX: usize = 10_000;

/// Those that nobody has taken yet.
#[derive(Debug, Default)]
pub(super) struct Touched {
    ids: Mutex<HashSet<WorkspaceId>>,
    some: Notify,
}

impl Touched {
    /// Adds one.
    pub(super) fn add(&self, id: WorkspaceId) {
        let mut ids = self.ids.lock();
        if ids.len() < HELD_MAX {
            ids.insert(id);
        }
        drop(ids);
        self.some.notify_one();
    }

    async fn take(&self) -> HashSet<WorkspaceId> {
        loop {
            let ids = std::mem::take(&mut *self.ids.lock());
            if !ids.is_empty() {
                return ids;
            }
            self.some.notified().await;
        }
    }
}

/// Resolves when there are some since the last call. For one caller.
pub(crate) async fn touched(app: &App) -> HashSet<WorkspaceId> {
    app.workspaces().touched.take().await
}

/// Adds a workspace when it is dropped: at the end of an answer, however that ends.
#[derive(Debug)]
pub(super) struct AtEnd {
    app: App,
    id: WorkspaceId,
}

impl AtEnd {
    pub(super) fn new(app: App, id: WorkspaceId) -> Self {
        Self { app, id }
    }
}

impl Drop for AtEnd {
    fn drop(&mut self) {
        self.app.workspaces().touched.add(self.id);
    }
}
