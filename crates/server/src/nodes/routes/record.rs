//! When the audit log learns of a request that was passed on.

use std::pin::Pin;
use std::task::{Context, Poll, ready};

use atelier_api::ids::OrganizationId;
use axum::body::{Body, Bytes, HttpBody};
use axum::response::Response;
use http::StatusCode;
use http_body::{Frame, SizeHint};
use serde_json::{Value, json};
use tokio::sync::oneshot;
use tokio::task::JoinHandle;

use crate::authz::Action;
use crate::ctx::Ctx;
use crate::error::{Error, Result};

/// What the audit log is to hold of one request.
#[derive(Debug, Clone)]
pub(super) struct Record {
    pub(super) ctx: Ctx,
    pub(super) organization: OrganizationId,
    pub(super) action: Action,
    pub(super) resource: String,
    pub(super) details: Value,
}

impl Record {
    /// Awaits the answer, and writes the record when something was done.
    pub(super) async fn after(
        self,
        answer: impl Future<Output = Result<Response>>,
    ) -> Result<Response> {
        let response = answer.await?;
        if was_done(&response) {
            self.write().await?;
        }
        Ok(response)
    }

    /// Awaits the answer, and writes the record as soon as the content was `given`: while the agent's
    /// disk is at work, and whether or not the caller stays to hear of it. Should it fail after that, the
    /// failure is recorded too.
    pub(super) async fn beside(
        self,
        answer: impl Future<Output = Result<Response>>,
        mut given: Given,
    ) -> Result<Response> {
        let mut answer = std::pin::pin!(answer);
        let mut writing: Option<JoinHandle<Result<()>>> = None;
        let answer = loop {
            tokio::select! {
                biased;
                answer = &mut answer => break answer,
                Ok(()) = &mut given.0, if writing.is_none() => {
                    let record = self.clone();
                    writing = Some(tokio::spawn(async move { record.write().await }));
                }
            }
        };
        let Some(writing) = writing else {
            return self.after(async { answer }).await;
        };
        writing.await.map_err(Error::internal)??;
        match &answer {
            Ok(response) if was_done(response) => {}
            Ok(response) => self.failed(response.status().as_u16()).await?,
            Err(error) => self.failed(error.code().status()).await?,
        }
        answer
    }

    async fn write(&self) -> Result<()> {
        let details = self.details.clone();
        self.ctx
            .audit(self.organization, self.action, &self.resource, details)
            .await
    }

    async fn failed(mut self, status: u16) -> Result<()> {
        if let Value::Object(details) = &mut self.details {
            details.insert("status".into(), json!(status));
        }
        self.ctx
            .audit_failure(self.organization, self.action, &self.resource, self.details)
            .await
    }
}

fn was_done(response: &Response) -> bool {
    response.status().is_success() || response.status() == StatusCode::SWITCHING_PROTOCOLS
}

/// Resolves when all of a body was taken; fails when it was dropped before.
#[derive(Debug)]
pub(super) struct Given(oneshot::Receiver<()>);

/// The body, and when it was given.
pub(super) fn watched(body: Body) -> (Body, Given) {
    let (sender, receiver) = oneshot::channel();
    let watched = Watched {
        body,
        given: Some(sender),
    };
    (Body::new(watched), Given(receiver))
}

struct Watched {
    body: Body,
    given: Option<oneshot::Sender<()>>,
}

impl HttpBody for Watched {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<std::result::Result<Frame<Bytes>, axum::Error>>> {
        let frame = ready!(Pin::new(&mut self.body).poll_frame(cx));
        let is_last = match &frame {
            None => true,
            Some(Ok(_)) => self.body.is_end_stream(),
            Some(Err(_)) => false,
        };
        if is_last && let Some(given) = self.given.take() {
            // Nobody waits any more when the answer came first.
            let _ = given.send(());
        }
        Poll::Ready(frame)
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}
