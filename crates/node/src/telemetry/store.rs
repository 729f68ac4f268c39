//! Measurements on disk: a file for each hour, a line of JSON for each measurement. What is old goes by
//! whole files, so that nothing is ever rewritten; a line that a crash has cut is passed over.

use std::fs::{self, DirBuilder, File, OpenOptions};
use std::io::{self, BufRead as _, BufReader, Write as _};
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};

use atelier_api::Timestamp;
use atelier_api::node::{TelemetryList, TelemetrySample};

const HOUR_MS: i64 = 3_600_000;

/// How many hours are kept: 7 days.
const HOURS_KEPT: i64 = 7 * 24;

/// All files together, in bytes: twice what a week of a machine with 16 cores takes.
const BYTES_MAX: u64 = 256 << 20;

/// A clock that is set back by more than this, in milliseconds, was wrong before.
const SET_BACK_MS: i64 = HOUR_MS;

/// Where measurements are kept.
#[derive(Debug)]
pub(super) struct Store {
    reader: Reader,
    last: Timestamp,
    current: Option<(i64, File)>,
}

/// Reads them, while others are written.
#[derive(Debug, Clone)]
pub(super) struct Reader(PathBuf);

impl Store {
    /// Makes the directory, and finds out where it ended.
    pub(super) fn open(directory: &Path) -> io::Result<Self> {
        DirBuilder::new()
            .recursive(true)
            .mode(0o700)
            .create(directory)?;
        let reader = Reader(directory.to_owned());
        let newest = reader.hours()?.pop();
        let last = newest.and_then(|hour| reader.read(hour).ok()?.pop());
        Ok(Self {
            reader,
            last: last.map_or(Timestamp(0), |sample| sample.at),
            current: None,
        })
    }

    /// To read with.
    pub(super) fn reader(&self) -> Reader {
        self.reader.clone()
    }

    /// Gives the measurement its time and keeps it.
    pub(super) fn append(
        &mut self,
        now: Timestamp,
        sample: &mut TelemetrySample,
    ) -> io::Result<()> {
        if self.last.0 - now.0 > SET_BACK_MS {
            self.forget_after(now)?;
        }
        // Of two at once, and after small corrections of the clock, the later one counts as later.
        sample.at = Timestamp(now.0.max(self.last.0 + 1));
        self.last = sample.at;
        let mut line = serde_json::to_vec(sample).expect("a sample is plain data");
        line.push(b'\n');
        let hour = sample.at.0.div_euclid(HOUR_MS);
        let written = self.file(hour).and_then(|file| file.write_all(&line));
        if let Err(error) = &written {
            self.current = None;
            self.make_room(error)?;
        }
        written
    }

    /// On a disk that is full, the oldest hour gives way to what comes.
    fn make_room(&self, error: &io::Error) -> io::Result<()> {
        if error.kind() == io::ErrorKind::StorageFull
            && let [oldest, _, ..] = self.reader.hours()?[..]
        {
            tracing::warn!("the disk is full; the oldest hour of measurements was dropped");
            fs::remove_file(self.reader.path(oldest))?;
        }
        Ok(())
    }

    fn file(&mut self, hour: i64) -> io::Result<&mut File> {
        let known = self.current.take().filter(|(current, _)| *current == hour);
        let file = if let Some((_, file)) = known {
            file
        } else {
            self.tidy(hour)?;
            self.begin(hour)?
        };
        Ok(&mut self.current.insert((hour, file)).1)
    }

    /// Opens the hour's file, after the last whole line.
    fn begin(&self, hour: i64) -> io::Result<File> {
        let path = self.reader.path(hour);
        let whole = match fs::read(&path) {
            Ok(bytes) => bytes
                .iter()
                .rposition(|byte| *byte == b'\n')
                .map_or(0, |at| at + 1),
            Err(_) => 0,
        };
        let file = OpenOptions::new()
            .create(true)
            .append(true)
            .mode(0o600)
            .open(path)?;
        file.set_len(whole as u64)?;
        Ok(file)
    }

    /// Removes what is too old, and the oldest of what is too much.
    fn tidy(&self, hour: i64) -> io::Result<()> {
        let mut total = 0;
        for kept in self.reader.hours()?.into_iter().rev() {
            let path = self.reader.path(kept);
            total += fs::metadata(&path)?.len();
            if kept <= hour - HOURS_KEPT || total > BYTES_MAX {
                fs::remove_file(path)?;
            }
        }
        Ok(())
    }

    /// Measurements from a future that did not come.
    fn forget_after(&mut self, now: Timestamp) -> io::Result<()> {
        tracing::warn!("the clock was set back; measurements from after now are dropped");
        self.current = None;
        let hour = now.0.div_euclid(HOUR_MS);
        for later in self
            .reader
            .hours()?
            .into_iter()
            .filter(|later| *later > hour)
        {
            fs::remove_file(self.reader.path(later))?;
        }
        let last = self.reader.read(hour).unwrap_or_default().pop();
        self.last = last.map_or(Timestamp(0), |sample| sample.at);
        Ok(())
    }
}

impl Reader {
    /// At most `limit` measurements after a time, oldest first.
    pub(super) fn list(&self, after: Option<Timestamp>, limit: usize) -> io::Result<TelemetryList> {
        let first = after.map_or(i64::MIN, |after| after.0.div_euclid(HOUR_MS));
        let mut items = Vec::new();
        for hour in self.hours()?.into_iter().filter(|hour| *hour >= first) {
            let found = match self.read(hour) {
                // Tidied away meanwhile.
                Err(error) if error.kind() == io::ErrorKind::NotFound => continue,
                found => found?,
            };
            items.extend(
                found
                    .into_iter()
                    .filter(|sample| after.is_none_or(|after| sample.at > after)),
            );
            if items.len() > limit {
                break;
            }
        }
        let more = items.len() > limit;
        items.truncate(limit);
        Ok(TelemetryList {
            items,
            more,
            now: None,
        })
    }

