//! All paths of a directory, in one piece of memory.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use ignore::{DirEntry, WalkState};
use parking_lot::Mutex;

use crate::files::{RootDir, is_file};
use crate::search::scope::Scope;

/// How many paths are held at most.
const PATHS_MAX: usize = 1_000_000;

/// How long all paths together may be, in bytes.
const BYTES_MAX: usize = 64 * 1024 * 1024;

/// Paths as they are written on the wire.
#[derive(Debug)]
pub(super) struct Index {
    text: String,
    /// Where each path ends in `text`.
    ends: Vec<u32>,
    truncated: bool,
    began: Instant,
    duration: Duration,
}

impl Index {
    /// Reads the paths of all files in `scope`, with so many threads; 0 for as many as there are processors.
    pub(super) fn read(scope: &Scope, root: &RootDir, threads: usize) -> Self {
        let began = Instant::now();
        let parts = Mutex::new(Vec::new());
        let (paths, bytes) = (AtomicUsize::new(0), AtomicUsize::new(0));
        scope.walk().threads(threads).build_parallel().run(|| {
            let mut part = Part {
                text: String::new(),
                ends: Vec::new(),
                parts: &parts,
            };
            let (paths, bytes) = (&paths, &bytes);
            Box::new(move |entry| {
                let Ok(entry) = entry else {
                    return WalkState::Continue;
                };
                let Some(path) = path(scope, root, &entry) else {
                    return WalkState::Continue;
                };
                let is_full = paths.fetch_add(1, Ordering::Relaxed) >= PATHS_MAX
                    || bytes.fetch_add(path.len(), Ordering::Relaxed) + path.len() > BYTES_MAX;
                if is_full {
                    return WalkState::Quit;
                }
                part.push(&path);
                WalkState::Continue
            })
        });
        let parts = parts.into_inner();
        let mut text = String::with_capacity(parts.iter().map(|(text, _)| text.len()).sum());
        let mut ends = Vec::with_capacity(parts.iter().map(|(_, ends)| ends.len()).sum());
        for (part, part_ends) in parts {
            let before = end(&text);
            ends.extend(part_ends.into_iter().map(|end| before + end));
            text.push_str(&part);
        }
        Self {
            text,
            ends,
            truncated: paths.into_inner() > PATHS_MAX || bytes.into_inner() > BYTES_MAX,
            began,
            duration: began.elapsed(),
        }
    }

    pub(super) fn len(&self) -> usize {
        self.ends.len()
    }

    pub(super) fn get(&self, position: usize) -> &str {
        let start = match position {
            0 => 0,
            position => self.ends[position - 1],
        };
        &self.text[start as usize..self.ends[position] as usize]
    }

    /// There are more files than are held.
    pub(super) fn is_truncated(&self) -> bool {
        self.truncated
    }

    /// For how long they have been read.
    pub(super) fn duration(&self) -> Duration {
        self.duration
    }

    /// How long ago that was begun: what was made since may be missing.
    pub(super) fn age(&self) -> Duration {
        self.began.elapsed()
    }
}

/// What one thread has read.
struct Part<'a> {
    text: String,
    ends: Vec<u32>,
    parts: &'a Mutex<Vec<(String, Vec<u32>)>>,
}

impl Part<'_> {
    fn push(&mut self, path: &str) {
        self.text.push_str(path);
        self.ends.push(end(&self.text));
    }
}

impl Drop for Part<'_> {
    fn drop(&mut self) {
        let part = (
            std::mem::take(&mut self.text),
            std::mem::take(&mut self.ends),
        );
        self.parts.lock().push(part);
    }
}

fn end(text: &str) -> u32 {
    u32::try_from(text.len()).expect("all paths together are shorter than 64 MiB")
}

/// The path of a file, or of a link that leads to one inside the root.
fn path(scope: &Scope, root: &RootDir, entry: &DirEntry) -> Option<String> {
    if entry.file_type().is_some_and(|kind| kind.is_symlink()) {
        let path = scope.relative(scope.below(entry.path())?);
        let leads_to_file = root.target(&path).is_some_and(|target| is_file(&target));
        return leads_to_file.then(|| path.wire());
    }
    scope.file(entry).map(|path| scope.wire(path))
}
