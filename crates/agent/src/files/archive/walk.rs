//! The way through the trees that are archived.

use std::collections::HashSet;
use std::fs::File;
use std::io;
use std::os::fd::OwnedFd;

use atelier_api::agent::archives::NOTES_NAME;
use rustix::fs::{FileType, Mode, OFlags, openat, readlinkat};

use super::notes::Notes;
use super::writer::{Attributes, Writer};
use crate::AgentError;
use crate::files::entry::{self, Metadata, etag, file_type, is_file};
use crate::files::error::{FileError, Reason, Result};
use crate::files::list::each_entry;
use crate::files::path::{RelativePath, encode};
use crate::files::reserved::is_reserved;
use crate::files::root::{Place, RootDir};
use crate::files::transfer::numbered;

/// How deep is gone: each level keeps a descriptor open.
const DEPTH_MAX: usize = 200;

/// Something that stands at the archive's top.
#[derive(Debug)]
pub(super) struct Top {
    path: RelativePath,
    /// Its name in the archive.
    name: Vec<u8>,
}

impl Top {
    pub(super) fn new(path: &RelativePath) -> Self {
        Self {
            path: path.clone(),
            name: path.name().to_vec(),
        }
    }

    /// All that is in the root.
    pub(super) fn all_in(root: &RootDir) -> Result<Vec<Self>> {
        let mut tops = Vec::new();
        each_entry(root.open_directory(&RelativePath::default())?, |name, _| {
            if !is_reserved(name) {
                tops.push(Self::new(&RelativePath::default().join(name)));
            }
            Ok(())
        })?;
        Ok(tops)
    }
}

/// Gives those of the same name numbers, and leaves no name to the notes' own.
pub(super) fn tell_apart(tops: &mut [Top]) {
    let mut taken = HashSet::from([NOTES_NAME.as_bytes().to_vec()]);
    for top in tops {
        while !taken.insert(top.name.clone()) {
            top.name = numbered(&top.name, false);
        }
    }
}

/// Puts trees into an archive.
pub(super) struct Walk<'a> {
    root: &'a RootDir,
    writer: Writer,
    notes: Notes,
}

impl<'a> Walk<'a> {
    pub(super) fn new(root: &'a RootDir, writer: Writer) -> Self {
        Self {
            root,
            writer,
            notes: Notes::default(),
        }
    }

    /// Adds them all. Fails only when the archive itself cannot be written.
    pub(super) fn tops(&mut self, tops: &[Top]) -> io::Result<()> {
        for top in tops {
            let path = RelativePath::default().join(&top.name);
            match self.root.locate(&top.path) {
                Ok(place) => self.entry(&place, &path, 0)?,
                Err(error) => self.note(&path, error),
            }
        }
        Ok(())
    }

    /// Adds the notes, if there are any, and ends the archive.
    pub(super) fn finish(mut self) -> io::Result<()> {
        if let Some(text) = self.notes.into_text() {
            self.writer.notes(NOTES_NAME, &text)?;
        }
        self.writer.finish()
    }

    fn note(&mut self, path: &RelativePath, error: FileError) {
        let detail = AgentError::from(error.about(|| path.wire()));
        self.notes.add(&path.wire(), &detail.problem().detail);
    }

    /// Adds what stands at `place`, as `path`. What cannot be read is noted.
    fn entry(&mut self, place: &Place, path: &RelativePath, depth: usize) -> io::Result<()> {
        let metadata = match place.existing() {
            Ok(metadata) => metadata,
            Err(error) => {
                self.note(path, error);
                return Ok(());
            }
        };
        match file_type(&metadata) {
            FileType::RegularFile => match open_file(place) {
                Ok((file, metadata)) => self.file(&file, &metadata, path),
                Err(error) => {
                    self.note(path, error);
                    Ok(())
                }
            },
            FileType::Directory => self.directory(place, &metadata, path, depth),
            FileType::Symlink => match readlinkat(&place.parent, &place.name, Vec::new()) {
                Ok(target) => {
                    let renamed =
                        self.writer
                            .link(path, target.as_bytes(), Attributes::of(&metadata))?;
                    self.note_renamed(path, renamed);
                    Ok(())
                }
                Err(errno) => {
                    self.note(path, errno.into());
                    Ok(())
                }
            },
            _ => {
                self.note(path, Reason::NotRegular.into());
                Ok(())
            }
        }
    }

    fn file(&mut self, file: &File, metadata: &Metadata, path: &RelativePath) -> io::Result<()> {
        let (renamed, read) = self.writer.file(path, file, metadata)?;
        self.note_renamed(path, renamed);
        if let Some(error) = read {
            self.notes.add(
                &path.wire(),
                &format!("could not be read to its end: {error}"),
            );
        } else if entry::metadata(file).map_or(true, |now| etag(&now) != etag(metadata)) {
            self.notes.add(
                &path.wire(),
                "changed while it was read; its content may be of two versions",
            );
        }
        Ok(())
    }

    fn directory(
        &mut self,
        place: &Place,
        metadata: &Metadata,
        path: &RelativePath,
        depth: usize,
    ) -> io::Result<()> {
        let renamed = self.writer.directory(path, Attributes::of(metadata))?;
        self.note_renamed(path, renamed);
        let (directory, names) = match open_directory(place, depth) {
            Ok(opened) => opened,
            Err(error) => {
                self.note(path, error);
                return Ok(());
            }
        };
        let mut child = Place {
            parent: directory,
            name: Vec::new(),
        };
        for name in names {
            let path = path.join(&name);
            child.name = name;
            self.entry(&child, &path, depth + 1)?;
        }
        Ok(())
    }

    fn note_renamed(&mut self, path: &RelativePath, renamed: bool) {
        if renamed {
            self.notes.add(
                &path.wire(),
                "has a name that is not UTF-8, and is written so here; a tar.gz keeps it",
            );
        }
    }
}

fn open_file(place: &Place) -> Result<(File, Metadata)> {
    let flags = OFlags::RDONLY | OFlags::NOFOLLOW | OFlags::NONBLOCK | OFlags::CLOEXEC;
    let file = openat(&place.parent, &place.name, flags, Mode::empty())?;
    let metadata = entry::metadata(&file)?;
    if is_file(&metadata) {
        Ok((file.into(), metadata))
    } else {
        Err(Reason::NotRegular.into()) // Replaced since it was looked at.
    }
}

fn open_directory(place: &Place, depth: usize) -> Result<(OwnedFd, Vec<Vec<u8>>)> {
    if depth >= DEPTH_MAX {
        return Err(Reason::TooDeep(DEPTH_MAX).into());
    }
    let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::NOFOLLOW | OFlags::CLOEXEC;
    let directory = openat(&place.parent, &place.name, flags, Mode::empty())?;
    let mut names = Vec::new();
    each_entry(&directory, |name, _| {
        if !is_reserved(name) {
            names.push(name.to_vec());
        }
        Ok(())
    })
    .map_err(|error| error.about(|| encode(&place.name)))?;
    Ok((directory, names))
}
