//! What is done for many at once where many ask: who comes while it is being done for others is in the next turn. One
//! who comes alone waits for nobody.

use std::sync::Arc;

use parking_lot::Mutex;
use tokio::sync::oneshot;

/// Those who ask `Q` and wait for `A`.
#[derive(Debug)]
pub(super) struct Together<Q, A>(Arc<Mutex<Line<Q, A>>>);

/// One who waits. Whoever has gone needs the answer no more.
pub(super) type Waiting<Q, A> = (Q, oneshot::Sender<A>);

#[derive(Debug)]
struct Line<Q, A> {
    /// Somebody serves, and serves on until nobody waits.
    served: bool,
    waiting: Vec<Waiting<Q, A>>,
}

impl<Q, A> Default for Line<Q, A> {
    fn default() -> Self {
        Self {
            served: false,
            waiting: Vec::new(),
        }
    }
}

impl<Q, A> Default for Together<Q, A> {
    fn default() -> Self {
        Self(Arc::default())
    }
}

impl<Q, A> Together<Q, A> {
    /// Asks. Whoever gets turns, too, has a task take them; the answer fails when that task ends before its time.
    pub(super) fn ask(&self, question: Q) -> (oneshot::Receiver<A>, Option<Turns<Q, A>>) {
        let (answer, answered) = oneshot::channel();
        let mut line = self.0.lock();
        line.waiting.push((question, answer));
        let first = !std::mem::replace(&mut line.served, true);
        let turns = first.then(|| Turns {
            line: Arc::clone(&self.0),
            ended: false,
        });
        (answered, turns)
    }
}

/// The right, and the duty, to answer those who wait.
pub(super) struct Turns<Q, A> {
    line: Arc<Mutex<Line<Q, A>>>,
    ended: bool,
}

impl<Q, A> Turns<Q, A> {
    /// Those who have waited longest, `most` of them; `None` when nobody waits, which ends it.
    pub(super) fn next(&mut self, most: usize) -> Option<Vec<Waiting<Q, A>>> {
        let mut line = self.line.lock();
        if line.waiting.is_empty() {
            (line.served, self.ended) = (false, true);
            return None;
        }
        let count = line.waiting.len().min(most);
        Some(line.waiting.drain(..count).collect())
    }
}

impl<Q, A> Drop for Turns<Q, A> {
    fn drop(&mut self) {
        if !self.ended {
            // Nobody serves any more, as at the shutdown: who waits is told, and the next one may serve.
            *self.line.lock() = Line::default();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn those_who_come_meanwhile_are_in_the_next_turn() {
        let together = Together::<u32, u32>::default();
        let (first, turns) = together.ask(1);
        let mut turns = turns.expect("the first serves");
        let turn = turns.next(9).unwrap();
        let others = [2, 3, 4].map(|number| together.ask(number));
        assert!(others.iter().all(|(_, turns)| turns.is_none()));
        let answer = |turn: Vec<Waiting<u32, u32>>| {
            let asked: Vec<u32> = turn.iter().map(|(question, _)| *question).collect();
            for (question, answer) in turn {
                let _ = answer.send(question * 10);
            }
            asked
        };
        assert_eq!(answer(turn), [1]);
        assert_eq!(answer(turns.next(2).unwrap()), [2, 3]);
        assert_eq!(answer(turns.next(2).unwrap()), [4]);
        assert!(turns.next(2).is_none());
        assert_eq!(first.await, Ok(10));
        for ((answered, _), expected) in others.into_iter().zip([20, 30, 40]) {
            assert_eq!(answered.await, Ok(expected));
        }
        assert!(together.ask(5).1.is_some(), "the next one serves");
    }

    #[tokio::test]
    async fn who_waits_is_told_when_nobody_serves_any_more() {
        let together = Together::<u32, u32>::default();
        let (waits, turns) = together.ask(1);
        drop(turns);
        assert!(waits.await.is_err());
        assert!(together.ask(2).1.is_some(), "the next one serves");
    }
}
