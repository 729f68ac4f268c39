//! The job engine: how many a second, and how soon one is picked up.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{LazyLock, Mutex};
use std::time::{Duration, Instant};

use atelier_server::ctx::{Clock, Ctx};
use atelier_server::jobs::{self, Job, JobError, JobOptions, JobRun};
use atelier_server::{Config, Server, ServerOptions};
use serde::{Deserialize, Serialize};

use crate::report::{Report, Samples, time};

/// How many tasks enqueue at once, each job in a transaction of its own.
const PRODUCERS: u64 = 16;

static BEGAN: LazyLock<Instant> = LazyLock::new(Instant::now);
static DONE: AtomicU64 = AtomicU64::new(0);
static PICKED: Mutex<Vec<Duration>> = Mutex::new(Vec::new());

/// A job that does nothing but say when it began.
#[derive(Debug, Serialize, Deserialize)]
struct Nothing {
    enqueued_us: u64,
}

impl Job for Nothing {
    const KIND: &'static str = "bench_nothing";

    async fn run(self, _ctx: Ctx, _run: JobRun) -> Result<(), JobError> {
        let waited = BEGAN
            .elapsed()
            .saturating_sub(Duration::from_micros(self.enqueued_us));
        PICKED.lock().expect("no holder panics").push(waited);
        DONE.fetch_add(1, Ordering::Relaxed);
        Ok(())
    }
}

async fn enqueue(ctx: &Ctx) -> anyhow::Result<()> {
    let mut tx = ctx.begin().await?;
    let enqueued_us = u64::try_from(BEGAN.elapsed().as_micros())?;
    tx.enqueue(&Nothing { enqueued_us }, JobOptions::default())
        .await?;
    Ok(tx.commit().await?)
}

/// Resolves when so many jobs are done.
async fn done(count: u64) {
    while DONE.load(Ordering::Relaxed) < count {
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
}

pub(crate) async fn measure(scale: u32, report: &mut Report) -> anyhow::Result<()> {
    LazyLock::force(&BEGAN);
    let folder = tempfile::tempdir()?;
    let mut config = Config::default();
    config.data.dir = folder.path().join("data");
    config.listen.port = 0;
    let options = ServerOptions {
        config,
        clock: Clock::system(),
        launcher: None,
    };
    let server = Server::start(options).await?;
    let ctx = Ctx::system(server.app(), "bench");
    jobs::register::<Nothing>(server.app());

    let each = 2_000 / u64::from(scale);
    let began = Instant::now();
    let mut producers = Vec::new();
    for _ in 0..PRODUCERS {
        let ctx = ctx.clone();
        producers.push(tokio::spawn(async move {
            for _ in 0..each {
                enqueue(&ctx).await?;
            }
            anyhow::Ok(())
        }));
    }
    for producer in producers {
        producer.await??;
    }
    let total = PRODUCERS * each;
    done(total).await;
    let rate = total as f64 / began.elapsed().as_secs_f64();
    report.row(
        "jobs enqueued (a transaction each) and run, SQLite",
        format!("{rate:.0}/s"),
        String::from("–"),
        "≥ 2,000/s",
        rate >= 2_000.0,
    );

    PICKED.lock().expect("no holder panics").clear();
    let paced = 2_000 / u64::from(scale);
    let mut ticks = tokio::time::interval(Duration::from_millis(5));
    for _ in 0..paced {
        ticks.tick().await;
        enqueue(&ctx).await?;
    }
    done(total + paced).await;
    let mut samples = Samples::default();
    for picked in PICKED.lock().expect("no holder panics").drain(..) {
        samples.push(picked);
    }
    let p99 = samples.quantile(0.99);
    report.row(
        "… pick-up at 200 jobs/s, p99",
        format!("{} (p50 {})", time(p99), time(samples.median())),
        String::from("–"),
        "≤ 20 ms",
        p99 <= Duration::from_millis(20),
    );
    server.app().tasks().shutdown().await;
    Ok(())
}
