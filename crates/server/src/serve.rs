//! Starting and stopping the control plane.

use std::future::Future;
use std::io;
use std::net::SocketAddr;
use std::time::Duration;

use atelier_db::{Db, DbOptions, OpenError};
use atelier_node::{Launcher, Node, NodeConfig};
use atelier_policy::{Policy, PolicyError};
use tokio::net::{TcpListener, TcpSocket};

use crate::app::{App, AppParts};
use crate::config::{Config, Durability};
use crate::ctx::Clock;
use crate::data_dir::{self, DataDir, DataDirError};
use crate::error::Error;
use crate::gateway::Gateway;
use crate::http::{self, Applications as _, Certificate, Listener, PreviewThreads, TlsError};
use crate::nodes::Nodes;
use crate::secrets::{KeyError, Secrets};
use crate::templates::{TemplateError, Templates};
use crate::{
    gateway, health, identity, jobs, node_jobs, node_updates, nodes, repositories, router,
    schedules, telemetry, workspaces,
};

/// How long open requests may go on after the shutdown has begun.
const GRACE: Duration = Duration::from_secs(10);

/// How often the metrics' histograms are folded.
const METRICS_UPKEEP_EVERY: Duration = Duration::from_secs(5);

/// How many connections may wait to be accepted; the kernel caps it (`net.core.somaxconn`).
const BACKLOG: u32 = 4096;

/// What to start with.
#[derive(Debug)]
pub struct ServerOptions {
    /// The configuration.
    pub config: Config,
    /// The clock.
    pub clock: Clock,
    /// How the local node starts workspaces; absent for a control plane without a local node.
    pub launcher: Option<Launcher>,
}

