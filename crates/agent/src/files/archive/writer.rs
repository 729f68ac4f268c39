//! An archive that is being written, in either format.

use std::fs::File;
use std::io;

use atelier_api::agent::archives::ArchiveFormat;
use rustix::fs::Statx;

use super::sink::Sink;
use super::tar::TarGz;
use super::zip::Zip;
use crate::files::entry::Metadata;
use crate::files::path::RelativePath;

/// The mode of the notes.
const NOTES: Attributes = Attributes {
    mode: 0o644,
    modified_s: 0,
};

/// What is kept of an entry beside its content.
#[derive(Debug, Clone, Copy)]
pub(super) struct Attributes {
    /// The nine permission bits.
    pub(super) mode: u32,
    /// When it was modified, in seconds since 1970.
    pub(super) modified_s: i64,
}

impl Attributes {
    pub(super) fn of(metadata: &Statx) -> Self {
        Self {
            mode: u32::from(metadata.stx_mode) & 0o777,
            modified_s: metadata.stx_mtime.tv_sec,
        }
    }
}

/// Either format. Each method that adds something answers whether its name had to be written otherwise.
pub(super) enum Writer {
    Zip(Box<Zip>),
    TarGz(Box<TarGz>),
}

impl Writer {
    pub(super) fn new(format: ArchiveFormat, sink: Sink) -> Self {
        match format {
            ArchiveFormat::Zip => Self::Zip(Box::new(Zip::new(sink))),
            ArchiveFormat::TarGz => Self::TarGz(Box::new(TarGz::new(sink))),
        }
    }

    pub(super) fn directory(
        &mut self,
        path: &RelativePath,
        attributes: Attributes,
    ) -> io::Result<bool> {
        match self {
            Self::Zip(zip) => zip.directory(path, attributes),
            Self::TarGz(tar) => tar.directory(path, attributes).map(|()| false),
        }
    }

    pub(super) fn link(
        &mut self,
        path: &RelativePath,
        target: &[u8],
        attributes: Attributes,
    ) -> io::Result<bool> {
        match self {
            Self::Zip(zip) => zip.link(path, target, attributes),
            Self::TarGz(tar) => tar.link(path, target, attributes).map(|()| false),
        }
    }

    /// Adds a file, and answers also why it could not be read to its end, if so.
    pub(super) fn file(
        &mut self,
        path: &RelativePath,
        file: &File,
        metadata: &Metadata,
    ) -> io::Result<(bool, Option<io::Error>)> {
        let attributes = Attributes::of(metadata);
        match self {
            Self::Zip(zip) => zip.file(path, file, metadata.stx_size, attributes),
            Self::TarGz(tar) => tar
                .file(path, file, metadata.stx_size, attributes)
                .map(|read| (false, read)),
        }
    }

    /// Adds a text of our own.
    pub(super) fn notes(&mut self, name: &str, text: &str) -> io::Result<()> {
        match self {
            Self::Zip(zip) => zip.text(name, text, NOTES),
            Self::TarGz(tar) => tar.text(name, text, NOTES),
        }
    }

    pub(super) fn finish(self) -> io::Result<()> {
        match self {
            Self::Zip(zip) => zip.finish(),
            Self::TarGz(tar) => tar.finish(),
        }
    }
}
