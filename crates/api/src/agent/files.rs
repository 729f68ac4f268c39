//! Files. A path is relative to a root and is resolved beneath it by the kernel (`openat2` with
//! `RESOLVE_BENEATH`), so that `..`, absolute paths, symbolic links that leave the root, and races
//! cannot escape.
//!
//! | request | does |
//! | --- | --- |
//! | `GET /v1/files/list?root&path&cursor&limit` | one directory, paged, directories first |
//! | `GET /v1/files/stat?root&path` | one entry |
//! | `GET /v1/files/content?root&path` | the bytes; ETag, Range, If-None-Match, `download=true` |
//! | `PUT /v1/files/content?root&path` | whole file, atomically; If-Match or If-None-Match: * |
//! | `POST /v1/files/directory` `{root,path,parents}` | make a directory |
//! | `POST /v1/files/move` · `/copy` `{root,from,to,overwrite}` | move · copy, whole trees too |
//! | `DELETE /v1/files?root&path&recursive` | delete |
//! | `PUT /v1/files/mode` `{root,path,mode}` | permissions |
//! | `GET /v1/files/watch?root&path&recursive` | WebSocket: batches of [`WatchMessage`] |
//!
//! Names that are not UTF-8 are shown with `U+FFFD` in `name` and addressed by `path`, in which
//! every byte that is not valid UTF-8, and `%` itself, is written as `%XX`.

use serde::{Deserialize, Serialize};

use crate::Timestamp;

/// How many entries a page of a directory holds at most.
pub const LIST_LIMIT_MAX: u32 = 20_000;

/// The tree that a path lies in.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum Root {
    /// `/workspace`: the projects. Read and write.
    #[default]
    Workspace,
    /// The workspace user's home. Read and write.
    Home,
    /// `/` as the workspace sees it. Read only, for definitions in libraries.
    System,
}

/// What an entry is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum FileKind {
    /// A regular file.
    File,
    /// A directory.
    Directory,
    /// A symbolic link; `target` says where to.
    Symlink,
    /// A socket, pipe or device.
    Other,
}

/// A directory entry.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct FileEntry {
    /// The last part of the path, for showing.
    pub name: String,
    /// The path below the root, for addressing; without a leading slash. Empty for the root.
    pub path: String,
    /// What it is (the link itself, not its target).
    pub kind: FileKind,
    /// Bytes; 0 for directories.
    pub size: u64,
    /// When it was modified.
    pub modified_at: Timestamp,
    /// Permission bits, e.g. 0o644 = 420.
    pub mode: u32,
    /// The link's text.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub target: Option<String>,
    /// What the link leads to inside the root; absent when it is broken or leaves the root.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub target_kind: Option<FileKind>,
    /// The version, for If-Match; only for regular files.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub etag: Option<String>,
}

/// One page of a directory: directories first, then by name, case-insensitively.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct FileList {
    /// The entries.
    pub items: Vec<FileEntry>,
    /// How many entries the directory holds in all.
    pub total: u64,
    /// Where the next page begins.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next_cursor: Option<String>,
}

/// Names a path.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::IntoParams), into_params(parameter_in = Query))]
pub struct FileQuery {
    /// The tree; `workspace` when absent.
    #[serde(default)]
    pub root: Root,
    /// The path below it; the root itself when absent.
    #[serde(default)]
    pub path: String,
}

/// Query of `file_list`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::IntoParams), into_params(parameter_in = Query))]
pub struct FileListQuery {
    /// The tree; `workspace` when absent.
    #[serde(default)]
    pub root: Root,
    /// The directory below it; the root itself when absent.
    #[serde(default)]
    pub path: String,
    /// The `next_cursor` of the page before.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cursor: Option<String>,
    /// How many entries at most; 20,000 when absent, which is also the most.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub limit: Option<u32>,
}

/// Query of `file_read`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::IntoParams), into_params(parameter_in = Query))]
pub struct FileReadQuery {
    /// The tree; `workspace` when absent.
    #[serde(default)]
    pub root: Root,
    /// The file below it.
    #[serde(default)]
    pub path: String,
    /// Answer as an attachment, for saving.
    #[serde(default)]
    pub download: bool,
}

/// Query of `file_delete`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::IntoParams), into_params(parameter_in = Query))]
pub struct FileDeleteQuery {
    /// The tree; `workspace` when absent.
    #[serde(default)]
    pub root: Root,
    /// The entry below it; the root itself cannot be deleted.
    #[serde(default)]
    pub path: String,
    /// Delete a directory with all it holds.
    #[serde(default)]
    pub recursive: bool,
}

/// Query of `file_watch`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::IntoParams), into_params(parameter_in = Query))]
pub struct FileWatchQuery {
    /// The tree; `workspace` when absent.
    #[serde(default)]
    pub root: Root,
    /// The directory below it.
    #[serde(default)]
    pub path: String,
    /// Watch everything below, too.
    #[serde(default)]
    pub recursive: bool,
}

/// What a write answers: the entry as it now is, with its new ETag.
pub type FileWritten = FileEntry;

/// Makes a directory.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct DirectoryCreate {
    /// The tree.
    #[serde(default)]
    pub root: Root,
    /// The path below it.
    pub path: String,
    /// Make missing parents, and accept that it exists.
    #[serde(default)]
    pub parents: bool,
}

/// Moves or copies an entry within a root.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct FileTransfer {
    /// The tree.
    #[serde(default)]
    pub root: Root,
    /// The entry.
    pub from: String,
    /// Its new path.
    pub to: String,
    /// Replace what stands at `to`; else that is a conflict.
    #[serde(default)]
    pub overwrite: bool,
}

/// Sets permission bits.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct FileModeUpdate {
    /// The tree.
    #[serde(default)]
    pub root: Root,
    /// The path below it.
    pub path: String,
    /// The nine permission bits, 0 to 0o777.
    pub mode: u32,
}

/// What happened to a path.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum ChangeKind {
    /// It came into being, or was moved here.
    Created,
    /// Its content or permissions changed.
    Modified,
    /// It is gone, or was moved away.
    Deleted,
}

/// One change.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct FileChange {
    /// What happened.
    pub kind: ChangeKind,
    /// To which path below the root.
    pub path: String,
}

/// What the watch says, as JSON text frames.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[non_exhaustive]
pub enum WatchMessage {
    /// The watch is set; changes from now on are reported.
    Ready,
    /// What changed since the last message, at most 50 ms ago, repeats folded.
    Changes {
        /// The changes, oldest first.
        changes: Vec<FileChange>,
    },
    /// More changed than could be followed: read again what is shown.
    Rescan {
        /// Why.
        reason: String,
    },
    /// Not all can be followed at once, for as long as this watch lasts. A recursive watch misses changes
    /// in some directories: watch those that are shown, each by itself. A directory's own watch looks at
    /// it every second or so.
    Limited {
        /// Why.
        reason: String,
    },
}
