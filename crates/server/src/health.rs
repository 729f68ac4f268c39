//! `/healthz` (the process lives), `/readyz` (it can serve), `/metrics` (Prometheus text format).

use std::sync::OnceLock;
use std::time::Duration;

use axum::extract::State;
use axum::response::IntoResponse;
use http::StatusCode;
use metrics_exporter_prometheus::{PrometheusBuilder, PrometheusHandle};

use crate::app::App;
use crate::error::{Error, Result};

/// How long the database may take to answer before the server is not ready.
const READY_TIMEOUT: Duration = Duration::from_secs(2);

/// The upper bounds of the histograms' buckets, in seconds: from an answer out of memory to a timeout.
const SECONDS: [f64; 11] = [
    0.001, 0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1.0, 5.0, 30.0,
];

/// The recorder is the process's, whichever server of it (a test starts many) asks first.
fn recorder() -> &'static PrometheusHandle {
    static RECORDER: OnceLock<PrometheusHandle> = OnceLock::new();
    RECORDER.get_or_init(|| {
        let recorder = PrometheusBuilder::new()
            .set_buckets(&SECONDS)
            .expect("the list of buckets is not empty")
            .build_recorder();
        let handle = recorder.handle();
        if metrics::set_global_recorder(recorder).is_err() {
            tracing::warn!("another metrics recorder is installed; /metrics stays empty");
        }
        handle
    })
}

/// Begins to record metrics.
pub(crate) fn install() {
    recorder();
}

/// Folds what the histograms have gathered, so that it does not grow while nobody asks.
pub(crate) fn upkeep() {
    recorder().run_upkeep();
}

pub(crate) async fn healthz() -> &'static str {
    "ok\n"
}

pub(crate) async fn readyz(State(app): State<App>) -> Result<&'static str> {
    match tokio::time::timeout(READY_TIMEOUT, app.db().ping()).await {
        Ok(Ok(())) if !app.tasks().stopping().is_cancelled() => Ok("ready\n"),
        Ok(Ok(())) => Err(Error::unavailable("The server is shutting down.")),
        Ok(Err(error)) => Err(error.into()),
        Err(_) => Err(Error::unavailable("The database does not answer in time.")),
    }
}

pub(crate) async fn metrics() -> impl IntoResponse {
    let handle = recorder();
    handle.run_upkeep();
    (
        StatusCode::OK,
        [("content-type", "text/plain; version=0.0.4")],
        handle.render(),
    )
}
