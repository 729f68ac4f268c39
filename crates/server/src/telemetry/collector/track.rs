//! How far a node's measurements have been taken over, as a state machine without a transport.
//!
//! A node dates its measurements by its own clock, and answers what it has after a time. So places are
//! kept by the node's clock, and only what is taken over is brought to ours. [`Track::head`] moves
//! with the newest; what an outage left out are gaps behind it, which are filled from their newest end.

use atelier_api::Timestamp;
use atelier_api::node::{TelemetryQuery, TelemetrySample};
use serde::{Deserialize, Serialize};

use crate::nodes::Measurements;
use crate::telemetry::rollup::{HOUR_MS, MINUTE_MS};

/// A clock that differs by less is left as it is: measurements keep the times that they have.
const CLOCK_RIGHT_MS: i64 = MINUTE_MS;

/// A difference that changes by less is the line's delay, not the clock.
const CLOCK_STEADY_MS: i64 = 30_000;

/// An outage of at most this length is filled in one go, oldest first.
const FOLLOWED_MS: i64 = HOUR_MS;

/// How much of the newest is taken over at once after a longer one.
const NEWEST_MS: i64 = 10 * MINUTE_MS;

/// How far ahead of its own clock a node's last measurement may be: a clock that is set back by less
/// is passed over by the node.
const AHEAD_MS: i64 = HOUR_MS + MINUTE_MS;

/// A measurement from further ahead than this is wrong.
const FUTURE_MS: i64 = 2 * MINUTE_MS;

/// How old a measurement may be: what nodes keep, and a day.
const OLD_MS: i64 = 8 * 24 * HOUR_MS;

/// How many gaps are remembered; the oldest two become one then.
const GAPS_MAX: usize = 16;

/// How many measurements are asked for at once.
pub(in crate::telemetry) const PAGE: u32 = 400;

/// What was left out: after `after`, up to and including `until`, by the node's clock.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(in crate::telemetry) struct Gap {
    pub(in crate::telemetry) after: i64,
    pub(in crate::telemetry) until: i64,
}

/// How far a node's measurements have been taken over.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(in crate::telemetry) struct Track {
    /// The last that was, by the node's clock.
    pub(in crate::telemetry) head: Option<i64>,
    /// By how much the node's clock is ahead of ours; 0 when it is right.
    pub(in crate::telemetry) offset: i64,
    /// Oldest first.
    pub(in crate::telemetry) gaps: Vec<Gap>,
}

/// What a node is asked next.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Ask {
    pub(super) query: TelemetryQuery,
    /// Only to find out where it stands.
    probe: bool,
}

/// What came of it.
#[derive(Debug, Default)]
pub(super) struct Taken {
    /// To be kept, by our clock.
    pub(super) samples: Vec<TelemetrySample>,
    /// There is more to be asked for now.
    pub(super) more: bool,
}

impl Track {
    /// What to ask next.
    pub(super) fn ask(&self, now: Timestamp) -> Ask {
        let behind = |head: i64| now.0.saturating_sub(self.ours(head));
        let probe = self.head.is_none_or(|head| behind(head) > FOLLOWED_MS);
        Ask {
            query: TelemetryQuery {
                after: self.head.map(Timestamp),
                limit: Some(if probe { 1 } else { PAGE }),
            },
            probe,
        }
    }

    /// Takes over what the node answered.
    pub(super) fn take(&mut self, ask: &Ask, answer: Measurements, now: Timestamp) -> Taken {
        let Measurements { list, unread } = answer;
        let theirs = list.now.map_or(self.theirs(now.0), |theirs| theirs.0);
        if list.now.is_some() {
            self.observe_clock(theirs, now.0);
        }
        if self
            .head
            .is_some_and(|head| head.saturating_sub(theirs) > AHEAD_MS)
        {
            // Its clock was ahead and has been set right: it has forgotten what it dated wrongly.
            self.head = Some(theirs.saturating_sub(NEWEST_MS));
            return Taken {
                more: true,
                ..Taken::default()
            };
        }
        let unread = unread.map(|unread| unread.0);
        let unread = unread.filter(|at| at.saturating_sub(theirs) <= AHEAD_MS);
        if ask.probe {
            let first = list.items.first().map(|first| first.at.0);
            return self.probed(first.or(unread), theirs);
        }
        let mut taken = Taken {
            more: list.more,
            samples: Vec::new(),
        };
        for sample in list.items.into_iter().take(PAGE as usize) {
            if self.head.is_some_and(|head| sample.at.0 <= head) {
                continue;
            }
            self.head = Some(sample.at.0);
            taken.samples.extend(self.believed(sample, now));
        }
        self.head = self.head.max(unread);
        taken
    }

