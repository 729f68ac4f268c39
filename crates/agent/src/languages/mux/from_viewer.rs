//! What viewers send.

use std::borrow::Cow;

use atelier_api::agent::languages::REQUESTS_MAX;
use serde::Deserialize;
use serde_json::Value;
use serde_json::value::RawValue;
use tokio::time::Instant;

use super::{Mux, Out, Pending, Phase, Urgency, ViewerId};
use crate::languages::message::{
    self, About, INVALID_PARAMS, Message, NOT_INITIALIZED, REQUEST_FAILED,
};

/// Notifications that go to the server as they are.
const PASSED: [&str; 2] = ["textDocument/didSave", "workspace/didChangeWatchedFiles"];

#[derive(Deserialize)]
struct Initialize {
    #[serde(default)]
    capabilities: Value,
}

#[derive(Deserialize)]
struct Cancelled<'a> {
    #[serde(borrow)]
    id: &'a RawValue,
}

impl Mux {
    /// A viewer has sent a message.
    pub(in crate::languages) fn hear_viewer(&mut self, viewer: ViewerId, text: &str) {
        let Some(message) = Message::read(text) else {
            return self.reject(viewer, "A message is not JSON-RPC.");
        };
        match (message.method.as_deref(), message.id) {
            (Some(method), Some(id)) => self.requested(viewer, method, id, &message),
            (Some(method), None) => self.notified(viewer, method, &message),
            (None, Some(id)) => self.answered(viewer, id, &message),
            (None, None) => {}
        }
    }

    fn requested(&mut self, viewer: ViewerId, method: &str, id: &RawValue, message: &Message<'_>) {
        let Some(state) = self.viewers.get_mut(&viewer) else {
            return;
        };
        match method {
            "initialize" => {
                if state.initialized || state.initializing.is_some() {
                    let again = message::error(id, INVALID_PARAMS, "This has been asked already.");
                    return self.send(viewer, again);
                }
                state.initializing = Some(id.to_owned());
                if self.capabilities.is_none() {
                    let capabilities = message
                        .params()
                        .map_or(Value::Null, |params: Initialize| params.capabilities);
                    self.capabilities = Some(capabilities);
                    self.initialize();
                }
                self.answer_initialize(viewer);
            }
            // The server goes on for the others.
            "shutdown" => self.send(viewer, message::response(id, "null")),
            _ if !state.initialized => {
                let early = "Nothing can be asked before `initialize` was answered.";
                self.send(viewer, message::error(id, NOT_INITIALIZED, early));
            }
            _ if !matches!(self.phase, Phase::Up { .. }) => {
                let gone = "The language server is being started again. Ask once more in a moment.";
                self.send(viewer, message::error(id, NOT_INITIALIZED, gone));
            }
            _ if state.requests >= REQUESTS_MAX => {
                let many = format!(
                    "{REQUESTS_MAX} requests are under way already. Wait for their answers."
                );
                self.send(viewer, message::error(id, REQUEST_FAILED, &many));
            }
            _ => {
                state.requests += 1;
                self.pass_on(viewer, method, id, message);
            }
        }
    }

    fn pass_on(&mut self, viewer: ViewerId, method: &str, id: &RawValue, message: &Message<'_>) {
        self.speaker = Some(viewer);
        if let Some(name) = message
            .params()
            .and_then(|about: About<'_>| about.text_document)
        {
            self.follow(viewer, &name.uri);
        }
        let own = self.fresh();
        let pending = Pending {
            viewer,
            id: id.to_owned(),
            since: Instant::now(),
        };
        self.pending.insert(own, pending);
        let params = message.params.map(without_tokens);
        self.out.push(Out::Server(message::request(
            own,
            method,
            params.as_deref(),
        )));
    }

    fn notified(&mut self, viewer: ViewerId, method: &str, message: &Message<'_>) {
        match method {
            "textDocument/didOpen" => self.opened(viewer, message),
            "textDocument/didChange" => {
                self.speaker = Some(viewer);
                self.changed(viewer, message);
            }
            "textDocument/didClose" => {
                if let Some(name) = message
                    .params()
                    .and_then(|about: About<'_>| about.text_document)
                {
                    self.close(viewer, &name.uri);
                }
            }
            "$/cancelRequest" => {
                let Some(Cancelled { id }) = message.params() else {
                    return;
                };
                let found = self
                    .pending
                    .iter()
                    .find(|(_, pending)| pending.viewer == viewer && pending.id.get() == id.get());
                if let Some(own) = found.map(|(own, _)| *own) {
                    self.cancel(own);
                }
            }
            _ if PASSED.contains(&method) => {
                if let Some(name) = message
                    .params()
                    .and_then(|about: About<'_>| about.text_document)
                {
                    self.follow(viewer, &name.uri);
                }
                if let Some(params) = message.params {
                    self.tell_server(method, params);
                }
            }
            // One viewer does not end the server, or change its settings, for all.
            _ => {}
        }
    }

    /// A viewer's answer to what the server has asked.
    fn answered(&mut self, viewer: ViewerId, id: &RawValue, message: &Message<'_>) {
        let Some(own) = id.get().parse::<u64>().ok() else {
            return;
        };
        if self
            .asked
            .get(&own)
            .is_none_or(|(asked, _)| *asked != viewer)
        {
            return;
        }
        if let Some((_, id)) = self.asked.remove(&own) {
            let answer = match message.error {
                Some(error) => message::raw_error(&id, error),
                None => message::response(&id, message.result.map_or("null", RawValue::get)),
            };
            self.out.push(Out::Server(answer));
        }
    }

    /// Answers the viewer's `initialize` if the server is ready.
    pub(super) fn answer_initialize(&mut self, viewer: ViewerId) {
        let Phase::Up { result, .. } = &self.phase else {
            return;
        };
        let Some(state) = self.viewers.get_mut(&viewer) else {
            return;
        };
        let Some(id) = state.initializing.take() else {
            return;
        };
        state.initialized = true;
        let answer = message::response(&id, result.get());
        self.send(viewer, answer);
        for (uri, said) in &self.diagnostics {
            let urgency = Urgency::Replaced(uri.clone());
            self.out.push(Out::Viewer(viewer, urgency, said.clone()));
        }
    }

    pub(super) fn reject(&mut self, viewer: ViewerId, reason: &str) {
        self.out.push(Out::Reject(viewer, reason.to_owned()));
    }
}

/// Parameters without the tokens by which progress would be reported: those of two viewers may be alike.
fn without_tokens(params: &RawValue) -> Cow<'_, RawValue> {
    let text = params.get();
    let has = |token: &str| memchr::memmem::find(text.as_bytes(), token.as_bytes()).is_some();
    if !has("workDoneToken") && !has("partialResultToken") {
        return Cow::Borrowed(params);
    }
    let Ok(Value::Object(mut fields)) = serde_json::from_str::<Value>(text) else {
        return Cow::Borrowed(params);
    };
    fields.remove("workDoneToken");
    fields.remove("partialResultToken");
    let raw = serde_json::value::to_raw_value(&fields).expect("an object is plain data");
    Cow::Owned(raw)
}
