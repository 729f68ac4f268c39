//! ZIP. It says a file's size behind its content, but has names in UTF-8 only.

use std::fs::File;
use std::io::{self, Read as _, Write as _};

use jiff::Timestamp;
use jiff::tz::TimeZone;
use zip::write::{SimpleFileOptions, StreamWriter};
use zip::{CompressionMethod, DateTime, ZipWriter};

use super::sink::Sink;
use super::writer::Attributes;
use crate::files::path::RelativePath;

/// How much is read at once, in bytes.
const BUFFER_BYTES: usize = 256 * 1024;

/// From which size on an entry says it in 64 bits, which old programs cannot read. A file may grow while it is
/// read; what then comes beyond 4 GiB is left out.
const LARGE_BYTES: u64 = 1 << 31;

/// The most that an entry holds which does not say its size in 64 bits.
const SMALL_BYTES_MAX: u64 = u32::MAX as u64 - 1;

/// How hard it is pressed, of 9: whoever waits for a download waits for the line, and the line for this.
const LEVEL: i64 = 1;

pub(super) struct Zip {
    writer: ZipWriter<StreamWriter<Sink>>,
    sink: Sink,
    buffer: Vec<u8>,
}

impl Zip {
    pub(super) fn new(sink: Sink) -> Self {
        Self {
            writer: ZipWriter::new_stream(sink.clone()),
            sink,
            buffer: vec![0; BUFFER_BYTES],
        }
    }

    pub(super) fn directory(
        &mut self,
        path: &RelativePath,
        attributes: Attributes,
    ) -> io::Result<bool> {
        let (name, renamed) = name_of(path);
        self.writer.add_directory(name, options(attributes))?;
        Ok(renamed)
    }

    pub(super) fn link(
        &mut self,
        path: &RelativePath,
        target: &[u8],
        attributes: Attributes,
    ) -> io::Result<bool> {
        let (name, renamed) = name_of(path);
        let target = String::from_utf8_lossy(target);
        self.writer.add_symlink(name, target, options(attributes))?;
        Ok(renamed)
    }

    pub(super) fn file(
        &mut self,
        path: &RelativePath,
        file: &File,
        size: u64,
        attributes: Attributes,
    ) -> io::Result<(bool, Option<io::Error>)> {
        let (name, renamed) = name_of(path);
        let is_large = size >= LARGE_BYTES;
        let options = options(attributes).large_file(is_large);
        self.writer.start_file(name, options)?;
        let mut content = file.take(if is_large { u64::MAX } else { SMALL_BYTES_MAX });
        let mut failed = None;
        let mut read = 0;
        // A file that grows for ever, like a log, must not keep the archive from ending.
        while read <= size {
            self.sink.check()?;
            match content.read(&mut self.buffer) {
                Ok(0) => break,
                Ok(length) => {
                    self.writer.write_all(&self.buffer[..length])?;
                    read += length as u64;
                }
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => {
                    failed = Some(error);
                    break;
                }
            }
        }
        Ok((renamed, failed))
    }

    pub(super) fn text(
        &mut self,
        name: &str,
        text: &str,
        attributes: Attributes,
    ) -> io::Result<()> {
        self.writer.start_file(name, options(attributes))?;
        self.writer.write_all(text.as_bytes())
    }

    pub(super) fn finish(self) -> io::Result<()> {
        self.writer.finish()?;
        Ok(())
    }
}

/// A path as ZIP can hold it, and whether that is not how it is.
fn name_of(path: &RelativePath) -> (String, bool) {
    match std::str::from_utf8(path.as_bytes()) {
        Ok(name) => (name.to_owned(), false),
        Err(_) => (path.wire(), true),
    }
}

fn options(attributes: Attributes) -> SimpleFileOptions {
    let options = SimpleFileOptions::default()
        .compression_method(CompressionMethod::Deflated)
        .compression_level(Some(LEVEL))
        .unix_permissions(attributes.mode);
    // ZIP's own time begins in 1980 and knows no zone; UTC is at least the same for all.
    let time = Timestamp::from_second(attributes.modified_s)
        .ok()
        .and_then(|time| DateTime::try_from(TimeZone::UTC.to_datetime(time)).ok());
    match time {
        Some(time) => options.last_modified_time(time),
        None => options,
    }
}
