//! Serving those who come for an application, on threads of their own (decision 0019).
//!
//! An application under load takes what processor it can get. Here it takes it from the other previews: terminals
//! and the platform's pages have their own threads, and the kernel sees to it that both get their share. There are more
//! of these threads than processors, since each request waits for another process, the application.

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;

use axum::body::Body;
use http::Request;
use tokio::net::TcpStream;
use tokio::runtime::{Builder, Handle, Runtime};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use super::connection::Connection;
use super::serving::{Answering, Terms, converse};

/// How many threads there are for each processor.
const THREADS_A_PROCESSOR: usize = 3;

/// What is served there.
pub(crate) trait Applications: Send + Sync {
    /// Whether a host, with its port or without, is an application's.
    fn have(&self, host: &str) -> bool;

    /// Answers a request, be it for an application or, on a connection that began with one, for the platform.
    fn answer(&self, request: Request<Body>) -> Answering;
}

/// The threads. Dropped, they end at once.
#[derive(Debug)]
pub(crate) struct PreviewThreads {
    /// Absent only while it is dropped.
    runtime: Option<Runtime>,
    connections: TaskTracker,
}

/// The way to the threads. Cheap to clone.
#[derive(Clone)]
pub(crate) struct Previews(Arc<Way>);

struct Way {
    applications: Box<dyn Applications>,
    threads: Handle,
    connections: TaskTracker,
    stopping: CancellationToken,
}

impl PreviewThreads {
    /// # Errors
    /// When the kernel gives no threads.
    pub(crate) fn start() -> io::Result<Self> {
        let processors = std::thread::available_parallelism().map_or(1, usize::from);
        let runtime = Builder::new_multi_thread()
            .worker_threads(THREADS_A_PROCESSOR * processors)
            .thread_name("previews")
            .enable_all()
            .build()?;
        Ok(Self {
            runtime: Some(runtime),
            connections: TaskTracker::new(),
        })
    }

    /// The way to them. What is served ends, once `stopping` is cancelled, with its open request.
    pub(crate) fn serve(
        &self,
        applications: impl Applications + 'static,
        stopping: CancellationToken,
    ) -> Previews {
        let runtime = self.runtime.as_ref();
        let runtime = runtime.expect("it is there until it is dropped");
        Previews(Arc::new(Way {
            applications: Box::new(applications),
            threads: runtime.handle().clone(),
            connections: self.connections.clone(),
            stopping,
        }))
    }

    /// Waits until all connections have ended.
    pub(crate) async fn ended(&self) {
        self.connections.close();
        self.connections.wait().await;
    }
}

impl Drop for PreviewThreads {
    fn drop(&mut self) {
        if let Some(runtime) = self.runtime.take() {
            // Where the server lives, nothing may wait for threads.
            runtime.shutdown_background();
        }
    }
}

impl Previews {
    /// Whether a host is an application's.
    pub(super) fn have(&self, host: &str) -> bool {
        self.0.applications.have(host)
    }

    /// Serves a client, once it has become a connection.
    pub(super) fn take<F>(
        &self,
        tcp: TcpStream,
        address: SocketAddr,
        begin: impl FnOnce(TcpStream) -> F + Send + 'static,
    ) where
        F: Future<Output = Option<Connection>> + Send + 'static,
    {
        // A socket belongs to the threads that wait for it.
        let tcp = match tcp.into_std() {
            Ok(tcp) => tcp,
            Err(error) => return tracing::debug!(%error, "a connection was lost on its way"),
        };
        let way = Arc::clone(&self.0);
        let serving = async move {
            match TcpStream::from_std(tcp) {
                Ok(tcp) => {
                    if let Some(connection) = begin(tcp).await {
                        let stopping = way.stopping.child_token();
                        let answer = move |request| way.applications.answer(request);
                        converse(Terms::PREVIEWS, connection, address, answer, stopping).await;
                    }
                }
                Err(error) => tracing::debug!(%error, "a connection was lost on its way"),
            }
        };
        self.0.connections.spawn_on(serving, &self.0.threads);
    }
}
