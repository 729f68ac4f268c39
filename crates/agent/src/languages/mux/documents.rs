//! The texts of documents: each viewer's, and the server's.

use std::sync::Arc;

use atelier_api::agent::languages::DOCUMENTS_MAX;
use serde::{Deserialize, Serialize};

use super::{Mux, Out, Phase, ViewerId};
use crate::languages::message::Message;
use crate::languages::text::Change;

/// A document as the server has it.
#[derive(Debug)]
pub(super) struct Document {
    /// Shared with the viewer whose text it is.
    text: Arc<String>,
    version: i64,
    language: String,
}

/// A document as a viewer has it.
#[derive(Debug)]
pub(super) struct ViewerDocument {
    text: Arc<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Opened {
    text_document: OpenedDocument,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct OpenedDocument {
    uri: String,
    language_id: String,
    text: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Changed {
    text_document: ChangedDocument,
    content_changes: Vec<Change>,
}

#[derive(Deserialize)]
struct ChangedDocument {
    uri: String,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct DidOpen<'a> {
    text_document: DidOpenDocument<'a>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct DidOpenDocument<'a> {
    uri: &'a str,
    language_id: &'a str,
    version: i64,
    text: &'a str,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct DidChange<'a> {
    text_document: Versioned<'a>,
    content_changes: &'a [Change],
}

#[derive(Serialize)]
struct Versioned<'a> {
    uri: &'a str,
    version: i64,
}

impl Mux {
    /// `textDocument/didOpen`.
    pub(super) fn opened(&mut self, viewer: ViewerId, message: &Message<'_>) {
        let Some(Opened { text_document }) = message.params() else {
            return self.reject(viewer, "A document was opened without its text.");
        };
        let OpenedDocument {
            uri,
            language_id,
            text,
        } = text_document;
        let Some(state) = self.viewers.get_mut(&viewer) else {
            return;
        };
        if state.documents.len() >= DOCUMENTS_MAX {
            let reason =
                format!("More than {DOCUMENTS_MAX} documents are open. Close some of them.");
            return self.reject(viewer, &reason);
        }
        let known = self
            .documents
            .get(&uri)
            .map(|document| Arc::clone(&document.text));
        // Texts that are alike are held once.
        let text = match known.filter(|known| **known == text) {
            Some(known) => known,
            None => Arc::new(text),
        };
        state.documents.insert(
            uri.clone(),
            ViewerDocument {
                text: Arc::clone(&text),
            },
        );
        if !self.documents.contains_key(&uri) {
            let document = Document {
                text,
                version: 0,
                language: language_id,
            };
            self.documents.insert(uri.clone(), document);
            self.tell_opened(&uri);
        }
    }

    /// `textDocument/didChange`.
    pub(super) fn changed(&mut self, viewer: ViewerId, message: &Message<'_>) {
        let Some(Changed {
            text_document: ChangedDocument { uri },
            content_changes,
        }) = message.params()
        else {
            return self.reject(viewer, "A change of a document cannot be read.");
        };
        let (Some(theirs), Some(document)) = (
            self.viewers
                .get_mut(&viewer)
                .and_then(|state| state.documents.get_mut(&uri)),
            self.documents.get_mut(&uri),
        ) else {
            return self.reject(viewer, "A document was changed that is not open.");
        };
        let in_step = Arc::ptr_eq(&theirs.text, &document.text);
        if in_step {
            // So that the text is edited where it stands.
            document.text = Arc::default();
        }
        for change in &content_changes {
            change.apply(&mut theirs.text);
        }
        if in_step {
            document.text = Arc::clone(&theirs.text);
            let incremental = matches!(
                self.phase,
                Phase::Up {
                    incremental: true,
                    ..
                }
            );
            let changes = if incremental {
                content_changes
            } else {
                vec![Change::whole(&document.text)]
            };
            self.tell_changed(&uri, &changes);
        } else {
            self.follow(viewer, &uri);
        }
    }

    /// The server gets the text that `viewer` has.
    pub(super) fn follow(&mut self, viewer: ViewerId, uri: &str) {
        let (Some(theirs), Some(document)) = (
            self.viewers
                .get_mut(&viewer)
                .and_then(|state| state.documents.get_mut(uri)),
            self.documents.get_mut(uri),
        ) else {
            return;
        };
        if Arc::ptr_eq(&theirs.text, &document.text) {
            return;
        }
        if theirs.text == document.text {
            theirs.text = Arc::clone(&document.text);
            return;
        }
        let change = match self.phase {
            Phase::Up {
                incremental: true, ..
            } => Change::between(&document.text, &theirs.text),
            _ => Change::whole(&theirs.text),
        };
        document.text = Arc::clone(&theirs.text);
        self.tell_changed(uri, &[change]);
    }

    /// `textDocument/didClose`, or the viewer has gone.
    pub(super) fn close(&mut self, viewer: ViewerId, uri: &str) {
        let Some(state) = self.viewers.get_mut(&viewer) else {
            return;
        };
        state.documents.remove(uri);
        let is_open = self
            .viewers
            .values()
            .any(|state| state.documents.contains_key(uri));
        if !is_open && self.documents.remove(uri).is_some() {
            let params = serde_json::json!({ "textDocument": { "uri": uri } });
            self.tell_server("textDocument/didClose", &params);
        }
    }

    /// Opens every document at a server that has just got ready.
    pub(super) fn tell_all_opened(&mut self) {
        let uris: Vec<String> = self.documents.keys().cloned().collect();
        for uri in uris {
            self.tell_opened(&uri);
        }
    }

    fn tell_opened(&mut self, uri: &str) {
        let is_up = self.is_up();
        let Some(document) = self.documents.get_mut(uri) else {
            return;
        };
        document.version += 1;
        let params = DidOpen {
            text_document: DidOpenDocument {
                uri,
                language_id: &document.language,
                version: document.version,
                text: &document.text,
            },
        };
        if is_up {
            let text = crate::languages::message::notification("textDocument/didOpen", &params);
            self.out.push(Out::Server(text));
        }
    }

    fn tell_changed(&mut self, uri: &str, content_changes: &[Change]) {
        let Some(document) = self.documents.get_mut(uri) else {
            return;
        };
        document.version += 1;
        let version = document.version;
        let params = DidChange {
            text_document: Versioned { uri, version },
            content_changes,
        };
        self.tell_server("textDocument/didChange", &params);
    }
}
