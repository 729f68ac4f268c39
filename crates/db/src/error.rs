//! What can go wrong, in the terms of callers.

use std::path::PathBuf;

/// A statement failed.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum DbError {
    /// A unique index refused the row; the constraint or columns are named as the engine does.
    #[error("a unique constraint was violated: {0}")]
    Unique(String),
    /// A foreign key refused the change.
    #[error("a foreign key was violated")]
    ForeignKey,
    /// No connection became free, or a lock was held too long.
    #[error("the database is busy")]
    Busy(#[source] sqlx::Error),
    /// The disk is full.
    #[error("the database cannot grow: the disk is full")]
    Full(#[source] sqlx::Error),
    /// A stored value is not what this version expects.
    #[error("a stored value of `{column}` cannot be read: {detail}")]
    Corrupt {
        /// Which column.
        column: &'static str,
        /// What is wrong with it.
        detail: String,
    },
    /// Anything else.
    #[error("a database statement failed")]
    Other(#[source] sqlx::Error),
}

impl From<sqlx::Error> for DbError {
    fn from(error: sqlx::Error) -> Self {
        match &error {
            sqlx::Error::PoolTimedOut => return Self::Busy(error),
            sqlx::Error::Database(database) => {
                if database.is_unique_violation() {
                    return Self::Unique(database.message().to_owned());
                }
                if database.is_foreign_key_violation() {
                    return Self::ForeignKey;
                }
                // SQLite's extended codes carry the primary code in the low byte:
                // 5 BUSY, 6 LOCKED, 13 FULL. PostgreSQL: 53100 disk_full.
                let code = database.code().unwrap_or_default();
                match code.parse::<u32>().map(|code| code & 0xff) {
                    Ok(5 | 6) if code.len() < 5 => return Self::Busy(error),
                    Ok(13) if code.len() < 5 => return Self::Full(error),
                    _ if code == "53100" => return Self::Full(error),
                    _ => {}
                }
            }
            _ => {}
        }
        Self::Other(error)
    }
}

/// The database could not be opened. Each says what to do.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum OpenError {
    /// The URL is not one of the two engines'.
    #[error("the database URL is not understood: use a file path or postgres://user@host/name")]
    Url(#[source] sqlx::Error),
    /// The file is no database, or is damaged.
    #[error(
        "the database {path} is damaged or is not a database: restore it from a backup, or move it \
         away to begin anew ({detail})"
    )]
    Corrupt {
        /// The file.
        path: PathBuf,
        /// What SQLite says.
        detail: String,
    },
    /// The file or its folder cannot be written.
    #[error(
        "the database {path} cannot be written: give this user write access to it and its folder"
    )]
    ReadOnly {
        /// The file.
        path: PathBuf,
    },
    /// Another program holds it.
    #[error("the database {path} is locked by another program: close it and start again")]
    Locked {
        /// The file.
        path: PathBuf,
    },
    /// A newer version of Atelier has written it.
    #[error(
        "the database was written by a newer version of Atelier (its migration {found}, this \
         program knows up to {known}): install that version or restore a backup"
    )]
    Newer {
        /// The newest migration in the database.
        found: i64,
        /// The newest that this program knows.
        known: i64,
    },
    /// Anything else.
    #[error("the database could not be opened")]
    Other(#[source] sqlx::Error),
    /// A migration failed; the database is as before it.
    #[error("the database could not be brought to this version's schema")]
    Migrate(#[source] Box<sqlx::migrate::MigrateError>),
}
