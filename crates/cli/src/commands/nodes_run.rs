//! `atelier nodes run`: a command on servers, its output and exit status here.

use std::collections::HashMap;
use std::io::Write as _;
use std::time::Duration;

use anyhow::ensure;
use atelier_api::ids::{NodeId, NodeRunId, OrganizationId};
use atelier_api::v1::node_jobs::{NodeJob, NodeJobCreate, NodeRun, NodeRunState};
use atelier_api::{ErrorCode, Page};
use clap::Args;
use reqwest::Method;

use crate::client::{Client, Refused};
use crate::status;

/// How often many servers are looked at.
const EVERY: Duration = Duration::from_millis(200);

/// How long one server is waited for in one request, in milliseconds.
const WAIT_MS: u64 = 2_000;

/// Runs a command on servers. With one server, its exit status is this program's; with several, it is 1
/// unless it succeeds everywhere.
#[derive(Debug, Args)]
pub(crate) struct Run {
    /// A server's name or id; may be given many times.
    #[arg(long = "node", value_name = "NODE")]
    pub(super) nodes: Vec<String>,
    /// On all servers with this label, `key=value`; with all of them, when given many times.
    #[arg(long = "label", value_name = "KEY=VALUE", conflicts_with = "nodes")]
    pub(super) labels: Vec<String>,
    /// Where it runs: absolute, or below the home of the server's user.
    #[arg(long)]
    cwd: Option<String>,
    /// End it after so many seconds on each server.
    #[arg(long, value_name = "SECONDS")]
    timeout: Option<u64>,
    /// Do not begin later than so many seconds from now.
    #[arg(long, value_name = "SECONDS")]
    ttl: Option<u64>,
    /// On at most so many servers at once.
    #[arg(long)]
    concurrency: Option<u32>,
    /// Try again so often where it fails.
    #[arg(long, default_value_t = 0)]
    retries: u32,
    /// A second job with the same key runs nothing, and shows the first one's output.
    #[arg(long)]
    idempotency_key: Option<String>,
    /// The organization's name or id, when you are in several.
    #[arg(long)]
    pub(super) organization: Option<String>,
    /// After `--`: a line for the shell in one argument, or a command and its arguments.
    #[arg(required = true, trailing_var_arg = true)]
    command: Vec<String>,
}

pub(super) async fn run(
    client: &Client,
    organization: OrganizationId,
    nodes: Vec<NodeId>,
    labels: std::collections::BTreeMap<String, String>,
    arguments: Run,
) -> anyhow::Result<i32> {
    ensure!(
        !(nodes.is_empty() && labels.is_empty()),
        "Say on which servers: --node or --label."
    );
    let request = NodeJobCreate {
        nodes,
        labels,
        command: line(&arguments.command),
        cwd: arguments.cwd,
        timeout_ms: arguments
            .timeout
            .map(|seconds| seconds.saturating_mul(1_000)),
        ttl_ms: arguments.ttl.map(|seconds| seconds.saturating_mul(1_000)),
        concurrency: arguments.concurrency,
        retries: arguments.retries,
        idempotency_key: arguments.idempotency_key,
        ..NodeJobCreate::default()
    };
    let path = format!("/organizations/{organization}/node-jobs");
    let job: NodeJob = client.post(&path, &request).await?;
    let mut follower = Follower {
        client,
        path: format!("/node-jobs/{}", job.id),
        shown: HashMap::new(),
    };
    tokio::select! {
        ended = follower.follow() => ended,
        interrupted = tokio::signal::ctrl_c() => {
            interrupted?;
            let path = format!("/node-jobs/{}/cancel", job.id);
            client.send(Method::POST, &path, None::<&()>).await?;
            status::say("The job is cancelled.");
            Ok(130)
        }
    }
}

/// One argument is a line as it is; several are words, quoted where they must be.
pub(super) fn line(command: &[String]) -> String {
    match command {
        [line] => line.clone(),
        words => {
            let plain = |c: char| c.is_ascii_alphanumeric() || "@%_+=:,./-".contains(c);
            let quoted = words.iter().map(|word| {
                if !word.is_empty() && word.chars().all(plain) {
                    word.clone()
                } else {
                    format!("'{}'", word.replace('\'', "'\\''"))
                }
            });
            quoted.collect::<Vec<_>>().join(" ")
        }
    }
}

struct Follower<'a> {
    client: &'a Client,
    path: String,
    shown: HashMap<NodeRunId, Shown>,
}

/// What has been shown of a run.
#[derive(Default)]
struct Shown {
    attempt: u32,
    offset: u64,
    reason: Option<String>,
    /// The beginning of a line, where lines are shown whole.
    rest: Vec<u8>,
    ended: bool,
}

