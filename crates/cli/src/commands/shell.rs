//! `atelier shell`: a workspace's terminal in this one.

use std::io::Write as _;

use anyhow::{Context as _, bail};
use atelier_api::ErrorCode;
use atelier_api::agent::terminals::{
    ACK_EVERY_BYTES, ClientMessage, ExitStatus, SUBPROTOCOL, ServerMessage, Terminal,
    TerminalCreate, TerminalList,
};
use clap::Args;
use futures_util::{SinkExt as _, StreamExt as _};
use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::mpsc;
use tokio_tungstenite::tungstenite::Message;

use crate::backoff::Backoff;
use crate::client::{Client, Refused, Socket};
use crate::raw_mode::RawMode;
use crate::status;

/// How many reads of the keyboard may wait for the connection.
const INPUT_QUEUE: usize = 64;

/// Opens a terminal in a workspace. Enter, then `~.` leaves it running and comes back here.
#[derive(Debug, Args)]
pub(crate) struct Shell {
    /// The workspace's name or id.
    workspace: String,
    /// Attach to this terminal, by name or id, instead of making a new one.
    #[arg(long)]
    terminal: Option<String>,
}

/// How a connection ended.
enum End {
    Exit(ExitStatus),
    Detached,
    Dropped,
}

pub(crate) async fn run(arguments: Shell) -> anyhow::Result<i32> {
    let client = Client::open()?;
    let workspace = client.workspace(&arguments.workspace).await?;
    let base = format!("/workspaces/{}/terminals", workspace.id);
    let (cols, rows) = crossterm::terminal::size().unwrap_or((80, 24));
    let existing = arguments.terminal.is_some();
    let terminal = if let Some(wanted) = arguments.terminal {
        find(&client, &base, &wanted).await?
    } else {
        let create = TerminalCreate {
            cols: Some(cols),
            rows: Some(rows),
            ..TerminalCreate::default()
        };
        client.post(&base, &create).await?
    };
    let raw = RawMode::enter().context("this is no terminal: use `atelier exec` in scripts")?;
    let mut session = Session {
        client,
        path: format!("{base}/{}", terminal.id),
        offset: None,
        acked: 0,
        input: keyboard(),
        escape: Escape::default(),
    };
    let end = session.run().await;
    drop(raw);
    match end? {
        End::Exit(exit) => {
            if !existing {
                session.forget().await;
            }
            Ok(status::of(&exit))
        }
        End::Detached | End::Dropped => {
            status::say(&format!(
                "Left {} running. Come back with: atelier shell {} --terminal {}",
                terminal.name, arguments.workspace, terminal.id
            ));
            Ok(0)
        }
    }
}

async fn find(client: &Client, base: &str, wanted: &str) -> anyhow::Result<Terminal> {
    let list: TerminalList = client.get(base).await?;
    list.items
        .into_iter()
        .find(|terminal| terminal.name == wanted || terminal.id.to_string() == wanted)
        .with_context(|| format!("The workspace has no terminal “{wanted}”."))
}

struct Session {
    client: Client,
    path: String,
    /// The next output byte wanted; absent before the first `hello`.
    offset: Option<u64>,
    acked: u64,
    input: mpsc::Receiver<Vec<u8>>,
    escape: Escape,
}

impl Session {
    async fn run(&mut self) -> anyhow::Result<End> {
        let mut backoff = Backoff::default();
        loop {
            let query = self
                .offset
                .map(|offset| format!("?offset={offset}"))
                .unwrap_or_default();
            let path = format!("{}/attach{query}", self.path);
            match self.client.socket(&path, Some(SUBPROTOCOL)).await {
                Ok(socket) => {
                    backoff.reset();
                    match self.attached(socket).await? {
                        End::Dropped => {}
                        end => return Ok(end),
                    }
                }
                Err(error) if is_final(&error) => return Err(error),
                Err(_) => {}
            }
            tokio::time::sleep(backoff.next()).await;
        }
    }

