//! Measurements of a span of time as a table, and the few bytes that it is stored in.
//!
//! A row for each time, a column for each series. Most columns hardly move from row to row, so a
//! column is stored as differences: a variable-length number each, and one more for a whole run that
//! stays the same. A minute of a machine with four cores takes about a hundred bytes, where a row of
//! a table for each value takes some thousands.

mod codec;

use std::collections::BTreeMap;
use std::ops::Range;

pub(super) use codec::{decode, encode};

/// Which of a series' values a column has.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) enum Part {
    /// What was measured, or its average or sum.
    Average,
    /// The smallest.
    Low,
    /// The largest.
    High,
}

/// What a column is of.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Series {
    /// The number of its kind (`metrics.rs`).
    pub(super) code: u8,
    pub(super) part: Part,
    /// The core, path, name or id; empty for the machine.
    pub(super) of: Box<str>,
}

/// The values of a series, one for each time.
pub(super) type Column = Vec<Option<u64>>;

/// Measurements, by time.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Block {
    /// Ascending, each once.
    times: Vec<i64>,
    /// Each as long as `times`.
    columns: BTreeMap<Series, Column>,
}

impl Block {
    pub(super) fn len(&self) -> usize {
        self.times.len()
    }

    pub(super) fn is_empty(&self) -> bool {
        self.times.is_empty()
    }

    pub(super) fn times(&self) -> &[i64] {
        &self.times
    }

    pub(super) fn columns(&self) -> impl Iterator<Item = (&Series, &Column)> {
        self.columns.iter()
    }

    pub(super) fn column(&self, series: &Series) -> Option<&Column> {
        self.columns.get(series)
    }

    /// The rows from a time on, before another.
    pub(super) fn rows(&self, from: i64, before: i64) -> Range<usize> {
        let at = |time| self.times.partition_point(|known| *known < time);
        at(from)..at(before).max(at(from))
    }

    /// Puts a row at its time, in place of one that stands there.
    pub(super) fn put(&mut self, at: i64, values: impl IntoIterator<Item = (Series, u64)>) {
        let row = match self.times.binary_search(&at) {
            Ok(row) => {
                for column in self.columns.values_mut() {
                    column[row] = None;
                }
                row
            }
            Err(row) => {
                self.times.insert(row, at);
                for column in self.columns.values_mut() {
                    column.insert(row, None);
                }
                row
            }
        };
        let rows = self.times.len();
        for (series, value) in values {
            let column = self.columns.entry(series);
            column.or_insert_with(|| vec![None; rows])[row] = Some(value);
        }
    }

    /// Takes over all rows of another, in place of its own at the same times.
    pub(super) fn merge(&mut self, other: &Self) {
        for row in 0..other.len() {
            self.put(other.times[row], other.row(row));
        }
    }

    /// Takes over all rows of another that is later.
    pub(super) fn append(&mut self, later: Self) {
        if self.times.last() >= later.times.first() && !self.is_empty() {
            self.merge(&later);
            return;
        }
        let before = self.times.len();
        self.times.extend(&later.times);
        for (series, column) in later.columns {
            let own = self.columns.entry(series).or_default();
            own.resize(before, None);
            own.extend(column);
        }
        let rows = self.times.len();
        for column in self.columns.values_mut() {
            column.resize(rows, None);
        }
    }

    /// Takes over the rows of another at times that it has none for.
    pub(super) fn fill(&mut self, other: &Self) {
        for (row, at) in other.times.iter().enumerate() {
            if self.times.binary_search(at).is_err() {
                self.put(*at, other.row(row));
            }
        }
    }

    /// Only the rows from a time on, before another.
    pub(super) fn cut(&self, from: i64, before: i64) -> Self {
        let rows = self.rows(from, before);
        let mut columns = BTreeMap::new();
        for (series, column) in &self.columns {
            let column = &column[rows.clone()];
            if column.iter().any(Option::is_some) {
                columns.insert(series.clone(), column.to_vec());
            }
        }
        Self {
            times: self.times[rows].to_vec(),
            columns,
        }
    }

    fn row(&self, row: usize) -> impl Iterator<Item = (Series, u64)> {
        let present = move |(series, column): (&Series, &Column)| {
            column[row].map(|value| (series.clone(), value))
        };
        self.columns.iter().filter_map(present)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn series(code: u8) -> Series {
        Series {
            code,
            part: Part::Average,
            of: "".into(),
        }
    }

    #[test]
    fn a_row_that_comes_twice_counts_once() {
        let mut block = Block::default();
        block.put(30, [(series(1), 3)]);
        block.put(10, [(series(1), 1), (series(2), 7)]);
        block.put(30, [(series(1), 3)]);
        block.put(20, [(series(2), 8)]);
        assert_eq!(block.times(), [10, 20, 30]);
        assert_eq!(block.columns[&series(1)], [Some(1), None, Some(3)]);
        assert_eq!(block.columns[&series(2)], [Some(7), Some(8), None]);

        let mut again = block.clone();
        again.merge(&block);
        assert_eq!(again, block);
        again.append(Block::default());
        again.append(block.clone());
        again.fill(&block);
        assert_eq!(again, block);

        let mut later = Block::default();
        later.put(40, [(series(3), 1)]);
        again.append(later.clone());
        let mut merged = block.clone();
        merged.merge(&later);
        assert_eq!(again, merged);

        let cut = block.cut(15, 30);
        assert_eq!((cut.times(), cut.columns.len()), (&[20_i64][..], 1));
        assert!(block.cut(40, 30).is_empty());
    }
}
