//! CPU time, from `/proc`.

use std::fs;
use std::time::{Duration, Instant};

use anyhow::Context as _;

/// Processor time that a process has used, in user and kernel mode.
pub(crate) fn used(pid: i32) -> anyhow::Result<Duration> {
    let text = fs::read_to_string(format!("/proc/{pid}/stat"))?;
    // The second field is the program's name in brackets, which may hold anything.
    let (_, fields) = text.rsplit_once(") ").context("no process name")?;
    let ticks = fields
        .split_whitespace()
        .skip(11)
        .take(2)
        .map(str::parse::<u64>)
        .sum::<Result<u64, _>>()?;
    let per_second = rustix::param::clock_ticks_per_second();
    Ok(Duration::from_secs_f64(ticks as f64 / per_second as f64))
}

/// The share of one core that a process uses while nothing else is asked of it.
pub(crate) async fn share(pid: i32, lasts: Duration) -> anyhow::Result<f64> {
    let (before, began) = (used(pid)?, Instant::now());
    tokio::time::sleep(lasts).await;
    let time = used(pid)?.saturating_sub(before);
    Ok(time.as_secs_f64() / began.elapsed().as_secs_f64())
}
