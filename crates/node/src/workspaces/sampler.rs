//! CPU use over the last second or so, from what has been used altogether.

use std::time::{Duration, Instant};

/// Two samples closer than this say little: the kernel counts in ticks.
const APART_AT_LEAST: Duration = Duration::from_millis(200);

/// A sample older than this says nothing about now.
const OLD: Duration = Duration::from_secs(10);

/// After so long, the newer sample becomes the one to compare with.
const WINDOW: Duration = Duration::from_secs(1);

/// Remembers samples between calls.
#[derive(Debug, Default)]
pub(super) struct CpuSampler {
    base: Option<Sample>,
    newest: Option<Sample>,
}

#[derive(Debug, Clone, Copy)]
struct Sample {
    at: Instant,
    cpu_us: u64,
}

impl CpuSampler {
    /// Takes a sample and gives back the use since an earlier one, in thousandths of a CPU; nothing
    /// when there is no earlier one that is worth comparing with.
    pub(super) fn sample(&mut self, at: Instant, cpu_us: u64) -> Option<u32> {
        let sample = Sample { at, cpu_us };
        if let Some(newest) = self.newest
            && at.duration_since(newest.at) >= WINDOW
        {
            self.base = Some(newest);
        }
        let base = self
            .base
            .filter(|base| at.duration_since(base.at) < OLD && cpu_us >= base.cpu_us);
        let Some(base) = base else {
            self.base = Some(sample);
            self.newest = Some(sample);
            return None;
        };
        let apart = at.duration_since(base.at);
        if apart < APART_AT_LEAST {
            return None;
        }
        if self
            .newest
            .is_none_or(|newest| at.duration_since(newest.at) >= WINDOW)
        {
            self.newest = Some(sample);
        }
        let elapsed_us = u64::try_from(apart.as_micros()).unwrap_or(u64::MAX);
        let millis = (cpu_us - base.cpu_us).saturating_mul(1000) / elapsed_us;
        Some(u32::try_from(millis).unwrap_or(u32::MAX))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn use_is_counted_over_about_a_second() {
        let mut sampler = CpuSampler::default();
        let start = Instant::now();
        let at = |ms| start + Duration::from_millis(ms);
        assert_eq!(sampler.sample(at(0), 0), None);
        assert_eq!(sampler.sample(at(100), 50_000), None, "too close");
        assert_eq!(sampler.sample(at(1000), 500_000), Some(500));
        // Now against the sample at 1000 ms, when it was half a CPU; it is two since.
        assert_eq!(sampler.sample(at(2000), 2_500_000), Some(2000));
    }

    #[test]
    fn an_old_sample_or_a_restart_is_no_base() {
        let mut sampler = CpuSampler::default();
        let start = Instant::now();
        assert_eq!(sampler.sample(start, 900_000), None);
        assert_eq!(
            sampler.sample(start + Duration::from_secs(60), 950_000),
            None
        );
        assert_eq!(sampler.sample(start + Duration::from_secs(61), 10), None);
    }
}
