//! The node client: typed calls over a link.

use std::time::Duration;

use atelier_api::agent::git::GitFoundList;
use atelier_api::agent::ports::ListeningPorts;
use atelier_api::agent::terminals::Terminal;
use atelier_api::agent::vscode::{VsCode, VsCodeStart};
use atelier_api::ids::{ExecutionId, TerminalId, WorkspaceId};
use atelier_api::node::jobs::{Execution, ExecutionOutputQuery, ExecutionSpec, OFFSET_HEADER};
use atelier_api::node::update::{UpdateOrder, UpdateReport, UpdateStatus};
use atelier_api::node::{
    NodeInfo, NodeWorkspace, NodeWorkspaceList, TELEMETRY_LIMIT_MAX, TelemetryQuery, WorkspaceSpec,
    WorkspaceUsage,
};
use atelier_api::{Problem, Timestamp};
use atelier_tunnel::{AnswerWithin, Lane, Link};
use axum::body::{Body, BodyDataStream, Bytes};
use http::header::{CONTENT_LENGTH, CONTENT_TYPE};
use http::{Method, Request, Response};
use http_body_util::{BodyExt as _, Limited};
use serde::Serialize;
use serde::de::DeserializeOwned;
use tokio::fs::File;
use tokio_util::io::ReaderStream;

use super::measurements::{self, Measurements};
use crate::error::{Error, Result};

/// The largest JSON answer of a node that is read, in bytes.
const ANSWER_MAX: usize = 16 * 1024 * 1024;

/// How long a node may take to say something that it knows.
const ASKED_WITHIN: Duration = Duration::from_secs(30);

/// How long a program may be on its way, over a slow line.
const PROGRAM_WITHIN: Duration = Duration::from_secs(25 * 60);

/// Calls one node. Cheap to clone.
#[derive(Debug, Clone)]
pub struct NodeClient {
    link: Link,
}

impl NodeClient {
    /// Over this link.
    pub fn new(link: Link) -> Self {
        Self { link }
    }

    /// What the node is and can do.
    ///
    /// # Errors
    /// When the node is offline or refuses.
    pub async fn info(&self) -> Result<NodeInfo> {
        self.call(Method::GET, "/v1/info", None::<&()>).await
    }

    /// All workspaces that the node has.
    ///
    /// # Errors
    /// When the node is offline or refuses.
    pub async fn workspaces(&self) -> Result<NodeWorkspaceList> {
        self.call(Method::GET, "/v1/workspaces", None::<&()>).await
    }

    /// One workspace.
    ///
    /// # Errors
    /// `not_found` when the node has it not.
    pub async fn workspace(&self, id: WorkspaceId) -> Result<NodeWorkspace> {
        self.call(Method::GET, &format!("/v1/workspaces/{id}"), None::<&()>)
            .await
    }

    /// Brings a workspace to the desired state and answers when it is there.
    ///
    /// # Errors
    /// What kept it from getting there.
    pub async fn apply(&self, id: WorkspaceId, spec: &WorkspaceSpec) -> Result<NodeWorkspace> {
        self.call(Method::PUT, &format!("/v1/workspaces/{id}"), Some(spec))
            .await
    }

    /// What a running workspace uses.
    ///
    /// # Errors
    /// When it does not run.
    pub async fn usage(&self, id: WorkspaceId) -> Result<WorkspaceUsage> {
        self.call(
            Method::GET,
            &format!("/v1/workspaces/{id}/usage"),
            None::<&()>,
        )
        .await
    }

    /// Stops a workspace and deletes its storage.
    ///
    /// # Errors
    /// When the node is offline or cannot do it.
    pub async fn delete(&self, id: WorkspaceId) -> Result<()> {
        let request = request(Method::DELETE, &format!("/v1/workspaces/{id}"), None::<&()>)?;
        checked(self.link.send(request).await?).await.map(drop)
    }

    /// A request to a workspace's agent, with the answer's body still streaming.
    ///
    /// # Errors
    /// The agent's refusal, too.
    pub async fn agent<T: Serialize>(
        &self,
        id: WorkspaceId,
        method: Method,
        path: &str,
        body: Option<&T>,
    ) -> Result<Response<Body>> {
        let request = request(method, &format!("/v1/workspaces/{id}/agent/{path}"), body)?;
        checked(self.link.send(request).await?).await
    }

