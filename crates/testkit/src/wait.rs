//! Waiting on conditions.

use std::future::Future;
use std::time::Duration;

/// How long a condition may take on a busy machine before the test has failed.
const PATIENCE: Duration = Duration::from_secs(30);

/// How often a condition is asked.
const POLL_EVERY: Duration = Duration::from_millis(5);

/// Waits until `condition` holds; `status` says what is awaited when it never does.
///
/// # Panics
/// When it does not hold within 30 s.
pub async fn wait_until<F: Future<Output = bool>>(status: &str, mut condition: impl FnMut() -> F) {
    wait_for(status, || {
        let holds = condition();
        async { holds.await.then_some(()) }
    })
    .await;
}

/// Waits until `probe` finds something, and gives it back.
///
/// # Panics
/// When it finds nothing within 30 s.
pub async fn wait_for<T, F: Future<Output = Option<T>>>(
    status: &str,
    mut probe: impl FnMut() -> F,
) -> T {
    let polling = async {
        loop {
            if let Some(found) = probe().await {
                return found;
            }
            tokio::time::sleep(POLL_EVERY).await;
        }
    };
    let found = tokio::time::timeout(PATIENCE, polling).await;
    found.unwrap_or_else(|_| panic!("waited {} s in vain: {status}", PATIENCE.as_secs()))
}
