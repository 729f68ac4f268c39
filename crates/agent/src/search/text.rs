//! Searching texts: a walk on several threads, whose results go to the caller as they come.

use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt as _;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU32, AtomicU64, Ordering};
use std::time::{Duration, Instant};

use atelier_api::agent::search::{
    CONTEXT_MAX, FILE_MATCHES_MAX, FoundFile, MATCHES_MAX, SearchEvent, SearchLimit, SearchSummary,
    TextSearch, UnreadablePath,
};
use bytes::Bytes;
use futures_util::Stream;
use grep_searcher::Searcher;
use ignore::{DirEntry, WalkState};
use memchr::memchr;
use parking_lot::Mutex;
use tokio::sync::OwnedSemaphorePermit;

use super::outbox::{Next, Outbox};
use super::pattern::Pattern;
use super::reader::{Content, Stoppable, begin};
use super::scope::Scope;
use super::sink::{Collector, searcher};
use crate::AgentError;
use crate::files::{FileError, Reason, RootDir, etag, is_file, metadata};

/// How long a search may take.
const TIME_MAX: Duration = Duration::from_secs(120);

/// How often the caller is told how far the search is.
const PROGRESS: Duration = Duration::from_millis(500);

/// How many paths are named that could not be read.
const UNREADABLE_PATHS_MAX: usize = 20;

/// A search, ready to run.
#[derive(Debug)]
pub(super) struct Search {
    scope: Scope,
    pattern: Pattern,
    context: u8,
    file_limit: u32,
    outbox: Outbox,
    began: Instant,
    /// Nobody waits for it, or a limit was reached.
    stopped: AtomicBool,
    /// How many more matches may be told.
    remaining: AtomicU32,
    progress: Progress,
}

/// What was done so far.
#[derive(Debug, Default)]
struct Progress {
    files: AtomicU64,
    files_found: AtomicU64,
    matches: AtomicU64,
    binary: AtomicU64,
    too_long: AtomicU64,
    unreadable: AtomicU64,
    unreadable_paths: Mutex<Vec<UnreadablePath>>,
    limit: Mutex<Option<SearchLimit>>,
}

impl Search {
    /// Compiles the pattern and opens the place.
    pub(super) fn prepare(root: &RootDir, request: &TextSearch) -> Result<Self, AgentError> {
        if request.context > CONTEXT_MAX {
            let detail = format!("At most {CONTEXT_MAX} lines around a match can be told.");
            return Err(AgentError::invalid("context", detail));
        }
        let limit = request.limit.unwrap_or(MATCHES_MAX).clamp(1, MATCHES_MAX);
        let file_limit = request.file_limit.unwrap_or(FILE_MATCHES_MAX);
        Ok(Self {
            pattern: Pattern::new(&request.pattern, request.replacement.as_deref())?,
            scope: Scope::open(root, &request.scope)?,
            context: request.context,
            file_limit: file_limit.clamp(1, FILE_MATCHES_MAX),
            outbox: Outbox::default(),
            began: Instant::now(),
            stopped: AtomicBool::new(false),
            remaining: AtomicU32::new(limit),
            progress: Progress::default(),
        })
    }

