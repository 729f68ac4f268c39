//! Who a credential stands for, remembered for as long as the database has not changed.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use atelier_api::Timestamp;
use parking_lot::Mutex;

use super::secret::SecretHash;
use crate::ctx::Person;

/// How many credentials are remembered; when there are more, all are forgotten and read again.
const ENTRIES_MAX: usize = 10_000;

/// A credential's person and times, as read.
#[derive(Debug, Clone)]
pub(super) struct Known {
    /// Who.
    pub(super) person: Arc<Person>,
    /// Until when it works.
    pub(super) expires_at: Timestamp,
    /// When its use was last written down; absent when never.
    pub(super) last_used_at: Option<Timestamp>,
}

/// The cache. Exact: an entry is only used while [`atelier_db::Db::generation`] is what it was
/// before the entry was read, that is, while nothing has been committed since.
#[derive(Debug, Clone, Default)]
pub(super) struct Cache(Arc<Mutex<Entries>>);

#[derive(Debug, Default)]
struct Entries {
    generation: u64,
    known: HashMap<SecretHash, Known>,
    /// Credentials whose use is being written down at the moment.
    touching: HashSet<SecretHash>,
}

impl Cache {
    /// The credential's person, when it was read in this generation.
    pub(super) fn get(&self, hash: &SecretHash, generation: u64) -> Option<Known> {
        let entries = self.0.lock();
        if entries.generation != generation {
            return None;
        }
        entries.known.get(hash).cloned()
    }

    /// Remembers what was read; `generation` is the one from before reading.
    pub(super) fn put(&self, hash: SecretHash, generation: u64, known: Known) {
        let mut entries = self.0.lock();
        if entries.generation != generation {
            if entries.generation > generation {
                return;
            }
            entries.generation = generation;
            entries.known.clear();
        }
        if entries.known.len() >= ENTRIES_MAX {
            entries.known.clear();
        }
        entries.known.insert(hash, known);
    }

    /// Claims the writing down of a use; false when somebody already does it.
    pub(super) fn begin_touch(&self, hash: SecretHash) -> bool {
        self.0.lock().touching.insert(hash)
    }

    /// Gives the claim back.
    pub(super) fn end_touch(&self, hash: &SecretHash) {
        self.0.lock().touching.remove(hash);
    }
}

#[cfg(test)]
mod tests {
    use atelier_api::ids::{AccountId, SessionId};
    use uuid::Uuid;

    use super::*;
    use crate::ctx::Credential;
    use crate::identity::secret::Secret;

    fn known() -> Known {
        Known {
            person: Arc::new(Person {
                account: AccountId::from_uuid(Uuid::from_u128(1)),
                name: "Ada".to_owned(),
                credential: Credential::Session(SessionId::from_uuid(Uuid::from_u128(2))),
                roles: Vec::new(),
            }),
            expires_at: Timestamp(1),
            last_used_at: None,
        }
    }

    #[test]
    fn an_entry_is_used_in_its_own_generation_only() {
        let cache = Cache::default();
        let hash = Secret::generate("").unwrap().hash();
        cache.put(hash, 1, known());
        assert!(cache.get(&hash, 1).is_some());
        assert!(cache.get(&hash, 2).is_none());

        let late = Secret::generate("").unwrap().hash();
        cache.put(hash, 2, known());
        cache.put(late, 1, known());
        assert!(cache.get(&late, 1).is_none(), "read before the last commit");
        assert!(cache.get(&late, 2).is_none(), "read before the last commit");
        assert!(cache.get(&hash, 2).is_some());
    }

    #[test]
    fn stays_bounded() {
        let cache = Cache::default();
        for _ in 0..=ENTRIES_MAX {
            cache.put(Secret::generate("").unwrap().hash(), 0, known());
        }
        assert!(cache.0.lock().known.len() <= ENTRIES_MAX);
    }

    #[test]
    fn one_use_is_written_down_at_a_time() {
        let cache = Cache::default();
        let hash = Secret::generate("").unwrap().hash();
        assert!(cache.begin_touch(hash));
        assert!(!cache.begin_touch(hash));
        cache.end_touch(&hash);
        assert!(cache.begin_touch(hash));
    }
}
