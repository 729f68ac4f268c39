//! The programs on the disk.
//!
//! ```text
//! <data>/programs/
//!   <sha256>/atelier   a program that was received whole and verified
//!   incoming           one that is being received
//!   choice.json        which is to run instead of the one that was installed; absent: that one
//!   report.json        how the last order stands
//!   installed.json     the SHA-256 of the program that was installed, so that it is read only once
//! ```

use std::fs::{self, DirBuilder, File};
use std::io::{self, Read as _};
use std::os::unix::fs::{DirBuilderExt as _, MetadataExt as _};
use std::path::{Path, PathBuf};

use atelier_api::Timestamp;
use atelier_api::ids::NodeUpdateId;
use atelier_api::node::update::{UpdateReport, UpdateState};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

use crate::drivers::host::write_whole;

const PROGRAM: &str = "atelier";

/// The directory of programs.
#[derive(Debug, Clone)]
pub(super) struct Programs(PathBuf);

/// A file, told from another that was put in its place.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct FileMark {
    path: PathBuf,
    device: u64,
    inode: u64,
    size: u64,
    modified: (i64, i64),
}

/// Which program is to run.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Choice {
    /// The installed program that this stands in for. When another is installed, the choice is void: who
    /// installs a program wants that one.
    pub(super) instead_of: FileMark,
    /// The program's SHA-256.
    pub(super) program: String,
    /// The one of before; absent: the installed one.
    pub(super) before: Option<String>,
    /// It has not proven itself in its place yet.
    pub(super) probation: Option<Probation>,
}

/// A program that has proven itself beside another, and not yet in its place.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Probation {
    /// By which order.
    pub(super) order: NodeUpdateId,
    /// How often it was started since.
    pub(super) starts: u32,
    /// How long it has, each time.
    pub(super) healthy_within_s: u32,
}

#[derive(Debug, Serialize, Deserialize)]
struct Installed {
    file: FileMark,
    sha256: String,
}

impl FileMark {
    /// Of the file that was found at a path.
    pub(super) fn new(path: &Path, found: &fs::Metadata) -> Self {
        Self {
            path: path.to_owned(),
            device: found.dev(),
            inode: found.ino(),
            size: found.size(),
            modified: (found.mtime(), found.mtime_nsec()),
        }
    }

    pub(super) fn path(&self) -> &Path {
        &self.path
    }
}

impl Programs {
    pub(super) fn in_data(data_dir: &Path) -> Self {
        Self(data_dir.join("programs"))
    }

    /// Makes the directory.
    pub(super) fn make(&self) -> io::Result<()> {
        DirBuilder::new()
            .recursive(true)
            .mode(0o755)
            .create(&self.0)
    }

    /// The file of a program that is kept here.
    pub(super) fn file(&self, sha256: &str) -> Option<PathBuf> {
        let file = self.place(sha256)?.join(PROGRAM);
        file.is_file().then_some(file)
    }

    /// Where it would be; nothing when the text is no SHA-256.
    fn place(&self, sha256: &str) -> Option<PathBuf> {
        is_sha256(sha256).then(|| self.0.join(sha256))
    }

    /// Which of them this file is.
    pub(super) fn name_of(&self, file: &Path) -> Option<String> {
        let directory = file.parent()?;
        let here = fs::canonicalize(&self.0).ok()?;
        let name = directory.file_name()?.to_str()?;
        let inside = directory.parent()? == here;
        (inside && is_sha256(name)).then(|| name.to_owned())
    }

    /// All that are kept.
    pub(super) fn kept(&self) -> Vec<String> {
        let entries = fs::read_dir(&self.0).into_iter().flatten().flatten();
        let names = entries.filter_map(|entry| entry.file_name().into_string().ok());
        let mut kept: Vec<_> = names.filter(|name| self.file(name).is_some()).collect();
        kept.sort();
        kept
    }

    /// Where one is put while it is received.
    pub(super) fn incoming(&self) -> PathBuf {
        self.0.join("incoming")
    }

    /// Takes what was received in under its name; on the disk when this comes back.
    pub(super) fn keep(&self, sha256: &str) -> io::Result<()> {
        let place = self.place(sha256).ok_or(io::ErrorKind::InvalidInput)?;
        DirBuilder::new()
            .recursive(true)
            .mode(0o755)
            .create(&place)?;
        fs::rename(self.incoming(), place.join(PROGRAM))?;
        File::open(&place)?.sync_all()?;
        File::open(&self.0)?.sync_all()
    }

