//! Who is there by a link, and what ends their connection.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use atelier_api::ids::TerminalShareId;
use atelier_db::Engine;
use parking_lot::Mutex;
use tokio_util::sync::CancellationToken;

use super::service;
use crate::ctx::Ctx;
use crate::error::{Error, Result};

/// How many may be there by one link at the same time.
const VIEWERS_MAX: usize = 20;

/// How often it is looked whether a link is still good. What this process revokes ends at once.
const LOOK_EVERY: Duration = Duration::from_secs(2);

/// After how many looks a link is read again though nothing was written.
const READ_EVERY: u32 = 30;

/// The connections by link. Cheap to clone.
#[derive(Debug, Clone, Default)]
pub(crate) struct LiveShares(Arc<Mutex<HashMap<TerminalShareId, Vec<CancellationToken>>>>);

/// A place among those who are there by a link, given up when it goes out of scope.
#[derive(Debug)]
pub(super) struct Place {
    live: LiveShares,
    share: TerminalShareId,
    cut: CancellationToken,
}

impl LiveShares {
    /// Takes a place; `cut` ends the connection.
    pub(super) fn enter(&self, share: TerminalShareId, cut: CancellationToken) -> Result<Place> {
        let mut all = self.0.lock();
        let there = all.entry(share).or_default();
        if there.len() >= VIEWERS_MAX {
            return Err(Error::limit_reached(format!(
                "{VIEWERS_MAX} people watch by this link, as many as may. Try again when one has left."
            )));
        }
        there.push(cut.clone());
        Ok(Place {
            live: self.clone(),
            share,
            cut,
        })
    }

    /// Ends all connections by a link.
    pub(super) fn cut(&self, share: TerminalShareId) {
        for cut in self.0.lock().get(&share).into_iter().flatten() {
            cut.cancel();
        }
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut all = self.live.0.lock();
        let Some(there) = all.get_mut(&self.share) else {
            return;
        };
        // A connection that has ended is cancelled, whoever ended it; this one certainly has.
        self.cut.cancel();
        there.retain(|cut| !cut.is_cancelled());
        if there.is_empty() {
            all.remove(&self.share);
        }
    }
}

/// Cuts a connection when its link is no longer good, and stops watching when it has ended.
pub(super) fn guard(ctx: &Ctx, place: Place) {
    let app = ctx.app().clone();
    app.clone().tasks().spawn("share_guard", async move {
        // The first look always reads: the link may have been revoked between the check and the place.
        let mut seen = None;
        let mut looks = 0;
        let ctx = Ctx::system(&app, "share_guard");
        while tokio::time::timeout(LOOK_EVERY, place.cut.cancelled())
            .await
            .is_err()
        {
            looks += 1;
            let now = app.db().generation();
            // On PostgreSQL other replicas write, too.
            let unchanged = seen == Some(now) && app.db().engine() == Engine::Sqlite;
            if unchanged && looks % READ_EVERY != 0 {
                continue;
            }
            seen = Some(now);
            if !service::still_good(&ctx, place.share).await {
                break;
            }
        }
    });
}