    async fn attached(&mut self, socket: Socket) -> anyhow::Result<End> {
        let (mut sink, mut stream) = socket.split();
        let mut resized = signal(SignalKind::window_change())?;
        let mut snapshot = 0;
        if sink.send(resize()).await.is_err() {
            return Ok(End::Dropped);
        }
        loop {
            tokio::select! {
                message = stream.next() => match message {
                    Some(Ok(Message::Binary(bytes))) => {
                        write_out(&bytes)?;
                        if snapshot > 0 {
                            snapshot = 0;
                            continue;
                        }
                        let offset = self.offset.unwrap_or(0) + bytes.len() as u64;
                        self.offset = Some(offset);
                        if offset - self.acked >= ACK_EVERY_BYTES / 2 {
                            self.acked = offset;
                            if sink.send(text(&ClientMessage::Ack { offset })).await.is_err() {
                                return Ok(End::Dropped);
                            }
                        }
                    }
                    Some(Ok(Message::Text(json))) => match serde_json::from_str(&json) {
                        Ok(ServerMessage::Hello { offset, resync, snapshot_bytes, .. }) => {
                            if resync {
                                write_out(b"\x1bc")?;
                            }
                            snapshot = snapshot_bytes;
                            self.offset = Some(offset);
                            self.acked = offset;
                        }
                        Ok(ServerMessage::Exit { status }) => return Ok(End::Exit(status)),
                        Ok(ServerMessage::Error { detail }) => bail!("{detail}"),
                        _ => {}
                    },
                    Some(Ok(Message::Close(_)) | Err(_)) | None => return Ok(End::Dropped),
                    Some(Ok(_)) => {}
                },
                input = self.input.recv() => {
                    let Some(input) = input else { return Ok(End::Detached) };
                    let Some(input) = self.escape.pass(input) else { return Ok(End::Detached) };
                    if sink.send(Message::binary(input)).await.is_err() {
                        return Ok(End::Dropped);
                    }
                }
                _ = resized.recv() => {
                    if sink.send(resize()).await.is_err() {
                        return Ok(End::Dropped);
                    }
                }
            }
        }
    }

    /// A terminal that this command made and that has ended is of no use to anybody.
    async fn forget(&self) {
        if let Err(error) = self
            .client
            .send(reqwest::Method::DELETE, &self.path, None::<&()>)
            .await
        {
            tracing::debug!(%error, "the ended terminal stays listed");
        }
    }
}

/// Whether trying again would not help.
fn is_final(error: &anyhow::Error) -> bool {
    error
        .chain()
        .filter_map(|cause| cause.downcast_ref::<Refused>())
        .any(|refused| {
            let retry = matches!(
                refused.0.code,
                ErrorCode::Unavailable
                    | ErrorCode::NodeOffline
                    | ErrorCode::Timeout
                    | ErrorCode::RateLimited
            );
            !retry
        })
}

fn resize() -> Message {
    let (cols, rows) = crossterm::terminal::size().unwrap_or((80, 24));
    text(&ClientMessage::Resize { cols, rows })
}

fn text(message: &ClientMessage) -> Message {
    Message::text(serde_json::to_string(message).expect("a message is plain numbers"))
}

fn write_out(bytes: &[u8]) -> std::io::Result<()> {
    let mut stdout = std::io::stdout().lock();
    stdout.write_all(bytes)?;
    stdout.flush()
}

/// Reads the keyboard on a thread of its own: a read of a terminal cannot be given up.
fn keyboard() -> mpsc::Receiver<Vec<u8>> {
    let (sender, receiver) = mpsc::channel(INPUT_QUEUE);
    std::thread::spawn(move || {
        let mut buffer = [0; 16 * 1024];
        while let Ok(count @ 1..) = std::io::Read::read(&mut std::io::stdin(), &mut buffer) {
            if sender.blocking_send(buffer[..count].to_vec()).is_err() {
                break;
            }
        }
    });
    receiver
}

/// Looks for `~.` at the beginning of a line, as OpenSSH does.
#[derive(Debug)]
struct Escape {
    at_line_start: bool,
    tilde: bool,
}

impl Default for Escape {
    fn default() -> Self {
        Self {
            at_line_start: true,
            tilde: false,
        }
    }
}

impl Escape {
    /// What to pass on; nothing when the person wants to leave.
    fn pass(&mut self, input: Vec<u8>) -> Option<Vec<u8>> {
        let mut passed = Vec::with_capacity(input.len());
        for byte in input {
            if std::mem::take(&mut self.tilde) {
                if byte == b'.' {
                    return None;
                }
                passed.push(b'~');
                if byte == b'~' {
                    self.at_line_start = false;
                    continue;
                }
            } else if byte == b'~' && self.at_line_start {
                self.tilde = true;
                continue;
            }
            self.at_line_start = matches!(byte, b'\r' | b'\n');
            passed.push(byte);
        }
        Some(passed)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pass(chunks: &[&str]) -> Option<String> {
        let mut escape = Escape::default();
        let mut all = Vec::new();
        for chunk in chunks {
            all.extend(escape.pass(chunk.as_bytes().to_vec())?);
        }
        Some(String::from_utf8(all).unwrap())
    }

    #[test]
    fn only_a_tilde_and_dot_at_a_line_start_leave() {
        assert_eq!(pass(&["~."]), None);
        assert_eq!(pass(&["ls\r", "~", "."]), None);
        assert_eq!(pass(&["cp a~.b\r"]).as_deref(), Some("cp a~.b\r"));
        assert_eq!(pass(&["~/x\r"]).as_deref(), Some("~/x\r"));
        assert_eq!(pass(&["~~."]).as_deref(), Some("~."));
    }
}