    /// Deletes all but these, and what was left half received.
    pub(super) fn prune(&self, keep: &[&str]) {
        let _ = fs::remove_file(self.incoming());
        for name in self.kept() {
            if !keep.contains(&name.as_str()) {
                let _ = fs::remove_dir_all(self.0.join(name));
            }
        }
    }

    /// Which is to run; the installed one where this is absent.
    pub(super) fn choice(&self) -> Option<Choice> {
        self.read("choice.json")
    }

    pub(super) fn choose(&self, choice: &Choice) -> io::Result<()> {
        self.write("choice.json", choice)
    }

    /// The installed program is to run.
    pub(super) fn choose_installed(&self) -> io::Result<()> {
        match fs::remove_file(self.0.join("choice.json")) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
            Err(error) => Err(error),
            Ok(()) => File::open(&self.0)?.sync_all(),
        }
    }

    /// Goes back to the program of before; answers its file, nothing for the installed one.
    pub(super) fn go_back(&self, from: &Choice) -> io::Result<Option<PathBuf>> {
        let before = from
            .before
            .as_ref()
            .and_then(|name| Some((name, self.file(name)?)));
        match before {
            Some((name, file)) => {
                self.choose(&Choice {
                    instead_of: from.instead_of.clone(),
                    program: name.clone(),
                    before: None,
                    probation: None,
                })?;
                Ok(Some(file))
            }
            None => self.choose_installed().map(|()| None),
        }
    }

    /// How the last order stands.
    pub(super) fn report(&self) -> Option<UpdateReport> {
        self.read("report.json")
    }

    pub(super) fn save_report(&self, report: &UpdateReport) -> io::Result<()> {
        self.make()?;
        self.write("report.json", report)
    }

    /// Notes how the order has ended, if it is the last and has not ended already.
    pub(super) fn settle(&self, order: NodeUpdateId, end: Result<(), String>, now: Timestamp) {
        let Some(mut report) = self.report().filter(|it| it.id == order) else {
            return;
        };
        if report.state != UpdateState::Running {
            return;
        }
        report.at = now;
        report.state = if end.is_ok() {
            UpdateState::Succeeded
        } else {
            UpdateState::Failed
        };
        report.reason = end.err();
        if let Err(error) = self.save_report(&report) {
            tracing::error!(%error, "how the update ended could not be noted");
        }
    }

    /// The SHA-256 of the installed program, which is read only when it has changed.
    pub(super) fn installed(&self, file: &FileMark) -> io::Result<String> {
        let known = self.read::<Installed>("installed.json");
        if let Some(known) = known.filter(|it| it.file == *file) {
            return Ok(known.sha256);
        }
        let sha256 = sha256_of(File::open(&file.path)?)?;
        self.make()?;
        let installed = Installed {
            file: file.clone(),
            sha256,
        };
        // Not to be spared that work next time is no reason to fail.
        let _ = self.write("installed.json", &installed);
        Ok(installed.sha256)
    }

    fn read<T: DeserializeOwned>(&self, name: &str) -> Option<T> {
        let bytes = fs::read(self.0.join(name)).ok()?;
        serde_json::from_slice(&bytes)
            .inspect_err(|error| tracing::error!(%error, "programs/{name} is unreadable"))
            .ok()
    }

    fn write<T: Serialize>(&self, name: &str, value: &T) -> io::Result<()> {
        let bytes = serde_json::to_vec(value).expect("what is kept is plain data");
        write_whole(&self.0.join(name), &bytes)?;
        File::open(&self.0)?.sync_all()
    }
}

pub(super) fn is_sha256(text: &str) -> bool {
    text.len() == 64
        && text
            .bytes()
            .all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'))
}

fn sha256_of(mut file: File) -> io::Result<String> {
    let mut hash = Sha256::new();
    let mut buffer = vec![0; 128 << 10];
    loop {
        match file.read(&mut buffer)? {
            0 => return Ok(hex::encode(hash.finalize())),
            count => hash.update(&buffer[..count]),
        }
    }
}
