//! From a workspace: into a temporary file beside the destination, which takes its name when it is whole.

use std::fs;
use std::io::{Seek as _, Write as _};
use std::path::{Path, PathBuf};

use anyhow::{Context as _, anyhow, bail};
use reqwest::header::{CONTENT_LENGTH, CONTENT_RANGE, ETAG, IF_RANGE, RANGE};
use reqwest::{Method, Response, StatusCode};

use super::line::{Failure, Line, SILENCE, answered};
use super::place::Remote;
use super::progress::Progress;
use crate::status;

/// One download. Dropped before it is finished, it leaves nothing.
pub(super) struct Download {
    line: Line,
    source: Remote,
    destination: PathBuf,
    temporary: Option<PathBuf>,
    file: fs::File,
    /// How much has come, of which version.
    have: u64,
    etag: Option<String>,
    total: Option<u64>,
    progress: Progress,
}

impl Download {
    pub(super) fn create(line: Line, source: Remote, to: &Path) -> anyhow::Result<Self> {
        let name = source.name();
        let destination = if to.is_dir() {
            to.join(&name)
        } else {
            to.to_owned()
        };
        let Some(own_name) = destination.file_name().filter(|_| !destination.is_dir()) else {
            bail!(
                "“{}” is a directory; say which file.",
                destination.display()
            );
        };
        let temporary = format!(
            ".{}.atelier-{:08x}",
            own_name.to_string_lossy(),
            rand::random::<u32>()
        );
        let temporary = destination.with_file_name(temporary);
        let file = fs::File::create_new(&temporary)
            .with_context(|| format!("“{}” cannot be written", destination.display()))?;
        Ok(Self {
            line,
            source,
            destination,
            temporary: Some(temporary),
            file,
            have: 0,
            etag: None,
            total: None,
            progress: Progress::new(None),
        })
    }

    /// Fetches it whole, over however many connections; answers with its size.
    pub(super) async fn run(&mut self) -> anyhow::Result<u64> {
        loop {
            match self.attempt().await {
                Ok(()) => return Ok(self.have),
                Err(failure) if failure.status == Some(StatusCode::RANGE_NOT_SATISFIABLE) => {
                    self.begin_anew()?;
                }
                Err(failure) => {
                    self.progress.end();
                    self.line.again(failure).await?;
                }
            }
        }
    }

    /// Gives it its name.
    pub(super) fn finish(mut self) -> anyhow::Result<PathBuf> {
        let saving = || format!("“{}” cannot be written", self.destination.display());
        self.file.sync_all().with_context(saving)?;
        if let Some(temporary) = &self.temporary {
            fs::rename(temporary, &self.destination).with_context(saving)?;
        }
        self.temporary = None;
        Ok(self.destination.clone())
    }

    async fn attempt(&mut self) -> Result<(), Failure> {
        let path = format!("{}/files/content", self.source.base);
        let query = self.source.query();
        let mut request = self.line.client.request(Method::GET, &path).query(&query);
        if let Some(etag) = self.etag.as_ref().filter(|_| self.have > 0) {
            let range = format!("bytes={}-", self.have);
            request = request.header(RANGE, range).header(IF_RANGE, etag);
        }
        let answer = match tokio::time::timeout(SILENCE, request.send()).await {
            Ok(answer) => answered(answer).await?,
            Err(_) => return Err(silent()),
        };
        self.begin(&answer).map_err(finally)?;
        self.receive(answer).await
    }

    /// Learns from the head which part of which version comes.
    fn begin(&mut self, answer: &Response) -> anyhow::Result<()> {
        let header = |name| answer.headers().get(name)?.to_str().ok();
        let length = header(CONTENT_LENGTH).and_then(|length| length.parse::<u64>().ok());
        if answer.status() == StatusCode::PARTIAL_CONTENT {
            let from = format!("bytes {}-", self.have);
            let range = header(CONTENT_RANGE).unwrap_or_default();
            if !range.starts_with(&from) {
                bail!("the server sent another part than was asked for: {range}");
            }
        } else {
            if self.have > 0 {
                status::say("The file has changed over there; beginning again.");
                self.begin_anew()?;
            }
            self.total = length;
            self.etag = header(ETAG).map(str::to_owned);
        }
        self.progress.of(self.total);
        Ok(())
    }

    async fn receive(&mut self, mut answer: Response) -> Result<(), Failure> {
        loop {
            let Ok(chunk) = tokio::time::timeout(SILENCE, answer.chunk()).await else {
                return Err(silent());
            };
            let Some(chunk) = chunk.map_err(|error| Failure::of_line(error.into()))? else {
                break;
            };
            let written = self.file.write_all(&chunk);
            written
                .with_context(|| format!("“{}” cannot be written", self.destination.display()))
                .map_err(finally)?;
            self.have += chunk.len() as u64;
            self.line.progressed();
            self.progress.show(self.have);
        }
        match self.total {
            Some(total) if total != self.have => {
                let error = anyhow!("{} of {total} bytes came", self.have);
                Err(Failure::of_line(error))
            }
            _ => Ok(()),
        }
    }

    fn begin_anew(&mut self) -> anyhow::Result<()> {
        self.file.set_len(0)?;
        self.file.rewind()?;
        (self.have, self.etag) = (0, None);
        Ok(())
    }
}

impl Drop for Download {
    fn drop(&mut self) {
        if let Some(temporary) = &self.temporary {
            // Beyond saying so nothing could be done about it.
            if let Err(error) = fs::remove_file(temporary) {
                status::say(&format!("“{}” stays behind: {error}", temporary.display()));
            }
        }
    }
}

fn silent() -> Failure {
    let seconds = SILENCE.as_secs();
    Failure::of_line(anyhow!("nothing came for {seconds} seconds"))
}

fn finally(error: anyhow::Error) -> Failure {
    Failure {
        passes: false,
        ..Failure::of_line(error)
    }
}
