//! What Git does at other hosts, with the credentials that the person has stored (decision 0023).
//!
//! The operation is passed on as it came. When the agent answers that Git has asked for credentials, and the
//! person has stored some for that very host, the operation is begun once more with them in its body, and the
//! answer goes on with the lines of the second attempt. So a credential leaves the control plane only when Git
//! has asked for it, and nothing is looked up for all the operations that need none.
//!
//! Invariant: a person's credential goes to workspaces of their own only. In somebody else's, whoever owns it
//! could read it; there the person is asked, and decides.
//!
//! Invariant: that it is handed over is recorded before it is, with the id of the credential and not its
//! secret.

use atelier_api::agent::git::{GitCredentials, GitEvent, GitStoredCredential};
use atelier_api::ids::WorkspaceId;
use axum::body::{Body, BodyDataStream, Bytes, to_bytes};
use axum::extract::Request;
use axum::response::Response;
use futures_util::StreamExt as _;
use http::header::{CONTENT_LENGTH, CONTENT_TYPE};
use http::request::Parts;
use serde_json::{Map, Value, json};

use super::clone::sign_in;
use super::forward::{Audited, forward, split};
use super::service;
use crate::authz::Action;
use crate::ctx::Ctx;
use crate::error::{Error, Result};
use crate::git_credentials::{self, Found, Stored, Wanted};
use crate::http::JSON_BODY_MAX;

/// The longest line that is read. Longer ones, which only an agent that is not ours sends, pass unread.
const LINE_MAX: usize = 1 << 20;

/// How the line begins that asks for credentials: the kind of an event comes first.
const ASKS: &[u8] = br#"{"type":"credentials_required""#;

/// Passes an operation on; with a stored credential when Git asks for one.
pub(super) async fn forward_signed_in(
    ctx: Ctx,
    action: Action,
    audited: Audited,
    request: Request,
) -> Result<Response> {
    let (parts, body) = request.into_parts();
    let (body, asked) = read(body).await?;
    let has_credentials = has_credentials(&asked);
    let again = Again {
        ctx: ctx.clone(),
        action,
        parts: parts.clone(),
        body: asked,
    };
    let response = forward(
        ctx,
        action,
        audited,
        Request::from_parts(parts, body.into()),
    )
    .await?;
    let is_lines = response
        .headers()
        .get(CONTENT_TYPE)
        .is_some_and(|kind| kind == "application/x-ndjson");
    if has_credentials || !is_lines || !response.status().is_success() {
        return Ok(response);
    }
    let (head, body) = response.into_parts();
    let lines = again.follow(body.into_data_stream());
    Ok(Response::from_parts(head, Body::from_stream(lines)))
}

/// Passes a clone on, with what the person has stored for the host of the address that they have given.
pub(super) async fn forward_clone(
    ctx: Ctx,
    audited: Audited,
    request: Request,
) -> Result<Response> {
    let (mut parts, body) = request.into_parts();
    let (mut body, mut asked) = read(body).await?;
    let (id, _) = split(&parts.uri)?;
    // Whether they may do it at all comes before anything is looked up, and recorded, for them.
    let placement = service::placed_running(&ctx, Action::GitClone, id).await?;
    let person = ctx.person()?.account;
    let url = asked.get("url").and_then(Value::as_str).map(str::to_owned);
    if let Some(url) = url.filter(|_| !has_credentials(&asked) && placement.owner == person)
        && let Found::Stored(stored) = git_credentials::found_for(&ctx, person, &url).await?
        && let Some(given) = sign_in(&url, &stored)
    {
        record(&ctx, Action::GitClone, id, &stored).await?;
        let given = serde_json::to_value(given).map_err(Error::internal)?;
        asked.insert("credentials".into(), given);
        body = serde_json::to_vec(&asked).map_err(Error::internal)?.into();
        parts.headers.remove(CONTENT_LENGTH);
    }
    let request = Request::from_parts(parts, body.into());
    forward(ctx, Action::GitClone, audited, request).await
}

