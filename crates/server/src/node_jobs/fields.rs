//! Checks of what people enter, and what is kept of it.

use std::collections::BTreeMap;

use atelier_api::ids::NodeId;
use atelier_api::v1::node_jobs::NodeJobCreate;
use serde::{Deserialize, Serialize};

use crate::error::{Error, Result};
use crate::names;

/// On how many servers one job runs at most.
pub(super) const NODES_MAX: usize = 10_000;
/// The longest command, in bytes.
const COMMAND_MAX: usize = 64 * 1024;
/// The longest path, key or value of a variable, in bytes.
const TEXT_MAX: usize = 4096;
/// How many variables there are at most.
const ENV_MAX: usize = 64;
/// The longest key of idempotency, in bytes.
const KEY_MAX: usize = 200;
const HOUR_MS: u64 = 60 * 60 * 1_000;
const DAY_MS: u64 = 24 * HOUR_MS;
/// The longest time to live: 30 days.
const TTL_MAX_MS: u64 = 30 * DAY_MS;
const RETRIES_MAX: u32 = 10;
const PRIORITY_MAX: i32 = 1_000;

/// What is kept of a request as one text.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Spec {
    pub(super) command: String,
    #[serde(default)]
    pub(super) cwd: Option<String>,
    #[serde(default)]
    pub(super) env: BTreeMap<String, String>,
    pub(super) timeout_ms: u64,
    pub(super) ttl_ms: u64,
    pub(super) priority: i32,
    pub(super) concurrency: Option<u32>,
    pub(super) retries: u32,
}

impl Spec {
    /// The request for the same on these servers.
    pub(super) fn request(&self, nodes: Vec<NodeId>) -> NodeJobCreate {
        let Self {
            command,
            cwd,
            env,
            timeout_ms,
            ttl_ms,
            priority,
            concurrency,
            retries,
        } = self.clone();
        NodeJobCreate {
            nodes,
            labels: BTreeMap::new(),
            command,
            cwd,
            env,
            timeout_ms: Some(timeout_ms),
            ttl_ms: Some(ttl_ms),
            priority,
            concurrency,
            retries,
            idempotency_key: None,
        }
    }
}

/// Checks all of a request but its servers.
pub(super) fn spec(request: &NodeJobCreate) -> Result<Spec> {
    let command = &request.command;
    if command.trim().is_empty() || command.contains('\0') || command.len() > COMMAND_MAX {
        return Err(Error::invalid(
            "command",
            format!("Give a command of 1 to {COMMAND_MAX} bytes."),
        ));
    }
    if let Some(cwd) = &request.cwd {
        text("cwd", cwd)?;
    }
    if request.env.len() > ENV_MAX {
        return Err(Error::invalid(
            "env",
            format!("At most {ENV_MAX} variables can be added."),
        ));
    }
    for (key, value) in &request.env {
        text("env", key)?;
        text("env", value)?;
        if key.is_empty() || key.contains('=') {
            return Err(Error::invalid(
                "env",
                "A variable's name is not empty and has no “=”.",
            ));
        }
    }
    if let Some(key) = &request.idempotency_key
        && (key.is_empty() || key.len() > KEY_MAX || key.chars().any(names::is_unprintable))
    {
        return Err(Error::invalid(
            "idempotency_key",
            format!("A key has 1 to {KEY_MAX} printable bytes."),
        ));
    }
    if request.concurrency == Some(0) {
        return Err(Error::invalid(
            "concurrency",
            "It runs on at least one server at once.",
        ));
    }
    if request.priority.abs() > PRIORITY_MAX {
        return Err(Error::invalid(
            "priority",
            format!("A priority is from -{PRIORITY_MAX} to {PRIORITY_MAX}."),
        ));
    }
    if request.retries > RETRIES_MAX {
        return Err(Error::invalid(
            "retries",
            format!("It is tried again at most {RETRIES_MAX} times."),
        ));
    }
    Ok(Spec {
        command: command.clone(),
        cwd: request.cwd.clone(),
        env: request.env.clone(),
        timeout_ms: span("timeout_ms", request.timeout_ms, HOUR_MS, DAY_MS)?,
        ttl_ms: span("ttl_ms", request.ttl_ms, DAY_MS, TTL_MAX_MS)?,
        priority: request.priority,
        concurrency: request.concurrency,
        retries: request.retries,
    })
}

fn span(field: &str, asked: Option<u64>, default: u64, longest: u64) -> Result<u64> {
    match asked.unwrap_or(default) {
        0 => Err(Error::invalid(field, "It takes at least a millisecond.")),
        ms if ms > longest => Err(Error::invalid(
            field,
            format!("It is at most {} hours.", longest / HOUR_MS),
        )),
        ms => Ok(ms),
    }
}

fn text(field: &str, text: &str) -> Result<()> {
    if text.len() > TEXT_MAX || text.contains('\0') {
        return Err(Error::invalid(
            field,
            format!("It is longer than {TEXT_MAX} bytes, or holds a zero byte."),
        ));
    }
    Ok(())
}
