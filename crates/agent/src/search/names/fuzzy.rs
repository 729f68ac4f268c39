//! Which paths fit what somebody types, and how well.

use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::ops::Range;
use std::thread;

use atelier_api::agent::search::{FoundName, NameSearch};
use nucleo_matcher::pattern::{AtomKind, CaseMatching, Normalization, Pattern};
use nucleo_matcher::{Config, Matcher, Utf32Str};

use super::index::Index;
use crate::files::{RootDir, is_file, parse_path};

/// How many threads look at most. More would wake up for longer than they look.
const THREADS_MAX: usize = 4;

/// How many paths are worth a thread.
const THREAD_PATHS: usize = 8_192;

/// What was found.
#[derive(Debug)]
pub(super) struct Found {
    pub(super) items: Vec<FoundName>,
    pub(super) total: u64,
}

/// How well a path fits; better ones are greater.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Fit<'a> {
    score: u32,
    length: Reverse<usize>,
    path: Reverse<&'a str>,
}

/// The paths that fit best: recent files first.
pub(super) fn find(index: &Index, root: &RootDir, request: &NameSearch, limit: usize) -> Found {
    let pattern = Pattern::new(
        request.query.trim(),
        CaseMatching::Smart,
        Normalization::Smart,
        AtomKind::Fuzzy,
    );
    let mut judge = Judge::new(&pattern);
    let is_there = |path: &str| {
        let path = parse_path(path).ok()?;
        root.target(&path).filter(is_file)
    };
    let mut recent: Vec<_> = request
        .recent
        .iter()
        .filter_map(|path| Some((judge.score(path)?, path.as_str())))
        .filter(|(_, path)| is_there(path).is_some())
        .collect();
    // Stable: what fits equally well stays in its order, the latest first.
    recent.sort_by_key(|(score, _)| Reverse(*score));
    recent.truncate(limit);

    let (mut best, total) = best(index, &pattern, limit + recent.len());
    best.retain(|fit| !recent.iter().any(|(_, path)| *path == fit.path.0));
    let recent = recent.into_iter().map(|(_, path)| (path, true));
    let others = best.into_iter().map(|fit| (fit.path.0, false));
    let items = recent.chain(others).take(limit);
    let items = items.map(|(path, recent)| FoundName {
        path: path.to_owned(),
        positions: judge.positions(path),
        recent,
    });
    Found {
        items: items.collect(),
        total,
    }
}

/// The `limit` paths that fit best, the best first, and how many fit in all.
fn best<'a>(index: &'a Index, pattern: &Pattern, limit: usize) -> (Vec<Fit<'a>>, u64) {
    let threads = thread::available_parallelism().map_or(1, usize::from);
    let threads = threads.min(THREADS_MAX).min(index.len() / THREAD_PATHS + 1);
    let share = index.len().div_ceil(threads).max(1);
    let look = |start: usize| {
        let range = start..(start + share).min(index.len());
        best_of(index, range, pattern, limit)
    };
    let found: Vec<_> = thread::scope(|scope| {
        let others: Vec<_> = (share..index.len())
            .step_by(share)
            .map(|start| scope.spawn(move || look(start)))
            .collect();
        let mut found = vec![look(0)];
        found.extend(others.into_iter().filter_map(|other| other.join().ok()));
        found
    });
    let total = found.iter().map(|(_, total)| total).sum();
    let mut fits: Vec<Fit<'_>> = found.into_iter().flat_map(|(fits, _)| fits).collect();
    fits.sort_unstable_by(|one, other| other.cmp(one));
    fits.truncate(limit);
    (fits, total)
}

fn best_of<'a>(
    index: &'a Index,
    range: Range<usize>,
    pattern: &Pattern,
    limit: usize,
) -> (Vec<Fit<'a>>, u64) {
    let mut judge = Judge::new(pattern);
    let mut best = BinaryHeap::with_capacity(limit + 1);
    let mut total = 0;
    for position in range {
        let path = index.get(position);
        let Some(score) = judge.score(path) else {
            continue;
        };
        total += 1;
        let fit = Reverse(Fit {
            score,
            length: Reverse(path.len()),
            path: Reverse(path),
        });
        // The worst of the best stands at the top.
        if best.len() < limit {
            best.push(fit);
        } else if best.peek().is_some_and(|worst| fit < *worst) {
            best.pop();
            best.push(fit);
        }
    }
    (best.into_iter().map(|Reverse(fit)| fit).collect(), total)
}

/// Judges paths, with the memory that this takes.
struct Judge<'a> {
    pattern: &'a Pattern,
    matcher: Matcher,
    characters: Vec<char>,
}

impl<'a> Judge<'a> {
    fn new(pattern: &'a Pattern) -> Self {
        Self {
            pattern,
            matcher: Matcher::new(Config::DEFAULT.match_paths()),
            characters: Vec::new(),
        }
    }

    /// How well a path fits; nothing when it does not. What its name alone fits counts twice.
    fn score(&mut self, path: &str) -> Option<u32> {
        let score = self.score_text(path)?;
        let name = path.rsplit('/').next().unwrap_or(path);
        let by_name = self.score_text(name).unwrap_or(0);
        Some(score + by_name)
    }

    fn score_text(&mut self, text: &str) -> Option<u32> {
        let text = Utf32Str::new(text, &mut self.characters);
        self.pattern.score(text, &mut self.matcher)
    }

    /// Which characters of a path fit, in UTF-16 code units: those of its name, if that fits alone.
    fn positions(&mut self, path: &str) -> Vec<u32> {
        let name = path.rfind('/').map_or(0, |slash| slash + 1);
        let mut found = Vec::new();
        let mut start = name;
        if self.indices(&path[name..], &mut found).is_none() {
            found.clear();
            start = 0;
            self.indices(path, &mut found);
        }
        found.sort_unstable();
        found.dedup();
        let mut units = u32::try_from(path[..start].encode_utf16().count()).unwrap_or(u32::MAX);
        let mut wanted = found.into_iter().peekable();
        let mut positions = Vec::new();
        for (index, character) in path[start..].chars().enumerate() {
            if wanted.next_if(|wanted| *wanted as usize == index).is_some() {
                positions.push(units);
            }
            units += u32::try_from(character.len_utf16()).unwrap_or(1);
        }
        positions
    }

    fn indices(&mut self, text: &str, found: &mut Vec<u32>) -> Option<u32> {
        let text = Utf32Str::new(text, &mut self.characters);
        self.pattern.indices(text, &mut self.matcher, found)
    }
}