    /// A terminal of a workspace.
    ///
    /// # Errors
    /// The agent's refusal, too.
    pub async fn terminal(&self, workspace: WorkspaceId, terminal: TerminalId) -> Result<Terminal> {
        let path = format!("/v1/workspaces/{workspace}/agent/terminals/{terminal}");
        self.call(Method::GET, &path, None::<&()>).await
    }

    /// What a workspace listens on.
    ///
    /// # Errors
    /// The agent's refusal, too.
    pub async fn ports(&self, workspace: WorkspaceId) -> Result<ListeningPorts> {
        let path = format!("/v1/workspaces/{workspace}/agent/ports");
        self.call(Method::GET, &path, None::<&()>).await
    }

    /// How VS Code of a workspace is.
    ///
    /// # Errors
    /// The agent's refusal, too.
    pub async fn vscode_view(&self, workspace: WorkspaceId) -> Result<VsCode> {
        let path = format!("/v1/workspaces/{workspace}/agent/vscode");
        self.call(Method::GET, &path, None::<&()>).await
    }

    /// Starts VS Code in a workspace.
    ///
    /// # Errors
    /// The agent's refusal, too.
    pub async fn vscode_start(
        &self,
        workspace: WorkspaceId,
        start: &VsCodeStart,
    ) -> Result<VsCode> {
        let path = format!("/v1/workspaces/{workspace}/agent/vscode/start");
        self.call(Method::POST, &path, Some(start)).await
    }

    /// The repositories of a workspace, and how they stand.
    ///
    /// # Errors
    /// The agent's refusal, too.
    pub(crate) async fn repositories(&self, workspace: WorkspaceId) -> Result<GitFoundList> {
        let path = format!("/v1/workspaces/{workspace}/agent/git/repositories");
        self.call(Method::GET, &path, None::<&()>).await
    }

    /// Has a command run, once however often it is asked.
    ///
    /// # Errors
    /// When the node is offline or refuses.
    pub async fn execute(&self, id: ExecutionId, spec: &ExecutionSpec) -> Result<Execution> {
        self.call(Method::PUT, &format!("/v1/jobs/{id}"), Some(spec))
            .await
    }

    /// How an execution stands, at its end or after so long.
    ///
    /// # Errors
    /// `not_found` when the node knows nothing of it.
    pub async fn execution(&self, id: ExecutionId, wait_ms: u64) -> Result<Execution> {
        let path = format!("/v1/jobs/{id}?wait_ms={wait_ms}");
        self.call(Method::GET, &path, None::<&()>).await
    }

    /// An execution's output from `offset` on, or from the oldest that is held: where it begins, and
    /// the bytes.
    ///
    /// # Errors
    /// `not_found` when the node knows nothing of it.
    pub async fn execution_output(
        &self,
        id: ExecutionId,
        query: &ExecutionOutputQuery,
    ) -> Result<(u64, Bytes)> {
        let ExecutionOutputQuery { offset, wait_ms } = query;
        let path = format!("/v1/jobs/{id}/output?offset={offset}&wait_ms={wait_ms}");
        let mut request = request(Method::GET, &path, None::<&()>)?;
        request.extensions_mut().insert(AnswerWithin(ASKED_WITHIN));
        let response = checked(self.link.send(request).await?).await?;
        let begins = response.headers().get(OFFSET_HEADER);
        let begins = begins.and_then(|it| it.to_str().ok()?.parse().ok());
        let begins = begins.ok_or_else(|| Error::internal("the node names no offset"))?;
        Ok((begins, read(response).await?))
    }

    /// Ends an execution; one that the node does not know can never be run any more.
    ///
    /// # Errors
    /// When the node is offline.
    pub async fn cancel_execution(&self, id: ExecutionId) -> Result<Execution> {
        self.call(Method::DELETE, &format!("/v1/jobs/{id}"), None::<&()>)
            .await
    }

    /// What the node has measured of itself.
    ///
    /// # Errors
    /// When the node is offline, or knows no telemetry.
    pub(crate) async fn telemetry(&self, query: &TelemetryQuery) -> Result<Measurements> {
        self.measurements(query, Lane::Interactive).await
    }

    /// The same, where it is much and can wait.
    ///
    /// # Errors
    /// When the node is offline, or knows no telemetry.
    pub(crate) async fn telemetry_in_bulk(&self, query: &TelemetryQuery) -> Result<Measurements> {
        self.measurements(query, Lane::Bulk).await
    }

