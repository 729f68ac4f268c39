//! What has been decided lately: the hot path asks here, and the database once a minute.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use atelier_api::Timestamp;
use atelier_api::ids::{AccountId, OrganizationId, SessionId, TokenId};
use parking_lot::Mutex;
use tokio_util::sync::CancellationToken;

use super::decide::decide;
use super::token::{Place, Visitor};
use crate::app::App;
use crate::ctx::{Credential, Ctx};
use crate::error::{Chain, Error, Result};
use crate::nodes::NodeClient;

/// For how long a decision holds, in milliseconds.
const HOLDS_MS: i64 = 45_000;

/// How often decisions of open connections are looked at. With [`HOLDS_MS`], who may no longer is out
/// within a minute.
const LOOK_EVERY: Duration = Duration::from_secs(10);

/// How many decisions are remembered; when there are more, nobody new is let in.
const GRANTS_MAX: usize = 50_000;

/// Somebody may see an application.
#[derive(Debug)]
pub(super) struct Grant {
    /// The way there; a node that came back has a new one.
    client: Mutex<NodeClient>,
    /// Whose it is.
    pub(super) organization: OrganizationId,
    /// Cancelled when they may no longer.
    pub(super) over: CancellationToken,
    decided_at: Mutex<Timestamp>,
}

type Key = (Place, Option<(AccountId, Who)>);

/// A credential, as a key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum Who {
    Session(SessionId),
    Token(TokenId),
}

/// The decisions that still hold.
#[derive(Debug, Default)]
pub(super) struct Grants(Mutex<HashMap<Key, Arc<Grant>>>);

fn key(place: Place, visitor: Option<Visitor>) -> Key {
    let who = visitor.map(|visitor| {
        let who = match visitor.credential {
            Credential::Session(id) => Who::Session(id),
            Credential::Token(id) => Who::Token(id),
        };
        (visitor.account, who)
    });
    (place, who)
}

fn visitor(key: &Key) -> Option<Visitor> {
    key.1.map(|(account, who)| Visitor {
        account,
        credential: match who {
            Who::Session(id) => Credential::Session(id),
            Who::Token(id) => Credential::Token(id),
        },
    })
}

impl Grant {
    /// The way there.
    pub(super) fn client(&self) -> NodeClient {
        self.client.lock().clone()
    }

    /// The way did not lead there: the next who comes asks again.
    pub(super) fn doubt(&self) {
        *self.decided_at.lock() = Timestamp(0);
    }

    fn holds(&self, now: Timestamp) -> bool {
        !self.over.is_cancelled() && now.ms_since(*self.decided_at.lock()) < HOLDS_MS
    }
}

impl Grants {
    /// What was decided for somebody, if it was lately.
    pub(super) async fn get(
        app: &App,
        place: Place,
        visitor: Option<Visitor>,
    ) -> Result<Arc<Grant>> {
        let grants = &app.gateway().grants;
        let key = key(place, visitor);
        let now = app.clock().now();
        let known = grants.0.lock().get(&key).cloned();
        if let Some(known) = &known
            && known.holds(now)
        {
            return Ok(Arc::clone(known));
        }
        match Box::pin(Self::renew(app, &key, known.as_ref())).await {
            Ok(grant) => grants.keep(key, grant, now),
            Err(error) => {
                if let Some(known) = grants.0.lock().remove(&key) {
                    known.over.cancel();
                }
                Err(error)
            }
        }
    }

    /// Remembers a decision, so that it is watched over. Of two that were made at once one stays.
    fn keep(&self, key: Key, grant: Arc<Grant>, now: Timestamp) -> Result<Arc<Grant>> {
        let mut all = self.0.lock();
        if let Some(first) = all.get(&key)
            && !first.over.is_cancelled()
        {
            return Ok(Arc::clone(first));
        }
        if all.len() >= GRANTS_MAX {
            all.retain(|_, grant| Arc::strong_count(grant) > 1 || grant.holds(now));
        }
        if all.len() >= GRANTS_MAX {
            return Err(Error::unavailable(
                "Too many people look at applications at once. Try again in a moment.",
            ));
        }
        all.insert(key, Arc::clone(&grant));
        Ok(grant)
    }

    async fn renew(app: &App, key: &Key, known: Option<&Arc<Grant>>) -> Result<Arc<Grant>> {
        let now = app.clock().now();
        let ctx = Ctx::system(app, "preview");
        let reach = decide(&ctx, key.0, visitor(key)).await?;
        if let Some(known) = known
            && !known.over.is_cancelled()
            && known.organization == reach.organization
        {
            *known.decided_at.lock() = now;
            *known.client.lock() = reach.client;
            return Ok(Arc::clone(known));
        }
        Ok(Arc::new(Grant {
            client: Mutex::new(reach.client),
            organization: reach.organization,
            over: CancellationToken::new(),
            decided_at: Mutex::new(now),
        }))
    }

    /// Decides anew at once for everybody who is at a port.
    pub(super) async fn look_again(app: &App, place: Place) {
        let keys = app.gateway().grants.keys(|key, _| key.0 == place);
        Self::look(app, keys).await;
    }

    fn keys(&self, which: impl Fn(&Key, &Arc<Grant>) -> bool) -> Vec<Key> {
        let all = self.0.lock();
        let which = all.iter().filter(|(key, grant)| which(key, grant));
        which.map(|(key, _)| *key).collect()
    }

    async fn look(app: &App, keys: Vec<Key>) {
        for key in keys {
            let known = app.gateway().grants.0.lock().get(&key).cloned();
            if let Err(error) = Self::renew(app, &key, known.as_ref()).await {
                tracing::debug!(error = %Chain(&error), "somebody may no longer see an application");
                if let Some(known) = app.gateway().grants.0.lock().remove(&key) {
                    known.over.cancel();
                }
            }
        }
    }
}

/// Watches over those who are connected.
pub(crate) fn start(app: &App) {
    let watched = app.clone();
    app.tasks().spawn("preview_guard", async move {
        loop {
            tokio::time::sleep(LOOK_EVERY).await;
            let now = watched.clock().now();
            let grants = &watched.gateway().grants;
            // Somebody is connected as long as it is held elsewhere too.
            let idle = |grant: &Arc<Grant>| Arc::strong_count(grant) == 1;
            grants
                .0
                .lock()
                .retain(|_, grant| !idle(grant) || grant.holds(now));
            let due = grants.keys(|_, grant| !idle(grant) && !grant.holds(now));
            Grants::look(&watched, due).await;
        }
    });
}
