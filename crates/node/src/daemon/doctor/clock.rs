//! This machine's clock against the control plane's, as its answers are dated (RFC 9110 §5.6.7).

use super::Check;
use crate::Clock;

/// A difference up to this, in seconds, is of no matter.
const FINE: i64 = 5;

/// From here on certificates may look as if they were not valid.
const SERIOUS: i64 = 300;

const MONTHS: [&str; 12] = [
    "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
];

pub(super) fn check(date: Option<&str>) -> Check {
    let own = Clock::system().now().0 / 1000;
    match date.and_then(parse) {
        None => Check::unknown("clock", "the control plane does not date its answers"),
        Some(theirs) => judge(own - theirs),
    }
}

fn judge(ahead: i64) -> Check {
    let detail = match ahead {
        0.. => format!("{ahead} s ahead of the control plane's"),
        _ => format!("{} s behind the control plane's", -ahead),
    };
    // Joining and connecting need no clock; what is dated on this machine does.
    let advice = "Set one of the two clocks: timedatectl set-ntp true. Times in charts and logs of \
                  this server are off by as much.";
    match ahead.abs() {
        0..=FINE => Check::good("clock", detail),
        off if off < SERIOUS => Check::warning("clock", detail, advice),
        _ => Check::bad("clock", detail, advice),
    }
}

/// `Sun, 06 Nov 1994 08:49:37 GMT` in seconds since 1970.
fn parse(date: &str) -> Option<i64> {
    let (_, date) = date.split_once(", ")?;
    let fields: Vec<&str> = date.split(' ').collect();
    let [day, month, year, time, "GMT"] = fields[..] else {
        return None;
    };
    let month = MONTHS.iter().position(|name| *name == month)?;
    let [hour, minute, second] = time.split(':').collect::<Vec<_>>()[..] else {
        return None;
    };
    let number = |text: &str| text.parse::<i64>().ok();
    let days = days_since_1970(number(year)?, i64::try_from(month).ok()? + 1, number(day)?);
    Some(((days * 24 + number(hour)?) * 60 + number(minute)?) * 60 + number(second)?)
}

/// Of the Gregorian calendar, counted from March so that leap days come last (H. Hinnant,
/// "chrono-Compatible Low-Level Date Algorithms", `days_from_civil`).
fn days_since_1970(year: i64, month: i64, day: i64) -> i64 {
    let year = if month <= 2 { year - 1 } else { year };
    let era = year.div_euclid(400);
    let year_of_era = year.rem_euclid(400);
    let day_of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    let day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
    era * 146_097 + day_of_era - 719_468
}

#[cfg(test)]
mod tests {
    use super::super::Health;
    use super::*;

    #[test]
    fn dates_are_read() {
        for (date, expected) in [
            ("Sun, 06 Nov 1994 08:49:37 GMT", Some(784_111_777)),
            ("Thu, 01 Jan 1970 00:00:00 GMT", Some(0)),
            ("Thu, 29 Feb 2024 23:59:59 GMT", Some(1_709_251_199)),
            ("Fri, 01 Mar 2024 00:00:00 GMT", Some(1_709_251_200)),
            ("Sun, 06 Nov 1994 08:49:37 CET", None),
            ("yesterday", None),
        ] {
            assert_eq!(parse(date), expected, "{date}");
        }
    }

    #[test]
    fn a_clock_that_is_off_is_said() {
        for (ahead, expected) in [
            (0, Health::Good),
            (-5, Health::Good),
            (60, Health::Warning),
            (-86_400, Health::Bad),
        ] {
            assert_eq!(judge(ahead).health, expected, "{ahead}");
        }
        assert!(judge(-86_400).detail.contains("86400 s behind"));
    }
}
