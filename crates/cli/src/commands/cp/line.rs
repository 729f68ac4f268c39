//! The line to the server, which may drop: what is worth trying again, and for how long.

use std::time::{Duration, Instant};

use anyhow::Context as _;
use atelier_api::ErrorCode;
use atelier_api::agent::uploads::UPLOAD_OFFSET_HEADER;
use reqwest::{RequestBuilder, Response, StatusCode};

use crate::backoff::Backoff;
use crate::client::{Client, Refused, refused};
use crate::status;

/// How long a line may carry nothing before it counts as dead. A machine whose address has changed
/// hears nothing of its old connections any more, not even that they ended.
pub(super) const SILENCE: Duration = Duration::from_secs(15);

/// How long a small request may take.
const SMALL: Duration = Duration::from_secs(30);

/// A request that did not succeed.
#[derive(Debug)]
pub(super) struct Failure {
    pub(super) error: anyhow::Error,
    /// Absent when no answer came.
    pub(super) status: Option<StatusCode>,
    /// Trying again makes sense.
    pub(super) passes: bool,
    /// How much of an upload is kept, where the answer says so.
    pub(super) offset: Option<u64>,
}

impl Failure {
    /// The line is dead.
    pub(super) fn of_line(error: anyhow::Error) -> Self {
        Self {
            error,
            status: None,
            passes: true,
            offset: None,
        }
    }

    async fn answered(answer: Response) -> Self {
        let status = answer.status();
        let offset = answer.headers().get(UPLOAD_OFFSET_HEADER);
        let offset = offset.and_then(|offset| offset.to_str().ok()?.parse().ok());
        let body = answer.bytes().await.unwrap_or_default();
        let error = refused(status.as_u16(), &body);
        let code = error.downcast_ref::<Refused>().map(|it| it.0.code);
        let passes = match status {
            StatusCode::REQUEST_TIMEOUT | StatusCode::TOO_EARLY => true,
            StatusCode::TOO_MANY_REQUESTS => code != Some(ErrorCode::LimitReached),
            StatusCode::NOT_IMPLEMENTED | StatusCode::INSUFFICIENT_STORAGE => false,
            // A server that restarts, a node that comes back, a proxy before either of them.
            status => status.is_server_error(),
        };
        Self {
            error,
            status: Some(status),
            passes,
            offset,
        }
    }
}

/// A client that is made anew whenever the line drops.
#[derive(Debug)]
pub(super) struct Line {
    pub(super) client: Client,
    backoff: Backoff,
    patience: Duration,
    /// When something came through for the last time.
    alive: Instant,
    /// The person has been told that it is down.
    told: bool,
}

impl Line {
    pub(super) fn new(client: Client, patience: Duration) -> Self {
        Self {
            client,
            backoff: Backoff::default(),
            patience,
            alive: Instant::now(),
            told: false,
        }
    }

    /// Something came through.
    pub(super) fn progressed(&mut self) {
        self.alive = Instant::now();
        self.backoff.reset();
        self.told = false;
    }

    /// Waits before the next try, over new connections: those in use may be dead without knowing it.
    ///
    /// # Errors
    /// Nothing has come through for too long, or it is none that passes.
    pub(super) async fn again(&mut self, failure: Failure) -> anyhow::Result<()> {
        if !failure.passes {
            return Err(failure.error);
        }
        if self.alive.elapsed() > self.patience {
            let seconds = self.patience.as_secs();
            let gave_up = format!("gave up: nothing came through for {seconds} seconds");
            return Err(failure.error.context(gave_up));
        }
        if !self.told {
            let why = failure.error;
            status::say(&format!("The connection dropped: {why:#}. Trying again…"));
            self.told = true;
        }
        tokio::time::sleep(self.backoff.next()).await;
        self.client = self.client.renewed()?;
        Ok(())
    }

    /// Sends a small request once.
    pub(super) async fn send(&self, request: RequestBuilder) -> Result<Response, Failure> {
        answered(request.timeout(SMALL).send().await).await
    }

    /// Sends a small request until it is answered: one that may be repeated.
    pub(super) async fn ask(
        &mut self,
        request: impl Fn(&Client) -> RequestBuilder,
    ) -> Result<Response, Failure> {
        loop {
            match self.send(request(&self.client)).await {
                Err(failure) if failure.passes => {
                    let again = self.again(failure).await;
                    again.map_err(|error| Failure {
                        passes: false,
                        ..Failure::of_line(error)
                    })?;
                }
                outcome => return outcome,
            }
        }
    }
}

/// What a request came to.
pub(super) async fn answered(
    answer: Result<Response, reqwest::Error>,
) -> Result<Response, Failure> {
    match answer.context("the server cannot be reached") {
        Ok(answer) if answer.status().is_success() => Ok(answer),
        Ok(answer) => Err(Failure::answered(answer).await),
        Err(error) => Err(Failure::of_line(error)),
    }
}
