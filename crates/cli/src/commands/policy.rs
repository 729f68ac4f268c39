//! `atelier policy …`: what the command policy says, without running anything.

use std::path::{Path, PathBuf};

use anyhow::Context as _;
use atelier_node::{HostPolicy, POLICY_FILE};
use atelier_policy::{Decision, Policy, Verdict};
use atelier_server::Config;
use clap::{Args, Subcommand};
use serde::Serialize;

use crate::output::Output;

/// Asks the command policy.
#[derive(Debug, Subcommand)]
pub(crate) enum PolicyCommand {
    Check(Check),
}

/// Says whether a command line may run, needs a person's yes, or is refused, and by which rules. The exit
/// status is 0 where it may run, 3 where it needs a yes, 4 where it is refused.
#[derive(Debug, Args)]
pub(crate) struct Check {
    /// The line, as a job would have it.
    command: String,
    /// The control plane's configuration, for its `[[policy.rules]]`.
    #[arg(long, env = "ATELIER_CONFIG")]
    config: Option<PathBuf>,
    /// A server's own policy file; this machine's when absent, if it has one.
    #[arg(long, value_name = "FILE")]
    node: Option<PathBuf>,
}

/// What was found, with the rules in words.
#[derive(Debug, Serialize)]
struct Answer {
    decision: Decision,
    findings: Vec<Found>,
}

#[derive(Debug, Serialize)]
struct Found {
    decision: Decision,
    policy: &'static str,
    rule: String,
    command: String,
    reason: String,
}

pub(crate) fn run(command: &PolicyCommand, output: Output) -> anyhow::Result<i32> {
    let PolicyCommand::Check(check) = command;
    let config = Config::load(check.config.as_deref(), std::env::vars(), &[])?;
    let control_plane =
        Policy::from_document(config.policy).context("the policy cannot be used")?;
    let file = check.node.as_deref().unwrap_or(Path::new(POLICY_FILE));
    let node = HostPolicy::load(file)?.commands;
    let answer = answer(
        &[("control plane", &control_plane), ("server", &node)],
        &check.command,
    );
    let rows: Vec<_> = answer
        .findings
        .iter()
        .map(|found| {
            vec![
                word(found.decision).to_owned(),
                found.policy.to_owned(),
                found.rule.clone(),
                found.command.clone(),
                found.reason.clone(),
            ]
        })
        .collect();
    output.table(
        &answer,
        &["decision", "policy", "rule", "command", "reason"],
        &rows,
    )?;
    Ok(match answer.decision {
        Decision::Allow => 0,
        Decision::Ask => 3,
        Decision::Deny => 4,
    })
}

fn answer(policies: &[(&'static str, &Policy)], line: &str) -> Answer {
    let mut answer = Answer {
        decision: Decision::Allow,
        findings: Vec::new(),
    };
    for (name, policy) in policies {
        let Verdict { decision, findings } = policy.check_line(line);
        answer.decision = answer.decision.max(decision);
        for finding in findings {
            let found = Found {
                decision: finding.decision,
                policy: name,
                rule: policy.name_of(&finding.rule),
                command: finding.shown(),
                reason: finding.reason,
            };
            // A built-in rule is the same in both.
            let is_same =
                |other: &Found| (&other.rule, &other.command) == (&found.rule, &found.command);
            if !answer.findings.iter().any(is_same) {
                answer.findings.push(found);
            }
        }
    }
    // What decides comes first.
    answer
        .findings
        .sort_by_key(|found| std::cmp::Reverse(found.decision));
    answer
}

fn word(decision: Decision) -> &'static str {
    match decision {
        Decision::Allow => "allow",
        Decision::Ask => "ask",
        Decision::Deny => "deny",
    }
}
