//! Telemetry: what the machine measures of itself, kept for a week and passed on as it is taken.

mod kernel;
mod sampler;
mod store;

use std::io;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use atelier_api::node::{TELEMETRY_LIMIT_MAX, TelemetryList, TelemetryQuery, TelemetrySample};
use axum::body::Body;
use futures_util::stream::unfold;
use parking_lot::Mutex;
use tokio::sync::watch;
use tokio::time::MissedTickBehavior;

use self::sampler::Sampler;
use self::store::Store;
use crate::Clock;
use crate::drivers::host::blocking;
use crate::error::NodeError;
use crate::proxy::Pipes;
use crate::workspaces::Workspaces;

/// Measures, keeps and tells.
#[derive(Debug)]
pub(crate) struct Telemetry {
    clock: Clock,
    store: Arc<Mutex<Store>>,
    latest: watch::Sender<Option<Arc<TelemetrySample>>>,
}

impl Telemetry {
    /// Keeps measurements below `data_dir`, and takes one `every` so often, if at all.
    pub(crate) fn open(
        data_dir: &Path,
        every: Option<Duration>,
        clock: Clock,
        workspaces: &Arc<Workspaces>,
        pipes: &Pipes,
    ) -> io::Result<Arc<Self>> {
        let telemetry = Arc::new(Self {
            clock: clock.clone(),
            store: Arc::new(Mutex::new(Store::open(&data_dir.join("telemetry"))?)),
            latest: watch::Sender::new(None),
        });
        if let Some(every) = every {
            let (measuring, workspaces) = (Arc::clone(&telemetry), Arc::clone(workspaces));
            let shutdown = pipes.shutdown.clone();
            pipes.tasks.spawn(async move {
                let measure = measuring.measure(every, clock, &workspaces);
                tokio::select! {
                    () = measure => {}
                    () = shutdown.cancelled() => {}
                }
            });
        }
        Ok(telemetry)
    }

    async fn measure(&self, every: Duration, clock: Clock, workspaces: &Workspaces) {
        let sampler = Arc::new(Mutex::new(Sampler::default()));
        let mut ticks = tokio::time::interval(every);
        ticks.set_missed_tick_behavior(MissedTickBehavior::Skip);
        let mut failing = false;
        loop {
            ticks.tick().await;
            let used = workspaces.used();
            let (sampler, store) = (Arc::clone(&sampler), Arc::clone(&self.store));
            let now = clock.now();
            let measured = blocking(move || {
                let Some(mut sample) = sampler.lock().sample(used) else {
                    return Ok(None);
                };
                let written = store.lock().append(now, &mut sample);
                Ok(Some((Arc::new(sample), written)))
            });
            let (sample, written) = match measured.await {
                Ok(Some(measured)) => measured,
                Ok(None) => continue,
                Err(error) => {
                    tracing::error!(%error, "a measurement was broken off");
                    continue;
                }
            };
            // Said once: a full disk stays full for a while.
            match written {
                Ok(()) => failing = false,
                Err(error) if !failing => {
                    failing = true;
                    tracing::warn!(%error, "measurements cannot be kept; they are only passed on");
                }
                Err(_) => {}
            }
            self.latest.send_replace(Some(sample));
        }
    }

    /// Changes with each measurement.
    pub(crate) fn latest(&self) -> watch::Receiver<Option<Arc<TelemetrySample>>> {
        self.latest.subscribe()
    }

    /// What was kept.
    pub(crate) async fn list(&self, query: TelemetryQuery) -> Result<TelemetryList, NodeError> {
        let limit = query.limit.unwrap_or(TELEMETRY_LIMIT_MAX);
        let limit = limit.clamp(1, TELEMETRY_LIMIT_MAX) as usize;
        let store = self.store.lock().reader();
        let mut list = blocking(move || store.list(query.after, limit))
            .await
            .map_err(|error| NodeError::storage("reading its measurements", error))?;
        list.now = Some(self.clock.now());
        Ok(list)
    }

    /// The latest measurement and each from now on, a line of JSON each, until the node shuts down.
    pub(crate) fn live(&self, pipes: &Pipes) -> Body {
        let mut latest = self.latest();
        latest.mark_changed();
        let state = (latest, pipes.shutdown.clone());
        let lines = unfold(state, |(mut latest, shutdown)| async move {
            loop {
                tokio::select! {
                    changed = latest.changed() => changed.ok()?,
                    () = shutdown.cancelled() => return None,
                }
                let sample = latest.borrow_and_update().clone();
                if let Some(sample) = sample {
                    let mut line = serde_json::to_vec(&*sample).expect("a sample is plain data");
                    line.push(b'\n');
                    return Some((Ok::<_, io::Error>(line), (latest, shutdown)));
                }
            }
        });
        Body::from_stream(lines)
    }
}
