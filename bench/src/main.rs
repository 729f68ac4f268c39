//! The benchmark harness: each number of the issues, measured beside a baseline in the same run.
//!
//! `cargo run --release -p atelier-bench -- --atelier target/release/atelier [SUITE …]`. Servers
//! and baselines are processes of their own, on loopback; batches of both alternate, so that what
//! else the machine does hits both alike. See `RESULTS.md` for figures and how to read them.
#![expect(clippy::print_stdout, reason = "printing figures is what it is for")]
#![expect(
    clippy::cast_precision_loss,
    reason = "figures for people need no 53 bits"
)]

mod baseline;
mod bridge;
mod bulk;
mod certificate;
mod control_plane;
mod cpu;
mod events;
mod files;
mod fleet;
mod git;
mod helper;
mod http;
mod jobs;
mod joined;
mod languages;
mod memory;
mod node_idle;
mod node_jobs;
mod preview;
mod report;
mod search;
mod socket;
mod start;
mod telemetry;
mod terminal;
mod wan;
mod workspaces;

use std::path::PathBuf;
use std::time::Duration;

use clap::{Parser, ValueEnum};

use control_plane::ControlPlane;
use report::Report;

/// Measures Atelier.
#[derive(Debug, Parser)]
struct Arguments {
    /// The program to measure, built in release mode.
    #[arg(long, default_value = "target/release/atelier")]
    atelier: PathBuf,
    /// Fewer repetitions, to see whether the harness itself works.
    #[arg(long)]
    quick: bool,
    /// Runs a baseline server instead (the harness starts itself so).
    #[arg(long, hide = true)]
    baseline: bool,
    /// Simulates nodes of the control plane at this address instead (the harness starts itself so).
    #[arg(long, hide = true, value_name = "ADDRESS")]
    simulate: Option<String>,
    /// How often each of those measures, in seconds.
    #[arg(long, hide = true, default_value_t = 10, value_parser = clap::value_parser!(u32).range(1..))]
    measuring: u32,
    /// How many nodes the fleet has.
    #[arg(long, default_value_t = 1_000, value_parser = clap::value_parser!(u32).range(1..))]
    nodes: u32,
    /// For how many minutes a node daemon is watched.
    #[arg(long, default_value_t = 60, value_parser = clap::value_parser!(u32).range(1..=10_000))]
    minutes: u32,
    /// What to measure; everything but `node-idle` when absent.
    suites: Vec<Suite>,
}

impl Arguments {
    /// How many times less is done of everything.
    fn scale(&self) -> u32 {
        if self.quick { 10 } else { 1 }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Suite {
    /// Key echo, throughput, fairness, a stalled viewer.
    Terminal,
    /// Resident memory of server, agent, terminals and viewers.
    Memory,
    /// Create, start, and a hundred at once.
    Workspaces,
    /// The workspace list against a bare JSON route.
    Http,
    /// The server's start.
    Start,
    /// An application in a workspace, by its host name and directly.
    Preview,
    /// Directory, download, durable write.
    Files,
    /// A gibibyte up and down, archives, changes on disk.
    Bulk,
    /// Texts in 100,000 files beside ripgrep (which must be installed), replacing, names.
    Search,
    /// The state of 100,000 files beside `git status`, the log of 100,000 commits.
    Git,
    /// Completion through the agent beside a language server's own answer time.
    Languages,
    /// The job engine.
    Jobs,
    /// A real node behind a real tunnel: key echo, files, its idle cost.
    Bridge,
    /// A command over the bridge socket, beside a local spawn.
    Socket,
    /// A real node behind a long line: files, and key echo beside downloads. Needs root. Takes 10 minutes.
    Wan,
    /// `true` as a node job on one of a hundred real nodes, and on all.
    NodeJobs,
    /// A node daemon of which nothing is asked, for an hour (`--minutes`).
    NodeIdle,
    /// Many simulated nodes: their cost, the servers page, the return after a kill.
    Fleet,
    /// The telemetry of many simulated nodes: its cost, its size, a day's chart. Takes 11 minutes.
    Telemetry,
}

const ALL: &[Suite] = &[
    Suite::Start,
    Suite::Terminal,
    Suite::Memory,
    Suite::Workspaces,
    Suite::Http,
    Suite::Preview,
    Suite::Files,
    Suite::Bulk,
    Suite::Search,
    Suite::Git,
    Suite::Languages,
    Suite::Jobs,
    Suite::Bridge,
    Suite::Socket,
    Suite::Wan,
    Suite::NodeJobs,
    Suite::Fleet,
    Suite::Telemetry,
];

fn main() -> anyhow::Result<()> {
    let arguments = Arguments::parse();
    let _ = rustls::crypto::ring::default_provider().install_default();
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()?;
    if arguments.baseline {
        return runtime.block_on(baseline::serve());
    }
    if let Some(address) = arguments.simulate {
        return runtime.block_on(fleet::serve(address, arguments.measuring));
    }
    let suites = if arguments.suites.is_empty() {
        ALL
    } else {
        &arguments.suites
    };
    let mut report = Report::default();
    let measured = suites.iter().try_for_each(|suite| {
        println!("measuring {suite:?} …");
        match suite {
            // On a machine of its own.
            Suite::Wan => wan::measure(&arguments.atelier, arguments.scale(), &mut report),
            _ => runtime.block_on(run(*suite, &arguments, &mut report)),
        }
    });
    // What was measured before something failed, too.
    print!("\n{report}");
    measured
}

async fn run(suite: Suite, arguments: &Arguments, report: &mut Report) -> anyhow::Result<()> {
    let scale = arguments.scale();
    if suite == Suite::Jobs {
        return jobs::measure(scale, report).await;
    }
    if suite == Suite::Start {
        return start::measure(&arguments.atelier, scale, report).await;
    }
    if matches!(suite, Suite::Fleet | Suite::Telemetry) {
        fleet::raise_limits(arguments.nodes)?;
    }
    let mut server = ControlPlane::start(&arguments.atelier).await?;
    let measured = match suite {
        Suite::Terminal => terminal::measure(&server, scale, report).await,
        Suite::Memory => memory::measure(&server, report).await,
        Suite::Workspaces => workspaces::measure(&server, scale, report).await,
        Suite::Http => http::measure(&server, scale, report).await,
        Suite::Preview => preview::measure(&server, scale, report).await,
        Suite::Files => files::measure(&server, scale, report).await,
        Suite::Bulk => bulk::measure(&server, scale, report).await,
        Suite::Search => search::measure(&server, scale, report).await,
        Suite::Git => git::measure(&server, scale, report).await,
        Suite::Languages => languages::measure(&server, scale, report).await,
        Suite::NodeJobs => node_jobs::measure(&server, &arguments.atelier, scale, report).await,
        Suite::NodeIdle => {
            let lasts = Duration::from_secs(60) * arguments.minutes;
            node_idle::measure(&server, &arguments.atelier, lasts, report).await
        }
        Suite::Bridge => bridge::measure(&server, &arguments.atelier, scale, report).await,
        Suite::Socket => socket::measure(&server, scale, report).await,
        Suite::Fleet => {
            let (program, nodes) = (&arguments.atelier, arguments.nodes);
            fleet::measure(&mut server, program, nodes, scale, report).await
        }
        Suite::Telemetry => telemetry::measure(&server, arguments.nodes, scale, report).await,
        Suite::Jobs | Suite::Start | Suite::Wan => Ok(()),
    };
    server.finish().await?;
    measured
}
