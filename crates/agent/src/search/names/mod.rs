//! Finding files by parts of their paths.
//!
//! The paths of a directory are held in memory while somebody looks for names, and read again when some time
//! has passed. Who asks meanwhile is answered from what is there.

mod fuzzy;
mod index;

use std::sync::Arc;
use std::time::{Duration, Instant};

use atelier_api::agent::search::{NAMES_MAX, NameList, NameSearch, RECENT_MAX, SearchScope};
use parking_lot::Mutex;
use tokio::sync::Notify;
use tokio::time::{sleep, timeout};

use super::scope::Scope;
use crate::AgentError;
use crate::files::{RelativePath, RootDir, blocking, parse_path};
use index::Index;

/// How long a query may be, in bytes.
const QUERY_BYTES_MAX: usize = 1024;

/// How many are answered when the caller does not say.
const NAMES_DEFAULT: u32 = 50;

/// How many directories' paths are held.
const INDEXES_MAX: usize = 4;

/// After how long without a question paths are let go.
const IDLE: Duration = Duration::from_secs(5 * 60);

/// How long paths count as current; and for how many times as long as reading them took.
const CURRENT: Duration = Duration::from_secs(1);
const CURRENT_TIMES: u32 = 20;

/// How long an answer waits for paths that are being read again. A small directory is read in less.
const PATIENCE: Duration = Duration::from_millis(12);

/// The paths that are held.
#[derive(Debug, Default)]
pub(super) struct Names {
    shelves: Mutex<Vec<Arc<Shelf>>>,
}

/// What is asked about.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Place {
    path: RelativePath,
    ignored: bool,
    hidden: bool,
}

/// A place's paths.
#[derive(Debug)]
struct Shelf {
    place: Place,
    state: Mutex<State>,
    /// The paths were read.
    read: Notify,
}

#[derive(Debug)]
struct State {
    index: Option<Arc<Index>>,
    reading: bool,
    asked: Instant,
}

impl Names {
    /// The files whose paths fit, best first.
    pub(super) async fn search(
        self: &Arc<Self>,
        root: Arc<RootDir>,
        request: NameSearch,
    ) -> Result<NameList, AgentError> {
        if request.query.len() > QUERY_BYTES_MAX {
            let detail = format!("It is longer than {QUERY_BYTES_MAX} bytes.");
            return Err(AgentError::invalid("query", detail));
        }
        if request.recent.len() > RECENT_MAX {
            let detail = format!("At most {RECENT_MAX} recent files count.");
            return Err(AgentError::invalid("recent", detail));
        }
        let place = Place {
            path: parse_path(&request.path)?,
            ignored: request.ignored,
            hidden: request.hidden,
        };
        let (index, refreshing) = self.index(&root, place).await?;
        let limit = request.limit.unwrap_or(NAMES_DEFAULT).clamp(1, NAMES_MAX) as usize;
        blocking(move || {
            let found = fuzzy::find(&index, &root, &request, limit);
            Ok::<_, AgentError>(NameList {
                items: found.items,
                total: found.total,
                files: index.len() as u64,
                truncated: index.is_truncated(),
                refreshing,
            })
        })
        .await
    }

    /// A place's paths, and whether they are being read again.
    async fn index(
        self: &Arc<Self>,
        root: &Arc<RootDir>,
        place: Place,
    ) -> Result<(Arc<Index>, bool), AgentError> {
        let shelf = self.shelf(place);
        loop {
            let read = shelf.read.notified();
            let (index, must_read) = shelf.look();
            if must_read {
                shelf
                    .begin_reading(Arc::clone(root), index.is_none())
                    .await?;
            }
            match index {
                Some(index) if !must_read && !shelf.state.lock().reading => {
                    return Ok((index, false));
                }
                Some(index) => {
                    if timeout(PATIENCE, read).await.is_err() {
                        return Ok((index, true));
                    }
                    let newest = shelf.state.lock().index.clone();
                    return Ok((newest.unwrap_or(index), false));
                }
                None => read.await,
            }
        }
    }

    fn shelf(self: &Arc<Self>, place: Place) -> Arc<Shelf> {
        let mut shelves = self.shelves.lock();
        if shelves.is_empty() {
            self.let_go_when_idle();
        }
        if let Some(position) = shelves.iter().position(|shelf| shelf.place == place) {
            let shelf = shelves.remove(position);
            shelves.push(Arc::clone(&shelf));
            return shelf;
        }
        if shelves.len() == INDEXES_MAX {
            shelves.remove(0);
        }
        let shelf = Arc::new(Shelf {
            place,
            state: Mutex::new(State {
                index: None,
                reading: false,
                asked: Instant::now(),
            }),
            read: Notify::new(),
        });
        shelves.push(Arc::clone(&shelf));
        shelf
    }

    /// Looks after the shelves until there are none.
    fn let_go_when_idle(self: &Arc<Self>) {
        let names = Arc::downgrade(self);
        tokio::spawn(async move {
            loop {
                sleep(IDLE / 5).await;
                let Some(names) = names.upgrade() else { break };
                let mut shelves = names.shelves.lock();
                shelves.retain(|shelf| shelf.state.lock().asked.elapsed() < IDLE);
                if shelves.is_empty() {
                    break;
                }
            }
        });
    }
}

impl Shelf {
    /// What there is, and whether the caller is to have it read (again).
    fn look(&self) -> (Option<Arc<Index>>, bool) {
        let mut state = self.state.lock();
        state.asked = Instant::now();
        let index = state.index.clone();
        let is_current = index
            .as_ref()
            .is_some_and(|index| index.age() < CURRENT.max(index.duration() * CURRENT_TIMES));
        let must_read = !is_current && !state.reading;
        state.reading |= must_read;
        (index, must_read)
    }

    /// Reads the paths away from the event loop; on all processors when somebody waits for them.
    async fn begin_reading(
        self: &Arc<Self>,
        root: Arc<RootDir>,
        first: bool,
    ) -> Result<(), AgentError> {
        let reading = Reading(Arc::clone(self));
        let scope = SearchScope {
            path: self.place.path.wire(),
            ignored: self.place.ignored,
            hidden: self.place.hidden,
            ..SearchScope::default()
        };
        let theirs = Arc::clone(&root);
        let scope = blocking(move || Scope::open(&theirs, &scope)).await?;
        tokio::task::spawn_blocking(move || {
            let index = Index::read(&scope, &root, usize::from(!first));
            reading.0.state.lock().index = Some(Arc::new(index));
            drop(reading);
        });
        Ok(())
    }
}

/// That paths are being read, until it is dropped.
struct Reading(Arc<Shelf>);

impl Drop for Reading {
    fn drop(&mut self) {
        self.0.state.lock().reading = false;
        self.0.read.notify_waiters();
    }
}
