//! Why an operation on files failed, and what the caller is told.

use rustix::io::Errno;

use super::path::PathError;
use crate::AgentError;

/// What went wrong, and with which path.
#[derive(Debug, thiserror::Error)]
#[error("{reason}")]
pub(crate) struct FileError {
    reason: Reason,
    /// The path on the wire, once it is known.
    path: Option<String>,
}

/// What went wrong. The text continues a sentence that begins with the path.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Reason {
    #[error("{0}.")]
    Path(PathError),
    #[error("does not exist.")]
    NotFound,
    #[error("leads out of its root by a link. Such links are not followed.")]
    Escapes,
    #[error("lies outside of what this server's owner permits (node.toml, files.roots).")]
    NotPermitted,
    #[error("lies in a root that is read only.")]
    ReadOnlyRoot,
    #[error("is the root itself. Name something in it.")]
    RootItself,
    #[error("is a directory.")]
    IsDirectory,
    #[error("is not a directory, or goes through something that is none.")]
    NotDirectory,
    #[error("is neither a file nor a directory (a socket, pipe or device).")]
    NotRegular,
    #[error("exists already.")]
    Exists,
    #[error("is a directory that is not empty. Delete it with all it holds (recursive).")]
    NotEmpty,
    #[error("would come to lie inside itself.")]
    IntoItself,
    #[error("changed since it was read. Read it again, or overwrite it on purpose.")]
    Stale(Option<String>),
    #[error("may not be accessed with the permissions that one has here.")]
    Denied,
    #[error("is read only. Change its permissions first.")]
    ReadOnlyFile,
    #[error("lies on a file system that is read only.")]
    ReadOnlyFileSystem,
    #[error("could not be written: no space is left. Free some space and try again.")]
    OutOfSpace,
    #[error("is larger than a file may be here.")]
    TooLarge,
    #[error("has a name that is too long (names: 255 bytes, paths: 4,095).")]
    NameTooLong,
    #[error("goes through too many links.")]
    TooManyLinks,
    #[error("lies deeper than {0} directories, which is more than can be copied.")]
    TooDeep(usize),
    #[error("is in use. Try again.")]
    Busy,
    #[error("lies on another file system than its destination; copy it and delete it then.")]
    OtherFileSystem,
    #[error("cannot be followed any more: {0}")]
    WatchLimit(&'static str),
    #[error("was not finished: the request was cancelled.")]
    Cancelled,
    #[error("has {0} bytes uploaded so far. Go on from there.")]
    UploadOffset(u64),
    #[error("is being uploaded over another connection now. Ask how far it is before going on.")]
    UploadTaken,
    #[error("was to have {0} bytes, and more were sent. Begin again.")]
    UploadLonger(u64),
    #[error("is not all there: {0} of {1} bytes have come. Send the rest first.")]
    UploadIncomplete(u64, u64),
    #[error("was uploaded already.")]
    UploadFinished,
    #[error("is not being uploaded any more. Begin again.")]
    UploadGivenUp,
    #[error("belongs to the server itself, whose files have no trash. Delete it for good.")]
    NoTrash,
    #[error("lies in the trash. Restore it, or delete it for good there.")]
    InTrash,
    #[error("could not be given a name that is free.")]
    NoFreeName,
    #[error("could not be accessed: {0}.")]
    System(Errno),
}

/// What operations on files answer.
pub(crate) type Result<T> = std::result::Result<T, FileError>;

impl FileError {
    pub(crate) fn reason(&self) -> &Reason {
        &self.reason
    }

    /// The same error, saying which path it is about, unless it says so already.
    #[must_use]
    pub(crate) fn about(mut self, path: impl FnOnce() -> String) -> Self {
        self.path.get_or_insert_with(path);
        self
    }
}

impl From<Reason> for FileError {
    fn from(reason: Reason) -> Self {
        Self { reason, path: None }
    }
}

impl From<PathError> for FileError {
    fn from(error: PathError) -> Self {
        Reason::Path(error).into()
    }
}

impl From<Errno> for FileError {
    fn from(errno: Errno) -> Self {
        match errno {
            Errno::NOENT => Reason::NotFound,
            Errno::ACCESS | Errno::PERM => Reason::Denied,
            Errno::EXIST => Reason::Exists,
            Errno::NOTEMPTY => Reason::NotEmpty,
            Errno::ISDIR => Reason::IsDirectory,
            Errno::NOTDIR => Reason::NotDirectory,
            Errno::ROFS => Reason::ReadOnlyFileSystem,
            Errno::NOSPC | Errno::DQUOT => Reason::OutOfSpace,
            Errno::FBIG => Reason::TooLarge,
            Errno::NAMETOOLONG => Reason::NameTooLong,
            Errno::LOOP => Reason::TooManyLinks,
            Errno::AGAIN | Errno::BUSY | Errno::TXTBSY => Reason::Busy,
            errno => Reason::System(errno),
        }
        .into()
    }
}

impl From<std::io::Error> for FileError {
    fn from(error: std::io::Error) -> Self {
        // Everything here comes from the kernel; only `write_all` makes an error of its own.
        Errno::from_io_error(&error).unwrap_or(Errno::IO).into()
    }
}

impl From<FileError> for AgentError {
    fn from(FileError { reason, path }: FileError) -> Self {
        let subject = match path.as_deref() {
            Some("") => "The root".to_owned(),
            Some(path) => format!("“{path}”"),
            None => "The path".to_owned(),
        };
        let detail = format!("{subject} {reason}");
        match reason {
            Reason::Path(_) | Reason::RootItself | Reason::NameTooLong => {
                Self::invalid("path", detail)
            }
            Reason::NotFound => Self::not_found(detail),
            Reason::Escapes
            | Reason::NotPermitted
            | Reason::ReadOnlyRoot
            | Reason::Denied
            | Reason::ReadOnlyFile
            | Reason::ReadOnlyFileSystem => Self::forbidden(detail),
            Reason::Exists => Self::name_taken(detail),
            Reason::Stale(etag) => Self::stale(etag, detail),
            Reason::IsDirectory
            | Reason::NotDirectory
            | Reason::NotRegular
            | Reason::NotEmpty
            | Reason::IntoItself
            | Reason::TooManyLinks
            | Reason::TooDeep(_)
            | Reason::OtherFileSystem
            | Reason::UploadOffset(_)
            | Reason::UploadTaken
            | Reason::UploadIncomplete(..)
            | Reason::UploadFinished
            | Reason::UploadGivenUp
            | Reason::NoTrash
            | Reason::InTrash
            | Reason::NoFreeName
            | Reason::Cancelled => Self::conflict(detail),
            Reason::OutOfSpace => Self::out_of_space(detail),
            Reason::TooLarge | Reason::UploadLonger(_) => Self::too_large(detail),
            Reason::Busy => Self::unavailable(1, detail),
            Reason::WatchLimit(_) => Self::limit_reached(detail),
            Reason::System(errno) => Self::internal(detail, errno),
        }
    }
}
