//! Language servers: programs that know a programming language, one for each language and project for
//! all viewers, spoken to in the Language Server Protocol (LSP 3.17).
//!
//! | request | does |
//! | --- | --- |
//! | `GET /v1/languages` | [`LanguageList`]: what is known, and the servers that have been asked for |
//! | `GET /v1/languages/{language}?root&path` | [`LanguageServer`]: its state, or what it would be |
//! | `GET /v1/languages/{language}/log?root&path` | [`LanguageLog`] |
//! | `POST /v1/languages/{language}/restart?root&path` | ends it and starts it anew |
//! | `POST /v1/languages/{language}/stop?root&path` | ends it until somebody restarts it |
//! | `POST /v1/languages/{language}/install?root&path` | installs a known server for this workspace |
//! | `GET /v1/languages/{language}/attach?root&path` | WebSocket, below |
//!
//! **Attach** (subprotocol [`LANGUAGE_SUBPROTOCOL`]): each text frame is one JSON-RPC message, in both
//! directions; at most [`LANGUAGE_MESSAGE_MAX`] bytes from the viewer. To a viewer the agent looks like a
//! server of its own: it answers `initialize` itself once the server is there, rewrites request ids,
//! and keeps each viewer's text of each document.
//!
//! The server has one text of a document: that of the viewer who wrote or asked last. Whoever asks gets
//! an answer about the text that they have; diagnostics go to all, without a version.
//!
//! The notification [`STATE_METHOD`] with a [`LanguageServer`] comes first, and whenever the state
//! changes. A server that ends is started again, with all documents; requests that were under way are
//! answered with an error.

use serde::{Deserialize, Serialize};

use crate::Timestamp;

/// The WebSocket subprotocol.
pub const LANGUAGE_SUBPROTOCOL: &str = "atelier.language.v1";

/// The longest message that a viewer may send, in bytes: a text of 2 MiB, escaped.
pub const LANGUAGE_MESSAGE_MAX: usize = 4 * 1024 * 1024;

/// The notification by which the agent tells a viewer of the server's state.
pub const STATE_METHOD: &str = "$/atelier/state";

/// How many documents a viewer may have open.
pub const DOCUMENTS_MAX: usize = 256;

/// How many requests of a viewer may be under way.
pub const REQUESTS_MAX: usize = 512;

/// What is known, and the servers that have been asked for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct LanguageList {
    /// The languages that servers are known for.
    pub known: Vec<KnownLanguage>,
    /// The servers, those asked for last at the end.
    pub items: Vec<LanguageServer>,
}

/// A language, or a family of them, that one server serves.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct KnownLanguage {
    /// Its name in addresses: `typescript`.
    pub language: String,
    /// Its name for people: `TypeScript`.
    pub title: String,
    /// The LSP language identifiers of its documents: `typescript`, `javascriptreact`.
    pub documents: Vec<String>,
}

/// A language's server for one project.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct LanguageServer {
    /// The language's name in addresses.
    pub language: String,
    /// The language's name for people.
    pub title: String,
    /// The project's directory below the `workspace` root; empty for the root itself.
    pub root: String,
    /// The `workspace` root as the server sees it: a `file:` URI that ends with a slash.
    pub workspace_uri: String,
    /// What it is doing.
    pub state: LanguageState,
    /// Since when.
    pub since: Timestamp,
    /// Why, and what can be done; or how far it is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub detail: Option<String>,
    /// The program and its arguments; empty while none has been found.
    pub command: Vec<String>,
    /// Its process id inside the workspace, while it runs.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pid: Option<u32>,
    /// The memory that it and what it has started use, in bytes, as it was looked at last.
    pub memory_bytes: u64,
    /// How many viewers are attached.
    pub viewers: u32,
    /// How often it was started again because it had ended.
    pub restarts: u32,
    /// What `install` would install; absent where no server can be installed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub installs: Option<String>,
    /// What it says that it is busy with, such as reading the project: until then it may not know
    /// everything. Absent while it says nothing of the kind.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub work: Option<LanguageWork>,
}

/// A work that takes a language server some time (LSP 3.17, work done progress).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct LanguageWork {
    /// What it is, in the server's words.
    pub title: String,
    /// How much of it is done, from 0 to 100; absent where the server does not say.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub percentage: Option<u8>,
}

/// What a language server is doing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[non_exhaustive]
pub enum LanguageState {
    /// The workspace has no server for this language.
    Missing,
    /// One is being installed.
    Installing,
    /// The program has been started and is getting ready.
    Starting,
    /// It answers.
    Ready,
    /// It has ended and is started again after a while.
    Restarting,
    /// It ended again and again; somebody has to restart it.
    Failed,
    /// Nobody needs it, or somebody has stopped it.
    Stopped,
}

/// Which project: the directory, or a file of it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::IntoParams), into_params(parameter_in = Query))]
pub struct LanguageQuery {
    /// The project's directory below the `workspace` root; empty for the root itself.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub root: Option<String>,
    /// A file below the `workspace` root: its project is the nearest directory above it that has one of
    /// the language's project files. Only looked at where `root` is absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub path: Option<String>,
}

/// The last lines of a server's log.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct LanguageLog {
    /// The lines, oldest first.
    pub lines: Vec<LanguageLogLine>,
    /// How many older lines are no longer held.
    pub dropped: u64,
}

/// A line of a server's log.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct LanguageLogLine {
    /// When it came.
    pub at: Timestamp,
    /// Who said it.
    pub source: LanguageLogSource,
    /// What it said.
    pub text: String,
}

/// Who has said a line of a log.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[non_exhaustive]
pub enum LanguageLogSource {
    /// The agent: what it did with the server.
    Agent,
    /// The server, on its standard error.
    Server,
    /// The server, by a message of the protocol.
    Message,
    /// The program that installs it.
    Install,
}
