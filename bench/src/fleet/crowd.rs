//! The process of the simulated nodes, seen from the harness.

use std::time::Duration;

use anyhow::{Context as _, bail};
use atelier_api::v1::nodes::NodeTokenCreate;
use futures_util::{StreamExt as _, TryStreamExt as _, stream};
use tokio::io::AsyncWriteExt as _;
use tokio::process::{Child, ChildStdin};
use tokio::sync::watch;
use tokio::time::timeout;

use super::simulated::Census;
use crate::control_plane::ControlPlane;
use crate::helper::Helper;

/// Tokens that are made at once.
const ASKED_AT_ONCE: usize = 16;
/// Tokens that may wait to be used: an organization can have a thousand of them open.
const OPEN_MAX: u32 = 500;
/// How long a single node may take to join.
const STEP: Duration = Duration::from_secs(60);

/// The simulated nodes.
#[derive(Debug)]
pub(crate) struct Crowd {
    _child: Child,
    input: ChildStdin,
    census: watch::Receiver<Census>,
}

impl Crowd {
    /// A process without nodes yet, each of which will measure so often.
    pub(crate) async fn start(address: &str, measuring: Duration) -> anyhow::Result<Self> {
        let seconds = measuring.as_secs().to_string();
        let arguments = ["--simulate", address, "--measuring", &seconds];
        let (helper, _) = Helper::start(&arguments).await?;
        let Helper {
            child,
            input,
            mut lines,
        } = helper;
        let (told, census) = watch::channel(Census::default());
        tokio::spawn(async move {
            while let Ok(Some(line)) = lines.next_line().await {
                match serde_json::from_str(&line) {
                    Ok(census) => drop(told.send_replace(census)),
                    Err(_) => println!("{line}"),
                }
            }
        });
        Ok(Self {
            _child: child,
            input,
            census,
        })
    }

    /// Lets so many join, each with a token of its own.
    pub(crate) async fn join(&mut self, server: &ControlPlane, nodes: u32) -> anyhow::Result<()> {
        let of_each = NodeTokenCreate::default();
        let mut tokens = stream::iter(0..nodes)
            .map(|_| server.join_token(&of_each))
            .buffer_unordered(ASKED_AT_ONCE);
        let mut given = 0_u32;
        while let Some(token) = tokens.try_next().await? {
            self.input
                .write_all(format!("{token}\n").as_bytes())
                .await?;
            given += 1;
            let (census, enough) = (&mut self.census, given.saturating_sub(OPEN_MAX));
            reach(census, enough, STEP).await?;
        }
        reach(&mut self.census, nodes, STEP).await
    }

    /// Waits until so many are connected.
    pub(super) async fn until(&mut self, nodes: u32, within: Duration) -> anyhow::Result<()> {
        reach(&mut self.census, nodes, within).await
    }

    /// Waits until all have noticed that nobody is there.
    pub(super) async fn notice(&mut self) -> anyhow::Result<()> {
        let gone = self.census.wait_for(|census| census.connected == 0);
        timeout(STEP, gone).await??;
        Ok(())
    }

    /// What they say now.
    pub(super) fn census(&self) -> Census {
        self.census.borrow().clone()
    }
}

async fn reach(
    census: &mut watch::Receiver<Census>,
    nodes: u32,
    within: Duration,
) -> anyhow::Result<()> {
    let reached = census.wait_for(|now| now.connected >= nodes);
    if let Ok(reached) = timeout(within, reached).await {
        reached.context("the simulated nodes ended")?;
        return Ok(());
    }
    bail!(
        "not {nodes} nodes are connected: {}",
        census.borrow().clone()
    )
}
