//! `atelier exec`: a command in a workspace, its streams and exit status here.

use std::io::Write as _;

use anyhow::bail;
use atelier_api::agent::processes::{Process, ProcessCreate, ProcessMessage};
use atelier_api::agent::terminals::SignalSend;
use clap::Args;
use futures_util::{SinkExt as _, StreamExt as _};
use reqwest::Method;
use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::mpsc;
use tokio_tungstenite::tungstenite::Message;

use crate::backoff::Backoff;
use crate::client::{Client, Refused, Socket};
use crate::status;

/// How many reads of standard input may wait for the connection.
const INPUT_QUEUE: usize = 8;

/// Runs a command in a workspace. Exit status, stdout, stderr and stdin pass through.
#[derive(Debug, Args)]
pub(crate) struct Exec {
    /// The workspace's name or id.
    workspace: String,
    /// Where it runs: below `/workspace`, or absolute.
    #[arg(long)]
    cwd: Option<String>,
    /// Do not pass standard input on.
    #[arg(long, short = 'n')]
    no_stdin: bool,
    /// The command and its arguments, after `--`.
    #[arg(required = true, trailing_var_arg = true)]
    command: Vec<String>,
}

pub(crate) async fn run(arguments: Exec) -> anyhow::Result<i32> {
    let client = Client::open()?;
    let workspace = client.workspace(&arguments.workspace).await?;
    let base = format!("/workspaces/{}/processes", workspace.id);
    let create = ProcessCreate {
        command: arguments.command,
        cwd: arguments.cwd,
        stdin: !arguments.no_stdin,
        ..ProcessCreate::default()
    };
    let process: Process = client.post(&base, &create).await?;
    let input = if arguments.no_stdin {
        None
    } else {
        Some(stdin())
    };
    let mut session = Session {
        client,
        path: format!("{base}/{}", process.id),
        offsets: [0, 0],
        input,
    };
    let status = session.run().await?;
    if let Err(error) = session
        .client
        .send(Method::DELETE, &session.path, None::<&()>)
        .await
    {
        tracing::debug!(%error, "the ended process stays listed");
    }
    Ok(status)
}

struct Session {
    client: Client,
    path: String,
    /// The next bytes wanted, of stdout and stderr.
    offsets: [u64; 2],
    input: Option<mpsc::Receiver<Vec<u8>>>,
}

impl Session {
    async fn run(&mut self) -> anyhow::Result<i32> {
        let mut backoff = Backoff::default();
        loop {
            let [stdout, stderr] = self.offsets;
            let path = format!("{}/attach?stdout={stdout}&stderr={stderr}", self.path);
            match self.client.socket(&path, None).await {
                Ok(socket) => {
                    backoff.reset();
                    if let Some(status) = self.attached(socket).await? {
                        return Ok(status);
                    }
                }
                Err(error) if error.chain().any(<dyn std::error::Error>::is::<Refused>) => {
                    return Err(error);
                }
                Err(_) => {}
            }
            tokio::time::sleep(backoff.next()).await;
        }
    }

    /// The exit status, or nothing when the connection dropped.
    async fn attached(&mut self, socket: Socket) -> anyhow::Result<Option<i32>> {
        let (mut sink, mut stream) = socket.split();
        let mut interrupted = signal(SignalKind::interrupt())?;
        let mut terminated = signal(SignalKind::terminate())?;
        loop {
            tokio::select! {
                message = stream.next() => match message {
                    Some(Ok(Message::Binary(frame))) => self.output(&frame)?,
                    Some(Ok(Message::Text(json))) => match serde_json::from_str(&json) {
                        Ok(ProcessMessage::Hello { stdout, stderr }) => self.check([stdout, stderr])?,
                        Ok(ProcessMessage::Exit { status, .. }) => return Ok(Some(status::of(&status))),
                        _ => {}
                    },
                    Some(Ok(Message::Close(_)) | Err(_)) | None => return Ok(None),
                    Some(Ok(_)) => {}
                },
                input = next(&mut self.input) => {
                    let message = if let Some(bytes) = input { Message::binary(bytes) } else { self.input = None; Message::text(r#"{"type":"close_stdin"}"#) };
                    if sink.send(message).await.is_err() {
                        return Ok(None);
                    }
                }
                _ = interrupted.recv() => self.signal("SIGINT").await?,
                _ = terminated.recv() => self.signal("SIGTERM").await?,
            }
        }
    }

    fn output(&mut self, frame: &[u8]) -> anyhow::Result<()> {
        let Some((stream, bytes)) = frame.split_first() else {
            return Ok(());
        };
        match stream {
            1 => {
                self.offsets[0] += bytes.len() as u64;
                let mut stdout = std::io::stdout().lock();
                stdout.write_all(bytes)?;
                stdout.flush()?;
            }
            2 => {
                self.offsets[1] += bytes.len() as u64;
                std::io::stderr().lock().write_all(bytes)?;
            }
            other => bail!("the server speaks of a stream {other} that this version does not know"),
        }
        Ok(())
    }

    /// Output that is gone is said, never passed over.
    fn check(&mut self, from: [u64; 2]) -> anyhow::Result<()> {
        let lost: u64 = from
            .iter()
            .zip(self.offsets)
            .map(|(from, had)| from.saturating_sub(had))
            .sum();
        if lost > 0 {
            bail!("{lost} bytes of output were lost while the connection was away");
        }
        Ok(())
    }

    async fn signal(&self, signal: &str) -> anyhow::Result<()> {
        let body = SignalSend {
            signal: signal.to_owned(),
        };
        self.client
            .send(Method::POST, &format!("{}/signal", self.path), Some(&body))
            .await
    }
}

/// The next input; never resolves once it has ended.
async fn next(input: &mut Option<mpsc::Receiver<Vec<u8>>>) -> Option<Vec<u8>> {
    match input {
        Some(receiver) => receiver.recv().await,
        None => std::future::pending().await,
    }
}

fn stdin() -> mpsc::Receiver<Vec<u8>> {
    let (sender, receiver) = mpsc::channel(INPUT_QUEUE);
    std::thread::spawn(move || {
        let mut buffer = vec![0; 64 * 1024];
        while let Ok(count @ 1..) = std::io::Read::read(&mut std::io::stdin(), &mut buffer) {
            if sender.blocking_send(buffer[..count].to_vec()).is_err() {
                break;
            }
        }
    });
    receiver
}
