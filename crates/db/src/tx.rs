//! Write transactions.

use std::fmt;
use std::ops::{Deref, DerefMut};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use sqlx::{Any, Transaction};

use crate::{Connection, Db, DbError, Engine};

/// A write transaction. Dropped without [`Tx::commit`], it leaves no trace.
///
/// It dereferences to the connection: `sqlx::query(…).execute(&mut **tx)`.
pub struct Tx {
    engine: Engine,
    inner: Transaction<'static, Any>,
    generation: Arc<AtomicU64>,
}

impl fmt::Debug for Tx {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Tx")
            .field("engine", &self.engine)
            .finish_non_exhaustive()
    }
}

impl Tx {
    pub(crate) async fn begin(db: &Db) -> Result<Self, DbError> {
        let inner = match db.engine {
            // The write lock at once: a deferred transaction that has read cannot wait for it.
            Engine::Sqlite => db.write.begin_with("BEGIN IMMEDIATE").await?,
            Engine::Postgres => db.write.begin().await?,
        };
        Ok(Self {
            engine: db.engine,
            inner,
            generation: Arc::clone(&db.generation),
        })
    }

    /// Which engine it runs on.
    pub fn engine(&self) -> Engine {
        self.engine
    }

    /// Makes transactions that name the same `scope` run one after the other, until commit. On
    /// SQLite all write transactions do.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn lock(&mut self, scope: &str) -> Result<(), DbError> {
        match self.engine {
            Engine::Sqlite => {}
            Engine::Postgres => {
                sqlx::query("SELECT pg_advisory_xact_lock(hashtextextended($1, 0))::text")
                    .bind(scope)
                    .execute(&mut *self.inner)
                    .await?;
            }
        }
        Ok(())
    }

    /// Makes it durable and visible.
    ///
    /// # Errors
    /// When the database fails; then nothing has changed.
    pub async fn commit(self) -> Result<(), DbError> {
        self.inner.commit().await?;
        self.generation.fetch_add(1, Ordering::AcqRel);
        Ok(())
    }

    /// Makes durable what was appended to a log: rows that nothing reads which a cache holds. So
    /// [`Db::generation`] stays, and with it what the caches hold.
    ///
    /// # Errors
    /// When the database fails; then nothing has changed.
    pub async fn commit_log(self) -> Result<(), DbError> {
        Ok(self.inner.commit().await?)
    }
}

impl Deref for Tx {
    type Target = Connection;
    fn deref(&self) -> &Connection {
        &self.inner
    }
}

impl DerefMut for Tx {
    fn deref_mut(&mut self) -> &mut Connection {
        &mut self.inner
    }
}
