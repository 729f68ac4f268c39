//! Uploads that go on where they broke off: a file that is sent in parts, over as many connections as
//! it takes, and gets its name only when it is whole.
//!
//! | request | does |
//! | --- | --- |
//! | `POST /v1/files/uploads?root&path` | begins; If-Match or If-None-Match: *, `Upload-Length` if known |
//! | `PATCH /v1/files/uploads/{upload}` | adds the body at `Upload-Offset`, which must be the current one |
//! | `GET /v1/files/uploads/{upload}` | how far it is; ends a part that another connection still sends |
//! | `POST /v1/files/uploads/{upload}/finish?root&path` | gives the file its name; may be repeated |
//! | `DELETE /v1/files/uploads/{upload}` | gives it up |
//!
//! Every answer but the last says in `Upload-Offset` how much is kept, errors too: a part at another
//! offset answers 409 with the current one. The headers and the append are those of "Resumable Uploads
//! for HTTP" (draft-ietf-httpbis-resumable-upload); it differs in that ids come in the body rather than
//! in `Location`, and that finishing is a request of its own, in place of `Upload-Complete`: so it can
//! be repeated when its answer was lost, and carry a newer precondition when the file has changed.

//!
//! # Many small files in one request
//!
//! `POST /v1/files/batch?root&path&files` with `multipart/form-data` (RFC 7578): each part is a file, its name the
//! path below the directory `path`. Directories that are wanting are made. It answers how it went with each, in
//! their order ([`super::transfers::EntryOutcomes`]). If-None-Match: * or If-Match: * holds for each file; with the
//! former, a file that stands there with the same content is as good as written, so that a request may be repeated
//! when its answer was lost. When the connection breaks, what came whole is written.

use serde::{Deserialize, Serialize};

use super::files::{FileEntry, Root};
use crate::ids::UploadId;

/// The header that says where a part begins, or how much is kept, in bytes.
pub const UPLOAD_OFFSET_HEADER: &str = "upload-offset";

/// The header that announces the whole length, in bytes.
pub const UPLOAD_LENGTH_HEADER: &str = "upload-length";

/// How many uploads a workspace holds at most; each costs some file descriptors.
pub const UPLOADS_MAX: usize = 32;

/// After how long without a byte an upload is given up, in hours.
pub const UPLOAD_IDLE_HOURS: u64 = 24;

/// How many files one request carries at most.
pub const BATCH_FILES_MAX: u32 = 256;

/// How large the request may be in all, in bytes; also the most that one of its files can have.
pub const BATCH_BYTES_MAX: usize = 8 * 1024 * 1024;

/// Query of `file_batch`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::IntoParams), into_params(parameter_in = Query))]
pub struct FileBatchQuery {
    /// The tree; `workspace` when absent.
    #[serde(default)]
    pub root: Root,
    /// The directory that all of the files lie below; the root itself when absent.
    #[serde(default)]
    pub path: String,
    /// How many files there are: 1 to 256.
    pub files: u32,
}

/// A file that is being uploaded.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct FileUpload {
    /// Its id, for going on.
    pub id: UploadId,
    /// The tree that it goes to.
    pub root: Root,
    /// The path below it.
    pub path: String,
    /// How many bytes are kept; the next part begins there.
    pub offset: u64,
    /// How many it will be, if that was said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub length: Option<u64>,
    /// The file as it was finished; absent until then.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub finished: Option<FileEntry>,
}
