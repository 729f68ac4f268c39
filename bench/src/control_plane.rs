//! A real `atelier serve` in a process of its own, set up, with a token.

use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;

use anyhow::{Context as _, ensure};
use atelier_api::Page;
use atelier_api::agent::terminals::{SUBPROTOCOL, Terminal, TerminalCreate, TerminalList};
use atelier_api::ids::{NodeId, OrganizationId, WorkspaceId};
use atelier_api::node::WorkspaceLimits;
use atelier_api::v1::identity::{Account, TokenCreate, TokenCreated};
use atelier_api::v1::nodes::{Node, NodeTokenCreate, NodeTokenCreated};
use atelier_api::v1::system::SetupComplete;
use atelier_api::v1::workspaces::{Workspace, WorkspaceCreate, WorkspaceSource, WorkspaceState};
use reqwest::{Method, RequestBuilder};
use serde::de::DeserializeOwned;
use tokio::io::{AsyncBufReadExt as _, BufReader};
use tokio::process::{Child, Command};

use crate::certificate::Tls;
use crate::terminal::Socket;

/// How often a waiting measurement looks.
const POLL: Duration = Duration::from_millis(2);

/// A running control plane.
#[derive(Debug)]
pub(crate) struct ControlPlane {
    child: Child,
    pub(crate) address: String,
    pub(crate) token: String,
    pub(crate) organization: OrganizationId,
    http: reqwest::Client,
    pub(crate) tls: Tls,
    pub(crate) data: tempfile::TempDir,
}

/// Starts the program, on any free port if it is 0, and answers its ready line.
pub(crate) async fn spawn(
    program: &Path,
    data: &Path,
    port: u16,
    tls: Option<&Tls>,
) -> anyhow::Result<(Child, String)> {
    let mut child = Command::new(program)
        .args(["serve", "--port", &port.to_string(), "--data"])
        .arg(data)
        .env("ATELIER_LOG_FILTER", "warn")
        .envs(tls.map(|tls| ("ATELIER_LISTEN_TLS", &tls.setting)))
        .stdout(Stdio::piped())
        .kill_on_drop(true)
        .spawn()
        .with_context(|| format!("{} cannot be started; build it first", program.display()))?;
    let stdout = child.stdout.take().context("the server has no output")?;
    let line = BufReader::new(stdout).lines().next_line().await?;
    Ok((child, line.context("the server ended at once")?))
}

impl ControlPlane {
    pub(crate) async fn start(program: &Path) -> anyhow::Result<Self> {
        Self::start_at(program, "127.0.0.1").await
    }

    /// The same, whose nodes come to this address.
    pub(crate) async fn start_at(program: &Path, address: &str) -> anyhow::Result<Self> {
        let data = tempfile::tempdir()?;
        let tls = Tls::make(data.path(), address)?;
        let (child, line) = spawn(program, &data.path().join("data"), 0, Some(&tls)).await?;
        let link = line
            .split_whitespace()
            .last()
            .context("the ready line has no link")?;
        let (url, token) = link
            .split_once("/setup#token=")
            .context("it is no set-up link")?;
        let http = reqwest::Client::builder().no_proxy().build()?;
        let setup = SetupComplete {
            token: token.to_owned(),
            email: "bench@example.org".to_owned(),
            name: "Bench".to_owned(),
            password: "a long bench password".to_owned(),
            organization: None,
        };
        let answer = http
            .post(format!("{url}/api/v1/setup"))
            .header("Atelier-Csrf", "1")
            .json(&setup)
            .send()
            .await?
            .error_for_status()?;
        let cookie = answer.headers()["set-cookie"]
            .to_str()?
            .split(';')
            .next()
            .unwrap_or("")
            .to_owned();
        let account: Account = answer.json().await?;
        let created: TokenCreated = http
            .post(format!("{url}/api/v1/me/tokens"))
            .header("Atelier-Csrf", "1")
            .header("cookie", cookie)
            .json(&TokenCreate {
                name: "bench".to_owned(),
                expires_in_days: 1,
            })
            .send()
            .await?
            .error_for_status()?
            .json()
            .await?;
        Ok(Self {
            child,
            address: url.trim_start_matches("http://").to_owned(),
            token: created.secret,
            organization: account.memberships[0].organization_id,
            http,
            tls,
            data,
        })
    }

    pub(crate) fn pid(&self) -> u32 {
        self.child.id().unwrap_or(0)
    }

    /// Ends it by SIGKILL, without a warning.
    pub(crate) async fn kill(&mut self) -> anyhow::Result<()> {
        Ok(self.child.kill().await?)
    }

    /// Starts it again, with the same data and on the same port; answers when it is ready.
    pub(crate) async fn start_again(&mut self, program: &Path) -> anyhow::Result<()> {
        let (_, port) = self.address.rsplit_once(':').context("no port")?;
        let data = self.data.path().join("data");
        (self.child, _) = spawn(program, &data, port.parse()?, Some(&self.tls)).await?;
        Ok(())
    }

    pub(crate) fn request(&self, method: Method, path: &str) -> RequestBuilder {
        let url = format!("http://{}/api/v1{path}", self.address);
        self.http.request(method, url).bearer_auth(&self.token)
    }

