//! Taking clients in. Those who come for an application go to the preview threads, the others are the platform's.

use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use futures_util::StreamExt as _;
use futures_util::stream::FuturesUnordered;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore, mpsc};
use tokio::time::timeout;

use super::connection::Connection;
use super::first_bytes::{self, Asked, asked_by_http, asked_by_tls};
use super::preview_threads::Previews;
use super::serving::HEAD_WITHIN;
use super::tls::Certificate;

/// How long a client may take to say who it is.
const HANDSHAKE_TIMEOUT: Duration = Duration::from_secs(10);

/// How many handshakes may be under way; more wait to be accepted.
const HANDSHAKES: usize = 1024;

/// How many connections that have shaken hands may wait to be served.
const READY: usize = 64;

/// Where clients come in, with TLS or without it.
#[derive(Debug)]
pub(crate) struct Listener {
    pub(crate) plain: TcpListener,
    pub(crate) tls: Option<(TcpListener, Certificate)>,
}

/// A client of the platform.
pub(super) type Client = (Connection, SocketAddr);

/// Resolves to the client if it is the platform's.
type Sorting = Pin<Box<dyn Future<Output = Option<Client>> + Send>>;

/// The platform's clients. Dropped, nobody is taken in any more.
pub(crate) struct Clients {
    plain: TcpListener,
    previews: Option<Previews>,
    /// Who has not said yet what they come for. All wait in one task: where thousands come, most are told by one wake.
    silent: FuturesUnordered<Sorting>,
    /// Who has shaken hands.
    encrypted: Option<mpsc::Receiver<Client>>,
}

impl Listener {
    /// Takes clients in.
    pub(crate) fn open(self, previews: Option<Previews>) -> Clients {
        let encrypted = self.tls.map(|(listener, certificate)| {
            let (sender, encrypted) = mpsc::channel(READY);
            let door = Door {
                certificate,
                previews: previews.clone(),
                ready: sender,
            };
            tokio::spawn(take_tls(listener, door));
            encrypted
        });
        Clients {
            plain: self.plain,
            previews,
            silent: FuturesUnordered::new(),
            encrypted,
        }
    }
}

impl Clients {
    /// The next one.
    pub(super) async fn accept(&mut self) -> Client {
        loop {
            let encrypted = async {
                match &mut self.encrypted {
                    Some(encrypted) => encrypted.recv().await,
                    None => None,
                }
            };
            tokio::select! {
                (tcp, address) = accept(&mut self.plain) => {
                    if let Some(tcp) = self.sort(tcp, address) {
                        return (Connection::plain(tcp), address);
                    }
                }
                Some(sorted) = self.silent.next() => {
                    if let Some(client) = sorted {
                        return client;
                    }
                }
                Some(client) = encrypted => return client,
            }
        }
    }

    /// Gives back a client of the platform that can be told at once.
    fn sort(&self, tcp: TcpStream, address: SocketAddr) -> Option<TcpStream> {
        let Some(previews) = &self.previews else {
            return Some(tcp);
        };
        match first_bytes::seen(&tcp, asked_by_http) {
            Asked::Host(host) if previews.have(&host) => previews.take(tcp, address, plain),
            Asked::Host(_) | Asked::Nobody => return Some(tcp),
            Asked::More => {
                let previews = previews.clone();
                self.silent.push(Box::pin(async move {
                    let theirs = asks(&previews, &tcp, asked_by_http);
                    if timeout(HEAD_WITHIN, theirs).await.ok()? {
                        previews.take(tcp, address, plain);
                        None
                    } else {
                        Some((Connection::plain(tcp), address))
                    }
                }));
            }
        }
        None
    }
}

/// Whether a client comes for an application, as far as its first bytes say.
async fn asks(previews: &Previews, tcp: &TcpStream, read: fn(&[u8]) -> Asked) -> bool {
    let host = first_bytes::host(tcp, read).await;
    host.is_some_and(|host| previews.have(&host))
}

async fn plain(tcp: TcpStream) -> Option<Connection> {
    Some(Connection::plain(tcp))
}

async fn accept(listener: &mut TcpListener) -> (TcpStream, SocketAddr) {
    let (tcp, address) = axum::serve::Listener::accept(listener).await;
    // Before a handshake: its messages are small, and waited for.
    if let Err(error) = tcp.set_nodelay(true) {
        tracing::debug!(%error, "a connection cannot be set to send at once");
    }
    (tcp, address)
}

