//! `atelier node doctor`: what keeps this server from working, and what to do about it.

mod clock;
mod local;
mod network;

use atelier_tunnel::Proxy;
use serde::Serialize;

use super::place::DaemonDirectory;
use super::registration::Destination;
use crate::NodeConfig;

/// What was found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Check {
    /// What was looked at: `policy`, `key`, `dns`, …
    pub name: &'static str,
    /// How it is.
    pub health: Health,
    /// What was seen.
    pub detail: String,
    /// What to do; only where something is wrong.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub advice: Option<String>,
}

/// How something is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Health {
    /// As it should be.
    Good,
    /// It works, less well or less safely than it could.
    Warning,
    /// It does not work.
    Bad,
    /// It could not be looked at, because of something before it.
    Unknown,
}

impl Check {
    fn good(name: &'static str, detail: impl Into<String>) -> Self {
        Self {
            name,
            health: Health::Good,
            detail: detail.into(),
            advice: None,
        }
    }

    fn warning(name: &'static str, detail: impl Into<String>, advice: impl Into<String>) -> Self {
        Self {
            health: Health::Warning,
            advice: Some(advice.into()),
            ..Self::good(name, detail)
        }
    }

    fn bad(name: &'static str, detail: impl Into<String>, advice: impl Into<String>) -> Self {
        Self {
            health: Health::Bad,
            ..Self::warning(name, detail, advice)
        }
    }

    fn unknown(name: &'static str, detail: impl Into<String>) -> Self {
        Self {
            health: Health::Unknown,
            ..Self::good(name, detail)
        }
    }
}

/// Looks at everything. `destination` is looked at instead of the one that this server belongs to. A
/// daemon that runs is not disturbed.
pub async fn doctor(
    config: &NodeConfig,
    directory: &DaemonDirectory,
    destination: Option<Destination>,
    proxy: Result<Proxy, String>,
) -> Vec<Check> {
    let mut checks = vec![local::policy(config)];
    let (found, registration) = local::registration(directory);
    checks.extend(found);
    checks.push(local::space(directory.path()));
    checks.extend(local::protections(config, directory).await);
    let destination = destination.or_else(|| registration.map(|found| found.destination));
    checks.extend(network::checks(destination.as_ref(), proxy).await);
    checks
}
