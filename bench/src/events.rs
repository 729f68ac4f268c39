//! The event stream of an organization, as a page listens to it.

use anyhow::{Context as _, bail};
use atelier_api::v1::events::{
    EventBody, EventClientMessage, EventServerMessage, EventSubscribe, SUBPROTOCOL,
};
use futures_util::{FutureExt as _, SinkExt as _, StreamExt as _};
use tokio::net::TcpStream;
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::client::IntoClientRequest as _;
use tokio_tungstenite::tungstenite::{self, Message};

use crate::control_plane::ControlPlane;

/// The stream.
#[derive(Debug)]
pub(crate) struct Events {
    stream: WebSocketStream<TcpStream>,
}

impl Events {
    /// Hears all of the organization from now on.
    pub(crate) async fn open(server: &ControlPlane) -> anyhow::Result<Self> {
        let tcp = TcpStream::connect(&server.address).await?;
        tcp.set_nodelay(true)?;
        let url = format!("ws://{}/api/v1/events", server.address);
        let mut request = url.into_client_request()?;
        let headers = request.headers_mut();
        headers.insert("authorization", format!("Bearer {}", server.token).parse()?);
        headers.insert("sec-websocket-protocol", SUBPROTOCOL.parse()?);
        let (mut stream, _) = tokio_tungstenite::client_async(request, tcp).await?;
        let subscribe = EventClientMessage::Subscribe(EventSubscribe {
            topics: vec![format!("organization:{}", server.organization)],
            epoch: None,
            after: None,
        });
        let subscribe = serde_json::to_string(&subscribe)?;
        stream.send(Message::text(subscribe)).await?;
        let mut events = Self { stream };
        while !matches!(
            events.message().await?,
            EventServerMessage::Subscribed { .. }
        ) {}
        Ok(events)
    }

    /// Waits until something that `matters` has happened; what has come with it is heard with it.
    pub(crate) async fn until(
        &mut self,
        matters: impl Fn(&EventBody) -> bool,
    ) -> anyhow::Result<()> {
        let mut seen = false;
        while !seen {
            seen = matters_to(&matters, &self.message().await?);
        }
        while let Some(message) = self.stream.next().now_or_never() {
            read(message.context("the stream ended")?)?;
        }
        Ok(())
    }

    async fn message(&mut self) -> anyhow::Result<EventServerMessage> {
        loop {
            let message = self.stream.next().await.context("the stream ended")?;
            if let Some(message) = read(message)? {
                return Ok(message);
            }
        }
    }
}

fn matters_to(matters: impl Fn(&EventBody) -> bool, message: &EventServerMessage) -> bool {
    match message {
        EventServerMessage::Event(event) => matters(&event.body),
        // Whatever it was may have been among it.
        EventServerMessage::Dropped { .. } => true,
        _ => false,
    }
}

fn read(
    message: Result<Message, tungstenite::Error>,
) -> anyhow::Result<Option<EventServerMessage>> {
    match message? {
        Message::Text(text) => match serde_json::from_str(&text)? {
            EventServerMessage::Error { detail } => bail!("{detail}"),
            message => Ok(Some(message)),
        },
        Message::Close(_) => bail!("the event stream was closed"),
        _ => Ok(None),
    }
}