    async fn measurements(&self, query: &TelemetryQuery, lane: Lane) -> Result<Measurements> {
        let limit = query.limit.unwrap_or(TELEMETRY_LIMIT_MAX);
        let path = match query.after {
            Some(Timestamp(after)) => format!("/v1/telemetry?after={after}&limit={limit}"),
            None => format!("/v1/telemetry?limit={limit}"),
        };
        let mut request = request(Method::GET, &path, None::<&()>)?;
        request.extensions_mut().insert(AnswerWithin(ASKED_WITHIN));
        request.extensions_mut().insert(lane);
        let response = checked(self.link.send(request).await?).await?;
        measurements::read(&read(response).await?).map_err(Error::internal)
    }

    /// What the node measures from now on, a line of JSON each.
    ///
    /// # Errors
    /// When the node is offline, or knows no telemetry.
    pub async fn telemetry_live(&self) -> Result<BodyDataStream> {
        let mut request = request(Method::GET, "/v1/telemetry/live", None::<&()>)?;
        request.extensions_mut().insert(AnswerWithin(ASKED_WITHIN));
        let response = checked(self.link.send(request).await?).await?;
        Ok(response.into_body().into_data_stream())
    }

    /// What program the node runs, and how its last update stands.
    ///
    /// # Errors
    /// `not_found` of a node from before there were updates.
    pub async fn update_status(&self) -> Result<UpdateStatus> {
        self.call(Method::GET, "/v1/update", None::<&()>).await
    }

    /// Sends a program of so many bytes, which the node keeps if it is what its SHA-256 says.
    ///
    /// # Errors
    /// When it does not keep it.
    pub async fn send_program(&self, sha256: &str, size: u64, program: File) -> Result<()> {
        let program = Body::from_stream(ReaderStream::with_capacity(program, 64 * 1024));
        let mut request = Request::put(format!("/v1/update/programs/{sha256}"))
            .header(CONTENT_LENGTH, size)
            .body(program)
            .map_err(Error::internal)?;
        request.extensions_mut().insert(Lane::Bulk);
        request
            .extensions_mut()
            .insert(AnswerWithin(PROGRAM_WITHIN));
        checked(self.link.send(request).await?).await.map(drop)
    }

    /// Has the node go over to a program that it keeps; its connection ends meanwhile.
    ///
    /// # Errors
    /// When the program does not run there, or the host does not permit it.
    pub async fn update(&self, order: &UpdateOrder) -> Result<UpdateReport> {
        self.call(Method::PUT, "/v1/update/order", Some(order))
            .await
    }

    /// Passes a request on as it is, upgrades too; a refusal is an answer.
    ///
    /// # Errors
    /// Only when the node is offline.
    pub async fn forward(&self, request: Request<Body>) -> Result<Response<Body>> {
        Ok(self.link.send(request).await?)
    }

    async fn call<T: Serialize, R: DeserializeOwned>(
        &self,
        method: Method,
        path: &str,
        body: Option<&T>,
    ) -> Result<R> {
        let mut request = request(method, path, body)?;
        if request.method() == Method::GET {
            request.extensions_mut().insert(AnswerWithin(ASKED_WITHIN));
        }
        let response = checked(self.link.send(request).await?).await?;
        let body = read(response).await?;
        serde_json::from_slice(&body).map_err(Error::internal)
    }
}

fn request<T: Serialize>(method: Method, path: &str, body: Option<&T>) -> Result<Request<Body>> {
    let builder = Request::builder().method(method).uri(path);
    match body {
        Some(body) => builder
            .header(CONTENT_TYPE, "application/json")
            .body(Body::from(
                serde_json::to_vec(body).map_err(Error::internal)?,
            )),
        None => builder.body(Body::empty()),
    }
    .map_err(Error::internal)
}

/// The answer, or the problem that it holds.
async fn checked(response: Response<Body>) -> Result<Response<Body>> {
    let status = response.status();
    if status.is_success() {
        return Ok(response);
    }
    let body = read(response).await?;
    match serde_json::from_slice::<Problem>(&body) {
        Ok(problem) => Err(problem.into()),
        Err(_) => Err(Error::internal(format!(
            "the node answered {status} without a problem body"
        ))),
    }
}

async fn read(response: Response<Body>) -> Result<Bytes> {
    let limited = Limited::new(response.into_body(), ANSWER_MAX);
    Ok(limited.collect().await.map_err(Error::internal)?.to_bytes())
}
