//! What was read, kept for as long as it is exact.

use std::collections::HashMap;
use std::fmt;
use std::hash::Hash;
use std::sync::{Mutex, PoisonError};

use crate::{Db, Engine};

/// The most entries that a cache keeps, if nothing else is said; beyond it all are dropped.
const ENTRIES_MAX: usize = 4096;

/// A cache of what was read, exact at every moment: an entry is given only while
/// [`Db::generation`] is what it was before the entry was read (decision 0007). On PostgreSQL, where
/// other replicas write too, it stays empty.
pub struct ReadCache<K, V>(Mutex<Entries<K, V>>);

struct Entries<K, V> {
    most: usize,
    generation: u64,
    kept: HashMap<K, V>,
}

impl<K, V> Default for ReadCache<K, V> {
    fn default() -> Self {
        Self::holding(ENTRIES_MAX)
    }
}

impl<K, V> ReadCache<K, V> {
    /// With room for so many entries, where they are large.
    pub fn holding(most: usize) -> Self {
        Self(Mutex::new(Entries {
            most,
            generation: 0,
            kept: HashMap::new(),
        }))
    }
}

impl<K, V> fmt::Debug for ReadCache<K, V> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ReadCache").finish_non_exhaustive()
    }
}

impl<K: Eq + Hash, V: Clone> ReadCache<K, V> {
    /// The entry, if nothing that could change it has been written since it was read.
    pub fn get(&self, db: &Db, key: &K) -> Option<V> {
        let cache = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if cache.generation != db.generation() {
            return None;
        }
        cache.kept.get(key).cloned()
    }

    /// Keeps what was read; `generation` is the one from before reading.
    pub fn put(&self, db: &Db, generation: u64, key: K, value: V) {
        if db.engine() != Engine::Sqlite {
            return;
        }
        let mut cache = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if cache.generation > generation {
            return;
        }
        if cache.generation != generation || cache.kept.len() >= cache.most {
            cache.kept.clear();
            cache.generation = generation;
        }
        cache.kept.insert(key, value);
    }
}
