//! When a schedule is due: a cron expression, read in a time zone.
//!
//! Where clocks are put forward, a time of day that is skipped is due at the first moment that exists
//! after it. Where they are put back, a time of day that comes twice is due at its first occurrence; a
//! rhythm (an expression whose minute or hour is `*` or a step) goes on through both.

use atelier_api::Timestamp;
use croner::parser::{CronParser, Seconds, Year};
use jiff::Zoned;
use jiff::tz::TimeZone;

use crate::error::{Error, Result};

/// The longest expression, in bytes.
const CRON_MAX: usize = 200;

/// How many times are shown.
pub(super) const SHOWN: usize = 5;

/// How far ahead a first time is looked for: the 29th of February on a given weekday comes every 28
/// years, and every 40 about the year 2100.
const AHEAD_YEARS: i64 = 41;

/// An expression in a time zone.
#[derive(Debug, Clone)]
pub(super) struct Times {
    cron: croner::Cron,
    zone: TimeZone,
}

impl Times {
    /// Reads both.
    ///
    /// # Errors
    /// `invalid`, with `cron` or `time_zone` as its field.
    pub(super) fn read(cron: &str, time_zone: &str) -> Result<Self> {
        let unusable = |why: String| {
            Error::invalid(
                "cron",
                format!(
                    "The cron expression cannot be used: {why}. Give five fields: minute, hour, day of \
                     the month, month, day of the week."
                ),
            )
        };
        if cron.len() > CRON_MAX {
            return Err(unusable("it is too long".to_owned()));
        }
        let parser = CronParser::builder()
            .seconds(Seconds::Disallowed)
            .year(Year::Disallowed)
            .build();
        let cron = parser
            .parse(cron)
            .map_err(|error| unusable(error.to_string().trim_end_matches('.').to_owned()))?;
        let zone = TimeZone::get(time_zone)
            .ok()
            .filter(|zone| zone.iana_name().is_some())
            .ok_or_else(|| {
                Error::invalid(
                    "time_zone",
                    "This time zone is not known. Give its name in the IANA database, such as \
                     Europe/Berlin.",
                )
            })?;
        Ok(Self { cron, zone })
    }

    /// The time zone's name as the database has it.
    pub(super) fn zone_name(&self) -> &str {
        self.zone.iana_name().unwrap_or("UTC")
    }

    /// The first time after this one; absent where there is none.
    pub(super) fn next_after(&self, after: Timestamp) -> Option<Timestamp> {
        let from = self.zoned(after)?;
        let next = self.cron.find_next_occurrence(&from, false).ok()?;
        let next = Timestamp(next.timestamp().as_millisecond());
        // Whatever the clock does there: time only goes on.
        (next > after && next.ms_since(after) < AHEAD_YEARS * 366 * 24 * 60 * 60 * 1_000)
            .then_some(next)
    }

    /// The last time up to this one that is not before `first`.
    pub(super) fn last_until(&self, first: Timestamp, until: Timestamp) -> Timestamp {
        let last = self
            .zoned(until)
            .and_then(|until| self.cron.find_previous_occurrence(&until, true).ok())
            .map(|last| Timestamp(last.timestamp().as_millisecond()));
        last.filter(|last| *last > first && *last <= until)
            .unwrap_or(first)
    }

    /// The next few times.
    pub(super) fn next_few(&self, after: Timestamp) -> Vec<Timestamp> {
        let next = |at: &Timestamp| self.next_after(*at);
        std::iter::successors(self.next_after(after), next)
            .take(SHOWN)
            .collect()
    }

