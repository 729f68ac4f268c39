//! Opening the database: pools, pragmas, migrations, and plain words when it cannot be done.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::Once;
use std::sync::atomic::AtomicU64;
use std::time::Duration;

use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use sqlx::Connection as _;
use sqlx::any::AnyPoolOptions;
use sqlx::migrate::MigrateError;

use crate::migrations::{migrator, newest};
use crate::{Connection, Db, Engine, OpenError};

/// How long a caller waits for a connection, and a statement for a lock.
const ACQUIRE_TIMEOUT: Duration = Duration::from_secs(10);

/// A smaller file is checked page by page at start; a larger one would delay the start.
const QUICK_CHECK_MAX_BYTES: u64 = 16 * 1024 * 1024;

/// What a commit survives on SQLite (decision 0002).
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Durability {
    /// Crashes of this program and of the operating system; power loss may take the last commits,
    /// never consistency (`synchronous = NORMAL` with a write-ahead log).
    #[default]
    Normal,
    /// Power loss too (`synchronous = FULL`: an fsync a commit).
    Full,
}

/// How to open the database.
#[derive(Debug, Clone)]
pub enum DbOptions {
    /// A file, created when it does not exist.
    Sqlite {
        /// The file.
        path: PathBuf,
        /// What a commit survives.
        durability: Durability,
    },
    /// A server.
    Postgres {
        /// `postgres://user:password@host/name`.
        url: String,
        /// How many connections at most.
        connections_max: u32,
    },
}

impl Db {
    /// Opens the database and brings its schema to this version's.
    ///
    /// # Errors
    /// [`OpenError`] says what is wrong and what to do; the database is unchanged then.
    pub async fn open(options: &DbOptions) -> Result<Self, OpenError> {
        static DRIVERS: Once = Once::new();
        DRIVERS.call_once(sqlx::any::install_default_drivers);
        let db = match options {
            DbOptions::Sqlite { path, durability } => open_sqlite(path, *durability).await?,
            DbOptions::Postgres {
                url,
                connections_max,
            } => open_postgres(url, *connections_max).await?,
        };
        migrate(&db, options).await?;
        Ok(db)
    }
}

async fn open_sqlite(path: &Path, durability: Durability) -> Result<Db, OpenError> {
    let failed = |error: sqlx::Error| classify(error, path);
    let encoded = utf8_percent_encode(&path.to_string_lossy(), NON_ALPHANUMERIC).to_string();
    let url = format!("sqlite://{encoded}?mode=rwc");
    // A pool tries a connection that fails in `after_connect` again until it times out, and then
    // says only that it did. What is wrong with the file is found out on one outside of it.
    let mut first = Connection::connect(&url).await.map_err(failed)?;
    set_up(&mut first, durability).await.map_err(failed)?;
    check_integrity(&mut first, path).await?;
    let pool = |connections: u32| {
        AnyPoolOptions::new()
            .max_connections(connections)
            .acquire_timeout(ACQUIRE_TIMEOUT)
            .idle_timeout(None)
            .max_lifetime(None)
            .test_before_acquire(false)
            .after_connect(move |connection, _| Box::pin(set_up(connection, durability)))
    };
    let write = pool(1).connect(&url).await.map_err(failed)?;
    // Not before the migrations: a connection that knows the tables as they were reads the columns of
    // `SELECT *` wrongly the first time (sqlx counts them before SQLite notices the change).
    let read = pool(4).connect_lazy(&url).map_err(failed)?;
    first.close().await.map_err(failed)?;
    Ok(Db {
        engine: Engine::Sqlite,
        read,
        write,
        generation: Arc::new(AtomicU64::new(0)),
    })
}

async fn set_up(connection: &mut Connection, durability: Durability) -> Result<(), sqlx::Error> {
    let synchronous = match durability {
        Durability::Normal => "PRAGMA synchronous = NORMAL",
        Durability::Full => "PRAGMA synchronous = FULL",
    };
    for pragma in [
        "PRAGMA busy_timeout = 5000",
        "PRAGMA journal_mode = WAL",
        synchronous,
        "PRAGMA foreign_keys = ON",
        "PRAGMA temp_store = MEMORY",
        "PRAGMA cache_size = -4096",
    ] {
        sqlx::query(pragma).execute(&mut *connection).await?;
    }
    Ok(())
}

async fn check_integrity(connection: &mut Connection, path: &Path) -> Result<(), OpenError> {
    let size = std::fs::metadata(path).map_or(0, |metadata| metadata.len());
    if size > QUICK_CHECK_MAX_BYTES {
        return Ok(());
    }
    let answer: String = sqlx::query_scalar("PRAGMA quick_check(1)")
        .fetch_one(connection)
        .await
        .map_err(|error| classify(error, path))?;
    if answer == "ok" {
        Ok(())
    } else {
        Err(OpenError::Corrupt {
            path: path.to_owned(),
            detail: answer,
        })
    }
}

async fn open_postgres(url: &str, connections_max: u32) -> Result<Db, OpenError> {
    if !url.starts_with("postgres://") && !url.starts_with("postgresql://") {
        return Err(OpenError::Url(sqlx::Error::Configuration(
            "not a postgres:// URL".into(),
        )));
    }
    let pool = AnyPoolOptions::new()
        .max_connections(connections_max)
        .acquire_timeout(ACQUIRE_TIMEOUT)
        .connect(url)
        .await
        .map_err(|error| match error {
            sqlx::Error::Configuration(_) => OpenError::Url(error),
            other => OpenError::Other(other),
        })?;
    Ok(Db {
        engine: Engine::Postgres,
        read: pool.clone(),
        write: pool,
        generation: Arc::new(AtomicU64::new(0)),
    })
}

async fn migrate(db: &Db, options: &DbOptions) -> Result<(), OpenError> {
    match migrator().run(&db.write).await {
        Ok(()) => Ok(()),
        Err(MigrateError::VersionMissing(found)) => Err(OpenError::Newer {
            found,
            known: newest(),
        }),
        Err(MigrateError::Execute(error) | MigrateError::ExecuteMigration(error, _)) => {
            match options {
                DbOptions::Sqlite { path, .. } => Err(classify(error, path)),
                DbOptions::Postgres { .. } => Err(OpenError::Other(error)),
            }
        }
        Err(other) => Err(OpenError::Migrate(Box::new(other))),
    }
}

/// SQLite's primary result codes, <https://www.sqlite.org/rescode.html>: 5 BUSY, 6 LOCKED,
/// 8 READONLY, 11 CORRUPT, 14 CANTOPEN, 26 NOTADB.
fn classify(error: sqlx::Error, path: &Path) -> OpenError {
    let sqlx::Error::Database(database) = &error else {
        return OpenError::Other(error);
    };
    let code = database
        .code()
        .and_then(|code| code.parse::<u32>().ok())
        .map(|code| code & 0xff);
    let path = path.to_owned();
    match code {
        Some(5 | 6) => OpenError::Locked { path },
        Some(8 | 14) => OpenError::ReadOnly { path },
        Some(11 | 26) => OpenError::Corrupt {
            path,
            detail: database.message().to_owned(),
        },
        _ => OpenError::Other(error),
    }
}
