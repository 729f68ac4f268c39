//! What the server sends.

use std::borrow::Cow;
use std::sync::Arc;

use atelier_api::agent::languages::LanguageLogSource;
use serde::Deserialize;
use serde_json::value::RawValue;
use serde_json::{Value, json};

use super::{DIAGNOSTICS_MAX, Mux, Out, Phase, Urgency, ViewerId};
use crate::languages::framing::FramingError;
use crate::languages::message::{self, METHOD_NOT_FOUND, Message};

/// The id of our own `initialize`; all others are larger.
const INITIALIZE: u64 = 0;

/// Requests by which a server says that something is to be asked again: a viewer takes them as
/// notifications.
const REFRESHES: [&str; 5] = [
    "workspace/semanticTokens/refresh",
    "workspace/inlayHint/refresh",
    "workspace/diagnostic/refresh",
    "workspace/codeLens/refresh",
    "workspace/foldingRange/refresh",
];

#[derive(Deserialize)]
struct Published<'a> {
    uri: String,
    #[serde(borrow)]
    diagnostics: &'a RawValue,
}

#[derive(Deserialize)]
struct Said<'a> {
    #[serde(borrow)]
    message: Cow<'a, str>,
}

#[derive(Deserialize)]
struct Wanted {
    items: Vec<WantedItem>,
}

#[derive(Deserialize)]
struct WantedItem {
    #[serde(default)]
    section: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Initialized<'a> {
    #[serde(borrow)]
    capabilities: &'a RawValue,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Sync {
    #[serde(default)]
    text_document_sync: Value,
}

impl Mux {
    /// Asks the server to get ready, once it runs and a viewer has said what it can do.
    pub(super) fn initialize(&mut self) {
        let (Phase::Waiting, Some(capabilities)) = (&self.phase, &self.capabilities) else {
            return;
        };
        self.phase = Phase::Initializing;
        let project = &self.project;
        let mut capabilities = capabilities.clone();
        if !capabilities.is_object() {
            capabilities = json!({});
        }
        // What the agent does for all viewers.
        capabilities["general"]["positionEncodings"] = json!(["utf-16"]);
        capabilities["workspace"]["configuration"] = json!(true);
        capabilities["workspace"]["workspaceFolders"] = json!(true);
        capabilities["window"]["workDoneProgress"] = json!(true);
        let name = project.root_path.rsplit('/').next().unwrap_or_default();
        let params = json!({
            "processId": std::process::id(),
            "clientInfo": { "name": "Atelier", "version": env!("CARGO_PKG_VERSION") },
            "locale": "en",
            "rootPath": project.root_path,
            "rootUri": project.root_uri,
            "workspaceFolders": [{ "uri": project.root_uri, "name": name }],
            "capabilities": capabilities,
            "initializationOptions": project.options,
            "trace": "off",
        });
        let params = serde_json::value::to_raw_value(&params).expect("parameters are plain data");
        let request = message::request(INITIALIZE, "initialize", Some(&params));
        self.out.push(Out::Server(request));
    }

    /// The server has sent a message.
    pub(in crate::languages) fn hear_server(&mut self, text: &str) -> Result<(), FramingError> {
        let message = Message::read(text).ok_or(FramingError::NotJson)?;
        match (message.method.as_deref(), message.id) {
            (Some(method), Some(id)) => self.server_requested(method, id, &message),
            (Some(method), None) => self.server_notified(method, text, &message),
            (None, Some(id)) => self.server_answered(id, &message)?,
            (None, None) => {}
        }
        Ok(())
    }

    fn server_answered(
        &mut self,
        id: &RawValue,
        message: &Message<'_>,
    ) -> Result<(), FramingError> {
        let Ok(own) = id.get().parse::<u64>() else {
            return Ok(());
        };
        if own == INITIALIZE {
            if matches!(self.phase, Phase::Initializing) {
                self.initialized(message)?;
            }
            return Ok(());
        }
        // It may answer what was cancelled, because its viewer has gone.
        let Some(pending) = self.pending.remove(&own) else {
            return Ok(());
        };
        let answer = match message.error {
            Some(error) => message::raw_error(&pending.id, error),
            None => message::response(&pending.id, message.result.map_or("null", RawValue::get)),
        };
        self.answer(pending.viewer, answer);
        Ok(())
    }

