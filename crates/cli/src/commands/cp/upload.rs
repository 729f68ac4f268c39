//! To a workspace: in parts, each going on where the last one came to (`atelier_api::agent::uploads`).

use std::io::SeekFrom;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, SystemTime};

use anyhow::{Context as _, bail, ensure};
use atelier_api::agent::files::FileEntry;
use atelier_api::agent::uploads::{FileUpload, UPLOAD_LENGTH_HEADER, UPLOAD_OFFSET_HEADER};
use atelier_api::ids::UploadId;
use futures_util::TryStreamExt as _;
use reqwest::header::{CONTENT_TYPE, IF_MATCH, IF_NONE_MATCH};
use reqwest::{Body, Method, StatusCode};
use tokio::fs::File;
use tokio::io::{AsyncReadExt as _, AsyncSeekExt as _};
use tokio_util::io::ReaderStream;

use super::line::{Failure, Line, SILENCE, answered};
use super::place::Remote;
use super::progress::Progress;
use crate::client::Client;

/// How much is read from the disk at once, in bytes.
const READ_BYTES: usize = 256 * 1024;

/// How often it is looked whether something still moves.
const LOOK_EVERY: Duration = Duration::from_millis(250);

/// How often an upload may be lost, with the workspace's agent, before that is the answer.
const LOST_MAX: u32 = 3;

/// One upload.
pub(super) struct Upload {
    line: Line,
    file: File,
    length: u64,
    modified: SystemTime,
    target: Remote,
    precondition: (reqwest::header::HeaderName, String),
    id: Option<UploadId>,
    progress: Progress,
}

impl Upload {
    /// Opens the local file. What stands at the target now is the version that it replaces.
    pub(super) async fn open(
        line: Line,
        path: &Path,
        target: Remote,
        force: bool,
    ) -> anyhow::Result<Self> {
        let opening = || format!("“{}” cannot be read", path.display());
        let file = File::open(path).await.with_context(opening)?;
        let metadata = file.metadata().await.with_context(opening)?;
        if metadata.is_dir() {
            bail!(
                "“{}” is a directory; only files can be copied.",
                path.display()
            );
        }
        ensure!(metadata.is_file(), "“{}” is not a file.", path.display());
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        let target = target.or_in_it(&line, &name).await?;
        let precondition = match target.etag() {
            Some(_) if force => (IF_MATCH, "*".to_owned()),
            Some(etag) => (IF_MATCH, etag.to_owned()),
            // What is no file is for the server to refuse.
            None if force || target.exists() => (IF_MATCH, "*".to_owned()),
            None => (IF_NONE_MATCH, "*".to_owned()),
        };
        Ok(Self {
            line,
            file,
            length: metadata.len(),
            modified: metadata.modified().with_context(opening)?,
            target,
            precondition,
            id: None,
            progress: Progress::new(Some(metadata.len())),
        })
    }

    /// Sends it whole, over however many connections.
    pub(super) async fn run(&mut self) -> anyhow::Result<FileEntry> {
        let mut lost = 0;
        loop {
            match self.attempt().await {
                Err(failure)
                    if failure.status == Some(StatusCode::NOT_FOUND) && lost < LOST_MAX =>
                {
                    // The workspace was restarted, and the temporary file went with its agent.
                    lost += 1;
                    self.id = None;
                    let passes = true;
                    self.line.again(Failure { passes, ..failure }).await?;
                }
                outcome => return outcome.map_err(|failure| failure.error),
            }
        }
    }

    /// Frees what the server holds of it.
    pub(super) async fn give_up(&mut self) {
        if let Some(path) = self.route() {
            let request = self.line.client.request(Method::DELETE, &path);
            if let Err(failure) = self.line.send(request).await {
                tracing::debug!(error = %failure.error, "the server frees the upload by itself, later");
            }
        }
    }

    async fn attempt(&mut self) -> Result<FileEntry, Failure> {
        let mut at = self.begin().await?;
        while at < self.length {
            let part = self.send_from(at).await;
            let kept = match part {
                Ok(()) => self.length,
                Err(Failure {
                    status: Some(StatusCode::CONFLICT),
                    offset: Some(kept),
                    ..
                }) => kept,
                Err(failure) => self.resume(failure).await?,
            };
            if kept > at {
                self.line.progressed();
            }
            at = kept;
            self.unchanged().await.map_err(finally)?;
        }
        self.unchanged().await.map_err(finally)?;
        self.finish().await
    }

