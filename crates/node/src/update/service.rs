//! The daemon's life, from one program to the next.

use std::ffi::OsString;
use std::fs::File;
use std::io::{self, Write as _};
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::pin::pin;
use std::process::Stdio;
use std::sync::Arc;
use std::time::Duration;

use atelier_api::node::update::{UpdateOrder, UpdateState};
use tokio_util::sync::CancellationToken;

use super::health::Found;
use super::programs::{Choice, Probation, Programs};
use super::role::{Role, share};
use super::start::{Own, command};
use super::successor::Successor;
use super::{Updates, children};
use crate::daemon::{DaemonDirectory, Proxy, RunError, run_noticing};
use crate::{Node, NodeConfig, OpenError};

/// A daemon, and what another program needs to go on as the same.
#[derive(Debug)]
pub struct Service {
    /// The node's.
    pub config: NodeConfig,
    /// Its data directory.
    pub directory: DaemonDirectory,
    /// The way out.
    pub proxy: Proxy,
    /// How it came to be started.
    pub role: Role,
    /// The program that it runs.
    pub own: Own,
    /// The arguments that start it, without its role.
    pub arguments: Vec<OsString>,
    /// The arguments by which a program shows that it could run here.
    pub probe: Vec<OsString>,
}

/// Why a daemon ended.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ServeError {
    /// It was told to go on for another, and cannot.
    #[error("the data directory's lock was not handed over")]
    Lock(#[source] io::Error),
    /// The data directory or the policy cannot be used.
    #[error(transparent)]
    Open(#[from] OpenError),
    /// It cannot go on.
    #[error(transparent)]
    Run(#[from] RunError),
}

/// How a stretch of serving ended.
enum Ended {
    /// For good.
    Daemon(Result<(), RunError>),
    /// There is a program to go over to, and what it has to find.
    Ordered(UpdateOrder, Found),
    /// This program has not become healthy in its time.
    Unhealthy(Choice, Probation),
}

/// Serves until `shutdown`, through any number of programs. To be awaited on the main thread, with whose end
/// a program that is being tried out ends.
///
/// # Errors
/// Why the daemon cannot go on. Workspaces do.
pub async fn serve(service: Service, shutdown: CancellationToken) -> Result<(), ServeError> {
    let mut lock = service
        .role
        .take_lock()
        .map_err(ServeError::Lock)?
        .map(Arc::new);
    if service.role == Role::Heir {
        children::take_over();
    }
    let programs = Programs::in_data(service.directory.path());
    let life = Life { service, programs };
    loop {
        let (node, updates) = life.open(lock.clone()).await?;
        let held = node.lock();
        let ended = life.run(&node, &updates, &shutdown).await;
        drop(node);
        match ended {
            Ended::Daemon(ended) => return Ok(ended?),
            Ended::Ordered(order, expected) => {
                let reason = life.hand_over(&order, &expected, &held, &shutdown).await;
                tracing::error!(reason, "the update failed; this program goes on");
                life.settle(&order, Err(reason));
            }
            Ended::Unhealthy(choice, probation) => life.go_back(&choice, &probation, &held),
        }
        if shutdown.is_cancelled() {
            return Ok(());
        }
        lock = Some(held);
    }
}

struct Life {
    service: Service,
    programs: Programs,
}

impl Life {
    async fn open(&self, lock: Option<Arc<File>>) -> Result<(Node, Updates), OpenError> {
        let Service {
            config,
            role,
            own,
            probe,
            ..
        } = &self.service;
        let mut config = config.clone();
        config.lock = lock;
        let sha256 = own.sha256(&self.programs);
        let sha256 = sha256
            .inspect_err(|error| tracing::warn!(%error, "this program cannot be read"))
            .ok();
        let open = *role != Role::Successor;
        let updates = Updates::new(
            &config.data_dir,
            sha256,
            probe.clone(),
            config.clock.clone(),
            open,
        );
        config.updates = Some(updates.clone());
        let node = Node::open(config).await?;
        if open {
            self.tidy();
        }
        Ok((node, updates))
    }

    /// Says what became of an order in the middle of which a daemon was killed, and deletes what nobody needs.
    fn tidy(&self) {
        let choice = self.programs.choice();
        let probation = choice.as_ref().and_then(|choice| choice.probation.as_ref());
        if let Some(report) = self.programs.report()
            && report.state == UpdateState::Running
            && probation.is_none_or(|probation| probation.order != report.id)
        {
            let reason = "The daemon ended while the new program was being tried out; the one of before goes on.";
            self.programs
                .settle(report.id, Err(reason.to_owned()), self.now());
        }
        // With the last order's, which may be given again.
        let ordered = self.programs.report().map(|report| report.sha256);
        let chosen = choice
            .iter()
            .flat_map(|choice| choice.before.iter().chain([&choice.program]));
        let keep: Vec<&str> = chosen.chain(&ordered).map(String::as_str).collect();
        self.programs.prune(&keep);
    }

    async fn run(&self, node: &Node, updates: &Updates, shutdown: &CancellationToken) -> Ended {
        let Service {
            directory, proxy, ..
        } = &self.service;
        let (stop, connected) = (shutdown.child_token(), CancellationToken::new());
        let mut running = pin!(run_noticing(
            node,
            directory,
            proxy.clone(),
            stop.clone(),
            &connected
        ));
        let ended = tokio::select! {
            ended = &mut running => Some(Ended::Daemon(ended)),
            ended = self.watch(node, updates, &connected) => Some(ended),
            () = shutdown.cancelled() => None,
        };
        stop.cancel();
        if let Some(ended @ Ended::Daemon(_)) = ended {
            node.shutdown().await;
            return ended;
        }
        // Together: what flows through the tunnel ends with the node, and the tunnel waits for it.
        let (result, ()) = tokio::join!(running, node.shutdown());
        ended.unwrap_or(Ended::Daemon(result))
    }

    /// Proves that this program works, where somebody waits for the proof; waits for orders.
    async fn watch(&self, node: &Node, updates: &Updates, connected: &CancellationToken) -> Ended {
        let chosen = self
            .programs
            .choice()
            .filter(|it| Some(it.program.as_str()) == updates.own());
        let probation = chosen.and_then(|choice| choice.probation.clone().map(|it| (choice, it)));
        let proven = async {
            connected.cancelled().await;
            Found::by(node).await
        };
        match (self.service.role, probation) {
            (Role::Successor, _) => {
                report(&proven.await);
                std::future::pending::<()>().await;
            }
            (_, Some((choice, probation))) => {
                let within = Duration::from_secs(probation.healthy_within_s.into());
                match tokio::time::timeout(within, proven).await {
                    Ok(_) => self.confirm(choice, &probation),
                    Err(_) => return Ended::Unhealthy(choice, probation),
                }
            }
            _ => {}
        }
        let order = updates.ordered().await;
        Ended::Ordered(order, Found::by(node).await)
    }

    /// This program has proven itself in its place.
    fn confirm(&self, mut choice: Choice, probation: &Probation) {
        choice.probation = None;
        match self.programs.choose(&choice) {
            Ok(()) => {
                tracing::info!("the update has succeeded");
                self.programs.settle(probation.order, Ok(()), self.now());
            }
            // It stays on probation, and is tried again with the next start.
            Err(error) => tracing::error!(%error, "the success could not be noted"),
        }
    }

    /// Tries the new program beside this one, which must not serve meanwhile, and becomes it. Comes back only
    /// with the reason why not; nothing has changed then.
    async fn hand_over(
        &self,
        order: &UpdateOrder,
        expected: &Found,
        lock: &Arc<File>,
        shutdown: &CancellationToken,
    ) -> String {
        let Some(program) = self.programs.file(&order.sha256) else {
            return "The new program's file is missing.".to_owned();
        };
        tracing::info!(program = %program.display(), "handing over to a new program");
        let mut successor = match Successor::start(&program, &self.service.arguments, lock) {
            Ok(successor) => successor,
            Err(error) => return format!("The new program cannot be started: {error}."),
        };
        let within = Duration::from_secs(order.healthy_within_s.into());
        let proof = tokio::select! {
            proof = tokio::time::timeout(within, successor.proof()) => proof,
            () = shutdown.cancelled() => Ok(Err("The daemon was told to end meanwhile.".to_owned())),
        };
        let proof = proof.unwrap_or_else(|_| {
            Err(format!(
                "The new program was not healthy within {} s.",
                order.healthy_within_s
            ))
        });
        let proof = proof.and_then(|found| match expected.missing_in(&found) {
            None => Ok(()),
            Some(missing) => Err(format!("The new program did not find {missing}.")),
        });
        if let Err(reason) = proof {
            successor.kill().await;
            return reason;
        }
        let before = self.programs.choice();
        if let Err(error) = self.programs.choose(&self.choice(order)) {
            successor.kill().await;
            return format!("The new program is healthy, but that cannot be noted: {error}.");
        }
        successor.end().await;
        let error = self.become_other(&program, lock);
        let restored = match before {
            Some(before) => self.programs.choose(&before),
            None => self.programs.choose_installed(),
        };
        if let Err(error) = restored {
            tracing::error!(%error, "the choice before could not be restored");
        }
        format!("The new program cannot be started in this one's place: {error}.")
    }

    /// The new program's, with this one to go back to.
    fn choice(&self, order: &UpdateOrder) -> Choice {
        let own = &self.service.own.file;
        let (instead_of, before) = match (self.programs.name_of(own.path()), self.programs.choice())
        {
            (Some(name), Some(choice)) => (choice.instead_of, Some(name)),
            _ => (own.clone(), None),
        };
        Choice {
            instead_of,
            program: order.sha256.clone(),
            before,
            probation: Some(Probation {
                order: order.id,
                starts: 0,
                healthy_within_s: order.healthy_within_s,
            }),
        }
    }

    /// Becomes the program of before. Comes back if that is impossible.
    fn go_back(&self, choice: &Choice, probation: &Probation, lock: &Arc<File>) {
        let reason = format!(
            "The new program was not connected within {} s.",
            probation.healthy_within_s
        );
        tracing::error!(reason, "going back to the program of before");
        match self.programs.go_back(choice) {
            Ok(file) => {
                self.programs
                    .settle(probation.order, Err(reason), self.now());
                let file: PathBuf = file.unwrap_or_else(|| choice.instead_of.path().to_owned());
                let error = self.become_other(&file, lock);
                tracing::error!(%error, "the program of before cannot be started; this one goes on");
            }
            Err(error) => tracing::error!(%error, "it could not be noted; this program goes on"),
        }
    }

    fn become_other(&self, program: &Path, lock: &File) -> io::Error {
        match share(lock) {
            Ok(lock) => command(program, &self.service.arguments, Role::Heir)
                .stdin(Stdio::from(lock))
                .exec(),
            Err(error) => error,
        }
    }

    fn settle(&self, order: &UpdateOrder, end: Result<(), String>) {
        self.programs.settle(order.id, end, self.now());
    }

    fn now(&self) -> atelier_api::Timestamp {
        self.service.config.clock.now()
    }
}

/// Tells the program that waits for it.
fn report(found: &Found) {
    let mut line = serde_json::to_vec(found).expect("what was found is plain data");
    line.push(b'\n');
    let mut out = io::stdout().lock();
    if let Err(error) = out.write_all(&line).and_then(|()| out.flush()) {
        tracing::error!(%error, "nobody waits for this program's proof");
    }
}
