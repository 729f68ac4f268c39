//! Figures, and the table that they end in.

use std::fmt;
use std::time::Duration;

/// All rows measured.
#[derive(Debug, Default)]
pub(crate) struct Report {
    rows: Vec<[String; 5]>,
}

impl Report {
    /// A figure that nothing is demanded of.
    pub(crate) fn shown(&mut self, work: &str, measured: String, baseline: String) {
        let none = String::new;
        self.rows
            .push([work.to_owned(), measured, baseline, none(), none()]);
    }

    /// A figure with its bound: `held` says whether it is within.
    pub(crate) fn row(
        &mut self,
        work: &str,
        measured: String,
        baseline: String,
        bound: &str,
        held: bool,
    ) {
        let verdict = if held { "yes" } else { "**no**" };
        self.rows.push([
            work.to_owned(),
            measured,
            baseline,
            bound.to_owned(),
            verdict.to_owned(),
        ]);
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(
            f,
            "| work | measured | baseline in the same run | must reach | holds |"
        )?;
        writeln!(f, "| --- | --- | --- | --- | --- |")?;
        for row in &self.rows {
            writeln!(f, "| {} |", row.join(" | "))?;
        }
        Ok(())
    }
}

/// Samples of a duration.
#[derive(Debug, Default, Clone)]
pub(crate) struct Samples(Vec<Duration>);

impl FromIterator<Duration> for Samples {
    fn from_iter<I: IntoIterator<Item = Duration>>(samples: I) -> Self {
        Self(samples.into_iter().collect())
    }
}

impl Samples {
    pub(crate) const fn new() -> Self {
        Self(Vec::new())
    }

    pub(crate) fn push(&mut self, sample: Duration) {
        self.0.push(sample);
    }

    pub(crate) fn extend(&mut self, other: Self) {
        self.0.extend(other.0);
    }

    /// The sample below which the given share lies; zero without samples.
    pub(crate) fn quantile(&self, share: f64) -> Duration {
        let mut sorted = self.0.clone();
        sorted.sort_unstable();
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "an index into a list of samples"
        )]
        let index = ((sorted.len() as f64 * share) as usize).min(sorted.len().saturating_sub(1));
        sorted.get(index).copied().unwrap_or_default()
    }

    /// The share of samples above this.
    pub(crate) fn share_above(&self, bound: Duration) -> f64 {
        let above = self.0.iter().filter(|sample| **sample > bound).count();
        above as f64 / self.0.len().max(1) as f64
    }

    pub(crate) fn median(&self) -> Duration {
        self.quantile(0.5)
    }
}

/// The middle of some figures.
pub(crate) fn median(mut figures: Vec<f64>) -> f64 {
    figures.sort_by(f64::total_cmp);
    figures.get(figures.len() / 2).copied().unwrap_or_default()
}

/// Microseconds below one millisecond, else milliseconds.
pub(crate) fn time(duration: Duration) -> String {
    let us = duration.as_secs_f64() * 1e6;
    if us < 1000.0 {
        format!("{us:.0} µs")
    } else {
        format!("{:.1} ms", us / 1000.0)
    }
}

/// How many times as long.
pub(crate) fn ratio(measured: Duration, baseline: Duration) -> f64 {
    measured.as_secs_f64() / baseline.as_secs_f64().max(1e-9)
}

/// Megabytes (10⁶) a second.
pub(crate) fn rate(bytes: u64, time: Duration) -> f64 {
    bytes as f64 / 1e6 / time.as_secs_f64()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn samples_are_told_by_their_shares() {
        let mut samples = Samples::new();
        assert_eq!(samples.median(), Duration::ZERO);
        for ms in (1..=100).rev() {
            samples.push(Duration::from_millis(ms));
        }
        assert_eq!(samples.median(), Duration::from_millis(51));
        assert_eq!(samples.quantile(0.99), Duration::from_millis(100));
        assert!((samples.share_above(Duration::from_millis(98)) - 0.02).abs() < 1e-9);
    }
}
