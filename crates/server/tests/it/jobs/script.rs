//! Jobs that do what a test tells them, and a board on which they write what they did.

use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, OnceLock};
use std::time::Duration;

use atelier_api::Timestamp;
use atelier_api::ids::JobId;
use atelier_api::v1::jobs::{Job as Wire, JobState};
use atelier_db::{Db, sqlx};
use atelier_policy::Policy;
use atelier_server::app::{App, AppParts};
use atelier_server::ctx::{Clock, Ctx};
use atelier_server::gateway::Gateway;
use atelier_server::jobs::{self, Job, JobEnd, JobError, JobOptions, JobRun};
use atelier_server::nodes::Nodes;
use atelier_server::secrets::Secrets;
use atelier_server::templates::Templates;
use atelier_server::{Config, Error, Result};
use atelier_testkit::TestDb;
use serde::{Deserialize, Serialize};
use tokio::sync::{Semaphore, watch};

/// 2026-01-01T00:00:00Z.
pub(super) const BEGIN: Timestamp = Timestamp(1_767_225_600_000);

/// One database, and what stands on it: a process of the control plane, as far as jobs go.
#[derive(Debug)]
pub(super) struct Stage {
    pub(super) app: App,
    pub(super) clock: Clock,
    pub(super) board: Board,
    pub(super) test: TestDb,
}

impl Stage {
    /// With the engine running.
    pub(super) async fn new() -> Self {
        let stage = Self::before_start().await;
        jobs::start(&stage.app);
        stage
    }

    /// With the engine not yet started.
    pub(super) async fn before_start() -> Self {
        let test = TestDb::new().await;
        let clock = Clock::manual(BEGIN);
        let app = app_on(test.db().clone(), clock.clone());
        Self {
            app,
            clock,
            board: Board::new(),
            test,
        }
    }

    /// Enqueues a job in a transaction of its own.
    pub(super) async fn enqueue<J: Job>(&self, job: &J, options: JobOptions) -> JobId {
        enqueue(&self.app, job, options).await
    }

    /// A job for the board.
    pub(super) fn play(&self, name: &str, act: Act) -> Play {
        self.board.play(name, act)
    }

    /// Moves the clock and lets the engine look at it.
    pub(super) async fn advance(&self, by: Duration) {
        self.clock.advance(by.as_millis().try_into().unwrap());
        self.settle().await;
    }

    /// Waits until nothing runs or is due.
    pub(super) async fn settle(&self) {
        self.app.jobs().wake();
        jobs::settle(&self.app).await.unwrap();
    }

    /// The jobs that have not ended.
    pub(super) async fn left(&self) -> Vec<Wire> {
        jobs::leftovers(&self.app).await.unwrap()
    }

    /// The one job that has not ended.
    pub(super) async fn only_left(&self) -> Wire {
        let mut left = self.left().await;
        assert_eq!(left.len(), 1, "{left:#?}");
        left.remove(0)
    }

    /// State, attempts and reason as they are stored.
    pub(super) async fn stored(&self, id: JobId) -> (String, i64, Option<String>) {
        let mut conn = self.test.db().read().await.unwrap();
        sqlx::query_as("SELECT state, attempts, reason FROM jobs WHERE id = $1")
            .bind(id.to_string())
            .fetch_one(&mut *conn)
            .await
            .unwrap()
    }

    /// Does something to the table behind the engine's back.
    pub(super) async fn tamper(&self, sql: &'static str) {
        let mut tx = self.test.db().begin().await.unwrap();
        sqlx::query(sql).execute(&mut *tx).await.unwrap();
        tx.commit().await.unwrap();
    }
}

impl Drop for Stage {
    fn drop(&mut self) {
        self.app.tasks().stopping().cancel();
    }
}

/// A control plane with all kinds of this file.
pub(super) fn app_on(db: Db, clock: Clock) -> App {
    let app = App::new(AppParts {
        config: Config::default(),
        policy: Policy::default(),
        db,
        clock,
        nodes: Nodes::new(None),
        templates: Templates::default(),
        gateway: Gateway::new(&[7; 32], ""),
        secrets: Secrets::new(&[7; 32]),
    });
    jobs::register::<Play>(&app);
    jobs::register::<Single>(&app);
    jobs::register::<Twice>(&app);
    jobs::register::<Hasty>(&app);
    app
}

