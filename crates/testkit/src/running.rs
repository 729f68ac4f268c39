//! A control plane on a runtime of its own, so that a test can end it from `drop`.

use std::net::SocketAddr;
use std::thread::JoinHandle;

use atelier_server::app::App;
use atelier_server::{Server, ServerOptions, StartError};
use tokio::runtime::Handle;
use tokio::sync::oneshot;

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
