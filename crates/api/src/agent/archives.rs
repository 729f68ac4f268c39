//! Entries as one archive: `GET /v1/files/archive?root&path&path&format` streams it while it is made.
//!
//! Links are stored as links and never followed; sockets, pipes and devices are left out. A tree that changes
//! meanwhile still gives a valid archive: what could not be read, or changed while it was, is said in a file
//! [`NOTES_NAME`] at its end. A ZIP has names in UTF-8 only: others are written as the API writes them (`%XX`).

use serde::{Deserialize, Serialize};

use super::files::Root;

/// The file in an archive that says what of it is missing or may not be right.
pub const NOTES_NAME: &str = "ATELIER-NOTES.txt";

/// The form of an archive.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum ArchiveFormat {
    /// ZIP, with Unix permissions and links.
    #[default]
    #[serde(rename = "zip")]
    Zip,
    /// tar with gzip; keeps every name to the byte.
    #[serde(rename = "tar.gz")]
    TarGz,
}

impl ArchiveFormat {
    /// How it is written, also behind a file's name.
    pub const fn extension(self) -> &'static str {
        match self {
            Self::Zip => "zip",
            Self::TarGz => "tar.gz",
        }
    }

    /// Its media type.
    pub const fn media_type(self) -> &'static str {
        match self {
            Self::Zip => "application/zip",
            Self::TarGz => "application/gzip",
        }
    }

    /// Reads what a query says.
    pub fn parse(text: &str) -> Option<Self> {
        [Self::Zip, Self::TarGz]
            .into_iter()
            .find(|format| format.extension() == text)
    }
}

/// Query of `file_archive`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::IntoParams), into_params(parameter_in = Query))]
pub struct FileArchiveQuery {
    /// The tree; `workspace` when absent.
    #[serde(default)]
    pub root: Root,
    /// The entries, each by a `path` of its own, at most 1,000. The root itself, when empty, stands for all in it.
    pub path: Vec<String>,
    /// `zip` when absent.
    #[serde(default)]
    pub format: ArchiveFormat,
}