    /// Runs it, and tells what it finds as lines of JSON. Dropping the stream ends it; `permit` is given back
    /// when it has ended.
    pub(super) fn run(
        self,
        permit: OwnedSemaphorePermit,
    ) -> impl Stream<Item = Bytes> + Send + 'static {
        let search = Arc::new(self);
        let theirs = Arc::clone(&search);
        tokio::task::spawn_blocking(move || {
            let _permit = permit;
            let _ended = Ended(&theirs);
            theirs.walk();
            theirs.outbox.push(&SearchEvent::Done(theirs.summary()));
        });
        let caller = Caller(search);
        async_stream::stream! {
            let search = &caller.0;
            let mut sent = None;
            let mut told = tokio::time::Instant::now();
            loop {
                let next = search.outbox.next(sent, PROGRESS).await;
                if told.elapsed() >= PROGRESS && !matches!(next, Next::End) {
                    told = tokio::time::Instant::now();
                    yield search.so_far();
                }
                match next {
                    Next::Lines(lines) => yield lines,
                    Next::Nothing => {}
                    Next::End => break,
                }
                sent = Some(tokio::time::Instant::now());
            }
        }
    }

    fn so_far(&self) -> Bytes {
        let files = self.progress.files.load(Ordering::Relaxed);
        let mut line =
            serde_json::to_vec(&SearchEvent::Progress { files }).expect("an event is plain data");
        line.push(b'\n');
        line.into()
    }

    fn walk(&self) {
        self.scope.walk().build_parallel().run(|| {
            let mut worker = Worker {
                search: self,
                pattern: self.pattern.clone(),
                searcher: searcher(self.context),
                buffer: Vec::new(),
            };
            Box::new(move |entry| worker.visit(entry))
        });
    }

    fn is_stopped(&self) -> bool {
        self.stopped.load(Ordering::Relaxed)
    }

    fn stop_for(&self, limit: SearchLimit) {
        self.progress.limit.lock().get_or_insert(limit);
        self.stopped.store(true, Ordering::Relaxed);
    }

    /// Takes one of the matches that may be told.
    fn claim(&self) -> bool {
        let taken = self
            .remaining
            .fetch_update(Ordering::Relaxed, Ordering::Relaxed, |left| {
                left.checked_sub(1)
            });
        if taken.is_err() {
            self.stop_for(SearchLimit::Matches);
        }
        taken.is_ok()
    }

    fn unreadable(&self, path: String, reason: String) {
        self.progress.unreadable.fetch_add(1, Ordering::Relaxed);
        let mut paths = self.progress.unreadable_paths.lock();
        if paths.len() < UNREADABLE_PATHS_MAX {
            paths.push(UnreadablePath { path, reason });
        }
    }

    fn summary(&self) -> SearchSummary {
        let count = |counter: &AtomicU64| counter.load(Ordering::Relaxed);
        let progress = &self.progress;
        SearchSummary {
            files: count(&progress.files),
            files_found: count(&progress.files_found),
            matches: count(&progress.matches),
            binary: count(&progress.binary),
            too_long: count(&progress.too_long),
            unreadable: count(&progress.unreadable),
            unreadable_paths: std::mem::take(&mut progress.unreadable_paths.lock()),
            limit: *progress.limit.lock(),
            duration_ms: u64::try_from(self.began.elapsed().as_millis()).unwrap_or(u64::MAX),
        }
    }
}

/// Tells the caller that nothing more comes, even when the search has failed.
struct Ended<'a>(&'a Search);

impl Drop for Ended<'_> {
    fn drop(&mut self) {
        self.0.outbox.close();
    }
}

/// Whoever waits for the results.
struct Caller(Arc<Search>);

impl Drop for Caller {
    fn drop(&mut self) {
        self.0.stopped.store(true, Ordering::Relaxed);
        self.0.outbox.close();
    }
}

/// One of the threads.
struct Worker<'a> {
    search: &'a Search,
    pattern: Pattern,
    searcher: Searcher,
    buffer: Vec<u8>,
}

/// Why a file was not searched to its end.
enum Unsearched {
    Binary,
    TooLong,
    /// It is gone, or nobody wants to know any more.
    Nothing,
    Failed(FileError),
}

impl From<FileError> for Unsearched {
    fn from(error: FileError) -> Self {
        match error.reason() {
            Reason::NotFound => Self::Nothing,
            _ => Self::Failed(error),
        }
    }
}

