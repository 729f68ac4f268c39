//! What was done, and what was answered: so that nothing is done twice.

use std::collections::{HashMap, VecDeque};
use std::sync::Arc;

use atelier_api::agent::bridge::ANSWERS_MAX;

/// How much of answers is kept for a session, in bytes.
const ANSWERS_MAX_BYTES: usize = 256 * 1024;

/// What is known of an id.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Seen {
    /// Nothing: it is to be done now.
    New,
    /// It is being done.
    Pending,
    /// It was done, and answered so.
    Answered(Arc<str>),
    /// Another request had this id.
    Other,
    /// It is so old that nothing is known of it any more.
    Forgotten,
}

/// The requests of a session that are done at most once.
///
/// Invariant: an id whose answer was given up is at or below `floor`, and nothing that is not known is
/// done at or below it.
#[derive(Debug, Default)]
pub(super) struct Memory {
    known: HashMap<u64, Known>,
    /// The answered ones, in the order in which they were.
    answered: VecDeque<u64>,
    bytes: usize,
    floor: u64,
}

#[derive(Debug)]
struct Known {
    digest: u64,
    answer: Option<Arc<str>>,
}

impl Memory {
    /// What is known of an id; of a new one from now on that it is being done.
    pub(super) fn begin(&mut self, id: u64, digest: u64) -> Seen {
        match self.known.get(&id) {
            Some(known) if known.digest != digest => Seen::Other,
            Some(Known { answer: None, .. }) => Seen::Pending,
            Some(Known {
                answer: Some(answer),
                ..
            }) => Seen::Answered(Arc::clone(answer)),
            None if id <= self.floor => Seen::Forgotten,
            None => {
                let answer = None;
                self.known.insert(id, Known { digest, answer });
                Seen::New
            }
        }
    }

    /// It was done, and is answered so.
    pub(super) fn finish(&mut self, id: u64, answer: Arc<str>) {
        let Some(known) = self.known.get_mut(&id) else {
            return;
        };
        self.bytes += answer.len();
        known.answer = Some(answer);
        self.answered.push_back(id);
        while self.answered.len() > ANSWERS_MAX || self.bytes > ANSWERS_MAX_BYTES {
            let Some(oldest) = self.answered.pop_front() else {
                break;
            };
            let given_up = self.known.remove(&oldest).and_then(|known| known.answer);
            self.bytes -= given_up.map_or(0, |answer| answer.len());
            self.floor = self.floor.max(oldest);
        }
    }

    /// The answer, if there is one by now; `Forgotten` where it was given up already.
    pub(super) fn look(&self, id: u64) -> Seen {
        match self.known.get(&id) {
            Some(known) => match &known.answer {
                Some(answer) => Seen::Answered(Arc::clone(answer)),
                None => Seen::Pending,
            },
            None => Seen::Forgotten,
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_repeat_is_answered_as_the_first_was() {
        let mut memory = Memory::default();
        assert_eq!(memory.begin(1, 7), Seen::New);
        assert_eq!(memory.begin(1, 7), Seen::Pending);
        assert_eq!(memory.begin(1, 8), Seen::Other);
        memory.finish(1, "one".into());
        assert_eq!(memory.begin(1, 7), Seen::Answered("one".into()));
        assert_eq!(memory.begin(1, 8), Seen::Other);
    }

    #[test]
    fn what_is_too_old_is_refused_and_what_is_under_way_is_kept() {
        let mut memory = Memory::default();
        assert_eq!(memory.begin(1, 0), Seen::New);
        for id in 2..=ANSWERS_MAX as u64 + 3 {
            assert_eq!(memory.begin(id, 0), Seen::New);
            memory.finish(id, "x".into());
        }
        assert_eq!(memory.begin(1, 0), Seen::Pending);
        assert_eq!(memory.begin(3, 0), Seen::Forgotten);
        assert_eq!(memory.begin(4, 0), Seen::Answered("x".into()));
    }

    #[test]
    fn large_answers_make_room() {
        let mut memory = Memory::default();
        let large: Arc<str> = "x".repeat(ANSWERS_MAX_BYTES / 2).into();
        for id in 1..=3 {
            memory.begin(id, 0);
            memory.finish(id, Arc::clone(&large));
        }
        assert_eq!(memory.begin(1, 0), Seen::Forgotten);
        assert_eq!(memory.begin(3, 0), Seen::Answered(large));
        memory.begin(4, 0);
        memory.finish(4, "x".repeat(ANSWERS_MAX_BYTES + 1).into());
        assert_eq!(memory.begin(4, 0), Seen::Forgotten);
    }

    proptest! {
        /// However ids come, each is done at most once, and no answer changes.
        #[test]
        fn nothing_is_done_twice(ids in prop::collection::vec((0_u64..600, any::<bool>()), 0..2_000)) {
            let mut memory = Memory::default();
            let mut done = HashMap::new();
            for (id, finishes) in ids {
                match memory.begin(id, id) {
                    Seen::New => {
                        prop_assert!(done.insert(id, false).is_none(), "{id} was done twice");
                    }
                    Seen::Pending => prop_assert_eq!(done.get(&id), Some(&false)),
                    Seen::Answered(answer) => prop_assert_eq!(&*answer, id.to_string()),
                    Seen::Other => prop_assert!(false, "no digest differs"),
                    Seen::Forgotten => {}
                }
                if finishes && done.get(&id) == Some(&false) {
                    done.insert(id, true);
                    memory.finish(id, id.to_string().into());
                }
                prop_assert!(memory.answered.len() <= ANSWERS_MAX);
            }
        }
    }
}