impl Follower<'_> {
    async fn follow(&mut self) -> anyhow::Result<i32> {
        loop {
            let runs = self.runs().await?;
            let single = runs.len() == 1;
            let mut waited = false;
            for run in &runs {
                waited |= self.show(run, single).await?;
            }
            if runs.iter().all(|run| run.state.has_ended()) {
                return Ok(exit_status(&runs));
            }
            if !waited {
                tokio::time::sleep(EVERY).await;
            }
        }
    }

    async fn runs(&self) -> anyhow::Result<Vec<NodeRun>> {
        let mut all = Vec::new();
        let mut cursor = String::new();
        loop {
            let path = format!("{}/runs?limit=200{cursor}", self.path);
            let page: Page<NodeRun> = self.client.get(&path).await?;
            all.extend(page.items);
            match page.next_cursor {
                Some(next) => cursor = format!("&cursor={next}"),
                None => return Ok(all),
            }
        }
    }

    /// Shows what is new of a run; answers whether it was waited for.
    async fn show(&mut self, run: &NodeRun, single: bool) -> anyhow::Result<bool> {
        let shown = self.shown.entry(run.id).or_default();
        if shown.ended {
            return Ok(false);
        }
        if shown.attempt != run.attempt {
            (shown.attempt, shown.offset) = (run.attempt, 0);
        }
        let ended = run.state.has_ended();
        let waits = single && run.state == NodeRunState::Running;
        if ended || run.state == NodeRunState::Running {
            let wait_ms = if waits { WAIT_MS } else { 0 };
            let path = format!(
                "/node-runs/{}/output?offset={}&wait_ms={wait_ms}",
                run.id, shown.offset
            );
            match self.client.bytes(&path).await {
                Ok((from, bytes)) => shown.print(run, from, &bytes, single)?,
                // Its line is down: it is said below, and asked again.
                Err(error) if is_offline(&error) && !ended => {}
                Err(error) => return Err(error),
            }
        }
        if run.reason != shown.reason {
            if let Some(reason) = &run.reason {
                status::say(&format!("{}: {reason}", run.node_name));
            }
            shown.reason.clone_from(&run.reason);
        }
        if ended {
            shown.ended = true;
            shown.flush(run)?;
        }
        Ok(waits)
    }
}

fn is_offline(error: &anyhow::Error) -> bool {
    error.downcast_ref::<Refused>().is_some_and(|refused| {
        let code = refused.0.code;
        matches!(
            code,
            ErrorCode::NodeOffline | ErrorCode::Unavailable | ErrorCode::Timeout
        )
    })
}

impl Shown {
    fn print(
        &mut self,
        run: &NodeRun,
        from: u64,
        bytes: &[u8],
        single: bool,
    ) -> anyhow::Result<()> {
        if from > self.offset {
            status::say(&format!(
                "{}: {} bytes of output are no longer there",
                run.node_name,
                from - self.offset
            ));
        }
        if !bytes.is_empty() || from > self.offset {
            self.offset = from + bytes.len() as u64;
        }
        let mut stdout = std::io::stdout().lock();
        if single {
            stdout.write_all(bytes)?;
        } else {
            self.rest.extend_from_slice(bytes);
            while let Some(end) = self.rest.iter().position(|byte| *byte == b'\n') {
                let line: Vec<u8> = self.rest.drain(..=end).collect();
                write!(stdout, "{}: ", run.node_name)?;
                stdout.write_all(&line)?;
            }
        }
        Ok(stdout.flush()?)
    }

    /// Shows the last line, which has no end.
    fn flush(&mut self, run: &NodeRun) -> anyhow::Result<()> {
        if !self.rest.is_empty() {
            let mut stdout = std::io::stdout().lock();
            write!(stdout, "{}: ", run.node_name)?;
            stdout.write_all(&self.rest)?;
            writeln!(stdout)?;
            self.rest.clear();
        }
        Ok(())
    }
}

fn exit_status(runs: &[NodeRun]) -> i32 {
    match runs {
        [run] => match &run.exit {
            Some(exit) => match (exit.code, exit.signal) {
                // Ended because of its time, or cancelled, it did not succeed whatever it said.
                (Some(0), _) if run.state != NodeRunState::Succeeded => 1,
                (Some(code), _) => code,
                (None, Some(signal)) => 128 + signal,
                (None, None) => 1,
            },
            None => 1,
        },
        runs => i32::from(!runs.iter().all(|run| run.state == NodeRunState::Succeeded)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_argument_is_a_line_and_several_are_words() {
        let of = |words: &[&str]| line(&words.iter().map(ToString::to_string).collect::<Vec<_>>());
        assert_eq!(of(&["ls | wc -l"]), "ls | wc -l");
        assert_eq!(
            of(&["echo", "a b", "it's", "", "x=1"]),
            r"echo 'a b' 'it'\''s' '' x=1"
        );
    }
}