impl Worker<'_> {
    fn visit(&mut self, entry: Result<DirEntry, ignore::Error>) -> WalkState {
        let search = self.search;
        if search.is_stopped() {
            return WalkState::Quit;
        }
        if search.began.elapsed() > TIME_MAX {
            search.stop_for(SearchLimit::Time);
            return WalkState::Quit;
        }
        let entry = match entry {
            Ok(entry) => entry,
            Err(error) => {
                self.walk_failed(&error);
                return WalkState::Continue;
            }
        };
        let Some(path) = search.scope.file(&entry) else {
            return WalkState::Continue;
        };
        match self.search(path) {
            Ok(found) => {
                search.progress.files.fetch_add(1, Ordering::Relaxed);
                if let Some(found) = found {
                    self.tell(found);
                }
            }
            Err(Unsearched::Binary) => {
                search.progress.binary.fetch_add(1, Ordering::Relaxed);
            }
            Err(Unsearched::TooLong) => {
                search.progress.too_long.fetch_add(1, Ordering::Relaxed);
            }
            Err(Unsearched::Failed(error)) => {
                search.unreadable(search.scope.wire(path), error.reason().to_string());
            }
            Err(Unsearched::Nothing) => {}
        }
        WalkState::Continue
    }

    fn tell(&self, found: FoundFile) {
        let progress = &self.search.progress;
        let matches: usize = found.lines.iter().map(|line| line.matches.len()).sum();
        progress.files_found.fetch_add(1, Ordering::Relaxed);
        progress
            .matches
            .fetch_add(matches as u64, Ordering::Relaxed);
        self.search.outbox.push(&SearchEvent::File(found));
    }

    fn walk_failed(&self, error: &ignore::Error) {
        let path = path_of(error).and_then(|path| self.search.scope.below(path));
        let reason = match error.io_error() {
            Some(io) if io.kind() == std::io::ErrorKind::NotFound => return,
            Some(io) => match io.raw_os_error() {
                Some(code) => FileError::from(rustix::io::Errno::from_raw_os_error(code))
                    .reason()
                    .to_string(),
                None => io.to_string(),
            },
            None => error.to_string(),
        };
        let path = path.unwrap_or(Path::new(OsStr::from_bytes(b"")));
        self.search.unreadable(self.search.scope.wire(path), reason);
    }

    fn search(&mut self, path: &Path) -> Result<Option<FoundFile>, Unsearched> {
        let search = self.search;
        let file = search.scope.open_file(path)?;
        // Before it is read: what changes it later makes another version of it.
        let version = metadata(&file)?;
        if !is_file(&version) {
            return Err(Unsearched::Nothing);
        }
        let mut found = Collector::new(&self.pattern, search.file_limit, || search.claim());
        let matcher = self.pattern.matcher();
        let content = begin(file, version.stx_size, &mut self.buffer).map_err(FileError::from)?;
        let searched = match content {
            Content::Whole(bytes) => self.searcher.search_slice(matcher, bytes, &mut found),
            Content::Parts(inner) => {
                let stopped = || search.is_stopped();
                let reader = Stoppable {
                    inner,
                    stopped: &stopped,
                };
                self.searcher.search_reader(matcher, reader, &mut found)
            }
        };
        match searched {
            Ok(()) => {}
            Err(_) if search.is_stopped() => return Err(Unsearched::Nothing),
            // Only the searcher's own bound comes without a number of the system.
            Err(error) if error.raw_os_error().is_none() => return Err(Unsearched::TooLong),
            Err(error) => return Err(FileError::from(error).into()),
        }
        if found.binary || (found.matches > 0 && is_binary(&self.buffer)) {
            return Err(Unsearched::Binary);
        }
        let (matches, lines, truncated) = (found.matches, found.lines, found.truncated);
        Ok((matches > 0).then(|| FoundFile {
            path: search.scope.wire(path),
            etag: etag(&version),
            lines,
            truncated,
        }))
    }
}

/// Whether what was read at once holds binary data; UTF-16 is none.
fn is_binary(bytes: &[u8]) -> bool {
    !bytes.starts_with(b"\xff\xfe") && !bytes.starts_with(b"\xfe\xff") && memchr(0, bytes).is_some()
}

/// The path that an error of the walk is about.
fn path_of(error: &ignore::Error) -> Option<&Path> {
    match error {
        ignore::Error::WithPath { path, .. } => Some(path),
        ignore::Error::WithDepth { err, .. } | ignore::Error::WithLineNumber { err, .. } => {
            path_of(err)
        }
        _ => None,
    }
}