    fn initialized(&mut self, message: &Message<'_>) -> Result<(), FramingError> {
        let result = message.result.ok_or(FramingError::NotJson)?;
        let Initialized { capabilities } =
            serde_json::from_str(result.get()).map_err(|_| FramingError::NotJson)?;
        let sync = serde_json::from_str(capabilities.get())
            .map_or(Value::Null, |sync: Sync| sync.text_document_sync);
        let kind = sync.get("change").unwrap_or(&sync).as_u64();
        self.phase = Phase::Up {
            result: result.to_owned(),
            // LSP 3.17, `TextDocumentSyncKind`.
            incremental: kind == Some(2),
        };
        self.tell_server("initialized", &json!({}));
        let settings = json!({ "settings": self.project.settings });
        self.tell_server("workspace/didChangeConfiguration", &settings);
        self.tell_all_opened();
        self.out.push(Out::Ready);
        let viewers: Vec<ViewerId> = self.viewers.keys().copied().collect();
        for viewer in viewers {
            self.answer_initialize(viewer);
        }
        Ok(())
    }

    fn server_requested(&mut self, method: &str, id: &RawValue, message: &Message<'_>) {
        let answer = match method {
            "workspace/configuration" => {
                let wanted = message
                    .params()
                    .map_or(Vec::new(), |wanted: Wanted| wanted.items);
                let values: Vec<&Value> = wanted
                    .iter()
                    .map(|item| section(&self.project.settings, item.section.as_deref()))
                    .collect();
                message::response(id, &json!(values).to_string())
            }
            "workspace/workspaceFolders" => {
                let folder =
                    json!([{ "uri": self.project.root_uri, "name": self.project.root_path }]);
                message::response(id, &folder.to_string())
            }
            "client/registerCapability"
            | "client/unregisterCapability"
            | "window/workDoneProgress/create" => message::response(id, "null"),
            "window/showMessageRequest" => {
                self.server_said(message, true);
                message::response(id, "null")
            }
            "window/showDocument" => message::response(id, r#"{"success":false}"#),
            "workspace/applyEdit" => return self.ask_viewer(method, id, message),
            _ if REFRESHES.contains(&method) => {
                let news = message::notification(method, &Value::Null);
                self.broadcast(&Urgency::Replaced(method.to_owned()), &news);
                message::response(id, "null")
            }
            _ => message::error(
                id,
                METHOD_NOT_FOUND,
                "The client does not have this method.",
            ),
        };
        self.out.push(Out::Server(answer));
    }

    /// Has whoever wrote or asked last answer the server.
    fn ask_viewer(&mut self, method: &str, id: &RawValue, message: &Message<'_>) {
        let asked = self.speaker.or_else(|| self.viewers.keys().next().copied());
        let Some(viewer) = asked else {
            let nobody = r#"{"applied":false,"failureReason":"Nobody is there."}"#;
            return self.out.push(Out::Server(message::response(id, nobody)));
        };
        let own = self.fresh();
        self.asked.insert(own, (viewer, id.to_owned()));
        self.send(viewer, message::request(own, method, message.params));
    }

    fn server_notified(&mut self, method: &str, text: &str, message: &Message<'_>) {
        match method {
            "textDocument/publishDiagnostics" => {
                // The version is the server's own; no viewer knows it.
                if let Some(Published { uri, diagnostics }) = message.params() {
                    self.broadcast_diagnostics(&uri, diagnostics.get());
                }
            }
            "window/logMessage" => self.server_said(message, false),
            "window/showMessage" => {
                self.server_said(message, true);
            }
            "$/progress" => {
                self.progressed(message);
                self.broadcast(&Urgency::Spare, text);
            }
            "telemetry/event" | "$/logTrace" | "$/cancelRequest" => {}
            _ => self.broadcast(&Urgency::Spare, text),
        }
    }

    /// The server says something to people.
    fn server_said(&mut self, message: &Message<'_>, show: bool) {
        if let Some(Said { message: said }) = message.params() {
            self.out
                .push(Out::Log(LanguageLogSource::Message, said.into_owned()));
        }
        if let (true, Some(params)) = (show, message.params) {
            let news = message::notification("window/showMessage", params);
            self.broadcast(&Urgency::Spare, &news);
        }
    }

    pub(super) fn broadcast_diagnostics(&mut self, uri: &str, diagnostics: &str) {
        let name = Value::from(uri);
        let text = format!(
            r#"{{"jsonrpc":"2.0","method":"textDocument/publishDiagnostics","params":{{"uri":{name},"diagnostics":{diagnostics}}}}}"#
        );
        if diagnostics == "[]" {
            self.diagnostics.remove(uri);
        } else if self.diagnostics.contains_key(uri) || self.diagnostics.len() < DIAGNOSTICS_MAX {
            self.diagnostics
                .insert(uri.to_owned(), Arc::from(text.as_str()));
        }
        self.broadcast(&Urgency::Replaced(uri.to_owned()), &text);
    }
}

/// The settings of a section, such as `python.analysis`.
fn section<'a>(settings: &'a Value, section: Option<&str>) -> &'a Value {
    match section {
        None | Some("") => settings,
        Some(section) => section
            .split('.')
            .try_fold(settings, |value, name| value.get(name))
            .unwrap_or(&Value::Null),
    }
}
