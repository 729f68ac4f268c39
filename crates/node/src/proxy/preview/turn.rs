//! Futures that are polled together, in one task, and wake each other.

use std::sync::Arc;
use std::sync::atomic::{AtomicU8, Ordering};
use std::task::{Context, Poll, Wake, Waker};

use futures_util::task::AtomicWaker;

/// How often the futures are polled again for one another before the task gives way.
const ROUNDS: u32 = 16;

/// Nobody polls: whoever wakes, wakes the task.
const WAITING: u8 = 0;
/// The futures are being polled.
const POLLING: u8 = 1;
/// Meanwhile one of them was woken.
const WOKEN: u8 = 2;

/// Spares a task from being woken by futures that it is polling just then. A runtime would poll it once
/// more, or hand it to another thread, for what a second look at the same place shows.
#[derive(Debug, Default)]
pub(super) struct Turn(Arc<Shared>);

#[derive(Debug, Default)]
struct Shared {
    state: AtomicU8,
    task: AtomicWaker,
}

impl Turn {
    /// Polls, and again as long as something was woken by it.
    pub(super) fn take<T>(
        &self,
        cx: &mut Context<'_>,
        mut poll: impl FnMut(&mut Context<'_>) -> Poll<T>,
    ) -> Poll<T> {
        let Self(shared) = self;
        shared.task.register(cx.waker());
        let waker = Waker::from(Arc::clone(shared));
        let mut own = Context::from_waker(&waker);
        for _ in 0..ROUNDS {
            shared.state.store(POLLING, Ordering::SeqCst);
            if let Poll::Ready(ready) = poll(&mut own) {
                shared.state.store(WAITING, Ordering::SeqCst);
                return Poll::Ready(ready);
            }
            let slept =
                shared
                    .state
                    .compare_exchange(POLLING, WAITING, Ordering::SeqCst, Ordering::SeqCst);
            if slept.is_ok() {
                return Poll::Pending;
            }
        }
        shared.state.store(WAITING, Ordering::SeqCst);
        cx.waker().wake_by_ref();
        Poll::Pending
    }
}

impl Wake for Shared {
    fn wake(self: Arc<Self>) {
        self.wake_by_ref();
    }

    fn wake_by_ref(self: &Arc<Self>) {
        let noted = self
            .state
            .fetch_update(Ordering::SeqCst, Ordering::SeqCst, |state| {
                (state != WAITING).then_some(WOKEN)
            });
        if noted.is_err() {
            self.task.wake();
        }
    }
}

#[cfg(test)]
mod tests {
    use std::future::poll_fn;

    use super::*;

    #[tokio::test]
    async fn what_is_woken_meanwhile_is_polled_again_in_the_same_turn() {
        let turn = Turn::default();
        let (mut outer, mut inner) = (0, 0);
        poll_fn(|cx| {
            outer += 1;
            turn.take(cx, |cx| {
                inner += 1;
                if inner == 3 {
                    return Poll::Ready(());
                }
                cx.waker().wake_by_ref();
                Poll::Pending
            })
        })
        .await;
        assert_eq!((outer, inner), (1, 3));
    }

    #[tokio::test]
    async fn what_never_rests_lets_others_have_their_turn() {
        let turn = Turn::default();
        let (mut outer, mut inner) = (0, 0);
        poll_fn(|cx| {
            outer += 1;
            turn.take(cx, |cx| {
                inner += 1;
                cx.waker().wake_by_ref();
                if inner > ROUNDS {
                    Poll::Ready(())
                } else {
                    Poll::Pending
                }
            })
        })
        .await;
        assert_eq!((outer, inner), (2, ROUNDS + 1));
    }

    #[tokio::test]
    async fn what_is_woken_later_wakes_the_task() {
        let turn = Turn::default();
        let (tell, mut told) = tokio::sync::oneshot::channel::<u8>();
        let waiting = tokio::spawn(async move {
            poll_fn(|cx| turn.take(cx, |cx| std::pin::Pin::new(&mut told).poll(cx))).await
        });
        tokio::task::yield_now().await;
        tell.send(7).unwrap();
        assert_eq!(waiting.await.unwrap(), Ok(7));
    }
}