    async fn begin(&mut self) -> Result<u64, Failure> {
        let path = format!("{}/files/uploads", self.target.base);
        let (name, value) = &self.precondition;
        let (query, length) = (self.target.query(), self.length);
        let begin = |client: &Client| {
            let request = client.request(Method::POST, &path).query(&query);
            let request = request.header(UPLOAD_LENGTH_HEADER, length);
            request.header(name, value)
        };
        let upload: FileUpload = body(self.line.ask(begin).await?).await?;
        self.id = Some(upload.id);
        self.line.progressed();
        Ok(upload.offset)
    }

    fn route(&self) -> Option<String> {
        let id = self.id?;
        Some(format!("{}/files/uploads/{id}", self.target.base))
    }

    fn began(&self) -> String {
        self.route().expect("nothing is sent before it was begun")
    }

    /// Sends the rest, as one part.
    async fn send_from(&mut self, at: u64) -> Result<(), Failure> {
        let file = self.file.try_clone().await;
        let mut file = file.map_err(|error| finally(error.into()))?;
        let sought = file.seek(SeekFrom::Start(at)).await;
        sought.map_err(|error| finally(error.into()))?;
        let taken = Arc::new(AtomicU64::new(at));
        let counter = taken.clone();
        let rest = ReaderStream::with_capacity(file.take(self.length - at), READ_BYTES);
        let rest = rest.inspect_ok(move |chunk| {
            counter.fetch_add(chunk.len() as u64, Ordering::Relaxed);
        });
        let request = self.line.client.request(Method::PATCH, &self.began());
        let sending = request
            .header(UPLOAD_OFFSET_HEADER, at)
            .header(CONTENT_TYPE, "application/partial-upload")
            .body(Body::wrap_stream(rest))
            .send();
        let mut sending = std::pin::pin!(sending);
        let (mut moved_to, mut moved) = (at, tokio::time::Instant::now());
        loop {
            tokio::select! {
                answer = &mut sending => return answered(answer).await.map(drop),
                () = tokio::time::sleep(LOOK_EVERY) => {}
            }
            let now = taken.load(Ordering::Relaxed);
            self.progress.show(now);
            if now != moved_to {
                (moved_to, moved) = (now, tokio::time::Instant::now());
            } else if moved.elapsed() > SILENCE {
                let seconds = SILENCE.as_secs();
                let error = anyhow::anyhow!("nothing moved for {seconds} seconds");
                return Err(Failure::of_line(error));
            }
        }
    }

    /// After a part that did not arrive whole: how far it is.
    async fn resume(&mut self, failure: Failure) -> Result<u64, Failure> {
        // A part that breaks off on the way to the agent is malformed to it.
        let passes = failure.passes || failure.status == Some(StatusCode::BAD_REQUEST);
        self.progress.end();
        let again = self.line.again(Failure { passes, ..failure }).await;
        if let Err(error) = again {
            return Err(Failure {
                status: failure.status,
                ..finally(error)
            });
        }
        let path = self.began();
        let view = self.line.ask(|client| client.request(Method::GET, &path));
        let upload: FileUpload = body(view.await?).await?;
        Ok(upload.offset)
    }

    async fn finish(&mut self) -> Result<FileEntry, Failure> {
        self.progress.end();
        let (path, query) = (format!("{}/finish", self.began()), self.target.query());
        let finish = |client: &Client| client.request(Method::POST, &path).query(&query);
        body(self.line.ask(finish).await?).await
    }

    /// What was sent is one version of the file.
    async fn unchanged(&self) -> anyhow::Result<()> {
        let metadata = self.file.metadata().await?;
        ensure!(
            metadata.len() == self.length && metadata.modified()? == self.modified,
            "The file was changed while it was copied. Nothing was changed over there; try again."
        );
        Ok(())
    }
}

fn finally(error: anyhow::Error) -> Failure {
    Failure {
        passes: false,
        ..Failure::of_line(error)
    }
}

async fn body<T: serde::de::DeserializeOwned>(answer: reqwest::Response) -> Result<T, Failure> {
    let body = answer.json().await;
    body.context("the server's answer could not be read")
        .map_err(finally)
}
