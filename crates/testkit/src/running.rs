//! A control plane on a runtime of its own, so that a test can end it from `drop`.

use std::net::SocketAddr;
use std::sync::mpsc;
use std::thread::JoinHandle;
use std::time::Duration;

use atelier_server::app::App;
use atelier_server::{Server, ServerOptions, StartError, jobs};
use tokio::runtime::Handle;
use tokio::sync::oneshot;

/// How long jobs may go on after the test's last word.
const SETTLE_PATIENCE: Duration = Duration::from_secs(20);

/// What a start makes known.
#[derive(Debug)]
pub(crate) struct Started {
    pub(crate) app: App,
    pub(crate) address: SocketAddr,
    pub(crate) setup_link: Option<String>,
    /// The server's runtime: what calls into the server in process must run there, because the
    /// server waits at its end for the tasks that it began.
    pub(crate) runtime: Handle,
}

/// A running control plane; dropped, it is shut down and waited for.
#[derive(Debug)]
pub(crate) struct Running {
    pub(crate) started: Started,
    stop: Option<oneshot::Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl Running {
    /// Starts it.
    pub(crate) async fn start(options: ServerOptions) -> Result<Self, StartError> {
        let (stop, stopped) = oneshot::channel();
        let (report, reported) = oneshot::channel();
        let thread = std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_multi_thread()
                .worker_threads(2)
                .enable_all()
                .build()
                .expect("a runtime can be made");
            runtime.block_on(async {
                let server = match Server::start(options).await {
                    Ok(server) => server,
                    Err(error) => {
                        let _ = report.send(Err(error));
                        return;
                    }
                };
                let _ = report.send(Ok(Started {
                    app: server.app().clone(),
                    address: server.address(),
                    setup_link: server.setup_link(),
                    runtime: Handle::current(),
                }));
                let stopped = async {
                    // The sender goes without a word when the test panics.
                    let _ = stopped.await;
                };
                server.serve(stopped).await.expect("the listener holds");
            });
        });
        let started = reported.await.expect("a start ends in a report")?;
        Ok(Self {
            started,
            stop: Some(stop),
            thread: Some(thread),
        })
    }

    /// Waits until no job runs or is due.
    ///
    /// # Panics
    /// When that takes longer than [`SETTLE_PATIENCE`].
    pub(crate) fn expect_settled(&self) {
        if self.thread.is_none() {
            return; // It was stopped and did not start again.
        }
        let app = self.started.app.clone();
        let (report, reported) = mpsc::channel();
        self.started.runtime.spawn(async move {
            let settled = tokio::time::timeout(SETTLE_PATIENCE, jobs::settle(&app)).await;
            let left = match settled {
                Ok(Ok(())) => Ok(Vec::new()),
                Ok(Err(error)) => Err(error),
                Err(_) => jobs::leftovers(&app).await,
            };
            let _ = report.send(left);
        });
        // The runtime is another one: blocking here does not hold it up.
        let left = reported.recv().expect("the server's runtime lives");
        let left = left.expect("the jobs can be asked for");
        assert!(left.is_empty(), "the test leaves jobs: {left:#?}");
    }

    /// Shuts it down and waits until it has ended.
    pub(crate) fn stop(&mut self) {
        drop(self.stop.take());
        let Some(thread) = self.thread.take() else {
            return;
        };
        let ended = thread.join().is_ok();
        assert!(ended || std::thread::panicking(), "the server panicked");
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        self.stop();
    }
}