/// Handshakes run beside each other, so that a client that stalls keeps nobody waiting.
async fn take_tls(mut listener: TcpListener, door: Door) {
    let handshakes = Arc::new(Semaphore::new(HANDSHAKES));
    tokio::select! {
        () = door.ready.closed() => {}
        () = door.certificate.refresh() => {}
        () = async {
            while let Ok(permit) = Arc::clone(&handshakes).acquire_owned().await {
                let (tcp, address) = accept(&mut listener).await;
                tokio::spawn(door.clone().take(tcp, address, permit));
            }
        } => {}
    }
}

/// Whom TLS clients meet.
#[derive(Clone)]
struct Door {
    certificate: Certificate,
    previews: Option<Previews>,
    ready: mpsc::Sender<Client>,
}

impl Door {
    async fn take(self, tcp: TcpStream, address: SocketAddr, permit: OwnedSemaphorePermit) {
        let Self {
            certificate,
            previews,
            ready,
        } = self;
        let theirs = async {
            let previews = previews?;
            let theirs = asks(&previews, &tcp, asked_by_tls).await;
            theirs.then_some(previews)
        };
        let theirs = tokio::select! {
            () = ready.closed() => return,
            theirs = timeout(HANDSHAKE_TIMEOUT, theirs) => theirs,
        };
        let Ok(theirs) = theirs else {
            return tracing::debug!(%address, "a TLS client did not begin its handshake");
        };
        let handshake = async move |tcp| {
            let shaken = timeout(HANDSHAKE_TIMEOUT, certificate.accept(tcp)).await;
            drop(permit);
            match shaken {
                Ok(Ok(stream)) => return Some(Connection::tls(stream)),
                Ok(Err(error)) => tracing::debug!(%address, %error, "a TLS handshake failed"),
                Err(_) => tracing::debug!(%address, "a TLS handshake took too long"),
            }
            None
        };
        match theirs {
            Some(previews) => previews.take(tcp, address, handshake),
            None => {
                if let Some(connection) = handshake(tcp).await {
                    // An error: the server stops.
                    drop(ready.send((connection, address)).await);
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::thread;

    use axum::body::Body;
    use axum::response::Response;
    use http::Request;
    use rustls::pki_types::ServerName;
    use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _};
    use tokio::sync::Notify;
    use tokio_util::sync::CancellationToken;

    use super::super::preview_threads::{Applications, PreviewThreads};
    use super::super::serving::Answering;
    use super::super::tls::tests::files;
    use super::*;

    #[tokio::test]
    async fn a_client_that_stalls_keeps_nobody_waiting() {
        let folder = tempfile::tempdir().unwrap();
        let (tls, connector) = files(folder.path());
        let listener = listen(Some(Certificate::load(&tls).unwrap())).await;
        let address = listener.tls.as_ref().unwrap().0.local_addr().unwrap();
        let mut clients = listener.open(None);
        let _stalled = TcpStream::connect(address).await.unwrap();
        let mut garbled = TcpStream::connect(address).await.unwrap();
        garbled.write_all(b"GET / HTTP/1.1\r\n\r\n").await.unwrap();
        let client = tokio::spawn(async move {
            let tcp = TcpStream::connect(address).await.unwrap();
            let name = ServerName::try_from("localhost").unwrap();
            let mut stream = connector.connect(name, tcp).await.unwrap();
            stream.write_all(b"hello").await.unwrap();
            stream.shutdown().await.unwrap();
        });
        let (mut stream, from) = clients.accept().await;
        assert_eq!(from.ip(), address.ip());
        let mut said = String::new();
        stream.read_to_string(&mut said).await.unwrap();
        assert_eq!(said, "hello");
        client.await.unwrap();
    }

    async fn listen(certificate: Option<Certificate>) -> Listener {
        let plain = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let tls = match certificate {
            Some(certificate) => {
                let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
                Some((listener, certificate))
            }
            None => None,
        };
        Listener { plain, tls }
    }

    /// Takes clients in, and gives those that are the platform's.
    fn take_in(mut clients: Clients) -> mpsc::UnboundedReceiver<Client> {
        let (sender, platform) = mpsc::unbounded_channel();
        tokio::spawn(async move { while sender.send(clients.accept().await).is_ok() {} });
        platform
    }

    /// `localhost` is an application, which says on which thread it runs.
    #[derive(Clone, Default)]
    struct Told {
        /// Something slow has begun; …
        begun: Arc<Notify>,
        /// … and may end.
        end: Arc<Notify>,
    }

    impl Applications for Told {
        fn have(&self, host: &str) -> bool {
            host.trim_end_matches(":80") == "localhost"
        }

        fn answer(&self, request: Request<Body>) -> Answering {
            let Self { begun, end } = self.clone();
            Box::pin(async move {
                if request.uri() == "/slow" {
                    begun.notify_one();
                    end.notified().await;
                }
                let thread = thread::current();
                Ok(Response::new(Body::from(
                    thread.name().unwrap_or("?").to_owned(),
                )))
            })
        }
    }

    fn request(path: &str, host: &str) -> String {
        format!("GET {path} HTTP/1.1\r\nHost: {host}:80\r\n\r\n")
    }

    /// Reads until the answer's body, a thread's name, has come.
    async fn answered(client: &mut (impl AsyncRead + Unpin)) -> String {
        let mut answer = Vec::new();
        while !answer.ends_with(b"previews") {
            answer.push(client.read_u8().await.unwrap());
        }
        String::from_utf8(answer).unwrap()
    }

    async fn ask(client: &mut (impl AsyncRead + AsyncWrite + Unpin), path: &str) -> String {
        let request = request(path, "localhost");
        client.write_all(request.as_bytes()).await.unwrap();
        answered(client).await
    }

    #[tokio::test]
    async fn who_comes_for_an_application_is_served_by_other_threads() {
        let folder = tempfile::tempdir().unwrap();
        let (tls, connector) = files(folder.path());
        let listener = listen(Some(Certificate::load(&tls).unwrap())).await;
        let plain = listener.plain.local_addr().unwrap();
        let encrypted = listener.tls.as_ref().unwrap().0.local_addr().unwrap();
        let threads = PreviewThreads::start().unwrap();
        let previews = threads.serve(Told::default(), CancellationToken::new());
        let mut platform = take_in(listener.open(Some(previews)));

        let mut client = TcpStream::connect(plain).await.unwrap();
        assert!(ask(&mut client, "/").await.starts_with("HTTP/1.1 200"));
        let tcp = TcpStream::connect(encrypted).await.unwrap();
        let name = ServerName::try_from("localhost").unwrap();
        let mut client = connector.connect(name, tcp).await.unwrap();
        assert!(ask(&mut client, "/").await.starts_with("HTTP/1.1 200"));

        let mut client = TcpStream::connect(plain).await.unwrap();
        let other = request("/", "127.0.0.1");
        client.write_all(other.as_bytes()).await.unwrap();
        let (mut connection, from) = platform.recv().await.unwrap();
        assert_eq!(from, client.local_addr().unwrap());
        let mut said = vec![0; other.len()];
        connection.read_exact(&mut said).await.unwrap();
        assert_eq!(said, other.as_bytes());
    }

    #[tokio::test]
    async fn a_stop_lets_an_open_request_end_and_no_other_begin() {
        let listener = listen(None).await;
        let address = listener.plain.local_addr().unwrap();
        let threads = PreviewThreads::start().unwrap();
        let (told, stopping) = (Told::default(), CancellationToken::new());
        let _platform = take_in(listener.open(Some(threads.serve(told.clone(), stopping.clone()))));
        let mut open = TcpStream::connect(address).await.unwrap();
        ask(&mut open, "/").await;
        let mut idle = TcpStream::connect(address).await.unwrap();
        ask(&mut idle, "/").await;
        let slow = request("/slow", "localhost");
        open.write_all(slow.as_bytes()).await.unwrap();
        told.begun.notified().await;
        stopping.cancel();
        assert_eq!(idle.read(&mut [0; 1]).await.unwrap_or(0), 0);
        told.end.notify_one();
        assert!(answered(&mut open).await.starts_with("HTTP/1.1 200"));
        assert_eq!(open.read(&mut [0; 1]).await.unwrap_or(0), 0);
        threads.ended().await;
    }
}