    pub(crate) async fn get<T: DeserializeOwned>(&self, path: &str) -> anyhow::Result<T> {
        Ok(self
            .request(Method::GET, path)
            .send()
            .await?
            .error_for_status()?
            .json()
            .await?)
    }

    /// A join token's secret.
    pub(crate) async fn join_token(&self, create: &NodeTokenCreate) -> anyhow::Result<String> {
        let path = format!("/organizations/{}/node-tokens", self.organization);
        let answer = self
            .request(Method::POST, &path)
            .json(create)
            .send()
            .await?;
        let created: NodeTokenCreated = answer.error_for_status()?.json().await?;
        Ok(created.secret)
    }

    /// The embedded node's id.
    pub(crate) async fn local_node(&self) -> anyhow::Result<NodeId> {
        let path = format!("/organizations/{}/nodes?limit=200", self.organization);
        let page: Page<Node> = self.get(&path).await?;
        let local = page.items.iter().find(|node| node.local);
        Ok(local.context("there is no embedded node")?.id)
    }

    /// Creates a workspace and waits until it runs.
    pub(crate) async fn workspace(&self, name: &str) -> anyhow::Result<WorkspaceId> {
        self.workspace_on(name, None).await
    }

    /// Creates a workspace on this node and waits until it runs.
    pub(crate) async fn workspace_on(
        &self,
        name: &str,
        node_id: Option<NodeId>,
    ) -> anyhow::Result<WorkspaceId> {
        let create = WorkspaceCreate {
            name: name.to_owned(),
            source: WorkspaceSource::Template {
                template: "empty".to_owned(),
            },
            node_id,
            limits: WorkspaceLimits::default(),
        };
        let path = format!("/organizations/{}/workspaces", self.organization);
        let made: Workspace = self
            .request(Method::POST, &path)
            .json(&create)
            .send()
            .await?
            .error_for_status()?
            .json()
            .await?;
        self.until(made.id, WorkspaceState::Running).await?;
        Ok(made.id)
    }

    /// Waits for a state.
    pub(crate) async fn until(&self, id: WorkspaceId, state: WorkspaceState) -> anyhow::Result<()> {
        loop {
            let now: Workspace = self.get(&format!("/workspaces/{id}")).await?;
            if now.state == state {
                return Ok(());
            }
            ensure!(
                now.state != WorkspaceState::Failed,
                "it failed: {:?}",
                now.state_reason
            );
            tokio::time::sleep(POLL).await;
        }
    }

    pub(crate) async fn change(&self, id: WorkspaceId, verb: &str) -> anyhow::Result<()> {
        let path = format!("/workspaces/{id}/{verb}");
        self.request(Method::POST, &path)
            .send()
            .await?
            .error_for_status()?;
        Ok(())
    }

    /// Makes a terminal that runs `sh -c script`, or the login shell for an empty script.
    pub(crate) async fn terminal(&self, id: WorkspaceId, script: &str) -> anyhow::Result<Terminal> {
        let mut create = TerminalCreate::default();
        if !script.is_empty() {
            create.command = ["sh", "-c", script].map(str::to_owned).to_vec();
        }
        let path = format!("/workspaces/{id}/terminals");
        let answer = self
            .request(Method::POST, &path)
            .json(&create)
            .send()
            .await?;
        Ok(answer.error_for_status()?.json().await?)
    }

    /// Ends all terminals: one that still floods would be measured along with what comes next.
    pub(crate) async fn close_terminals(&self, id: WorkspaceId) -> anyhow::Result<()> {
        let list: TerminalList = self.get(&format!("/workspaces/{id}/terminals")).await?;
        for terminal in list.items {
            let path = format!("/workspaces/{id}/terminals/{}", terminal.id);
            self.request(Method::DELETE, &path)
                .send()
                .await?
                .error_for_status()?;
        }
        Ok(())
    }

    /// Attaches to a terminal.
    pub(crate) async fn attach(
        &self,
        id: WorkspaceId,
        terminal: &Terminal,
    ) -> anyhow::Result<Socket> {
        let path = format!("/api/v1/workspaces/{id}/terminals/{}/attach", terminal.id);
        Socket::open(&self.address, &path, Some((&self.token, SUBPROTOCOL))).await
    }

    /// Where a workspace's files lie on this machine.
    pub(crate) fn folder(&self, id: WorkspaceId) -> PathBuf {
        self.data
            .path()
            .join("data/node/workspaces")
            .join(id.to_string())
            .join("workspace")
    }
}

impl ControlPlane {
    /// Stops all workspaces: they outlive their server by design, and must not outlive the bench.
    pub(crate) async fn finish(&self) -> anyhow::Result<()> {
        let path = format!("/organizations/{}/workspaces?limit=200", self.organization);
        let page: Page<Workspace> = self.get(&path).await?;
        for workspace in &page.items {
            if workspace.state != WorkspaceState::Stopped {
                self.change(workspace.id, "stop").await?;
            }
        }
        for workspace in &page.items {
            self.until(workspace.id, WorkspaceState::Stopped).await?;
        }
        Ok(())
    }
}