    /// The hours that there are, oldest first.
    fn hours(&self) -> io::Result<Vec<i64>> {
        let mut hours = Vec::new();
        for entry in fs::read_dir(&self.0)? {
            let name = entry?.file_name();
            let hour = name.to_str().and_then(|name| name.strip_suffix(".ndjson"));
            hours.extend(hour.and_then(|hour| hour.parse::<i64>().ok()));
        }
        hours.sort_unstable();
        Ok(hours)
    }

    fn read(&self, hour: i64) -> io::Result<Vec<TelemetrySample>> {
        let mut samples = Vec::new();
        for line in BufReader::new(File::open(self.path(hour))?).split(b'\n') {
            samples.extend(serde_json::from_slice::<TelemetrySample>(&line?).ok());
        }
        Ok(samples)
    }

    fn path(&self, hour: i64) -> PathBuf {
        self.0.join(format!("{hour}.ndjson"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sample() -> TelemetrySample {
        let sample = serde_json::json!({
            "at": 0, "uptime_s": 1, "cpu_millis": [10], "load_millis": [1, 2, 3],
            "memory": { "total_bytes": 1, "available_bytes": 1, "swap_total_bytes": 0,
                        "swap_used_bytes": 0 },
            "disks": [], "devices": [], "networks": [], "open_files": 3, "processes": [],
            "workspaces": [],
        });
        serde_json::from_value(sample).unwrap()
    }

    fn append(store: &mut Store, at: i64) {
        store.append(Timestamp(at), &mut sample()).unwrap();
    }

    fn times(store: &Store, after: Option<i64>, limit: usize) -> (Vec<i64>, bool) {
        let list = store.reader().list(after.map(Timestamp), limit).unwrap();
        let times = list.items.iter().map(|sample| sample.at.0).collect();
        (times, list.more)
    }

    #[test]
    fn pages_follow_each_other_across_hours_and_restarts() {
        let directory = tempfile::tempdir().unwrap();
        let mut store = Store::open(directory.path()).unwrap();
        let all: Vec<i64> = (1..=9).map(|n| n * HOUR_MS / 4).collect();
        for at in &all {
            append(&mut store, *at);
        }
        let mut store = Store::open(directory.path()).unwrap();
        let (first, more) = times(&store, None, 4);
        assert_eq!((first.as_slice(), more), (&all[..4], true));
        let (second, more) = times(&store, Some(all[3]), 5);
        assert_eq!((second.as_slice(), more), (&all[4..], false));
        assert_eq!(times(&store, Some(all[8]), 5), (vec![], false));
        // A little back: still later than what was.
        append(&mut store, all[8] - 5);
        assert_eq!(times(&store, Some(all[8]), 5).0, [all[8] + 1]);
    }

    #[test]
    fn what_is_older_than_a_week_goes() {
        let directory = tempfile::tempdir().unwrap();
        let mut store = Store::open(directory.path()).unwrap();
        for hour in [1, 2, 1 + HOURS_KEPT] {
            append(&mut store, hour * HOUR_MS);
        }
        let kept = [2 * HOUR_MS, (1 + HOURS_KEPT) * HOUR_MS];
        assert_eq!(times(&store, None, 9).0, kept);
    }

    #[test]
    fn on_a_full_disk_the_oldest_hours_give_way_and_the_newest_stays() {
        let directory = tempfile::tempdir().unwrap();
        let mut store = Store::open(directory.path()).unwrap();
        for hour in 1..=3 {
            append(&mut store, hour * HOUR_MS);
        }
        let full = io::Error::from(io::ErrorKind::StorageFull);
        store
            .make_room(&io::Error::from(io::ErrorKind::PermissionDenied))
            .unwrap();
        store.make_room(&full).unwrap();
        let kept = [2 * HOUR_MS, 3 * HOUR_MS];
        assert_eq!(times(&store, None, 9).0, kept);
        store.make_room(&full).unwrap();
        store.make_room(&full).unwrap();
        assert_eq!(times(&store, None, 9).0, [3 * HOUR_MS]);
        append(&mut store, 3 * HOUR_MS + 1);
    }

    #[test]
    fn a_cut_line_costs_itself_only() {
        let directory = tempfile::tempdir().unwrap();
        let mut store = Store::open(directory.path()).unwrap();
        append(&mut store, 10);
        append(&mut store, 20);
        let file = directory.path().join("0.ndjson");
        let text = fs::read_to_string(&file).unwrap();
        fs::write(&file, &text[..text.len() - 9]).unwrap();
        let mut store = Store::open(directory.path()).unwrap();
        append(&mut store, 30);
        assert_eq!(times(&store, None, 9).0, [10, 30]);
    }

    #[test]
    fn a_clock_that_was_a_day_ahead_is_forgotten() {
        let directory = tempfile::tempdir().unwrap();
        let mut store = Store::open(directory.path()).unwrap();
        for at in [HOUR_MS, 25 * HOUR_MS, HOUR_MS + 10_000] {
            append(&mut store, at);
        }
        assert_eq!(times(&store, None, 9).0, [HOUR_MS, HOUR_MS + 10_000]);
    }
}
