//! The part of a machine's files that its owner lets be reached.

use std::ffi::OsStr;
use std::fs;
use std::os::fd::OwnedFd;
use std::os::unix::ffi::OsStrExt as _;
use std::path::{Path, PathBuf};

use rustix::fs::{Mode, OFlags, open, readlink};

use super::error::{Reason, Result};
use super::root::descriptor_path;

/// Directories, with links resolved, below which everything may be reached, and nothing else.
///
/// Invariant: what is judged is an open descriptor, of which the kernel says where it lies: neither a
/// link nor a rename between the judging and the opening leads elsewhere.
#[derive(Debug)]
pub(crate) struct Confinement(Vec<PathBuf>);

impl Confinement {
    /// Confines to `roots`; to nothing when there are none. A root that does not exist yet counts as
    /// it is written.
    pub(crate) fn new(roots: &[String]) -> Option<Self> {
        let resolved = |root: &String| fs::canonicalize(root).unwrap_or_else(|_| root.into());
        (!roots.is_empty()).then(|| Self(roots.iter().map(resolved).collect()))
    }

    /// Opens what `named`, an `O_PATH` descriptor, stands for, if it may be reached.
    pub(crate) fn open(&self, named: &OwnedFd, flags: OFlags) -> Result<OwnedFd> {
        let place = readlink(descriptor_path(named), Vec::new())?;
        let place = Path::new(OsStr::from_bytes(place.as_bytes()));
        if !self.0.iter().any(|root| place.starts_with(root)) {
            return Err(Reason::NotPermitted.into());
        }
        if flags.contains(OFlags::PATH) {
            return Ok(named.try_clone()?);
        }
        // A link opened as itself stays one: to open it through its descriptor fails with ELOOP.
        let flags = flags.difference(OFlags::NOFOLLOW) | OFlags::CLOEXEC;
        Ok(open(descriptor_path(named), flags, Mode::empty())?)
    }
}
