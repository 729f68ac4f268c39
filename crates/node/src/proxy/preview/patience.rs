//! How long an answer is waited for.

use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use tokio::time::{Instant, Sleep};

/// How long an application may take to begin its answer: a development server may compile first.
pub(super) const ANSWER_WITHIN: Duration = Duration::from_secs(300);

/// The time that a connection's answers may take, and a tenth more at most. Its timer is the runtime's only once
/// in a while: to set one with each request would cost more than much of what else the node does for it.
#[derive(Debug)]
pub(super) struct Patience {
    within: Duration,
    sleep: Pin<Box<Sleep>>,
}

impl Patience {
    pub(super) fn new(within: Duration) -> Self {
        Self {
            within,
            sleep: Box::pin(tokio::time::sleep(within + within / 10)),
        }
    }

    /// Begins anew.
    pub(super) fn renew(&mut self) {
        let least = Instant::now() + self.within;
        if self.sleep.deadline() < least {
            self.sleep.as_mut().reset(least + self.within / 10);
        }
    }

    /// Ready when it is at its end.
    pub(super) fn poll(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        self.sleep.as_mut().poll(cx)
    }
}

#[cfg(test)]
mod tests {
    use std::future::poll_fn;

    use super::*;

    #[tokio::test]
    async fn every_request_has_its_time_and_little_more() {
        let within = Duration::from_millis(200);
        let mut patience = Patience::new(within);
        for idle in [0, 5, 30, 300] {
            tokio::time::sleep(Duration::from_millis(idle)).await;
            let before = Instant::now();
            patience.renew();
            let (least, most) = (before + within, Instant::now() + within + within / 10);
            let end = patience.sleep.deadline();
            assert!(end >= least && end <= most, "after {idle} ms");
        }
        poll_fn(|cx| patience.poll(cx)).await;
    }
}