/// The server could not be started. Each says what to do.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum StartError {
    /// The data folder.
    #[error(transparent)]
    DataDir(#[from] DataDirError),
    /// The database.
    #[error(transparent)]
    Database(#[from] OpenError),
    /// The key of stored secrets.
    #[error(transparent)]
    Key(#[from] KeyError),
    /// The command policy.
    #[error("the command policy cannot be used: {0}")]
    Policy(#[from] PolicyError),
    /// The templates.
    #[error(transparent)]
    Templates(#[from] TemplateError),
    /// The local node.
    #[error("the local node could not be started")]
    Node(#[source] Box<dyn std::error::Error + Send + Sync>),
    /// The port.
    #[error("{address} cannot be listened on: another program may use it; choose with --port")]
    Listen {
        /// Where.
        address: SocketAddr,
        /// Why.
        #[source]
        source: io::Error,
    },
    /// The certificate.
    #[error(transparent)]
    Tls(#[from] TlsError),
    /// The set-up.
    #[error("the server's state could not be read")]
    Setup(#[source] Error),
}

/// A started server: it listens, and answers once [`Server::serve`] runs.
#[derive(Debug)]
pub struct Server {
    app: App,
    node: Option<Node>,
    listener: Listener,
    address: SocketAddr,
    setup_token: Option<String>,
    /// Held for as long as the server lives.
    _data_dir: DataDir,
}

impl Server {
    /// Opens everything and listens.
    ///
    /// # Errors
    /// [`StartError`]; nothing runs then.
    pub async fn start(options: ServerOptions) -> Result<Self, StartError> {
        let ServerOptions {
            config,
            clock,
            launcher,
        } = options;
        let policy = Policy::from_document(config.policy.clone())?;
        health::install();
        let data_dir = DataDir::open(&config.data.dir)?;
        let secrets = Secrets::open(&config.data.dir, &config.secrets)?;
        let db = Db::open(&database(&config)).await?;
        let address = SocketAddr::new(config.listen.address, config.listen.port);
        let plain = listen(address)?;
        let address = plain
            .local_addr()
            .map_err(|source| StartError::Listen { address, source })?;
        let tls = match &config.listen.tls {
            Some(tls) => {
                let listener = listen(SocketAddr::new(tls.address, tls.port))?;
                Some((listener, Certificate::load(tls)?))
            }
            None => None,
        };
        let listener = Listener { plain, tls };
        let node = match launcher.filter(|_| config.node.enabled) {
            Some(launcher) => Some(open_node(&config, &data_dir, launcher).await?),
            None => None,
        };
        let gateway = Gateway::new(&data_dir.preview_key()?, &config.previews.apps_domain);
        let app = App::new(AppParts {
            gateway,
            secrets,
            config,
            policy,
            db,
            clock,
            nodes: Nodes::new(node.as_ref().map(Node::link)),
            templates: Templates::built_in()?,
        });
        let setup_token = identity::ensure_setup(&app)
            .await
            .map_err(StartError::Setup)?;
        workspaces::register(&app);
        schedules::register(&app);
        node_updates::register(&app);
        jobs::start(&app);
        nodes::start(&app);
        node_jobs::start(&app);
        telemetry::start(&app);
        workspaces::start(&app);
        repositories::start(&app);
        gateway::start(&app);
        app.tasks().spawn("metrics_upkeep", async {
            loop {
                tokio::time::sleep(METRICS_UPKEEP_EVERY).await;
                health::upkeep();
            }
        });
        Ok(Self {
            app,
            node,
            listener,
            address,
            setup_token,
            _data_dir: data_dir,
        })
    }

    /// What the process shares, for tests and benchmarks in process.
    pub fn app(&self) -> &App {
        &self.app
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// The address for people: the configured public one, else where it listens.
    pub fn url(&self) -> String {
        match &self.app.config().listen.public_url {
            Some(url) => url.trim_end_matches('/').to_owned(),
            None => format!("http://{}", self.address),
        }
    }

    /// Where it listens with TLS, if it does.
    pub fn tls_address(&self) -> Option<SocketAddr> {
        let (listener, _) = self.listener.tls.as_ref()?;
        listener.local_addr().ok()
    }

    /// The link that the first account is created with; absent once there is one.
    pub fn setup_link(&self) -> Option<String> {
        // After `#`: a browser sends that part to no server, and no log holds it.
        self.setup_token
            .as_ref()
            .map(|token| format!("{}/setup#token={token}", self.url()))
    }

    /// Serves until `shutdown` resolves, then lets open requests end, for at most 10 s. Workspaces go
    /// on running.
    ///
    /// # Errors
    /// When the kernel gives no threads for previews.
    pub async fn serve(
        self,
        shutdown: impl Future<Output = ()> + Send + 'static,
    ) -> io::Result<()> {
        let Self {
            app,
            node,
            listener,
            _data_dir,
            ..
        } = self;
        let stopping = app.tasks().stopping();
        let front = router::front(&app);
        let has_names = app.gateway().has_domain();
        let previewing = has_names.then(PreviewThreads::start).transpose()?;
        let previews = previewing
            .as_ref()
            .map(|threads| threads.serve(front.clone(), stopping.clone()));
        let clients = listener.open(previews);
        let answering = move |request| front.answer(request);
        let serving = async {
            let stop = async {
                shutdown.await;
                stopping.cancel();
            };
            tokio::join!(stop, http::serve(clients, answering, stopping.clone()));
            if let Some(threads) = &previewing {
                threads.ended().await;
            }
        };
        tokio::select! {
            () = serving => {}
            () = async {
                stopping.cancelled().await;
                tokio::time::sleep(GRACE).await;
            } => {
                tracing::warn!("some requests did not end in time and are cut off");
            }
        }
        app.tasks().shutdown().await;
        if let Some(node) = node {
            node.shutdown().await;
        }
        app.db().close().await;
        // Not before: the database's connections may be theirs.
        drop(previewing);
        Ok(())
    }
}

/// Opens a server's database beside it, for commands that only read.
///
/// # Errors
/// [`OpenError`] says what to do.
pub async fn open_database(config: &Config) -> Result<Db, OpenError> {
    Db::open(&database(config)).await
}

fn database(config: &Config) -> DbOptions {
    match &config.database.url {
        Some(url) => DbOptions::Postgres {
            url: url.clone(),
            connections_max: config.database.connections_max,
        },
        None => DbOptions::Sqlite {
            path: data_dir::database(&config.data.dir),
            durability: match config.database.durability {
                Durability::Normal => atelier_db::Durability::Normal,
                Durability::Full => atelier_db::Durability::Full,
            },
        },
    }
}

/// Listens, with room for thousands of nodes that come back at once.
fn listen(address: SocketAddr) -> Result<TcpListener, StartError> {
    let listening = || {
        let socket = match address {
            SocketAddr::V4(_) => TcpSocket::new_v4()?,
            SocketAddr::V6(_) => TcpSocket::new_v6()?,
        };
        // As the standard library's own way does: a restart need not wait for old connections to expire.
        socket.set_reuseaddr(true)?;
        socket.bind(address)?;
        socket.listen(BACKLOG)
    };
    listening().map_err(|source| StartError::Listen { address, source })
}

async fn open_node(
    config: &Config,
    data_dir: &DataDir,
    launcher: Launcher,
) -> Result<Node, StartError> {
    let mut node = NodeConfig::new(data_dir.node(), launcher);
    node.read_only_paths
        .clone_from(&config.node.read_only_paths);
    Node::open(node)
        .await
        .map_err(|error| StartError::Node(error.into()))
}