    /// The oldest that it has after the head decides where to go on.
    fn probed(&mut self, first: Option<i64>, theirs: i64) -> Taken {
        let Some(first) = first else {
            return Taken::default();
        };
        let before = first.saturating_sub(1);
        if theirs.saturating_sub(before) <= FOLLOWED_MS {
            self.head = Some(before);
        } else {
            let newest = self
                .whole_minute(theirs.saturating_sub(NEWEST_MS))
                .saturating_sub(1);
            self.skip(Gap {
                after: before,
                until: newest,
            });
            self.head = Some(newest);
        }
        Taken {
            more: true,
            ..Taken::default()
        }
    }

    /// The measurement by our clock, unless it cannot be from when it says.
    pub(in crate::telemetry) fn believed(
        &self,
        mut sample: TelemetrySample,
        now: Timestamp,
    ) -> Option<TelemetrySample> {
        sample.at = Timestamp(self.ours(sample.at.0));
        let age = now.ms_since(sample.at);
        (-FUTURE_MS..=OLD_MS).contains(&age).then_some(sample)
    }

    fn skip(&mut self, gap: Gap) {
        if gap.after >= gap.until {
            return;
        }
        self.gaps.push(gap);
        self.gaps.sort_by_key(|gap| gap.until);
        while self.gaps.len() > GAPS_MAX {
            let oldest = self.gaps.remove(0);
            self.gaps[0].after = self.gaps[0].after.min(oldest.after);
        }
    }

    /// The newest part of the newest gap: at most an hour, as we count them, from a whole minute on.
    pub(super) fn window(&self) -> Option<Gap> {
        let gap = self.gaps.last()?;
        let hour = self
            .ours(gap.until)
            .div_euclid(HOUR_MS)
            .saturating_mul(HOUR_MS);
        let after = self.theirs(hour).saturating_sub(1).max(gap.after);
        Some(Gap {
            after: self.whole_minute(after.saturating_add(1)).saturating_sub(1),
            until: gap.until,
        })
    }

    /// This window was filled, or there is nothing in it.
    pub(super) fn filled(&mut self, window: Gap) {
        let Some(gap) = self.gaps.last_mut().filter(|gap| gap.until == window.until) else {
            return;
        };
        gap.until = window.after;
        if gap.after >= gap.until {
            self.gaps.pop();
        }
    }

    /// The start of a minute as we count them, by the node's clock.
    fn whole_minute(&self, theirs: i64) -> i64 {
        self.theirs(
            self.ours(theirs)
                .div_euclid(MINUTE_MS)
                .saturating_mul(MINUTE_MS),
        )
    }

    fn ours(&self, theirs: i64) -> i64 {
        theirs.saturating_sub(self.offset)
    }

    fn theirs(&self, ours: i64) -> i64 {
        ours.saturating_add(self.offset)
    }

    fn observe_clock(&mut self, theirs: i64, ours: i64) {
        let ahead = theirs.saturating_sub(ours);
        // In whole seconds; saturated ends stay within.
        let ahead = if ahead.saturating_abs() <= CLOCK_RIGHT_MS {
            0
        } else {
            ahead / 1_000 * 1_000
        };
        if ahead.saturating_sub(self.offset).saturating_abs() > CLOCK_STEADY_MS {
            self.offset = ahead;
        }
    }
}

#[cfg(test)]
mod tests {
    use atelier_api::node::TelemetryList;

    use super::*;
    use crate::telemetry::samples::sample;

