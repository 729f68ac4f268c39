//! Which files are looked at, and how they are reached.
//!
//! Invariant: the walk goes by names and follows no link; each file is then opened beneath the directory
//! that the walk began in, again without following any. So whatever is renamed meanwhile, no content from
//! outside of the root is read.

use std::ffi::OsStr;
use std::os::fd::OwnedFd;
use std::os::unix::ffi::OsStrExt as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use atelier_api::agent::files::Root;
use atelier_api::agent::search::SearchScope;
use ignore::{DirEntry, WalkBuilder};
use rustix::fs::{OFlags, readlink};

use super::globs::Globs;
use crate::AgentError;
use crate::files::{
    FileError, O_DIRECTORY_PATH, Reason, RelativePath, RootDir, descriptor_path, is_directory,
    is_file, is_reserved, metadata, open_without_links,
};

/// A directory, or one file in it, that is looked through.
#[derive(Debug)]
pub(super) struct Scope {
    directory: OwnedFd,
    /// Where the directory lies, with all links resolved.
    place: PathBuf,
    /// Where it lies below the root, as the caller said.
    prefix: RelativePath,
    /// The one file, when only one is meant.
    file: Option<PathBuf>,
    include: Option<Arc<Globs>>,
    exclude: Option<Arc<Globs>>,
    ignored: bool,
    hidden: bool,
}

impl Scope {
    /// Opens what is to be looked through.
    pub(super) fn open(root: &RootDir, scope: &SearchScope) -> Result<Self, AgentError> {
        if scope.root == Root::System {
            let detail = "The whole system is too large to be searched. Search in a terminal.";
            return Err(AgentError::invalid("scope.root", detail));
        }
        let include = Globs::new("scope.include", &scope.include)?.map(Arc::new);
        let exclude = Globs::new("scope.exclude", &scope.exclude)?.map(Arc::new);
        let path = crate::files::parse_path(&scope.path)?;
        let opened = Self::open_path(root, &path).map_err(|error| error.about(|| path.wire()))?;
        let (directory, place, prefix, file) = opened;
        Ok(Self {
            directory,
            place,
            prefix,
            file,
            include,
            exclude,
            ignored: scope.ignored,
            hidden: scope.hidden,
        })
    }

    fn open_path(
        root: &RootDir,
        path: &RelativePath,
    ) -> Result<(OwnedFd, PathBuf, RelativePath, Option<PathBuf>), FileError> {
        let named = root.open_at(path, OFlags::PATH)?;
        let what = metadata(&named)?;
        if is_directory(&what) {
            let place = place(&named)?;
            return Ok((named, place, path.clone(), None));
        }
        if !is_file(&what) {
            return Err(Reason::NotRegular.into());
        }
        let (parent, name) = path.split().ok_or(Reason::RootItself)?;
        let directory = root.open_at(&parent, O_DIRECTORY_PATH)?;
        let place = place(&directory)?;
        let file = place.join(OsStr::from_bytes(name));
        Ok((directory, place, parent, Some(file)))
    }

    /// A walk over all that is meant. It does not look at files before they are visited.
    pub(super) fn walk(&self) -> WalkBuilder {
        let mut walk = WalkBuilder::new(self.file.as_ref().unwrap_or(&self.place));
        let (place, exclude) = (self.place.clone(), self.exclude.clone());
        walk.standard_filters(!self.ignored)
            .hidden(!self.hidden)
            // A folder's own rules count before it becomes a repository, too.
            .require_git(false)
            .follow_links(false)
            .filter_entry(move |entry| {
                let name = entry.file_name().as_bytes();
                let below = entry.path().strip_prefix(&place);
                name != b".git"
                    && !is_reserved(name)
                    && !below.is_ok_and(|path| exclude.as_ref().is_some_and(|it| it.fit(path)))
            });
        walk
    }

    /// The file of an entry, by its path below the directory; nothing when it is none that is meant.
    pub(super) fn file<'a>(&self, entry: &'a DirEntry) -> Option<&'a Path> {
        if !entry.file_type().is_some_and(|kind| kind.is_file()) {
            return None;
        }
        let path = self.below(entry.path())?;
        let meant = self.include.as_ref().is_none_or(|globs| globs.fit(path));
        meant.then_some(path)
    }

    /// The path below the directory.
    pub(super) fn below<'a>(&self, path: &'a Path) -> Option<&'a Path> {
        path.strip_prefix(&self.place).ok()
    }

    /// Opens a file by its path below the directory.
    pub(super) fn open_file(&self, path: &Path) -> Result<OwnedFd, FileError> {
        open_without_links(&self.directory, path.as_os_str().as_bytes())
    }

    /// A path below the directory as one below the root.
    pub(super) fn relative(&self, path: &Path) -> RelativePath {
        match path.as_os_str().as_bytes() {
            b"" => self.prefix.clone(),
            path => self.prefix.join(path),
        }
    }

    /// Likewise, as it is written on the wire.
    pub(super) fn wire(&self, path: &Path) -> String {
        self.relative(path).wire()
    }
}

/// Where a directory lies now.
fn place(directory: &OwnedFd) -> Result<PathBuf, FileError> {
    let place = readlink(descriptor_path(directory), Vec::new())?;
    Ok(PathBuf::from(OsStr::from_bytes(place.as_bytes())))
}
