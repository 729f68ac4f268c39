//! How much a language server may take.

use std::time::Duration;

/// How much a language server may take, and how long things may last.
#[derive(Debug, Clone, Copy)]
pub struct LanguageLimits {
    /// How long it may take to get ready.
    pub initialize: Duration,
    /// How long it may be silent while something is asked of it.
    pub answer: Duration,
    /// How long it runs with nobody attached.
    pub idle: Duration,
    /// How much memory it may use, with what it has started, in bytes.
    pub memory_bytes: u64,
    /// How often it is looked after.
    pub watch_every: Duration,
    /// How long after its first end it is started again; twice as long after each further one.
    pub restart_pause: Duration,
    /// How often it may end by itself within [`LanguageLimits::failures_within`].
    pub failures: usize,
    /// See [`LanguageLimits::failures`].
    pub failures_within: Duration,
}

impl Default for LanguageLimits {
    fn default() -> Self {
        Self {
            // rust-analyzer and gopls answer at once and load the project afterwards.
            initialize: Duration::from_secs(60),
            // Find all references in a large project takes this long.
            answer: Duration::from_secs(60),
            // A page that is loaded again finds its server warm.
            idle: Duration::from_secs(5 * 60),
            // What TypeScript's server is given for itself by VS Code is 3 GiB at most.
            memory_bytes: 3 * 1024 * 1024 * 1024,
            watch_every: Duration::from_secs(2),
            restart_pause: Duration::from_millis(500),
            failures: 5,
            failures_within: Duration::from_secs(3 * 60),
        }
    }
}
