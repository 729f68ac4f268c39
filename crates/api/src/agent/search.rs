//! Search in files, replacing what was found, and finding files by parts of their names.
//!
//! | request | does |
//! | --- | --- |
//! | `POST /v1/search/text` ([`TextSearch`]) | newline-delimited JSON of [`SearchEvent`], until done |
//! | `POST /v1/search/replace` ([`TextReplace`]) | [`Replacement`]: what was changed, and what was not |
//! | `POST /v1/search/undo` ([`ReplacementUndo`]) | takes a replacement back: [`ReplacementUndone`] |
//! | `POST /v1/search/names` ([`NameSearch`]) | [`NameList`]: files whose paths fit, best first |
//!
//! Lines end at `\n`, and a `\r` before it belongs to the ending. Places in a line are counted in UTF-16
//! code units from 0, as editors in browsers do; bytes that are not valid UTF-8 count as the replacement
//! characters that they are shown as.

use serde::{Deserialize, Serialize};

use super::files::Root;
use crate::ids::ReplacementId;

/// How many matches a search tells at most.
pub const MATCHES_MAX: u32 = 10_000;

/// How many matches of one file a search tells at most.
pub const FILE_MATCHES_MAX: u32 = 1_000;

/// How long a query or a replacement may be, in bytes.
pub const QUERY_BYTES_MAX: usize = 4 * 1024;

/// How many globs there may be of each kind.
pub const GLOBS_MAX: usize = 64;

/// How many lines around a match are told at most, before it and after it.
pub const CONTEXT_MAX: u8 = 10;

/// How many files a replacement may name.
pub const REPLACE_FILES_MAX: usize = 4_000;

/// How many names a search for names answers at most.
pub const NAMES_MAX: u32 = 200;

/// How many recent files count in a search for names.
pub const RECENT_MAX: usize = 64;

/// How many replacements can be undone.
pub const REPLACEMENTS_KEPT: usize = 10;

/// For how many days a replacement can be undone.
pub const REPLACEMENT_DAYS: u64 = 7;

/// What is looked for in texts.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct TextPattern {
    /// The text or regular expression; not empty, on one line.
    pub query: String,
    /// It is a regular expression (the syntax of the Rust crate `regex`), not a text.
    #[serde(default)]
    pub regex: bool,
    /// Whether case matters.
    #[serde(default)]
    pub case: CaseMatching,
    /// Only whole words.
    #[serde(default)]
    pub word: bool,
}

/// Whether case matters.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum CaseMatching {
    /// It matters if the query holds a capital letter.
    #[default]
    Smart,
    /// It matters.
    Sensitive,
    /// It does not.
    Insensitive,
}

/// Body of `search_text`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct TextSearch {
    /// What is looked for.
    pub pattern: TextPattern,
    /// Where.
    #[serde(default)]
    pub scope: SearchScope,
    /// How many lines before and after each match are told, too; at most 10.
    #[serde(default)]
    pub context: u8,
    /// What matches would be replaced with: each then says what it would become. `$1` and `${name}`
    /// stand for groups of a regular expression, `$$` for a dollar sign, `\n`, `\t` and `\\` for a new
    /// line, a tab and a backslash; without one, the text stands for itself.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub replacement: Option<String>,
    /// How many matches are told; 10,000 when absent, which is the most.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub limit: Option<u32>,
    /// How many matches of one file are told; 1,000 when absent, which is the most.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub file_limit: Option<u32>,
}

/// Which files are looked at. Links are not followed, and what belongs to Git itself (`.git`) is left out.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct SearchScope {
    /// The tree: `workspace` or `home`.
    #[serde(default)]
    pub root: Root,
    /// A directory or a file below it; all of it when absent.
    #[serde(default)]
    pub path: String,
    /// Only files that one of these globs fits. A glob without a slash at its beginning fits at any depth,
    /// and one that fits a directory fits all that it holds.
    #[serde(default)]
    pub include: Vec<String>,
    /// No files that one of these globs fits.
    #[serde(default)]
    pub exclude: Vec<String>,
    /// Files that `.gitignore`, `.ignore` and the like leave out, too.
    #[serde(default)]
    pub ignored: bool,
    /// Files and directories whose names begin with a dot, too.
    #[serde(default)]
    pub hidden: bool,
}

/// One line of the answer to a search.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[non_exhaustive]
pub enum SearchEvent {
    /// A file in which something was found.
    File(FoundFile),
    /// How far the search is; now and then.
    Progress {
        /// How many files were searched so far.
        files: u64,
    },
    /// It is done.
    Done(SearchSummary),
}

/// A file in which something was found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct FoundFile {
    /// Its path below the root, for addressing.
    pub path: String,
    /// The version that was searched.
    pub etag: String,
    /// Lines with matches, and those around them that were asked for, in order.
    pub lines: Vec<FoundLine>,
    /// The file has more matches than were told.
    #[serde(default)]
    pub truncated: bool,
}

/// A line, or the part of a very long one that lies around a match. A long line with several matches comes as
/// several parts.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct FoundLine {
    /// Its number, from 1.
    pub number: u64,
    /// Where `text` begins in the line; 0 unless its beginning was cut off.
    #[serde(default)]
    pub offset: u64,
    /// The text.
    pub text: String,
    /// The line goes on after `text`.
    #[serde(default)]
    pub cut: bool,
    /// What was found in it; empty for a line that only stands around one.
    #[serde(default)]
    pub matches: Vec<FoundMatch>,
}