    fn zoned(&self, at: Timestamp) -> Option<Zoned> {
        let at = jiff::Timestamp::from_millisecond(at.0).ok()?;
        Some(at.to_zoned(self.zone.clone()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Timestamp {
        Timestamp(text.parse::<jiff::Timestamp>().unwrap().as_millisecond())
    }

    fn few(cron: &str, zone: &str, after: &str) -> Vec<String> {
        let times = Times::read(cron, zone).unwrap();
        let shown = |at: Timestamp| jiff::Timestamp::from_millisecond(at.0).unwrap().to_string();
        times.next_few(at(after)).into_iter().map(shown).collect()
    }

    #[test]
    fn times_are_those_of_the_zone() {
        assert_eq!(
            few("30 9 * * MON-FRI", "Asia/Kolkata", "2026-11-20T10:00:00Z"),
            [
                "2026-11-23T04:00:00Z",
                "2026-11-24T04:00:00Z",
                "2026-11-25T04:00:00Z",
                "2026-11-26T04:00:00Z",
                "2026-11-27T04:00:00Z"
            ]
        );
        assert_eq!(
            few("@monthly", "UTC", "2026-11-20T10:00:00Z")[0],
            "2026-12-01T00:00:00Z"
        );
    }

    #[test]
    fn a_time_that_does_not_exist_is_due_once_at_the_next_moment_that_does() {
        // In Berlin, 02:00 to 03:00 of 2027-03-28 does not exist.
        let berlin = few("30 2 * * *", "Europe/Berlin", "2027-03-26T12:00:00Z");
        assert_eq!(
            berlin[..3],
            [
                "2027-03-27T01:30:00Z",
                "2027-03-28T01:00:00Z",
                "2027-03-29T00:30:00Z"
            ]
        );
        // On Lord Howe Island clocks move by half an hour: 02:00 to 02:30 of 2027-10-03 does not exist.
        let lord_howe = few("15 2 * * *", "Australia/Lord_Howe", "2027-10-01T20:00:00Z");
        assert_eq!(
            lord_howe[..2],
            ["2027-10-02T15:30:00Z", "2027-10-03T15:15:00Z"]
        );
    }

    #[test]
    fn a_time_that_comes_twice_is_due_once() {
        // In Berlin, 02:00 to 03:00 of 2027-10-31 comes twice.
        let berlin = few("30 2 * * *", "Europe/Berlin", "2027-10-29T12:00:00Z");
        assert_eq!(
            berlin[..3],
            [
                "2027-10-30T00:30:00Z",
                "2027-10-31T00:30:00Z",
                "2027-11-01T01:30:00Z"
            ]
        );
        // From between the two, too.
        let between = few("30 2 * * *", "Europe/Berlin", "2027-10-31T00:45:00Z");
        assert_eq!(between[0], "2027-11-01T01:30:00Z");
    }

    #[test]
    fn a_rhythm_goes_on_through_both_changes() {
        assert_eq!(
            few("*/30 * * * *", "Europe/Berlin", "2027-03-28T00:15:00Z")[..3],
            [
                "2027-03-28T00:30:00Z",
                "2027-03-28T01:00:00Z",
                "2027-03-28T01:30:00Z"
            ]
        );
        assert_eq!(
            few("*/30 * * * *", "Europe/Berlin", "2027-10-31T00:15:00Z")[..4],
            [
                "2027-10-31T00:30:00Z",
                "2027-10-31T01:00:00Z",
                "2027-10-31T01:30:00Z",
                "2027-10-31T02:00:00Z"
            ]
        );
    }

    #[test]
    fn rare_times_are_found_and_impossible_ones_are_none() {
        assert_eq!(
            few("0 0 29 2 *", "UTC", "2026-01-01T00:00:00Z")[0],
            "2028-02-29T00:00:00Z"
        );
        assert_eq!(
            few("0 0 31 2 *", "UTC", "2026-01-01T00:00:00Z"),
            Vec::<String>::new()
        );
    }

    #[test]
    fn the_last_of_several_missed_times_is_found() {
        let times = Times::read("0 * * * *", "UTC").unwrap();
        let first = at("2026-11-20T10:00:00Z");
        assert_eq!(
            times.last_until(first, at("2026-11-20T15:20:00Z")),
            at("2026-11-20T15:00:00Z")
        );
        assert_eq!(times.last_until(first, at("2026-11-20T10:20:00Z")), first);
    }

    #[test]
    fn nonsense_is_refused_with_its_field() {
        for (cron, zone, field) in [
            ("", "UTC", "cron"),
            ("* * * *", "UTC", "cron"),
            ("* * * * * *", "UTC", "cron"),
            ("61 * * * *", "UTC", "cron"),
            ("*/0 * * * *", "UTC", "cron"),
            ("* * * * *\u{0}", "UTC", "cron"),
            (&"*,".repeat(150), "UTC", "cron"),
            ("* * * * *", "Mars/Olympus", "time_zone"),
            ("* * * * *", "", "time_zone"),
            ("* * * * *", "../../etc/passwd", "time_zone"),
        ] {
            let error = Times::read(cron, zone).unwrap_err();
            assert_eq!(
                error.problem().field.as_deref(),
                Some(field),
                "{cron:?} {zone:?}"
            );
        }
    }
}
