//! A fresh database for each test, of the engine that the run is for.

use std::future::Future;
use std::hash::{BuildHasher as _, RandomState};
use std::path::Path;

use atelier_db::sqlx::{AssertSqlSafe, Connection as _, PgConnection, raw_sql};
use atelier_db::{Db, DbOptions, Durability};
use tempfile::TempDir;
use url::Url;

/// Names the PostgreSQL server that tests make their databases on; SQLite when it is not set. The
/// user that it names must be allowed to create databases.
pub const DATABASE_URL_VARIABLE: &str = "ATELIER_TEST_DATABASE_URL";

/// A fresh database with this version's schema: on the server that [`DATABASE_URL_VARIABLE`]
/// names, or a temporary SQLite file. It is removed on drop.
#[derive(Debug)]
pub struct TestDb {
    // Before `place`: fields drop in order, and connections should go before what they lead to.
    db: Db,
    options: DbOptions,
    place: Place,
}

#[derive(Debug)]
enum Place {
    File { folder: TempDir },
    Server { url: Url, name: String },
}

impl TestDb {
    /// Makes and opens one.
    pub async fn new() -> Self {
        let (options, place) = match server_url() {
            Some(url) => on_server(url).await,
            None => in_file(),
        };
        let db = Db::open(&options).await.expect("a fresh database opens");
        Self { db, options, place }
    }

    /// The database.
    pub fn db(&self) -> &Db {
        &self.db
    }

    /// How to open it once more, as a second process or a restarted one would.
    pub fn options(&self) -> &DbOptions {
        &self.options
    }

    /// The folder of the file, to break it in; absent on PostgreSQL.
    pub fn folder(&self) -> Option<&Path> {
        match &self.place {
            Place::File { folder } => Some(folder.path()),
            Place::Server { .. } => None,
        }
    }

    /// Whether this run is on PostgreSQL, for what only one engine has.
    pub fn is_postgres() -> bool {
        server_url().is_some()
    }
}

impl Drop for TestDb {
    fn drop(&mut self) {
        match &self.place {
            Place::File { .. } => {}
            Place::Server { url, name } => {
                let url = url.clone();
                let drop = format!("DROP DATABASE IF EXISTS {name} WITH (FORCE)");
                // Drop is not async, and the test's runtime may be ending.
                let thread = std::thread::spawn(move || block_on(execute(url, drop)));
                let dropped = thread.join().is_ok();
                assert!(
                    dropped || std::thread::panicking(),
                    "the test database {name} could not be dropped"
                );
            }
        }
    }
}

#[expect(
    clippy::disallowed_methods,
    reason = "the test run is configured by the environment"
)]
fn server_url() -> Option<Url> {
    let text = std::env::var(DATABASE_URL_VARIABLE)
        .ok()
        .filter(|text| !text.is_empty())?;
    Some(Url::parse(&text).expect("ATELIER_TEST_DATABASE_URL is a URL"))
}

fn in_file() -> (DbOptions, Place) {
    let folder = tempfile::Builder::new()
        .prefix("atelier-db-")
        .tempdir()
        .expect("a temporary folder can be made");
    let options = DbOptions::Sqlite {
        path: folder.path().join("atelier.db"),
        durability: Durability::Normal,
    };
    (options, Place::File { folder })
}

async fn on_server(url: Url) -> (DbOptions, Place) {
    // Tests run in many processes at once: a random name, not a counted one.
    let name = format!("atelier_test_{:016x}", RandomState::new().hash_one(()));
    execute(url.clone(), format!("CREATE DATABASE {name}")).await;
    let mut own = url.clone();
    own.set_path(&name);
    let options = DbOptions::Postgres {
        url: own.to_string(),
        connections_max: 8,
    };
    (options, Place::Server { url, name })
}

async fn execute(url: Url, sql: String) {
    let mut connection = PgConnection::connect(url.as_str())
        .await
        .expect("the PostgreSQL server of ATELIER_TEST_DATABASE_URL answers");
    raw_sql(AssertSqlSafe(sql))
        .execute(&mut connection)
        .await
        .expect("its user may create and drop databases");
    connection.close().await.expect("the connection closes");
}

fn block_on(task: impl Future<Output = ()>) {
    tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .expect("a runtime can be made")
        .block_on(task);
}
