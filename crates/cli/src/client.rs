//! The client of the control plane's API that the user commands share.

use std::fmt;

use anyhow::{Context as _, bail};
use atelier_api::Page;
use atelier_api::Problem;
use atelier_api::ids::{OrganizationId, WorkspaceId};
use atelier_api::node::jobs::OFFSET_HEADER;
use atelier_api::v1::identity::Account;
use atelier_api::v1::workspaces::Workspace;
use reqwest::{Method, RequestBuilder, StatusCode};
use serde::Serialize;
use serde::de::DeserializeOwned;
use tokio_tungstenite::tungstenite::Error as WebSocketError;
use tokio_tungstenite::tungstenite::client::IntoClientRequest as _;
use tokio_tungstenite::tungstenite::http::HeaderValue;
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream};

use crate::credentials::Credentials;

/// A WebSocket to the control plane.
pub(crate) type Socket = WebSocketStream<MaybeTlsStream<tokio::net::TcpStream>>;

/// The server refused; its own words.
#[derive(Debug)]
pub(crate) struct Refused(pub(crate) Problem);

impl fmt::Display for Refused {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.detail)
    }
}

impl std::error::Error for Refused {}

/// Signed in to one control plane.
#[derive(Debug, Clone)]
pub(crate) struct Client {
    http: reqwest::Client,
    url: String,
    token: String,
}

impl Client {
    /// With the stored credentials, or those of `ATELIER_URL` and `ATELIER_TOKEN`.
    pub(crate) fn open() -> anyhow::Result<Self> {
        let Credentials { url, token } = Credentials::load()?;
        Ok(Self {
            http: http()?,
            url,
            token,
        })
    }

    /// With these credentials.
    pub(crate) fn with(credentials: Credentials) -> anyhow::Result<Self> {
        Ok(Self {
            http: http()?,
            url: credentials.url,
            token: credentials.token,
        })
    }

    pub(crate) async fn get<R: DeserializeOwned>(&self, path: &str) -> anyhow::Result<R> {
        self.answer(self.request(Method::GET, path)).await
    }

    pub(crate) async fn post<T: Serialize, R: DeserializeOwned>(
        &self,
        path: &str,
        body: &T,
    ) -> anyhow::Result<R> {
        self.answer(self.request(Method::POST, path).json(body))
            .await
    }

    /// A request whose answer has no body worth reading.
    pub(crate) async fn send<T: Serialize>(
        &self,
        method: Method,
        path: &str,
        body: Option<&T>,
    ) -> anyhow::Result<()> {
        let mut request = self.request(method, path);
        if let Some(body) = body {
            request = request.json(body);
        }
        self.checked(request).await.map(drop)
    }

    /// Bytes, and the offset of the first as the answer names it.
    pub(crate) async fn bytes(&self, path: &str) -> anyhow::Result<(u64, Vec<u8>)> {
        let response = self.checked(self.request(Method::GET, path)).await?;
        let offset = response.headers().get(OFFSET_HEADER);
        let offset = offset.and_then(|it| it.to_str().ok()?.parse().ok());
        let offset = offset.context("the server's answer names no offset")?;
        let bytes = response.bytes().await;
        let bytes = bytes.context("the server's answer could not be read")?;
        Ok((offset, bytes.to_vec()))
    }

    pub(crate) async fn delete<R: DeserializeOwned>(&self, path: &str) -> anyhow::Result<R> {
        self.answer(self.request(Method::DELETE, path)).await
    }

    /// The person's only organization, or the one named.
    pub(crate) async fn organization(&self, named: Option<&str>) -> anyhow::Result<OrganizationId> {
        let account: Account = self.get("/me").await?;
        let mut fitting = account.memberships.iter().filter(|membership| {
            named.is_none_or(|name| {
                membership.organization_name == name
                    || membership.organization_id.to_string() == name
            })
        });
        match (fitting.next(), fitting.next(), named) {
            (Some(one), None, _) => Ok(one.organization_id),
            (Some(_), Some(_), _) => {
                bail!("You are in several organizations: say which with --organization.")
            }
            (None, _, Some(name)) => bail!("You are in no organization “{name}”."),
            (None, _, None) => bail!("You are in no organization yet. Ask an owner to add you."),
        }
    }

