//! A viewer's connection: the thin shell between a WebSocket and a terminal.

use std::future::poll_fn;
use std::io;
use std::sync::Arc;
use std::task::Poll;

use atelier_api::agent::terminals::{ClientMessage, ServerMessage, TerminalViewer};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::sync::Notify;
use tokio::time::Instant;

use super::core::Audience;
use super::resync::{RESYNC_EVERY, resync};
use super::screen::Size;
use super::terminal::Terminal;
use super::viewer::{Step, Viewer};
use crate::websocket::{Closing, End, Incoming, Pulse, Reader, Socket, Writer};

/// Serves one viewer until it leaves, the program ends, or it breaks the protocol.
pub(super) async fn serve(
    terminal: Arc<Terminal>,
    who: TerminalViewer,
    offset: Option<u64>,
    socket: Socket,
) {
    let Socket {
        mut reader,
        mut writer,
    } = socket;
    let may_type = !who.read_only;
    let viewer = terminal.core().attach(offset, Audience::Viewer(who));
    terminal.resume();
    let from = From {
        seat: viewer.seat,
        wake: viewer.wake.clone(),
        may_type,
    };
    let mut seat = Seat {
        terminal: &terminal,
        viewer,
    };
    let pulse = Pulse::new();
    let end = tokio::select! {
        biased;
        end = input(&terminal, &from, &pulse, &mut reader) => end,
        end = output(&mut seat, &pulse, &mut writer) => end,
    };
    drop(seat);
    if let Err(End::Close(closing)) = end {
        if closing.code != Closing::NORMAL {
            let error = ServerMessage::Error {
                detail: closing.detail.clone(),
            };
            // If this fails, the farewell does as well.
            let _ = say(&mut writer, &error).await;
        }
        writer.close(&closing).await;
    }
}

/// A viewer's place, given up when it goes out of scope, however that happens.
struct Seat<'a> {
    terminal: &'a Terminal,
    viewer: Viewer,
}

impl Drop for Seat<'_> {
    fn drop(&mut self) {
        self.terminal.core().detach(&self.viewer);
        self.terminal.resume();
    }
}

/// Whom input comes from.
struct From {
    seat: u64,
    wake: Arc<Notify>,
    /// Keys and sizes of who only watches are passed over.
    may_type: bool,
}

/// Passes on what the viewer sends.
async fn input(
    terminal: &Terminal,
    from: &From,
    pulse: &Pulse,
    reader: &mut Reader<impl AsyncRead + Unpin>,
) -> Result<(), End> {
    loop {
        let incoming = reader.next().await?;
        pulse.heard();
        match incoming {
            Incoming::Binary(_) if !from.may_type => {}
            Incoming::Binary(bytes) => {
                if let Err(error) = pulse.unheard(terminal.pty.write_all(bytes)).await {
                    // The program has ended; the viewer learns it from `exit`.
                    tracing::debug!(%error, "a terminal takes no input");
                }
            }
            Incoming::Text(text) => match serde_json::from_str(&text) {
                Ok(ClientMessage::Resize { cols, rows }) => {
                    if from.may_type {
                        terminal.resize(Size::clamped(cols, rows));
                    }
                }
                Ok(ClientMessage::Ack { offset }) => {
                    terminal.core().acknowledge(from.seat, offset);
                    terminal.resume();
                }
                Ok(_) | Err(_) => {
                    return Err(End::Close(Closing::new(
                        Closing::POLICY,
                        "A text message must be a `resize` or an `ack`.",
                    )));
                }
            },
            Incoming::Ping(payload) => {
                pulse.asked(payload);
                from.wake.notify_one();
            }
            Incoming::Pong => {}
            Incoming::Close => return Err(End::Close(Closing::new(Closing::NORMAL, ""))),
        }
    }
}

/// Sends the viewer what is new, at its own pace.
async fn output(
    seat: &mut Seat<'_>,
    pulse: &Pulse,
    writer: &mut Writer<impl AsyncWrite + Unpin>,
) -> Result<(), End> {
    let mut ticks = Pulse::ticks();
    let mut resync_after = Instant::now();
    let wake = seat.viewer.wake.clone();
    loop {
        pulse.answer(writer).await?;
        let step = seat.viewer.next(&seat.terminal.core());
        match step {
            Step::Say(message) => say(writer, &message).await?,
            Step::Snapshot(snapshot) => writer.binary(&snapshot).await?,
            Step::Output => tokio::select! {
                biased;
                sent = send_output(seat, writer) => sent?,
                // A viewer that reads nothing must still be found gone.
                _ = ticks.tick() => pulse.check()?,
            },
            Step::Resync => {
                // First what is on its way: a viewer that reads nothing needs no snapshot.
                tokio::select! {
                    biased;
                    flushed = writer.flush() => flushed?,
                    _ = ticks.tick() => {
                        pulse.check()?;
                        continue;
                    }
                }
                tokio::time::sleep_until(resync_after).await;
                resync(seat.terminal, &mut seat.viewer).await;
                resync_after = Instant::now() + RESYNC_EVERY;
            }
            Step::End => return Err(End::Close(Closing::new(Closing::NORMAL, "exited"))),
            Step::Wait => {
                let news = async {
                    writer.flush().await?;
                    wake.notified().await;
                    Ok::<_, io::Error>(())
                };
                tokio::select! {
                    biased;
                    news = news => news?,
                    _ = ticks.tick() => {
                        pulse.check()?;
                        writer.ping().await?;
                    }
                }
            }
        }
    }
}

/// Sends one frame of output, straight from the ring.
async fn send_output(
    seat: &mut Seat<'_>,
    writer: &mut Writer<impl AsyncWrite + Unpin>,
) -> io::Result<()> {
    poll_fn(|cx| {
        let core = seat.terminal.core();
        let Some(pieces) = core.output(seat.viewer.cursor) else {
            // While the socket was full the ring has moved on.
            return Poll::Ready(Ok(()));
        };
        let sent = writer.poll_binary(cx, &pieces);
        if let Poll::Ready(Ok(())) = sent {
            seat.viewer.cursor += (pieces[0].len() + pieces[1].len()) as u64;
        }
        sent
    })
    .await
}

async fn say(
    writer: &mut Writer<impl AsyncWrite + Unpin>,
    message: &ServerMessage,
) -> io::Result<()> {
    writer
        .text(&serde_json::to_string(message).expect("messages are plain data"))
        .await
}
