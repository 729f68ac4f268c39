//! The bus within the process.

use std::collections::{HashMap, VecDeque};
use std::sync::{Arc, OnceLock};

use atelier_api::Timestamp;
use atelier_api::ids::{AccountId, OrganizationId};
use atelier_api::v1::events::{Event, EventBody, EventServerMessage};
use parking_lot::Mutex;
use rand::RngExt as _;
use tokio::sync::watch;

/// How many events are kept for those who come back: minutes of a busy server. An event is about
/// 1 KiB.
const HISTORY_MAX: usize = 4_096;

/// How many watchers one account may have: tabs, and tools.
const WATCHERS_MAX: usize = 100;

/// The in-process bus. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Bus(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    epoch: String,
    history: Mutex<VecDeque<Arc<Published>>>,
    /// The number of the newest event, from 1; 0 before the first.
    newest: watch::Sender<u64>,
    watchers: Mutex<HashMap<AccountId, usize>>,
}

/// An event with its text, which is made once for all watchers.
#[derive(Debug)]
pub(super) struct Published {
    pub(super) event: Event,
    text: OnceLock<String>,
}

impl Published {
    /// The message for the wire.
    pub(super) fn text(&self) -> &str {
        self.text.get_or_init(|| {
            let message = EventServerMessage::Event(self.event.clone());
            serde_json::to_string(&message).expect("an event is plain data")
        })
    }
}

impl Default for Bus {
    fn default() -> Self {
        Self::with_history(HISTORY_MAX)
    }
}

impl Bus {
    pub(super) fn with_history(max: usize) -> Self {
        let epoch: u64 = rand::rng().random();
        Self(Arc::new(Inner {
            epoch: format!("{epoch:016x}"),
            history: Mutex::new(VecDeque::with_capacity(max)),
            newest: watch::Sender::new(0),
            watchers: Mutex::new(HashMap::new()),
        }))
    }

    /// Tells the news to all subscribers. Never blocks: who falls behind is told so.
    pub fn publish(&self, at: Timestamp, organization: OrganizationId, body: EventBody) {
        let mut history = self.0.history.lock();
        let sequence = *self.0.newest.borrow() + 1;
        if history.len() == history.capacity() {
            history.pop_front();
        }
        history.push_back(Arc::new(Published {
            event: Event {
                sequence,
                at,
                organization_id: organization,
                body,
            },
            text: OnceLock::new(),
        }));
        // Under the lock, so that a number is never told before its event is there.
        self.0.newest.send_replace(sequence);
    }

    /// Tells this start of the server from others: numbers of another epoch mean nothing.
    pub(super) fn epoch(&self) -> &str {
        &self.0.epoch
    }

    /// The number of the newest event; 0 before the first.
    pub(super) fn newest(&self) -> u64 {
        *self.0.newest.borrow()
    }

    /// A cursor that continues after an event, if all that followed it is still held.
    pub(super) fn after(&self, sequence: u64) -> Option<Cursor> {
        let history = self.0.history.lock();
        let oldest = history.front().map_or(1, |first| first.event.sequence);
        (oldest - 1..=self.newest())
            .contains(&sequence)
            .then(|| self.cursor(sequence))
    }

    /// A cursor at the end.
    pub(super) fn at_end(&self) -> Cursor {
        self.cursor(self.newest())
    }

    fn cursor(&self, after: u64) -> Cursor {
        Cursor {
            bus: self.clone(),
            after,
            changes: self.0.newest.subscribe(),
        }
    }

    /// Counts a watcher of an account for as long as the answer lives; none beyond the limit.
    pub(super) fn admit(&self, account: AccountId) -> Option<Admission> {
        let mut watchers = self.0.watchers.lock();
        let count = watchers.entry(account).or_insert(0);
        if *count >= WATCHERS_MAX {
            return None;
        }
        *count += 1;
        Some(Admission {
            bus: self.clone(),
            account,
        })
    }
}

/// A watcher that counts.
#[derive(Debug)]
pub(super) struct Admission {
    bus: Bus,
    account: AccountId,
}

impl Drop for Admission {
    fn drop(&mut self) {
        let mut watchers = self.bus.0.watchers.lock();
        if let Some(count) = watchers.get_mut(&self.account) {
            *count -= 1;
            if *count == 0 {
                watchers.remove(&self.account);
            }
        }
    }
}

/// A place in the stream of events.
#[derive(Debug)]
pub(super) struct Cursor {
    bus: Bus,
    after: u64,
    changes: watch::Receiver<u64>,
}

/// What a cursor finds.
#[derive(Debug, Clone)]
pub(super) enum Found {
    Event(Arc<Published>),
    /// The history no longer reaches back to the cursor, which now stands after this number.
    Dropped(u64),
}

