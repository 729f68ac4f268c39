//! The thin shell between a WebSocket and a connection.

use std::sync::Arc;

use atelier_api::agent::bridge::{CLOSE_TAKEN_OVER, REQUEST_MAX_BYTES};
use atelier_api::agent::terminals::TerminalViewer;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::sync::{Notify, mpsc};
use tokio::time::Interval;
use tokio_util::sync::CancellationToken;

use super::Bridge;
use super::connection::Connection;
use crate::websocket::{Closing, End, Incoming, Pulse, Reader, Socket, Writer};

/// How many requests are read ahead of what is done.
const READ_AHEAD: usize = 2;

/// How many requests are taken before what they came to is sent.
const TURN_REQUESTS: usize = 16;

/// Serves one connection until it ends.
pub(super) async fn serve(bridge: Arc<Bridge>, who: TerminalViewer, socket: Socket) {
    let Socket {
        mut reader,
        mut writer,
    } = socket;
    reader.limit_text(REQUEST_MAX_BYTES);
    let mut connection = Connection::new(bridge, who);
    let wake = Arc::clone(&connection.wake);
    let (sender, mut requests) = mpsc::channel(READ_AHEAD);
    let pulse = Pulse::new();
    let end = tokio::select! {
        biased;
        end = read(&pulse, &wake, &mut reader, sender) => end,
        end = converse(&mut connection, &pulse, &mut requests, &mut writer) => end,
    };
    drop(connection);
    if let Err(End::Close(closing)) = end {
        writer.close(&closing).await;
    }
}

/// Reads requests as fast as they are done.
async fn read(
    pulse: &Pulse,
    wake: &Notify,
    reader: &mut Reader<impl AsyncRead + Unpin>,
    requests: mpsc::Sender<String>,
) -> Result<(), End> {
    loop {
        let incoming = reader.next().await?;
        pulse.heard();
        match incoming {
            Incoming::Text(text) => {
                // The other half ends together with this one.
                let _ = pulse.unheard(requests.send(text)).await;
            }
            Incoming::Binary(_) => {
                let detail = "Binary frames mean nothing here: messages are JSON text.";
                return Err(End::Close(Closing::new(Closing::UNSUPPORTED, detail)));
            }
            Incoming::Ping(payload) => {
                pulse.asked(payload);
                wake.notify_one();
            }
            Incoming::Pong => {}
            Incoming::Close => return Err(End::Close(Closing::new(Closing::NORMAL, ""))),
        }
    }
}

/// Takes requests and sends messages, each at the pace of the other.
async fn converse(
    connection: &mut Connection,
    pulse: &Pulse,
    requests: &mut mpsc::Receiver<String>,
    writer: &mut Writer<impl AsyncWrite + Unpin>,
) -> Result<(), End> {
    let mut ticks = Pulse::ticks();
    let wake = Arc::clone(&connection.wake);
    loop {
        pulse.answer(writer).await?;
        for _ in 0..TURN_REQUESTS {
            if !connection.may_take() {
                break;
            }
            let Ok(text) = requests.try_recv() else { break };
            connection.take(&text);
        }
        let taken_over = connection.taken_over().unwrap_or_default();
        let next = connection.next().await;
        send(next.as_deref(), writer, &taken_over, &mut ticks, pulse).await?;
        if next.is_some() {
            continue;
        }
        tokio::select! {
            biased;
            () = wake.notified() => {}
            Some(text) = requests.recv(), if connection.may_take() => connection.take(&text),
            () = connection.late() => {}
            () = taken_over.cancelled() => return Err(superseded()),
            ticked = tick(&mut ticks, pulse) => {
                ticked?;
                writer.ping().await?;
            }
        }
    }
}

/// Sends a message, or what is still held when there is none.
async fn send(
    message: Option<&str>,
    writer: &mut Writer<impl AsyncWrite + Unpin>,
    taken_over: &CancellationToken,
    ticks: &mut Interval,
    pulse: &Pulse,
) -> Result<(), End> {
    let sending = async {
        match message {
            Some(text) => writer.text(text).await,
            None => writer.flush().await,
        }
    };
    tokio::pin!(sending);
    loop {
        tokio::select! {
            biased;
            sent = &mut sending => return Ok(sent?),
            () = taken_over.cancelled() => return Err(superseded()),
            // Whoever reads nothing must still be found gone.
            _ = ticks.tick() => pulse.check()?,
        }
    }
}

async fn tick(ticks: &mut Interval, pulse: &Pulse) -> Result<(), End> {
    ticks.tick().await;
    pulse.check()
}

fn superseded() -> End {
    End::Close(Closing::new(
        CLOSE_TAKEN_OVER,
        "another connection has taken the session over",
    ))
}
