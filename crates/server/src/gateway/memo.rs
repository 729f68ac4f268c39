//! What was worked out from a text that comes with every request of a browser.

use std::collections::HashMap;

use parking_lot::RwLock;

/// How many texts are remembered. When there are more, all are forgotten and worked out anew.
const TEXTS_MAX: usize = 10_000;

/// What texts were found to say. Only what says something is remembered.
#[derive(Debug)]
pub(super) struct Memo<T>(RwLock<HashMap<Box<str>, T>>);

impl<T> Default for Memo<T> {
    fn default() -> Self {
        Self(RwLock::default())
    }
}

impl<T: Copy> Memo<T> {
    /// What a text says, which `find` knows where it is not remembered.
    pub(super) fn get_or(&self, text: &str, find: impl FnOnce() -> Option<T>) -> Option<T> {
        if let Some(known) = self.0.read().get(text) {
            return Some(*known);
        }
        let found = find()?;
        let mut texts = self.0.write();
        if texts.len() >= TEXTS_MAX {
            texts.clear();
        }
        texts.insert(text.into(), found);
        Some(found)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_says_something_is_worked_out_once() {
        let memo = Memo::default();
        assert_eq!(memo.get_or("a", || None), None);
        assert_eq!(memo.get_or("a", || Some(1)), Some(1));
        assert_eq!(memo.get_or("a", || unreachable!()), Some(1));
        assert_eq!(memo.get_or("b", || Some(2)), Some(2));
    }

    #[test]
    fn no_more_is_remembered_than_has_room() {
        let memo = Memo::default();
        for number in 0..=TEXTS_MAX {
            memo.get_or(&number.to_string(), || Some(number));
        }
        assert_eq!(memo.0.read().len(), 1);
    }
}
