//! What is on its way to a viewer.

use std::collections::VecDeque;
use std::sync::Arc;

use parking_lot::Mutex;
use tokio::sync::Notify;

use super::mux::Urgency;
use crate::websocket::Closing;

/// How much may wait for a viewer, in bytes; beyond it the viewer is cut off and comes anew.
const BYTES_MAX: usize = 16 * 1024 * 1024;

/// How many messages may wait.
const MESSAGES_MAX: usize = 4096;

/// How many may wait before what can be left out is left out.
const SPARE_MAX: usize = 64;

/// 1013, “try again later”: the viewer takes messages too slowly.
const SLOW: u16 = 1013;

#[derive(Debug, Default)]
pub(super) struct Outbox {
    queue: Mutex<Queue>,
    pub(super) wake: Notify,
}

#[derive(Debug, Default)]
struct Queue {
    messages: VecDeque<(Option<String>, Arc<str>)>,
    bytes: usize,
    closing: Option<Closing>,
}

impl Outbox {
    /// Adds a message.
    pub(super) fn push(&self, urgency: Urgency, text: Arc<str>) {
        let mut queue = self.queue.lock();
        if queue.closing.is_some() {
            return;
        }
        let key = match urgency {
            Urgency::Needed => None,
            Urgency::Spare if queue.messages.len() >= SPARE_MAX => return,
            Urgency::Spare => None,
            Urgency::Replaced(key) => {
                let same = |message: &(Option<String>, _)| message.0.as_ref() == Some(&key);
                let index = queue.messages.iter().position(same);
                if let Some((_, old)) = index.and_then(|index| queue.messages.remove(index)) {
                    queue.bytes -= old.len();
                }
                Some(key)
            }
        };
        queue.bytes += text.len();
        queue.messages.push_back((key, text));
        if queue.bytes > BYTES_MAX || queue.messages.len() > MESSAGES_MAX {
            queue.messages.clear();
            queue.bytes = 0;
            queue.closing = Some(Closing::new(
                SLOW,
                "Messages were taken too slowly. Attach again: documents are opened anew.",
            ));
        }
        drop(queue);
        self.wake.notify_one();
    }

    /// Ends the connection, after what waits.
    pub(super) fn close(&self, closing: Closing) {
        self.queue.lock().closing.get_or_insert(closing);
        self.wake.notify_one();
    }

    /// The next message; or why there will be none.
    pub(super) fn next(&self) -> Result<Option<Arc<str>>, Closing> {
        let mut queue = self.queue.lock();
        if let Some((_, text)) = queue.messages.pop_front() {
            queue.bytes -= text.len();
            return Ok(Some(text));
        }
        match &queue.closing {
            Some(closing) => Err(closing.clone()),
            None => Ok(None),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slow_viewer_costs_no_more_than_the_bound() {
        let outbox = Outbox::default();
        for count in 0..SPARE_MAX + 10 {
            outbox.push(Urgency::Replaced("a.ts".into()), format!("{count}").into());
        }
        assert_eq!(outbox.next().expect("open").as_deref(), Some("73"));
        assert_eq!(outbox.next().expect("open"), None);
        for _ in 0..1000 {
            outbox.push(Urgency::Spare, "spare".into());
        }
        assert_eq!(outbox.queue.lock().messages.len(), SPARE_MAX);
        let mebibyte: Arc<str> = "x".repeat(1024 * 1024).into();
        for _ in 0..20 {
            outbox.push(Urgency::Needed, Arc::clone(&mebibyte));
        }
        assert_eq!(outbox.next().expect_err("cut off").code, SLOW);
    }
}