/// A match in a line.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct FoundMatch {
    /// Where it begins in the line.
    pub start: u64,
    /// Where it ends; it may lie behind the end of a text that was cut.
    pub end: u64,
    /// What it would become, cut to 1,000 characters; present when a replacement was given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub replacement: Option<String>,
}

/// What a search came to.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct SearchSummary {
    /// How many files were searched.
    pub files: u64,
    /// In how many something was found.
    pub files_found: u64,
    /// How many matches were told.
    pub matches: u64,
    /// How many files hold binary data and were left out.
    pub binary: u64,
    /// How many files have a line that is too long to be searched (over 64 MiB), and were left out.
    pub too_long: u64,
    /// How many files and directories could not be read.
    pub unreadable: u64,
    /// Some of these, at most 20.
    #[serde(default)]
    pub unreadable_paths: Vec<UnreadablePath>,
    /// Why it ended before all was searched.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub limit: Option<SearchLimit>,
    /// How long it took, in milliseconds.
    pub duration_ms: u64,
}

/// Something that could not be read.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct UnreadablePath {
    /// Its path below the root.
    pub path: String,
    /// Why, in a few words.
    pub reason: String,
}

/// Why a search ended early.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[non_exhaustive]
pub enum SearchLimit {
    /// There are more matches than are told.
    Matches,
    /// It took longer than two minutes.
    Time,
}

/// Body of `search_replace`: replaces matches of a search in files that have not changed since.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct TextReplace {
    /// What was looked for.
    pub pattern: TextPattern,
    /// What matches are replaced with, as in a search.
    pub replacement: String,
    /// The tree: `workspace` or `home`.
    #[serde(default)]
    pub root: Root,
    /// Where; at most 4,000 files.
    pub files: Vec<FileReplace>,
}

/// Which matches of a file are replaced.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct FileReplace {
    /// The file's path below the root.
    pub path: String,
    /// The version that was searched. A file that has another one is left as it is.
    pub etag: String,
    /// Which of its matches, counted from 0 in the order in which the search told them; all when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub matches: Option<Vec<u32>>,
}

/// What a replacement came to. Each file was changed whole or not at all.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Replacement {
    /// What it can be undone by; absent when nothing was changed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub id: Option<ReplacementId>,
    /// The files that were changed.
    pub files: Vec<ReplacedFile>,
    /// How many matches were replaced in all.
    pub matches: u64,
    /// The files that were left as they are.
    pub skipped: Vec<SkippedFile>,
}

/// A file that was changed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ReplacedFile {
    /// Its path below the root.
    pub path: String,
    /// Its version now.
    pub etag: String,
    /// How many matches were replaced.
    pub matches: u32,
}

/// A file that was left as it is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct SkippedFile {
    /// Its path below the root.
    pub path: String,
    /// Why, for programs.
    pub reason: SkipReason,
    /// Why, for people, with what to do.
    pub detail: String,
}

/// Why a file was left as it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[non_exhaustive]
pub enum SkipReason {
    /// It has changed since.
    Changed,
    /// It is not there any more.
    NotFound,
    /// It may not be changed.
    Forbidden,
    /// The matches that were named are not there.
    NoMatch,
    /// Its text cannot hold the replacement, or is no text.
    Encoding,
    /// No space is left.
    OutOfSpace,
    /// Something else; see the detail.
    Other,
}

/// Body of `search_undo`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ReplacementUndo {
    /// Which replacement; one of the last 10, no older than 7 days.
    pub replacement: ReplacementId,
}

/// What undoing came to. What was left as it is can be tried again.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ReplacementUndone {
    /// The files that are again as they were before.
    pub files: Vec<String>,
    /// The files that were left as they are.
    pub skipped: Vec<SkippedFile>,
}

/// Body of `search_names`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct NameSearch {
    /// Parts of the path in their order, words apart by spaces in any; all files when empty.
    #[serde(default)]
    pub query: String,
    /// A directory below the `workspace` root; all of it when absent.
    #[serde(default)]
    pub path: String,
    /// Files that `.gitignore`, `.ignore` and the like leave out, too.
    #[serde(default)]
    pub ignored: bool,
    /// Files and directories whose names begin with a dot, too.
    #[serde(default)]
    pub hidden: bool,
    /// Paths that come first if they fit, the latest first; at most 64.
    #[serde(default)]
    pub recent: Vec<String>,
    /// How many are answered; 50 when absent, at most 200.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub limit: Option<u32>,
}

/// Files whose paths fit, best first.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct NameList {
    /// The files.
    pub items: Vec<FoundName>,
    /// How many fit in all.
    pub total: u64,
    /// How many files there are.
    pub files: u64,
    /// There are more files than are looked at (a million, or 64 MiB of names).
    #[serde(default)]
    pub truncated: bool,
    /// The names are being read again, since some time has passed: the same question may soon have another
    /// answer.
    #[serde(default)]
    pub refreshing: bool,
}

/// A file whose path fits.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct FoundName {
    /// Its path below the root, for addressing.
    pub path: String,
    /// Which characters of `path` were looked for, in UTF-16 code units from 0.
    pub positions: Vec<u32>,
    /// It is one of the recent ones.
    #[serde(default)]
    pub recent: bool,
}