/// A body, and the object that it holds.
async fn read(body: Body) -> Result<(Bytes, Map<String, Value>)> {
    let body = to_bytes(body, JSON_BODY_MAX)
        .await
        .map_err(|_| Error::too_large("The body is larger than 1 MiB, or ended early."))?;
    let asked = serde_json::from_slice(&body).unwrap_or_default();
    Ok((body, asked))
}

fn has_credentials(asked: &Map<String, Value>) -> bool {
    asked.get("credentials").is_some_and(|it| !it.is_null())
}

/// Writes down that a credential is handed over. Call it before it is.
async fn record(ctx: &Ctx, action: Action, id: WorkspaceId, stored: &Stored) -> Result<()> {
    let organization = service::placement(ctx, id).await?.organization;
    let details = json!({ "git_credential": stored.id, "url": stored.url });
    ctx.audit(organization, action, &id, details).await?;
    git_credentials::mark_used(ctx, stored).await
}

/// What is needed to begin an operation once more.
struct Again {
    ctx: Ctx,
    action: Action,
    parts: Parts,
    body: Map<String, Value>,
}

/// What is answered to the agent that asks.
enum Answer {
    /// Begin once more with this.
    Try(Stored, GitCredentials),
    /// The person is to be asked; this became of what is stored.
    Ask(Option<GitStoredCredential>),
}

impl Again {
    /// The lines of the operation, and those of the second attempt when there is one.
    fn follow(
        self,
        first: BodyDataStream,
    ) -> impl futures_util::Stream<Item = Result<Bytes, axum::Error>> + Send {
        async_stream::stream! {
            let mut lines = Lines::of(first);
            let asks = loop {
                match lines.next().await {
                    None => return,
                    Some(Ok(line)) if line.starts_with(ASKS) => break line,
                    Some(line) => yield line,
                }
            };
            let (mut event, answer) = match self.answer(&asks).await {
                Ok(Some(answer)) => answer,
                Ok(None) => {
                    yield Ok(asks);
                    return;
                }
                Err(error) => {
                    tracing::warn!(error = %error, "a stored Git credential could not be looked up");
                    yield Ok(asks);
                    return;
                }
            };
            let (stored, given) = match answer {
                Answer::Try(stored, given) => (stored, given),
                Answer::Ask(became) => {
                    yield Ok(line_of(&mut event, became));
                    return;
                }
            };
            // The first attempt has said its last word; its connection ends before the next one begins.
            drop(lines);
            let second = match self.once_more(&stored, &given).await {
                Ok(second) if second.status().is_success() => second,
                Ok(second) => {
                    tracing::warn!(status = %second.status(), "a Git operation was not begun once more");
                    yield Ok(asks);
                    return;
                }
                Err(error) => {
                    tracing::warn!(error = %error, "a Git operation could not be begun once more");
                    yield Ok(asks);
                    return;
                }
            };
            let mut lines = Lines::of(second.into_body().into_data_stream());
            while let Some(line) = lines.next().await {
                let Ok(line) = line else {
                    yield line;
                    continue;
                };
                let became = self.judge(&stored, &line).await;
                let asked: Option<GitEvent> = became
                    .and_then(|_| serde_json::from_slice(&line).ok());
                match asked {
                    Some(mut event) => yield Ok(line_of(&mut event, became)),
                    None => yield Ok(line),
                }
            }
        }
    }

