//! Connections that outlive their request end with the right to them.

use std::time::Duration;

use atelier_db::Engine;
use tokio_util::sync::CancellationToken;

use super::still_valid;
use crate::ctx::{Actor, Ctx};

/// How often it is looked whether a credential may have changed. So long, at most, a session that was
/// revoked keeps a terminal.
const LOOK_EVERY: Duration = Duration::from_secs(2);

/// After how many looks a credential is read again though nothing was written: it may have expired.
const READ_EVERY: u32 = 30;

/// Cuts a connection when its person's credential has ended, or no longer gives the same rights; stops
/// watching when the connection has ended.
pub(crate) fn guard(ctx: &Ctx, cut: CancellationToken) {
    let Actor::Person(person) = ctx.actor().clone() else {
        return;
    };
    let app = ctx.app().clone();
    ctx.app().tasks().spawn("connection_guard", async move {
        let mut seen = app.db().generation();
        let mut looks = 0;
        while tokio::time::timeout(LOOK_EVERY, cut.cancelled())
            .await
            .is_err()
        {
            looks += 1;
            let now = app.db().generation();
            // On PostgreSQL other replicas write, too.
            let unchanged = now == seen && app.db().engine() == Engine::Sqlite;
            if unchanged && looks % READ_EVERY != 0 {
                continue;
            }
            seen = now;
            if !still_valid(&app, &person).await {
                cut.cancel();
            }
        }
    });
}
