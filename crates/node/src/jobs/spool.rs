//! Output on the disk, of bounded size: a row of files, of which the oldest goes when a new one is
//! begun. A file's name is the offset of its first byte, so nothing else has to be remembered.

use std::collections::VecDeque;
use std::fs::{self, File, OpenOptions};
use std::io::{self, Read as _, Seek as _, SeekFrom, Write as _};
use std::path::{Path, PathBuf};

use atelier_api::agent::processes::Span;

const PREFIX: &str = "output-";

/// In so many files the spool is kept: when it is full, one in so many bytes is dropped at once.
const FILES_MAX: u64 = 4;

/// The output of one execution.
#[derive(Debug)]
pub(super) struct Spool {
    directory: PathBuf,
    /// How long a file may become.
    file_max: u64,
    /// Where each file begins, oldest first.
    files: VecDeque<u64>,
    end: u64,
    writing: Option<File>,
}

impl Spool {
    /// Goes on with what is there.
    pub(super) fn open(directory: &Path, limit: u64) -> io::Result<Self> {
        let mut files = Vec::new();
        for entry in fs::read_dir(directory)? {
            let entry = entry?;
            let name = entry.file_name();
            let start = name.to_str().and_then(|name| name.strip_prefix(PREFIX));
            if let Some(start) = start.and_then(|start| start.parse::<u64>().ok()) {
                files.push((start, entry.metadata()?.len()));
            }
        }
        files.sort_unstable();
        Ok(Self {
            directory: directory.to_owned(),
            file_max: (limit / FILES_MAX).max(1),
            end: files.last().map_or(0, |(start, length)| start + length),
            files: files.into_iter().map(|(start, _)| start).collect(),
            writing: None,
        })
    }

    /// The offsets that are held.
    pub(super) fn span(&self) -> Span {
        Span {
            start: self.files.front().copied().unwrap_or(self.end),
            end: self.end,
        }
    }

    /// Takes bytes in. Where the disk takes none, all that is held is given up for those to come.
    pub(super) fn append(&mut self, bytes: &[u8]) {
        if let Err(error) = self.try_append(bytes) {
            tracing::warn!(%error, "output of a job is lost");
            let end = self.end;
            self.lose(0);
            self.end = end;
        }
    }

    /// So many bytes were never seen here.
    pub(super) fn lose(&mut self, count: u64) {
        self.writing = None;
        for start in self.files.drain(..) {
            let _ = fs::remove_file(self.directory.join(format!("{PREFIX}{start}")));
        }
        self.end += count;
    }

    fn try_append(&mut self, mut bytes: &[u8]) -> io::Result<()> {
        // Counted first: what fails to be written is past as well.
        let mut at = self.end;
        self.end += bytes.len() as u64;
        while !bytes.is_empty() {
            let used = self.files.back().map_or(self.file_max, |start| at - start);
            let room = self.file_max.saturating_sub(used);
            if room == 0 {
                self.writing = None;
                if self.files.len() as u64 >= FILES_MAX
                    && let Some(oldest) = self.files.pop_front()
                {
                    fs::remove_file(self.path(oldest))?;
                }
                self.files.push_back(at);
                continue;
            }
            let take = usize::try_from(room).map_or(bytes.len(), |room| room.min(bytes.len()));
            let (now, later) = bytes.split_at(take);
            self.file()?.write_all(now)?;
            at += take as u64;
            bytes = later;
        }
        Ok(())
    }

    fn file(&mut self) -> io::Result<&mut File> {
        if self.writing.is_none() {
            let start = self.files.back().copied().unwrap_or(self.end);
            let file = OpenOptions::new()
                .create(true)
                .append(true)
                .open(self.path(start))?;
            self.writing = Some(file);
        }
        Ok(self.writing.as_mut().expect("it was just opened"))
    }

    /// The bytes from `offset` on, or from the oldest that is held, and where they begin.
    pub(super) fn read(&self, offset: u64) -> io::Result<(u64, Vec<u8>)> {
        let Span { start, end } = self.span();
        let from = offset.clamp(start, end);
        let mut bytes = Vec::new();
        for (place, first) in self.files.iter().enumerate() {
            let last = self.files.get(place + 1).copied().unwrap_or(end);
            if last <= from {
                continue;
            }
            let mut file = File::open(self.path(*first))?;
            file.seek(SeekFrom::Start(from.saturating_sub(*first)))?;
            file.read_to_end(&mut bytes)?;
        }
        Ok((from, bytes))
    }

    fn path(&self, start: u64) -> PathBuf {
        self.directory.join(format!("{PREFIX}{start}"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_newest_is_kept_within_the_limit_and_found_again() {
        let directory = tempfile::tempdir().unwrap();
        let mut spool = Spool::open(directory.path(), 40).unwrap();
        let all: Vec<u8> = (0..1000_u32).map(|n| (n % 251) as u8).collect();
        for piece in all.chunks(7) {
            spool.append(piece);
            let span = spool.span();
            assert!(span.end - span.start <= 40, "{span:?}");
        }
        for spool in [&spool, &Spool::open(directory.path(), 40).unwrap()] {
            let span = spool.span();
            assert_eq!(span.end, 1000);
            assert!(span.start <= 970, "{span:?}");
            let (from, bytes) = spool.read(0).unwrap();
            assert_eq!(from, span.start);
            assert_eq!(bytes, all[usize::try_from(from).unwrap()..]);
            assert_eq!(spool.read(995).unwrap(), (995, all[995..].to_vec()));
            assert_eq!(spool.read(2000).unwrap(), (1000, vec![]));
        }
        spool.lose(5);
        assert_eq!(
            spool.span(),
            Span {
                start: 1005,
                end: 1005
            }
        );
        spool.append(b"more");
        assert_eq!(spool.read(0).unwrap(), (1005, b"more".to_vec()));
    }
}
