//! Commands on many joined servers: real daemons, each with a real agent that runs `true`.

use std::collections::BTreeMap;
use std::path::Path;
use std::time::{Duration, Instant};

use anyhow::{Context as _, ensure};
use atelier_api::v1::events::EventBody;
use atelier_api::v1::node_jobs::{NodeJob, NodeJobCreate, NodeJobState};
use atelier_api::v1::nodes::NodeTokenCreate;
use futures_util::future::try_join_all;
use futures_util::{StreamExt as _, TryStreamExt as _, stream};
use reqwest::Method;
use tokio::process::Command;

use crate::control_plane::ControlPlane;
use crate::events::Events;
use crate::joined::{JoinedNode, Joining, Line};
use crate::report::{Report, Samples, time};

/// How many servers there are.
const NODES: u32 = 100;
/// How many join, or leave, at once.
const AT_ONCE: usize = 8;
/// How often a command is run on one of them, and on all.
const ALONE: u32 = 500;
const TOGETHER: u32 = 20;
/// The label of all of them.
const LABEL: (&str, &str) = ("bench", "node-jobs");
/// When a job is given up.
const JOB_WITHIN: Duration = Duration::from_secs(120);

pub(crate) async fn measure(
    server: &ControlPlane,
    program: &Path,
    scale: u32,
    report: &mut Report,
) -> anyhow::Result<()> {
    let began = Instant::now();
    let mut nodes = Vec::new();
    let started = start(server, program, &mut nodes).await;
    println!("{} nodes joined in {}", nodes.len(), time(began.elapsed()));
    let measured = match started {
        Ok(()) => measure_on(server, &nodes, scale, report).await,
        Err(error) => Err(error),
    };
    // Each has an agent, which would outlive it.
    let leaving = stream::iter(nodes).map(|node| node.leave(program));
    let left: Vec<anyhow::Result<()>> = leaving.buffer_unordered(AT_ONCE).collect().await;
    left.into_iter().fold(measured, Result::and)
}

fn labels() -> BTreeMap<String, String> {
    let (key, value) = LABEL;
    BTreeMap::from([(key.to_owned(), value.to_owned())])
}

/// Fills in the nodes, as they join.
async fn start(
    server: &ControlPlane,
    program: &Path,
    nodes: &mut Vec<JoinedNode>,
) -> anyhow::Result<()> {
    let joining = |number| {
        let mut joining = Joining::new(server, program, Line::pinned(server));
        joining.token = NodeTokenCreate {
            name: Some(format!("bench-{number:03}")),
            labels: labels(),
            node_id: None,
        };
        joining
    };
    let mut joining = stream::iter(0..NODES)
        .map(|number| async move { JoinedNode::start(&joining(number)).await })
        .buffer_unordered(AT_ONCE);
    while let Some(node) = joining.try_next().await? {
        nodes.push(node);
    }
    Ok(())
}

async fn measure_on(
    server: &ControlPlane,
    nodes: &[JoinedNode],
    scale: u32,
    report: &mut Report,
) -> anyhow::Result<()> {
    let mut events = Events::open(server).await?;
    let on_all = NodeJobCreate {
        labels: labels(),
        command: "true".to_owned(),
        ..NodeJobCreate::default()
    };
    let first = nodes.first().context("there is no node")?;
    let on_one = NodeJobCreate {
        nodes: vec![first.id],
        command: "true".to_owned(),
        ..NodeJobCreate::default()
    };
    // It starts the agents.
    let warm = round_trip(server, &mut events, &on_all).await?;
    println!(
        "the first job on all, which starts their agents: {}",
        time(warm)
    );
    let mut alone = [const { Samples::new() }; 2];
    for _ in 0..ALONE / scale {
        alone[0].push(round_trip(server, &mut events, &on_one).await?);
        alone[1].push(by_hand(1).await?);
    }
    let mut together = [const { Samples::new() }; 2];
    for _ in 0..(TOGETHER / scale).max(3) {
        together[0].push(round_trip(server, &mut events, &on_all).await?);
        together[1].push(by_hand(NODES).await?);
    }
    let [ours, bare] = alone;
    report.row(
        &format!("node job `true` on one of {NODES} nodes, asked for until seen to be done, p50"),
        format!(
            "{} (p99 {})",
            time(ours.median()),
            time(ours.quantile(0.99))
        ),
        format!("{} (`sh -c true`, started by hand)", time(bare.median())),
        "≤ 15 ms",
        ours.median() <= Duration::from_millis(15),
    );
    let [ours, bare] = together;
    report.row(
        &format!("… on all {NODES} at once, by their label"),
        format!(
            "{} (longest {})",
            time(ours.median()),
            time(ours.quantile(1.0))
        ),
        format!("{} (`sh -c true` so often at once)", time(bare.median())),
        "≤ 1 s",
        ours.median() <= Duration::from_secs(1),
    );
    Ok(())
}

/// From asking until it is seen to have succeeded everywhere, by whoever listens to events.
async fn round_trip(
    server: &ControlPlane,
    events: &mut Events,
    create: &NodeJobCreate,
) -> anyhow::Result<Duration> {
    let began = Instant::now();
    let path = format!("/organizations/{}/node-jobs", server.organization);
    let request = server.request(Method::POST, &path).json(create);
    let job: NodeJob = request.send().await?.error_for_status()?.json().await?;
    let asked = if create.labels.is_empty() { 1 } else { NODES };
    let ended = tokio::time::timeout(JOB_WITHIN, ended(server, events, &job)).await;
    let ended = ended.context("the job does not end")??;
    let took = began.elapsed();
    ensure!(
        ended.state == NodeJobState::Succeeded && ended.counts.succeeded == u64::from(asked),
        "the job did not succeed everywhere: {ended:?}"
    );
    Ok(took)
}

async fn ended(
    server: &ControlPlane,
    events: &mut Events,
    job: &NodeJob,
) -> anyhow::Result<NodeJob> {
    loop {
        events
            .until(|body| matches!(body, EventBody::NodeJobChanged { node_job_id } if *node_job_id == job.id))
            .await?;
        let now: NodeJob = server.get(&format!("/node-jobs/{}", job.id)).await?;
        if !matches!(now.state, NodeJobState::Queued | NodeJobState::Running) {
            return Ok(now);
        }
    }
}

/// The same command, so often at once, without anything around it.
async fn by_hand(times: u32) -> anyhow::Result<Duration> {
    let began = Instant::now();
    let commands = (0..times).map(|_| Command::new("sh").args(["-c", "true"]).status());
    for status in try_join_all(commands).await? {
        ensure!(status.success(), "`true` failed");
    }
    Ok(began.elapsed())
}