    const NOW: i64 = 1_767_225_600_000;
    const DAY_MS: i64 = 24 * HOUR_MS;

    /// A node that has measured at these times, and whose clock is ahead by so much.
    struct Node {
        times: Vec<i64>,
        ahead: i64,
    }

    impl Node {
        /// Every 10 s from so long ago on, by its own clock.
        fn measuring(since: i64, ahead: i64) -> Self {
            let times = (NOW - since..=NOW).step_by(10_000).map(|at| at + ahead);
            Self {
                times: times.collect(),
                ahead,
            }
        }

        fn list(&self, query: &TelemetryQuery) -> TelemetryList {
            let after = query.after.map_or(i64::MIN, |after| after.0);
            let mut items: Vec<_> = self
                .times
                .iter()
                .filter(|at| **at > after)
                .map(|at| sample(*at))
                .collect();
            let limit = query.limit.unwrap_or(540) as usize;
            let more = items.len() > limit;
            items.truncate(limit);
            TelemetryList {
                items,
                more,
                now: Some(Timestamp(NOW + self.ahead)),
            }
        }
    }

    /// Asks until there is no more; the times that were taken, by our clock.
    fn follow(track: &mut Track, node: &Node) -> Vec<i64> {
        let mut times = Vec::new();
        loop {
            let ask = track.ask(Timestamp(NOW));
            let taken = track.take(&ask, node.list(&ask.query).into(), Timestamp(NOW));
            times.extend(taken.samples.iter().map(|sample| sample.at.0));
            if !taken.more {
                return times;
            }
        }
    }

    /// Fills all gaps; the first times of the windows that had any, in the order of filling.
    fn fill(track: &mut Track, node: &Node, times: &mut Vec<i64>) -> Vec<i64> {
        let mut windows = Vec::new();
        while let Some(window) = track.window() {
            assert!(window.after < window.until, "{window:?}");
            let within = node
                .times
                .iter()
                .filter(|at| **at > window.after && **at <= window.until);
            let within: Vec<i64> = within.map(|at| at - track.offset).collect();
            windows.extend(within.first());
            times.extend(within);
            track.filled(window);
        }
        windows
    }

    #[test]
    fn what_was_missed_is_filled_newest_first_and_nothing_is_left_out() {
        for ahead in [0, DAY_MS + 1_234, -DAY_MS - 777] {
            let node = Node::measuring(50 * HOUR_MS, ahead);
            let mut track = Track {
                head: Some(NOW + ahead - 48 * HOUR_MS),
                ..Track::default()
            };
            if ahead != 0 {
                track.offset = ahead / 1_000 * 1_000;
            }
            let mut times = follow(&mut track, &node);
            assert!(times[0] >= NOW - NEWEST_MS - MINUTE_MS, "the newest first");
            let windows = fill(&mut track, &node, &mut times);
            assert!(
                windows.len() >= 48 && windows.is_sorted_by(|a, b| a > b),
                "{windows:?}"
            );
            times.sort_unstable();
            times.dedup();
            let all = node
                .times
                .iter()
                .filter(|at| **at > NOW + ahead - 48 * HOUR_MS);
            let missing = all.filter(|at| times.binary_search(&(*at - track.offset)).is_err());
            assert_eq!(missing.count(), 0);
            assert_eq!(follow(&mut track, &node), [0_i64; 0], "and nothing twice");
        }
    }

    #[test]
    fn a_short_outage_is_followed_in_order() {
        let node = Node::measuring(3 * HOUR_MS, 0);
        let mut track = Track {
            head: Some(NOW - 50 * MINUTE_MS),
            ..Track::default()
        };
        let times = follow(&mut track, &node);
        assert_eq!(times.len(), 300);
        assert!(times.is_sorted() && track.gaps.is_empty());
    }

    #[test]
    fn of_a_new_node_what_it_kept_is_taken_over() {
        let node = Node::measuring(2 * HOUR_MS, 0);
        let mut track = Track::default();
        let mut times = follow(&mut track, &node);
        fill(&mut track, &node, &mut times);
        times.sort_unstable();
        times.dedup();
        assert_eq!(times, node.times);
        let mut track = Track::default();
        let young = Node::measuring(MINUTE_MS, 0);
        assert_eq!(follow(&mut track, &young), young.times);
        assert!(track.gaps.is_empty());
    }