/// Enqueues a job in a transaction of its own.
pub(super) async fn enqueue<J: Job>(app: &App, job: &J, options: JobOptions) -> JobId {
    let mut tx = Ctx::system(app, "test").begin().await.unwrap();
    let id = tx.enqueue(job, options).await.unwrap();
    tx.commit().await.unwrap();
    id
}

/// What a job does.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) enum Act {
    Succeed,
    /// Fails so many times, then succeeds.
    Fail(u32),
    /// Lacks what it needs so many times, then succeeds.
    NotYet(usize),
    Fatal,
    Panic,
    /// Begins, and waits until the board lets one go.
    Wait,
    /// Fails for good, and its hook fails so many times.
    HookFails(u32),
    /// Fails for good, and its hook panics the first time.
    HookPanics,
}

/// An ordinary scripted job.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Play {
    board: u64,
    name: String,
    act: Act,
}

/// One of which a process runs one at a time.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Single(pub(super) Play);

/// One with two attempts.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Twice(pub(super) Play);

/// One whose attempts may take a moment only.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Hasty(pub(super) Play);

impl Job for Play {
    const KIND: &'static str = "test_play";

    async fn run(self, _ctx: Ctx, run: JobRun) -> Result<(), JobError> {
        self.act(run).await
    }

    async fn ended(self, _ctx: Ctx, end: JobEnd) -> Result<()> {
        self.hook(&end)
    }
}

impl Job for Single {
    const KIND: &'static str = "test_single";
    const CONCURRENCY_MAX: usize = 1;

    async fn run(self, _ctx: Ctx, run: JobRun) -> Result<(), JobError> {
        self.0.act(run).await
    }
}

impl Job for Twice {
    const KIND: &'static str = "test_twice";
    const ATTEMPTS_MAX: u32 = 2;

    async fn run(self, _ctx: Ctx, run: JobRun) -> Result<(), JobError> {
        self.0.act(run).await
    }

    async fn ended(self, _ctx: Ctx, end: JobEnd) -> Result<()> {
        self.0.hook(&end)
    }
}

impl Job for Hasty {
    const KIND: &'static str = "test_hasty";
    const TIMEOUT: Duration = Duration::from_millis(20);

    async fn run(self, _ctx: Ctx, run: JobRun) -> Result<(), JobError> {
        self.0.act(run).await
    }
}

impl Play {
    async fn act(self, run: JobRun) -> Result<(), JobError> {
        let board = Board::of(self.board);
        let guard = Presence::enter(&board, &self.name, run.attempt);
        match self.act {
            Act::Succeed => {}
            Act::Fail(times) if run.attempt <= times => {
                guard.leave("failed");
                return Err(Error::unavailable(format!("{} stumbled.", self.name)).into());
            }
            Act::Fail(_) => {}
            Act::NotYet(times) if board.count(&format!("{} began", self.name)) <= times => {
                guard.leave("waits");
                let error = Error::unavailable(format!("{} waits for the post.", self.name));
                return Err(JobError::NotYet(error));
            }
            Act::NotYet(_) => {}
            Act::Fatal | Act::HookFails(_) | Act::HookPanics => {
                guard.leave("failed");
                let error = Error::conflict(format!("{} cannot be done.", self.name));
                return Err(JobError::Fatal(error));
            }
            Act::Panic => panic!("{} panics", self.name),
            Act::Wait => board.0.gate.acquire().await.unwrap().forget(),
        }
        guard.leave("done");
        Ok(())
    }

    fn hook(&self, end: &JobEnd) -> Result<()> {
        let board = Board::of(self.board);
        board.write(format!("{} ended {end:?}", self.name));
        let times = board.count(&format!("{} ended", self.name));
        match self.act {
            Act::HookFails(failures) if times <= failures as usize => {
                Err(Error::unavailable("The broom is missing."))
            }
            Act::HookPanics if times == 1 => panic!("the hook panics"),
            _ => Ok(()),
        }
    }
}

