//! Many rows become one.

use std::ops::Range;

use super::block::{Block, Column, Part, Series};
use super::metrics::{self, Summary};

/// The milliseconds of a minute and an hour.
pub(super) const MINUTE_MS: i64 = 60_000;
pub(super) const HOUR_MS: i64 = 60 * MINUTE_MS;

/// What these rows come to. The rows may be measurements, or such sums themselves.
pub(super) fn row(block: &Block, rows: Range<usize>) -> Vec<(Series, u64)> {
    let mut summed = Vec::new();
    for (series, column) in block.columns() {
        let Some(kind) = metrics::of_code(series.code) else {
            continue;
        };
        if series.part != Part::Average {
            continue;
        }
        let values = || column[rows.clone()].iter().flatten().copied();
        let count = values().count() as u64;
        if count == 0 {
            continue;
        }
        let sum: u128 = values().map(u128::from).sum();
        let average = match kind.summary {
            Summary::Sum => sum,
            _ => (sum + u128::from(count / 2)) / u128::from(count),
        };
        let part = |part| Series {
            part,
            ..series.clone()
        };
        summed.push((series.clone(), u64::try_from(average).unwrap_or(u64::MAX)));
        let extreme = |of: Part| -> Vec<u64> {
            let known = block.column(&part(of));
            rows.clone()
                .filter_map(|row| value(known, column, row))
                .collect()
        };
        if kind.summary == Summary::LowHigh {
            summed.extend(
                extreme(Part::Low)
                    .into_iter()
                    .min()
                    .map(|low| (part(Part::Low), low)),
            );
        }
        if matches!(kind.summary, Summary::LowHigh | Summary::High) {
            let high = extreme(Part::High).into_iter().max();
            summed.extend(high.map(|high| (part(Part::High), high)));
        }
    }
    summed
}

/// An extreme, which a measurement has not: it is its own.
fn value(extremes: Option<&Column>, column: &Column, row: usize) -> Option<u64> {
    extremes.and_then(|known| known[row]).or(column[row])
}

/// Rows of a coarser block, one for each span of `step` that has any; each at the span's start.
pub(super) fn rows(block: &Block, step: i64) -> Block {
    let mut summed = Block::default();
    let mut begin = 0;
    while let Some(first) = block.times().get(begin) {
        let start = first.div_euclid(step) * step;
        let rows = begin..block.rows(start, start.saturating_add(step)).end;
        begin = rows.end;
        summed.put(start, row(block, rows));
    }
    summed
}

#[cfg(test)]
mod tests {
    use super::*;

    fn series(code: u8, part: Part) -> Series {
        Series {
            code,
            part,
            of: "".into(),
        }
    }

    /// CPU and errors, each so many at these times.
    fn measured(values: &[(i64, u64)]) -> Block {
        let mut block = Block::default();
        for (at, value) in values {
            let cpu = series(0, Part::Average);
            let errors = series(21, Part::Average);
            block.put(*at, [(cpu, *value), (errors, 2)]);
        }
        block
    }

    fn of(block: &Block, code: u8, part: Part) -> Vec<Option<u64>> {
        block.column(&series(code, part)).unwrap().clone()
    }

    #[test]
    fn minutes_have_their_average_and_extremes_and_hours_those_of_their_minutes() {
        let block = measured(&[(0, 100), (30_000, 200), (59_999, 600), (60_000, 10)]);
        let minutes = rows(&block, MINUTE_MS);
        assert_eq!(minutes.times(), [0, MINUTE_MS]);
        assert_eq!(of(&minutes, 0, Part::Average), [Some(300), Some(10)]);
        assert_eq!(of(&minutes, 0, Part::Low), [Some(100), Some(10)]);
        assert_eq!(of(&minutes, 0, Part::High), [Some(600), Some(10)]);
        assert_eq!(of(&minutes, 21, Part::Average), [Some(6), Some(2)]);

        let hours = rows(&minutes, HOUR_MS);
        assert_eq!(hours.times(), [0]);
        assert_eq!(of(&hours, 0, Part::Average), [Some(155)]);
        assert_eq!(of(&hours, 0, Part::Low), [Some(10)]);
        assert_eq!(of(&hours, 0, Part::High), [Some(600)]);
        assert_eq!(of(&hours, 21, Part::Average), [Some(8)]);
    }

    #[test]
    fn what_was_not_measured_is_not_made_up() {
        let block = measured(&[(0, 100), (3 * MINUTE_MS, 200)]);
        assert_eq!(rows(&block, MINUTE_MS).times(), [0, 3 * MINUTE_MS]);
        assert!(rows(&Block::default(), MINUTE_MS).is_empty());
    }

    #[test]
    fn kinds_of_a_later_version_are_passed_over() {
        let mut block = Block::default();
        block.put(5, [(series(200, Part::Average), 1)]);
        assert_eq!(rows(&block, MINUTE_MS).columns().count(), 0);
    }
}
