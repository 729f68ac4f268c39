//! The handle.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use sqlx::AnyPool;
use sqlx::pool::PoolConnection;

use crate::{DbError, Tx};

/// How long closing waits for connections. One whose task was cut off in the middle of giving it back never comes;
/// the database rolls back what was open on it when the line ends.
const CLOSE_WITHIN: Duration = Duration::from_secs(5);

/// Which engine stands behind the handle.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Engine {
    /// A file, in this process.
    Sqlite,
    /// A server.
    Postgres,
}

/// The database. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Db {
    pub(crate) engine: Engine,
    /// For reading: several connections.
    pub(crate) read: AnyPool,
    /// For writing: one connection on SQLite, so that writers queue here and never meet a lock.
    pub(crate) write: AnyPool,
    pub(crate) generation: Arc<AtomicU64>,
}

impl Db {
    /// Which engine it is.
    pub fn engine(&self) -> Engine {
        self.engine
    }

    /// A connection for reading.
    ///
    /// # Errors
    /// [`DbError::Busy`] when none becomes free within 10 s.
    pub async fn read(&self) -> Result<PoolConnection<sqlx::Any>, DbError> {
        Ok(self.read.acquire().await?)
    }

    /// Begins a transaction that writes. On SQLite it waits for the writer before it.
    ///
    /// # Errors
    /// [`DbError::Busy`] when the writer before it does not end within 10 s.
    pub async fn begin(&self) -> Result<Tx, DbError> {
        Tx::begin(self).await
    }

    /// Counts this process's committed transactions, save those that [`Tx::commit_log`] ended. While it stays the same on SQLite, nothing
    /// that was read has changed: what was derived from it is still exact (decision 0007). On
    /// PostgreSQL other replicas write too, so there it proves nothing.
    pub fn generation(&self) -> u64 {
        self.generation.load(Ordering::Acquire)
    }

    /// Whether what was read at this generation is exact still: never known on PostgreSQL.
    pub fn is_unchanged_since(&self, generation: u64) -> bool {
        self.engine == Engine::Sqlite && self.generation() == generation
    }

    /// Answers when the database does.
    ///
    /// # Errors
    /// When it does not.
    pub async fn ping(&self) -> Result<(), DbError> {
        let mut connection = self.read().await?;
        sqlx::query("SELECT 1").execute(&mut *connection).await?;
        Ok(())
    }

    /// Closes all connections, after what runs on them has ended, or after five seconds.
    pub async fn close(&self) {
        let closing = async {
            self.read.close().await;
            self.write.close().await;
        };
        if tokio::time::timeout(CLOSE_WITHIN, closing).await.is_err() {
            tracing::warn!("a database connection was not given back; it is dropped");
        }
    }
}