/// Notes the end of an attempt, also when it is dropped.
struct Presence {
    board: Board,
    name: String,
    left: bool,
}

impl Presence {
    fn enter(board: &Board, name: &str, attempt: u32) -> Self {
        let inside = board.0.inside.fetch_add(1, Ordering::SeqCst) + 1;
        board.0.most.fetch_max(inside, Ordering::SeqCst);
        board.write(format!("{name} began {attempt}"));
        Self {
            board: board.clone(),
            name: name.to_owned(),
            left: false,
        }
    }

    fn leave(mut self, how: &str) {
        self.left = true;
        self.board.write(format!("{} {how}", self.name));
    }
}

impl Drop for Presence {
    fn drop(&mut self) {
        self.board.0.inside.fetch_sub(1, Ordering::SeqCst);
        if !self.left {
            self.board.write(format!("{} dropped", self.name));
        }
    }
}

/// What jobs did. Payloads name it by a number, since nothing else survives in them.
#[derive(Debug, Clone)]
pub(super) struct Board(Arc<Inner>);

impl std::ops::Deref for Board {
    type Target = Inner;
    fn deref(&self) -> &Inner {
        &self.0
    }
}

#[derive(Debug)]
pub(super) struct Inner {
    id: u64,
    lines: watch::Sender<Vec<String>>,
    gate: Semaphore,
    inside: AtomicUsize,
    most: AtomicUsize,
}

fn boards() -> &'static Mutex<HashMap<u64, Board>> {
    static BOARDS: OnceLock<Mutex<HashMap<u64, Board>>> = OnceLock::new();
    BOARDS.get_or_init(Mutex::default)
}

impl Board {
    pub(super) fn new() -> Self {
        static NEXT: AtomicU64 = AtomicU64::new(1);
        let id = NEXT.fetch_add(1, Ordering::SeqCst);
        let board = Self(Arc::new(Inner {
            id,
            lines: watch::Sender::default(),
            gate: Semaphore::new(0),
            inside: AtomicUsize::new(0),
            most: AtomicUsize::new(0),
        }));
        boards().lock().unwrap().insert(id, board.clone());
        board
    }

    /// A job that writes on this board.
    pub(super) fn play(&self, name: &str, act: Act) -> Play {
        Play {
            board: self.id,
            name: name.to_owned(),
            act,
        }
    }

    fn of(id: u64) -> Self {
        boards().lock().unwrap()[&id].clone()
    }

    fn write(&self, line: String) {
        self.0.lines.send_modify(|lines| lines.push(line));
    }

    /// What was written, in order.
    pub(super) fn lines(&self) -> Vec<String> {
        self.0.lines.borrow().clone()
    }

    /// How many lines begin so.
    pub(super) fn count(&self, start: &str) -> usize {
        let lines = self.0.lines.borrow();
        lines.iter().filter(|line| line.starts_with(start)).count()
    }

    /// Waits until so many lines contain a text.
    pub(super) async fn wait(&self, text: &str, times: usize) {
        let mut lines = self.0.lines.subscribe();
        let seen = lines
            .wait_for(|lines| lines.iter().filter(|line| line.contains(text)).count() >= times);
        let patience = Duration::from_secs(30);
        let seen = tokio::time::timeout(patience, seen).await.is_ok();
        assert!(
            seen,
            "waited in vain for {times} × {text:?}: {:#?}",
            self.lines()
        );
    }

    /// Lets so many waiting jobs go.
    pub(super) fn release(&self, count: usize) {
        self.0.gate.add_permits(count);
    }

    /// The most attempts that were under way at once.
    pub(super) fn most_at_once(&self) -> usize {
        self.0.most.load(Ordering::SeqCst)
    }
}

/// Asserts how a job that is not done stands.
#[track_caller]
pub(super) fn assert_waits(job: &Wire, reason: &str) {
    assert_eq!(job.state, JobState::Queued, "{job:#?}");
    let actual = job.reason.as_deref().unwrap_or_default();
    assert!(
        actual.contains(reason),
        "{actual:?} does not say {reason:?}"
    );
}
