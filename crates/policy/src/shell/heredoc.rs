//! Here-documents: their text stands after the line that asks for them.

use std::sync::{Arc, OnceLock};

use super::cursor::{Parser, Read};
use super::{Part, Word};

/// A here-document whose text has not come yet.
#[derive(Debug)]
pub(super) struct Pending {
    delimiter: String,
    /// A quoted delimiter: nothing in the text is expanded.
    quoted: bool,
    strip_tabs: bool,
    body: Arc<OnceLock<Word>>,
}

impl Parser {
    /// Notes a here-document; its text is read at the next newline.
    pub(super) fn here_document(
        &mut self,
        delimiter: &Word,
        strip_tabs: bool,
    ) -> Read<Arc<OnceLock<Word>>> {
        let body = Arc::<OnceLock<Word>>::default();
        self.pending.push(Pending {
            delimiter: delimiter
                .literal()
                .ok_or_else(|| self.syntax("a here-document's delimiter is computed"))?,
            quoted: delimiter.bare().is_none(),
            strip_tabs,
            body: Arc::clone(&body),
        });
        Ok(body)
    }

    /// Takes a newline, and the here-documents that follow it.
    pub(super) fn newline(&mut self) -> Read<()> {
        if self.pending_outside > 0 {
            return Err(self.syntax("a newline between a here-document's name and its text"));
        }
        self.take()?;
        for pending in std::mem::take(&mut self.pending) {
            let text = self.body_text(&pending)?;
            let word = if pending.quoted {
                Word(vec![Part::Text { text, quoted: true }])
            } else {
                let mut inner = self.inner(&text);
                let word = inner.here_text();
                self.absorb(&inner);
                word?
            };
            // Set once: each body belongs to one redirection.
            let _ = pending.body.set(word);
        }
        Ok(())
    }

    /// The raw lines up to the delimiter, or to the end as all shells do (with a warning).
    fn body_text(&mut self, pending: &Pending) -> Read<String> {
        let mut text = String::new();
        let mut continued = false;
        while self.raw().is_some() {
            let mut line = String::new();
            while let Some(character) = self.take_raw()? {
                if character == '\n' {
                    break;
                }
                line.push(character);
            }
            let line = if pending.strip_tabs {
                line.trim_start_matches('\t')
            } else {
                &line
            };
            if line == pending.delimiter {
                if continued {
                    // Shells join the lines first and then see no delimiter; older ones do not.
                    return Err(self.syntax("a here-document's last line ends in a backslash"));
                }
                break;
            }
            continued = !pending.quoted && line.ends_with('\\');
            text.push_str(line);
            text.push('\n');
        }
        Ok(text)
    }
}
