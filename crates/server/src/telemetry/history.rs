//! From what is kept to what a chart shows: which resolution, how many points, where the gaps are.

use atelier_api::Timestamp;
use atelier_api::v1::telemetry::{TelemetryMetric, TelemetrySeries};

use super::block::{Block, Column, Part, Series};
use super::keep::Kept;
use super::metrics::{self, Kind};
use super::rollup::{self, HOUR_MS, MINUTE_MS};
use super::store::Resolution;

/// How often nodes measure, in milliseconds.
const MEASURED_MS: i64 = 10_000;

/// Points that are further apart than so many steps have a gap between them: 3½ in halves.
const GAP_HALVES: i64 = 7;

/// What is read, and how it is summed up.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Plan {
    pub(super) resolution: Resolution,
    /// The distance of the points.
    pub(super) step_ms: i64,
}

/// The finest that is kept of a time and has no more points than wanted.
pub(super) fn plan(from: Timestamp, to: Timestamp, points: u32, kept: Kept) -> Plan {
    let wanted = to.ms_since(from) / i64::from(points.max(1));
    let has = |resolution| from >= kept.from(resolution);
    let (resolution, every) = if wanted < MINUTE_MS && has(Resolution::Raw) {
        (Resolution::Raw, MEASURED_MS)
    } else if wanted < HOUR_MS && has(Resolution::Minute) {
        (Resolution::Minute, MINUTE_MS)
    } else {
        (Resolution::Hour, HOUR_MS)
    };
    // Whole steps, so that each holds as many as any other.
    let steps = wanted.saturating_add(every - 1) / every;
    Plan {
        resolution,
        step_ms: steps.max(1) * every,
    }
}

/// A table of points.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Points {
    pub(super) times: Vec<Timestamp>,
    pub(super) series: Vec<TelemetrySeries>,
}

/// The points of a time, of the series that are `wanted`.
pub(super) fn points(
    block: &Block,
    from: Timestamp,
    to: Timestamp,
    plan: Plan,
    wanted: impl Fn(TelemetryMetric, &str) -> bool,
) -> Points {
    let cut = block.cut(from.0, to.0.saturating_add(1));
    // Measurements themselves are shown at their own times.
    let block = if plan.resolution == Resolution::Raw && plan.step_ms <= MEASURED_MS {
        cut
    } else {
        rollup::rows(&cut, plan.step_ms)
    };
    let mut places = Vec::with_capacity(block.len());
    let mut times = Vec::with_capacity(block.len());
    for (row, at) in block.times().iter().enumerate() {
        if let Some(Timestamp(before)) = times.last()
            && (at - before).saturating_mul(2) > plan.step_ms.saturating_mul(GAP_HALVES)
        {
            places.push(None);
            times.push(Timestamp(before + plan.step_ms));
        }
        places.push(Some(row));
        times.push(Timestamp(*at));
    }
    let mut series = Vec::new();
    for (of, column) in block.columns() {
        let kind = metrics::of_code(of.code).filter(|kind| wanted(kind.metric, &of.of));
        let Some(kind) = kind.filter(|_| of.part == Part::Average) else {
            continue;
        };
        let part = |part| {
            let column = block.column(&Series { part, ..of.clone() })?;
            Some(values(column, &places, kind))
        };
        series.push(TelemetrySeries {
            metric: kind.metric,
            of: (!of.of.is_empty()).then(|| of.of.to_string()),
            average: values(column, &places, kind),
            low: part(Part::Low),
            high: part(Part::High),
        });
    }
    Points { times, series }
}

fn values(column: &Column, places: &[Option<usize>], kind: &Kind) -> Column {
    let value = |place: &Option<usize>| Some(column[(*place)?]?.saturating_mul(kind.unit));
    places.iter().map(value).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config;

    const NOW: i64 = 1_767_225_600_000;
    const DAY_MS: i64 = 24 * HOUR_MS;

    fn planned(from: i64, to: i64, points: u32) -> (Resolution, i64) {
        let kept = Kept::new(&config::Telemetry::default(), Timestamp(NOW));
        let plan = plan(Timestamp(from), Timestamp(to), points, kept);
        (plan.resolution, plan.step_ms)
    }

    #[test]
    fn the_finest_that_is_kept_and_not_more_points_than_wanted() {
        assert_eq!(
            planned(NOW - 15 * MINUTE_MS, NOW, 300),
            (Resolution::Raw, 10_000)
        );
        assert_eq!(planned(NOW - HOUR_MS, NOW, 300), (Resolution::Raw, 20_000));
        assert_eq!(
            planned(NOW - DAY_MS, NOW, 300),
            (Resolution::Minute, 5 * MINUTE_MS)
        );
        assert_eq!(
            planned(NOW - 7 * DAY_MS, NOW, 300),
            (Resolution::Minute, 34 * MINUTE_MS)
        );
        assert_eq!(
            planned(NOW - 30 * DAY_MS, NOW, 300),
            (Resolution::Hour, 3 * HOUR_MS)
        );
        // Of long ago there are no measurements any more.
        let (from, to) = (NOW - 3 * DAY_MS, NOW - 3 * DAY_MS + HOUR_MS);
        assert_eq!(planned(from, to, 300), (Resolution::Minute, MINUTE_MS));
        assert_eq!(planned(NOW, NOW, 1), (Resolution::Raw, 10_000));
    }

    #[test]
    fn gaps_stay_gaps() {
        let mut block = Block::default();
        for at in [0, 10_000, 20_000, 120_000, 130_000] {
            let sample = crate::telemetry::samples::sample(at);
            block.put(at, metrics::values(&sample));
        }
        let plan = Plan {
            resolution: Resolution::Raw,
            step_ms: 10_000,
        };
        let only = |metric, of: &str| metric == TelemetryMetric::MemoryTotal && of.is_empty();
        let points = points(&block, Timestamp(0), Timestamp(NOW), plan, only);
        let times: Vec<i64> = points.times.iter().map(|at| at.0).collect();
        assert_eq!(times, [0, 10_000, 20_000, 30_000, 120_000, 130_000]);
        let all = Some(8 << 30);
        assert_eq!(points.series.len(), 1);
        assert_eq!(points.series[0].average, [all, all, all, None, all, all]);
    }

    #[test]
    fn summed_up_points_have_extremes() {
        let mut block = Block::default();
        for at in 0..12 {
            let mut sample = crate::telemetry::samples::sample(at * 10_000);
            sample.cpu_millis = vec![u32::try_from(at).unwrap() * 10];
            block.put(at * 10_000, metrics::values(&sample));
        }
        let plan = Plan {
            resolution: Resolution::Raw,
            step_ms: MINUTE_MS,
        };
        let only = |metric, _: &str| metric == TelemetryMetric::Cpu;
        let points = points(&block, Timestamp(0), Timestamp(NOW), plan, only);
        assert_eq!(points.series[0].average, [Some(25), Some(85)]);
        assert_eq!(points.series[0].low, Some(vec![Some(0), Some(60)]));
        assert_eq!(points.series[0].high, Some(vec![Some(50), Some(110)]));
    }
}