    /// A workspace, by its id or name.
    pub(crate) async fn workspace(&self, wanted: &str) -> anyhow::Result<Workspace> {
        if let Ok(id) = wanted.parse::<WorkspaceId>() {
            return self.get(&format!("/workspaces/{id}")).await;
        }
        let organization = self.organization(None).await?;
        self.workspaces(organization)
            .await?
            .into_iter()
            .find(|workspace| workspace.name == wanted)
            .with_context(|| {
                format!("There is no workspace “{wanted}”. `atelier workspace list` shows yours.")
            })
    }

    /// All workspaces of an organization, newest first.
    pub(crate) async fn workspaces(
        &self,
        organization: OrganizationId,
    ) -> anyhow::Result<Vec<Workspace>> {
        let mut all = Vec::new();
        let mut cursor = String::new();
        loop {
            let path = format!("/organizations/{organization}/workspaces?limit=200{cursor}");
            let page: Page<Workspace> = self.get(&path).await?;
            all.extend(page.items);
            match page.next_cursor {
                Some(next) => cursor = format!("&cursor={next}"),
                None => return Ok(all),
            }
        }
    }

    /// Opens a WebSocket.
    pub(crate) async fn socket(
        &self,
        path: &str,
        protocol: Option<&'static str>,
    ) -> anyhow::Result<Socket> {
        let url = format!("{}/api/v1{path}", self.url.replacen("http", "ws", 1));
        let mut request = url
            .into_client_request()
            .context("the server's address is not a URL")?;
        let bearer = HeaderValue::from_str(&format!("Bearer {}", self.token))?;
        request.headers_mut().insert("authorization", bearer);
        if let Some(protocol) = protocol {
            let protocol = HeaderValue::from_static(protocol);
            request
                .headers_mut()
                .insert("sec-websocket-protocol", protocol);
        }
        match tokio_tungstenite::connect_async_with_config(request, None, true).await {
            Ok((socket, _)) => Ok(socket),
            Err(WebSocketError::Http(response)) => {
                let body = response.body().as_deref().unwrap_or_default();
                Err(refused(response.status().as_u16(), body))
            }
            Err(error) => Err(error).with_context(|| format!("{} cannot be reached", self.url)),
        }
    }

    /// The same over new connections.
    pub(crate) fn renewed(&self) -> anyhow::Result<Self> {
        Ok(Self {
            http: http()?,
            ..self.clone()
        })
    }

    /// A request with the credentials.
    pub(crate) fn request(&self, method: Method, path: &str) -> RequestBuilder {
        self.http
            .request(method, format!("{}/api/v1{path}", self.url))
            .bearer_auth(&self.token)
    }

    async fn answer<R: DeserializeOwned>(&self, request: RequestBuilder) -> anyhow::Result<R> {
        let response = self.checked(request).await?;
        response
            .json()
            .await
            .context("the server's answer could not be read")
    }

    /// Sends it; an answer that refuses is an error.
    pub(crate) async fn checked(
        &self,
        request: RequestBuilder,
    ) -> anyhow::Result<reqwest::Response> {
        let response = request
            .send()
            .await
            .with_context(|| format!("{} cannot be reached", self.url))?;
        if response.status().is_success() {
            return Ok(response);
        }
        let status = response.status();
        let body = response.bytes().await.unwrap_or_default();
        Err(refused(status.as_u16(), &body))
    }
}

/// The refusal that a body holds.
pub(crate) fn refused(status: u16, body: &[u8]) -> anyhow::Error {
    match serde_json::from_slice::<Problem>(body) {
        Ok(problem) if status == StatusCode::UNAUTHORIZED => {
            anyhow::Error::new(Refused(problem)).context("Sign in first: atelier login URL")
        }
        Ok(problem) => anyhow::Error::new(Refused(problem)),
        Err(_) => {
            anyhow::anyhow!("The server answered {status}. Is this address an Atelier server?")
        }
    }
}

/// The HTTP client; TLS with the system's roots.
pub(crate) fn http() -> anyhow::Result<reqwest::Client> {
    tls();
    reqwest::Client::builder()
        .user_agent(concat!("atelier-cli/", env!("CARGO_PKG_VERSION")))
        .build()
        .context("the HTTP client could not be made")
}

/// Chooses the implementation of TLS's cryptography, once.
fn tls() {
    // A second call finds it chosen already, which is what is wanted.
    let _ = rustls::crypto::ring::default_provider().install_default();
}
