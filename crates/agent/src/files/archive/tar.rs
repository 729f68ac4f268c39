//! tar with gzip. It keeps names as they are, but wants a file's size before its content.

use std::ffi::OsStr;
use std::fs::File;
use std::io::{self, Read};
use std::os::unix::ffi::OsStrExt as _;
use std::path::Path;

use flate2::Compression;
use flate2::write::GzEncoder;
use tar::{Builder, EntryType, Header};

use super::sink::Sink;
use super::writer::Attributes;
use crate::files::path::RelativePath;

/// How much is read at once, in bytes.
const BUFFER_BYTES: usize = 256 * 1024;

pub(super) struct TarGz {
    builder: Builder<GzEncoder<Sink>>,
    sink: Sink,
}

impl TarGz {
    pub(super) fn new(sink: Sink) -> Self {
        // Whoever waits for a download waits for the line, and the line for the compression.
        Self {
            builder: Builder::new(GzEncoder::new(sink.clone(), Compression::fast())),
            sink,
        }
    }

    pub(super) fn directory(
        &mut self,
        path: &RelativePath,
        attributes: Attributes,
    ) -> io::Result<()> {
        let mut header = header(EntryType::Directory, 0, attributes);
        // As every other program writes it.
        let path = [path.as_bytes(), b"/"].concat();
        self.builder
            .append_data(&mut header, as_path(&path), io::empty())
    }

    pub(super) fn link(
        &mut self,
        path: &RelativePath,
        target: &[u8],
        attributes: Attributes,
    ) -> io::Result<()> {
        let mut header = header(EntryType::Symlink, 0, attributes);
        self.builder
            .append_link(&mut header, as_path(path.as_bytes()), as_path(target))
    }

    /// Adds exactly `size` bytes: what a file has grown by is left out, what is missing is zeros.
    pub(super) fn file(
        &mut self,
        path: &RelativePath,
        file: &File,
        size: u64,
        attributes: Attributes,
    ) -> io::Result<Option<io::Error>> {
        let mut header = header(EntryType::Regular, size, attributes);
        let mut content = Exactly {
            file,
            left: size,
            failed: None,
            sink: &self.sink,
        };
        let buffered = io::BufReader::with_capacity(BUFFER_BYTES, &mut content);
        self.builder
            .append_data(&mut header, as_path(path.as_bytes()), buffered)?;
        Ok(content.failed)
    }

    pub(super) fn text(
        &mut self,
        name: &str,
        text: &str,
        attributes: Attributes,
    ) -> io::Result<()> {
        let mut header = header(EntryType::Regular, text.len() as u64, attributes);
        self.builder.append_data(&mut header, name, text.as_bytes())
    }

    pub(super) fn finish(self) -> io::Result<()> {
        self.builder.into_inner()?.finish().map(drop)
    }
}

fn header(kind: EntryType, size: u64, attributes: Attributes) -> Header {
    let mut header = Header::new_gnu();
    header.set_entry_type(kind);
    header.set_size(size);
    header.set_mode(attributes.mode);
    // Before 1970 there is nothing that tar could say.
    header.set_mtime(u64::try_from(attributes.modified_s).unwrap_or(0));
    header
}

fn as_path(bytes: &[u8]) -> &Path {
    Path::new(OsStr::from_bytes(bytes))
}

/// A file's first bytes, as many as were announced.
struct Exactly<'a> {
    file: &'a File,
    left: u64,
    /// Why zeros stand in for the rest.
    failed: Option<io::Error>,
    sink: &'a Sink,
}

impl Read for Exactly<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let wanted = usize::try_from(self.left).map_or(buffer.len(), |left| buffer.len().min(left));
        if wanted == 0 {
            return Ok(0);
        }
        self.sink.check()?;
        let buffer = &mut buffer[..wanted];
        let read = match self.failed {
            Some(_) => 0,
            None => self.file.read(buffer).unwrap_or_else(|error| {
                self.failed = Some(error);
                0
            }),
        };
        if read == 0 {
            self.failed.get_or_insert_with(|| {
                io::Error::new(io::ErrorKind::UnexpectedEof, "it became shorter")
            });
            buffer.fill(0);
            self.left -= wanted as u64;
            return Ok(wanted);
        }
        self.left -= read as u64;
        Ok(read)
    }
}
