//! What a server says that it is busy with: work done progress (LSP 3.17, `$/progress`).

use std::borrow::Cow;

use atelier_api::agent::languages::LanguageWork;
use serde::Deserialize;
use serde_json::Value;

use super::{Mux, Out};
use crate::languages::message::Message;

/// So many works of a server are known at once; of more, nothing is shown.
pub(super) const WORKS_MAX: usize = 32;

/// The longest title that is kept, in characters.
const TITLE_MAX: usize = 80;

#[derive(Deserialize)]
struct Progress<'a> {
    token: Value,
    #[serde(borrow)]
    value: Step<'a>,
}

#[derive(Deserialize)]
struct Step<'a> {
    #[serde(borrow)]
    kind: Cow<'a, str>,
    #[serde(borrow, default)]
    title: Option<Cow<'a, str>>,
    /// From 0 to 100; servers also send fractions.
    #[serde(default)]
    percentage: Option<f64>,
}

/// The works that have begun and not ended, in the order in which they began.
#[derive(Debug, Default)]
pub(super) struct Works(Vec<(Value, LanguageWork)>);

impl Works {
    /// The work that began first of those that are under way.
    fn shown(&self) -> Option<&LanguageWork> {
        self.0.first().map(|(_, work)| work)
    }

    fn follow(&mut self, Progress { token, value }: Progress<'_>) {
        let at = self.0.iter().position(|(known, _)| *known == token);
        match (value.kind.as_ref(), at) {
            ("end", Some(at)) => {
                self.0.remove(at);
            }
            ("report", Some(at)) => {
                let percentage = value.percentage.map(percent);
                let work = &mut self.0[at].1;
                work.percentage = percentage.or(work.percentage);
            }
            ("begin", at) => {
                if let Some(at) = at {
                    self.0.remove(at);
                }
                if self.0.len() < WORKS_MAX {
                    let title = value.title.unwrap_or_default();
                    let work = LanguageWork {
                        title: title.chars().take(TITLE_MAX).collect(),
                        percentage: value.percentage.map(percent),
                    };
                    self.0.push((token, work));
                }
            }
            _ => {}
        }
    }
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "it is within the type's bounds, and what is no number becomes 0"
)]
fn percent(value: f64) -> u8 {
    value.clamp(0.0, 100.0) as u8
}

impl Mux {
    /// What the server is busy with.
    pub(in crate::languages) fn work(&self) -> Option<&LanguageWork> {
        self.works.shown()
    }

    /// The server says how far a work is. Only what is shown is told of: servers report each file.
    pub(super) fn progressed(&mut self, message: &Message<'_>) {
        let Some(progress) = message.params::<Progress<'_>>() else {
            return;
        };
        let before = self.works.shown().cloned();
        self.works.follow(progress);
        if self.works.shown() != before.as_ref() {
            self.out.push(Out::Busy);
        }
    }
}
