//! How much VS Code may take.

use std::time::Duration;

/// How much VS Code may take, and how long things may last.
#[derive(Debug, Clone, Copy)]
pub struct VsCodeLimits {
    /// How long it may take to answer after its start.
    pub ready: Duration,
    /// How long it runs with no connection open.
    pub idle: Duration,
    /// How much memory it may use, with all that it has started, in bytes.
    pub memory_bytes: u64,
    /// How often it is looked after.
    pub watch_every: Duration,
    /// How long after its first end it is started again; twice as long after each further one.
    pub restart_pause: Duration,
    /// How often it may end by itself within [`VsCodeLimits::failures_within`].
    pub failures: usize,
    /// See [`VsCodeLimits::failures`].
    pub failures_within: Duration,
}

impl Default for VsCodeLimits {
    fn default() -> Self {
        Self {
            // A cold disk and a small machine: one second where both are good.
            ready: Duration::from_secs(60),
            // Long enough for a lunch with the laptop closed.
            idle: Duration::from_secs(60 * 60),
            // Its language servers are counted, too; each of them may have 3 GiB by VS Code's own limits.
            memory_bytes: 8 * 1024 * 1024 * 1024,
            watch_every: Duration::from_secs(2),
            restart_pause: Duration::from_millis(500),
            failures: 5,
            failures_within: Duration::from_secs(3 * 60),
        }
    }
}