    #[test]
    fn a_clock_that_is_a_day_off_is_put_right_and_small_differences_stay() {
        for ahead in [DAY_MS, -DAY_MS] {
            let mut track = Track::default();
            let node = Node::measuring(MINUTE_MS, ahead);
            let times = follow(&mut track, &node);
            assert_eq!(track.offset, ahead);
            assert_eq!(times.last(), Some(&NOW));
            // The line's delay does not move what was taken over before.
            track.observe_clock(NOW + ahead - 4_000, NOW);
            assert_eq!(track.offset, ahead);
        }
        let mut track = Track::default();
        let times = follow(&mut track, &Node::measuring(MINUTE_MS, 20_000));
        assert_eq!((track.offset, times.last()), (0, Some(&(NOW + 20_000))));
    }

    #[test]
    fn a_clock_that_was_a_day_ahead_and_is_set_right_is_followed_again() {
        let mut track = Track::default();
        follow(&mut track, &Node::measuring(MINUTE_MS, DAY_MS));
        let right = Node::measuring(MINUTE_MS, 0);
        let times = follow(&mut track, &right);
        assert_eq!(track.offset, 0);
        assert_eq!(times, right.times);
    }

    #[test]
    fn what_cannot_be_read_does_not_hold_up_what_follows() {
        let node = Node::measuring(2 * MINUTE_MS, 0);
        let mut track = Track {
            head: Some(NOW - 2 * MINUTE_MS),
            ..Track::default()
        };
        let spoiled = |at: i64| Measurements {
            list: TelemetryList {
                items: Vec::new(),
                more: true,
                now: Some(Timestamp(NOW)),
            },
            unread: Some(Timestamp(at)),
        };
        let ask = track.ask(Timestamp(NOW));
        assert!(
            track
                .take(&ask, spoiled(NOW - MINUTE_MS), Timestamp(NOW))
                .more
        );
        let times = follow(&mut track, &node);
        assert_eq!(times, node.times[7..], "from the one after it on");

        let ask = track.ask(Timestamp(NOW));
        track.take(&ask, spoiled(i64::MAX), Timestamp(NOW));
        assert_eq!(track.head, Some(NOW), "a time that cannot be is none");
    }

    #[test]
    fn the_first_that_a_new_node_has_may_be_spoiled() {
        let mut track = Track::default();
        let ask = track.ask(Timestamp(NOW));
        let list = TelemetryList {
            items: Vec::new(),
            more: true,
            now: Some(Timestamp(NOW)),
        };
        let first = Measurements {
            list,
            unread: Some(Timestamp(NOW - MINUTE_MS)),
        };
        assert!(track.take(&ask, first, Timestamp(NOW)).more);
        assert_eq!(track.head, Some(NOW - MINUTE_MS - 1));
    }

    #[test]
    fn what_a_node_makes_up_does_no_harm() {
        let mut track = Track::default();
        for (at, now) in [
            (i64::MAX, i64::MAX),
            (i64::MIN, i64::MIN),
            (i64::MAX, NOW),
            (NOW, i64::MIN),
        ] {
            for _ in 0..3 {
                let ask = track.ask(Timestamp(NOW));
                let items = vec![sample(at), sample(at), sample(0)];
                let list = TelemetryList {
                    items,
                    more: true,
                    now: Some(Timestamp(now)),
                };
                for kept in track.take(&ask, list.into(), Timestamp(NOW)).samples {
                    assert!((NOW - OLD_MS..=NOW + FUTURE_MS).contains(&kept.at.0));
                }
                track.window();
            }
        }
        for n in 0..100 {
            track.skip(Gap {
                after: n * 10,
                until: n * 10 + 5,
            });
        }
        assert!(track.gaps.len() <= GAPS_MAX);
        let times = follow(&mut track, &Node::measuring(MINUTE_MS, 0));
        assert_eq!(times.last(), Some(&NOW));
    }
}