    /// What to do about a line that asks; nothing where it is not ours to answer.
    async fn answer(&self, line: &[u8]) -> Result<Option<(GitEvent, Answer)>> {
        let Ok(event) = serde_json::from_slice::<GitEvent>(line) else {
            return Ok(None);
        };
        let GitEvent::CredentialsRequired {
            protocol,
            host,
            username,
            path,
            refused: false,
            ..
        } = &event
        else {
            return Ok(None);
        };
        let (id, _) = split(&self.parts.uri)?;
        let person = self.ctx.person()?.account;
        let wanted = Wanted {
            protocol,
            host,
            path: path.as_deref(),
            username: username.as_deref(),
        };
        let is_own = service::placement(&self.ctx, id).await?.owner == person;
        let answer = match git_credentials::find(&self.ctx, person, wanted).await? {
            Found::Nothing => Answer::Ask(None),
            Found::Expired => Answer::Ask(Some(GitStoredCredential::Expired)),
            Found::Unreadable => Answer::Ask(Some(GitStoredCredential::Unreadable)),
            Found::Stored(_) if !is_own => Answer::Ask(Some(GitStoredCredential::NotOwner)),
            Found::Stored(stored) => {
                let given = GitCredentials {
                    protocol: protocol.clone(),
                    host: host.clone(),
                    username: stored.username.clone(),
                    secret: stored.secret.expose().to_owned(),
                };
                Answer::Try(stored, given)
            }
        };
        Ok(Some((event, answer)))
    }

    /// Begins the operation once more, with a credential.
    async fn once_more(&self, stored: &Stored, given: &GitCredentials) -> Result<Response> {
        let (id, _) = split(&self.parts.uri)?;
        record(&self.ctx, self.action, id, stored).await?;
        let mut body = self.body.clone();
        let given = serde_json::to_value(given).map_err(Error::internal)?;
        body.insert("credentials".into(), given);
        let body = serde_json::to_vec(&body).map_err(Error::internal)?;
        let mut parts = self.parts.clone();
        parts.headers.remove(CONTENT_LENGTH);
        let request = Request::from_parts(parts, body.into());
        // Authorized once more, too: the person may have lost the right meanwhile.
        forward(self.ctx.clone(), self.action, Audited::No, request).await
    }

    /// What the last line says of the credential: refused, or not. Writes it down.
    async fn judge(&self, stored: &Stored, line: &[u8]) -> Option<GitStoredCredential> {
        let is_refused = match serde_json::from_slice(line).ok()? {
            GitEvent::CredentialsRequired { refused: true, .. } => true,
            GitEvent::Done { .. } => false,
            _ => return None,
        };
        if let Err(error) = git_credentials::mark_refused(&self.ctx, stored, is_refused).await {
            tracing::warn!(error = %error, "whether a Git credential was refused could not be written down");
        }
        is_refused.then_some(GitStoredCredential::Refused)
    }
}

/// A line that asks the person, with what became of the stored credential.
fn line_of(event: &mut GitEvent, became: Option<GitStoredCredential>) -> Bytes {
    if let GitEvent::CredentialsRequired { stored, .. } = event {
        *stored = became;
    }
    let mut line = serde_json::to_vec(&event).expect("an event is plain data");
    line.push(b'\n');
    line.into()
}

/// The lines of a body, each with its end.
struct Lines {
    body: BodyDataStream,
    held: Vec<u8>,
    /// A line was too long: everything passes as it comes.
    is_raw: bool,
}

impl Lines {
    fn of(body: BodyDataStream) -> Self {
        Self {
            body,
            held: Vec::new(),
            is_raw: false,
        }
    }

    async fn next(&mut self) -> Option<Result<Bytes, axum::Error>> {
        loop {
            if let Some(end) = self.held.iter().position(|byte| *byte == b'\n') {
                let rest = self.held.split_off(end + 1);
                return Some(Ok(std::mem::replace(&mut self.held, rest).into()));
            }
            self.is_raw |= self.held.len() > LINE_MAX;
            if self.is_raw && !self.held.is_empty() {
                return Some(Ok(std::mem::take(&mut self.held).into()));
            }
            match self.body.next().await {
                Some(Ok(chunk)) if self.is_raw => return Some(Ok(chunk)),
                Some(Ok(chunk)) => self.held.extend_from_slice(&chunk),
                Some(Err(error)) => return Some(Err(error)),
                None if self.held.is_empty() => return None,
                None => return Some(Ok(std::mem::take(&mut self.held).into())),
            }
        }
    }
}
