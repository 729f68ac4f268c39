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
mod control_plane;
mod files;
mod http;
mod jobs;
mod memory;
mod report;
mod start;
mod terminal;
mod workspaces;

use std::path::PathBuf;

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
    /// What to measure; everything when absent.
    suites: Vec<Suite>,
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
    /// Directory, download, durable write.
    Files,
    /// The job engine.
    Jobs,
}

const ALL: &[Suite] = &[
    Suite::Start,
    Suite::Terminal,
    Suite::Memory,
    Suite::Workspaces,
    Suite::Http,
    Suite::Files,
    Suite::Jobs,
];

fn main() -> anyhow::Result<()> {
    let arguments = Arguments::parse();
    // No TLS is spoken here, but the HTTP client wants to know how it would be.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()?;
    if arguments.baseline {
        return runtime.block_on(baseline::serve());
    }
    let suites = if arguments.suites.is_empty() {
        ALL
    } else {
        &arguments.suites
    };
    let mut report = Report::default();
    for suite in suites {
        println!("measuring {suite:?} …");
        runtime.block_on(run(*suite, &arguments, &mut report))?;
    }
    print!("\n{report}");
    Ok(())
}

async fn run(suite: Suite, arguments: &Arguments, report: &mut Report) -> anyhow::Result<()> {
    let scale = if arguments.quick { 10 } else { 1 };
    if suite == Suite::Jobs {
        return jobs::measure(scale, report).await;
    }
    if suite == Suite::Start {
        return start::measure(&arguments.atelier, scale, report).await;
    }
    let server = ControlPlane::start(&arguments.atelier).await?;
    let measured = match suite {
        Suite::Terminal => terminal::measure(&server, scale, report).await,
        Suite::Memory => memory::measure(&server, report).await,
        Suite::Workspaces => workspaces::measure(&server, scale, report).await,
        Suite::Http => http::measure(&server, scale, report).await,
        Suite::Files => files::measure(&server, scale, report).await,
        Suite::Jobs | Suite::Start => Ok(()),
    };
    server.finish().await?;
    measured
}
