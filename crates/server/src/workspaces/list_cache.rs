//! Pages of the workspace list, kept while nothing has been written (decision 0007).
//!
//! What members of an organization see in this list does not depend on who asks, so a page is one
//! for all of them; the right to see it is checked before the cache is asked.

use std::collections::HashMap;
use std::sync::Arc;

use atelier_api::ids::OrganizationId;
use atelier_db::{Db, Engine};
use bytes::Bytes;
use parking_lot::Mutex;

/// The most pages that are kept; beyond it all are dropped.
const PAGES_MAX: usize = 256;

type Key = (OrganizationId, String);

#[derive(Debug, Default)]
struct Pages {
    generation: u64,
    pages: HashMap<Key, Bytes>,
}

/// The cache. Cheap to clone.
#[derive(Debug, Clone, Default)]
pub struct ListCache(Arc<Mutex<Pages>>);

impl ListCache {
    /// The page, if nothing has been written since it was put in.
    pub(super) fn get(&self, db: &Db, key: &Key) -> Option<Bytes> {
        let pages = self.0.lock();
        (pages.generation == db.generation())
            .then(|| pages.pages.get(key).cloned())
            .flatten()
    }

    /// Keeps a page that was read while the generation was `generation`.
    pub(super) fn put(&self, db: &Db, generation: u64, key: Key, page: Bytes) {
        // Other replicas write to PostgreSQL: there our own count proves nothing.
        if db.engine() != Engine::Sqlite {
            return;
        }
        let mut pages = self.0.lock();
        if pages.generation != generation || pages.pages.len() >= PAGES_MAX {
            pages.pages.clear();
            pages.generation = generation;
        }
        pages.pages.insert(key, page);
    }
}
