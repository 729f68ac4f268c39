//! A viewer's connection: the thin shell between a WebSocket and a server.

use std::sync::Arc;

use atelier_api::agent::languages::LANGUAGE_MESSAGE_MAX;
use tokio::io::{AsyncRead, AsyncWrite};

use super::mux::ViewerId;
use super::outbox::Outbox;
use super::server::Server;
use crate::websocket::{Closing, End, Incoming, Pulse, Reader, Socket, Writer};

/// Serves one viewer until it leaves or breaks the protocol.
pub(super) async fn serve(server: Arc<Server>, socket: Socket) {
    let Socket {
        mut reader,
        mut writer,
    } = socket;
    reader.limit_text(LANGUAGE_MESSAGE_MAX);
    let (viewer, outbox) = server.join();
    let seat = Seat {
        server: &server,
        viewer,
    };
    let pulse = Pulse::new();
    let end = tokio::select! {
        biased;
        end = input(&seat, &outbox, &pulse, &mut reader) => end,
        end = output(&outbox, &pulse, &mut writer) => end,
    };
    drop(seat);
    if let Err(End::Close(closing)) = end {
        writer.close(&closing).await;
    }
}

/// A viewer's place, given up when it goes out of scope, however that happens.
struct Seat<'a> {
    server: &'a Server,
    viewer: ViewerId,
}

impl Drop for Seat<'_> {
    fn drop(&mut self) {
        self.server.leave(self.viewer);
    }
}

/// Passes on what the viewer sends.
async fn input(
    seat: &Seat<'_>,
    outbox: &Outbox,
    pulse: &Pulse,
    reader: &mut Reader<impl AsyncRead + Unpin>,
) -> Result<(), End> {
    loop {
        let incoming = reader.next().await?;
        pulse.heard();
        match incoming {
            Incoming::Text(text) => seat.server.hear(seat.viewer, &text),
            Incoming::Binary(_) => {
                let detail = "Messages are text frames with JSON-RPC.";
                return Err(End::Close(Closing::new(Closing::UNSUPPORTED, detail)));
            }
            Incoming::Ping(payload) => {
                pulse.asked(payload);
                outbox.wake.notify_one();
            }
            Incoming::Pong => {}
            Incoming::Close => return Err(End::Close(Closing::new(Closing::NORMAL, ""))),
        }
    }
}

/// Sends the viewer what there is for it, at its own pace.
async fn output(
    outbox: &Outbox,
    pulse: &Pulse,
    writer: &mut Writer<impl AsyncWrite + Unpin>,
) -> Result<(), End> {
    let mut ticks = Pulse::ticks();
    loop {
        pulse.answer(writer).await?;
        if let Some(text) = outbox.next().map_err(End::Close)? {
            // As long as it waits, nothing of the frame was taken.
            loop {
                tokio::select! {
                    biased;
                    sent = writer.text(&text) => {
                        sent?;
                        break;
                    }
                    _ = ticks.tick() => pulse.check()?,
                }
            }
            continue;
        }
        let news = async {
            writer.flush().await?;
            outbox.wake.notified().await;
            Ok::<_, std::io::Error>(())
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