impl Cursor {
    /// The number after which it stands.
    pub(super) fn position(&self) -> u64 {
        self.after
    }

    /// The next one that is there, if any.
    pub(super) fn advance(&mut self) -> Option<Found> {
        let history = self.bus.0.history.lock();
        let newest = history.back()?.event.sequence;
        if self.after >= newest {
            return None;
        }
        let oldest = history.front()?.event.sequence;
        if self.after + 1 < oldest {
            self.after = newest;
            return Some(Found::Dropped(newest));
        }
        let index = usize::try_from(self.after + 1 - oldest).ok()?;
        let found = Arc::clone(history.get(index)?);
        self.after = found.event.sequence;
        Some(Found::Event(found))
    }

    /// Resolves when [`Cursor::advance`] finds something.
    pub(super) async fn ready(&mut self) {
        let after = self.after;
        // The sender lives in the bus that the cursor holds.
        let _ = self.changes.wait_for(|newest| *newest > after).await;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use uuid::Uuid;

    fn organization() -> OrganizationId {
        OrganizationId::from_uuid(Uuid::from_u128(1))
    }

    fn publish(bus: &Bus, count: usize) {
        for _ in 0..count {
            bus.publish(Timestamp(0), organization(), EventBody::OrganizationChanged);
        }
    }

    fn sequence(found: Option<Found>) -> u64 {
        match found {
            Some(Found::Event(published)) => published.event.sequence,
            other => panic!("{other:?}"),
        }
    }

    #[tokio::test]
    async fn every_cursor_sees_every_event_in_order() {
        let bus = Bus::with_history(16);
        let mut early = bus.at_end();
        publish(&bus, 3);
        let mut late = bus.at_end();
        publish(&bus, 2);
        for expected in 1..=5 {
            early.ready().await;
            assert_eq!(sequence(early.advance()), expected);
        }
        assert!(early.advance().is_none());
        assert_eq!(sequence(late.advance()), 4);
        assert_eq!(sequence(late.advance()), 5);
        assert!(late.advance().is_none());
    }

    #[test]
    fn whoever_falls_behind_the_history_is_told_and_goes_on_at_its_end() {
        let bus = Bus::with_history(16);
        let mut cursor = bus.at_end();
        publish(&bus, 17);
        assert!(matches!(cursor.advance(), Some(Found::Dropped(17))));
        assert!(cursor.advance().is_none());
        publish(&bus, 1);
        assert_eq!(sequence(cursor.advance()), 18);
    }

    #[test]
    fn the_history_is_bounded_and_reaches_exactly_that_far_back() {
        let bus = Bus::with_history(16);
        publish(&bus, 20);
        assert_eq!(bus.0.history.lock().len(), 16);
        // 5 is the oldest that is held.
        assert!(bus.after(3).is_none());
        assert_eq!(sequence(bus.after(4).unwrap().advance()), 5);
        assert!(bus.after(20).unwrap().advance().is_none());
        assert!(bus.after(21).is_none());
        assert!(bus.after(u64::MAX).is_none());
    }

    #[test]
    fn nothing_is_missed_before_the_first_event() {
        let bus = Bus::with_history(16);
        let mut cursor = bus.after(0).unwrap();
        assert!(cursor.advance().is_none());
        publish(&bus, 1);
        assert_eq!(sequence(cursor.advance()), 1);
        assert!(bus.after(1).is_some());
    }

    #[tokio::test(flavor = "multi_thread", worker_threads = 4)]
    async fn publishers_at_once_leave_no_gap() {
        let bus = Bus::default();
        let mut cursor = bus.at_end();
        let publishers = (0..8).map(|_| {
            let bus = bus.clone();
            tokio::spawn(async move { publish(&bus, 500) })
        });
        let publishers: Vec<_> = publishers.collect();
        for expected in 1..=4_000 {
            cursor.ready().await;
            assert_eq!(sequence(cursor.advance()), expected);
        }
        for publisher in publishers {
            publisher.await.unwrap();
        }
    }

    #[test]
    fn an_account_has_so_many_watchers_and_no_more() {
        let bus = Bus::default();
        let account = AccountId::from_uuid(Uuid::from_u128(1));
        let other = AccountId::from_uuid(Uuid::from_u128(2));
        let mut admitted: Vec<_> = (0..WATCHERS_MAX)
            .map(|_| bus.admit(account).unwrap())
            .collect();
        assert!(bus.admit(account).is_none());
        assert!(bus.admit(other).is_some());
        admitted.pop();
        assert!(bus.admit(account).is_some());
        admitted.clear();
        assert!(bus.0.watchers.lock().is_empty());
    }

    #[test]
    fn each_start_has_an_epoch_of_its_own() {
        assert_ne!(Bus::default().epoch(), Bus::default().epoch());
    }
}
