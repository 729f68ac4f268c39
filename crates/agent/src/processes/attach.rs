//! A viewer's connection: the thin shell between a WebSocket and a process.

use std::future::poll_fn;
use std::io;
use std::sync::Arc;
use std::task::Poll;

use atelier_api::agent::processes::{ProcessAttachQuery, ProcessMessage, Stream};
use tokio::io::{AsyncRead, AsyncWrite};

use super::output::{Step, Viewer};
use super::process::Process;
use crate::websocket::{Closing, End, Incoming, Pulse, Reader, Socket, Writer};

/// Serves one viewer until it leaves, the process ends, or it breaks the protocol.
pub(super) async fn serve(process: Arc<Process>, from: ProcessAttachQuery, socket: Socket) {
    let Socket {
        mut reader,
        mut writer,
    } = socket;
    let viewer = process.output().attach(from.stdout, from.stderr);
    let wake = viewer.wake.clone();
    let mut seat = Seat {
        process: &process,
        viewer,
    };
    let pulse = Pulse::new();
    let end = tokio::select! {
        biased;
        end = input(&process, &pulse, &wake, &mut reader) => end,
        end = output(&mut seat, &pulse, &mut writer) => end,
    };
    drop(seat);
    if let Err(End::Close(closing)) = end {
        writer.close(&closing).await;
    }
}

/// A viewer's place, given up when it goes out of scope, however that happens.
struct Seat<'a> {
    process: &'a Process,
    viewer: Viewer,
}

impl Drop for Seat<'_> {
    fn drop(&mut self) {
        self.process.output().detach(&self.viewer);
        self.process.resume();
    }
}

/// Passes on what the viewer sends.
async fn input(
    process: &Process,
    pulse: &Pulse,
    wake: &tokio::sync::Notify,
    reader: &mut Reader<impl AsyncRead + Unpin>,
) -> Result<(), End> {
    loop {
        let incoming = reader.next().await?;
        pulse.heard();
        match incoming {
            Incoming::Binary(bytes) => {
                if let Err(error) = process.input.require() {
                    let detail = error.problem().detail.clone();
                    return Err(End::Close(Closing::new(Closing::UNSUPPORTED, detail)));
                }
                if let Err(error) = pulse.unheard(process.input.write(bytes)).await {
                    // It has closed its stdin or ended; the viewer learns it from `exit`.
                    tracing::debug!(%error, "a process takes no input");
                }
            }
            Incoming::Text(text) => match serde_json::from_str(&text) {
                Ok(ProcessMessage::CloseStdin) => pulse.unheard(process.input.close()).await,
                Ok(_) | Err(_) => {
                    return Err(End::Close(Closing::new(
                        Closing::POLICY,
                        "A text message must be `close_stdin`.",
                    )));
                }
            },
            Incoming::Ping(payload) => {
                pulse.asked(payload);
                wake.notify_one();
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
    let wake = seat.viewer.wake.clone();
    loop {
        pulse.answer(writer).await?;
        let step = seat.process.output().next(&mut seat.viewer);
        match step {
            Step::Say(message) => {
                let text = serde_json::to_string(&message).expect("messages are plain data");
                writer.text(&text).await?;
            }
            Step::Output(stream) => tokio::select! {
                biased;
                sent = send_output(seat, writer, stream) => sent?,
                _ = ticks.tick() => pulse.check()?,
            },
            Step::End => return Err(End::Close(Closing::new(Closing::NORMAL, "ended"))),
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

/// Sends one frame of a stream, straight from the ring.
async fn send_output(
    seat: &mut Seat<'_>,
    writer: &mut Writer<impl AsyncWrite + Unpin>,
    stream: Stream,
) -> io::Result<()> {
    let tag = match stream {
        Stream::Stdout => 1,
        Stream::Stderr => 2,
    };
    poll_fn(|cx| {
        let mut output = seat.process.output();
        let [first, second] = output.unsent(&seat.viewer, stream);
        let count = first.len() + second.len();
        let sent = writer.poll_binary(cx, &[&[tag], first, second]);
        if let Poll::Ready(Ok(())) = sent {
            output.sent(&mut seat.viewer, stream, count);
        }
        sent
    })
    .await?;
    seat.process.resume();
    Ok(())
}
