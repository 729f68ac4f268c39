//! Files that cannot be opened: each says what is wrong, and is left as it was.

use std::fs;
use std::future::Future;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};

use atelier_db::sqlx::{self, Connection as _, Row as _, SqliteConnection};
use atelier_db::{Db, DbOptions, Durability, OpenError};
use rustix::process::{Gid, Uid};
use tempfile::TempDir;

fn sqlite(path: &Path) -> DbOptions {
    DbOptions::Sqlite {
        path: path.to_owned(),
        durability: Durability::Normal,
    }
}

/// A database that was opened, filled with a few pages of rows, and closed.
async fn filled(folder: &TempDir) -> PathBuf {
    let path = folder.path().join("atelier.db");
    let db = Db::open(&sqlite(&path)).await.unwrap();
    let mut tx = db.begin().await.unwrap();
    for number in 0..500 {
        sqlx::query("INSERT INTO organizations (id, name, created_at) VALUES ($1, $2, 0)")
            .bind(format!("org_{number}"))
            .bind("x".repeat(200))
            .execute(&mut *tx)
            .await
            .unwrap();
    }
    tx.commit().await.unwrap();
    db.close().await;
    path
}

/// Runs as a user who is not root, whom file permissions bind. Credentials are a thread's own, and
/// the threads that SQLite runs on inherit them.
fn unprivileged<T: Send>(task: impl Future<Output = T> + Send) -> T {
    std::thread::scope(|scope| {
        scope
            .spawn(|| {
                if rustix::process::geteuid().is_root() {
                    let (uid, gid) = (Uid::from_raw(65_534), Gid::from_raw(65_534));
                    rustix::thread::set_thread_groups(&[]).unwrap();
                    rustix::thread::set_thread_res_gid(gid, gid, gid).unwrap();
                    rustix::thread::set_thread_res_uid(uid, uid, uid).unwrap();
                }
                tokio::runtime::Builder::new_current_thread()
                    .enable_all()
                    .build()
                    .unwrap()
                    .block_on(task)
            })
            .join()
            .unwrap()
    })
}

fn set_mode(path: &Path, mode: u32) {
    fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
}

#[tokio::test]
async fn a_file_that_is_no_database_is_refused_and_untouched() {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("atelier.db");
    let text = "this is a shopping list\n".repeat(400);
    fs::write(&path, &text).unwrap();
    let error = Db::open(&sqlite(&path)).await.unwrap_err();
    assert!(matches!(error, OpenError::Corrupt { .. }), "{error:?}");
    assert!(
        error.to_string().contains("restore it from a backup"),
        "{error}"
    );
    assert_eq!(fs::read_to_string(&path).unwrap(), text);
}

#[tokio::test]
async fn a_damaged_page_is_found_at_the_start() {
    let folder = TempDir::new().unwrap();
    let path = filled(&folder).await;
    let mut bytes = fs::read(&path).unwrap();
    // Pages 3 and up: the header stays whole, so that only the check can find it.
    let from = 2 * 4096;
    bytes[from..].fill(0x5a);
    fs::write(&path, &bytes).unwrap();
    let error = Db::open(&sqlite(&path)).await.unwrap_err();
    assert!(matches!(error, OpenError::Corrupt { .. }), "{error:?}");
}

#[tokio::test]
async fn a_file_cut_in_half_is_refused() {
    let folder = TempDir::new().unwrap();
    let path = filled(&folder).await;
    let length = fs::metadata(&path).unwrap().len();
    fs::OpenOptions::new()
        .write(true)
        .open(&path)
        .unwrap()
        .set_len(length / 2)
        .unwrap();
    let error = Db::open(&sqlite(&path)).await.unwrap_err();
    assert!(matches!(error, OpenError::Corrupt { .. }), "{error:?}");
}

#[tokio::test]
async fn a_folder_in_its_place_is_refused() {
    let folder = TempDir::new().unwrap();
    let error = Db::open(&sqlite(folder.path())).await.unwrap_err();
    assert!(matches!(error, OpenError::ReadOnly { .. }), "{error:?}");
}

#[tokio::test]
async fn a_folder_that_does_not_exist_is_refused() {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("nowhere/atelier.db");
    let error = Db::open(&sqlite(&path)).await.unwrap_err();
    assert!(matches!(error, OpenError::ReadOnly { .. }), "{error:?}");
}

#[test]
fn a_folder_without_write_access_is_refused() {
    let folder = TempDir::new().unwrap();
    set_mode(folder.path(), 0o555);
    let path = folder.path().join("atelier.db");
    let error = unprivileged(async { Db::open(&sqlite(&path)).await.unwrap_err() });
    set_mode(folder.path(), 0o755);
    assert!(matches!(error, OpenError::ReadOnly { .. }), "{error:?}");
    assert!(
        error.to_string().contains("give this user write access"),
        "{error}"
    );
    assert!(!path.exists());
}

#[test]
fn a_file_without_write_access_is_refused() {
    let folder = TempDir::new().unwrap();
    let path = tokio::runtime::Runtime::new()
        .unwrap()
        .block_on(filled(&folder));
    set_mode(&path, 0o444);
    set_mode(folder.path(), 0o755);
    let error = unprivileged(async { Db::open(&sqlite(&path)).await.unwrap_err() });
    assert!(matches!(error, OpenError::ReadOnly { .. }), "{error:?}");
}

#[tokio::test]
async fn a_file_that_another_program_holds_is_refused() {
    let folder = TempDir::new().unwrap();
    let path = filled(&folder).await;
    let mut holder = SqliteConnection::connect(path.to_str().unwrap())
        .await
        .unwrap();
    for statement in ["PRAGMA locking_mode = EXCLUSIVE", "BEGIN EXCLUSIVE"] {
        sqlx::query(statement).execute(&mut holder).await.unwrap();
    }
    let error = Db::open(&sqlite(&path)).await.unwrap_err();
    assert!(matches!(error, OpenError::Locked { .. }), "{error:?}");
    assert!(error.to_string().contains("close it"), "{error}");

    holder.close().await.unwrap();
    Db::open(&sqlite(&path)).await.unwrap();
}

#[tokio::test]
async fn odd_characters_in_the_path_are_taken_as_they_are() {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("a b?mode=memory#ü%20.db");
    let db = Db::open(&sqlite(&path)).await.unwrap();
    db.close().await;
    assert!(path.is_file());
}

#[tokio::test]
async fn the_settings_hold_on_every_connection() {
    let folder = TempDir::new().unwrap();
    for (durability, synchronous) in [(Durability::Normal, 1), (Durability::Full, 2)] {
        let db = Db::open(&DbOptions::Sqlite {
            path: folder.path().join("atelier.db"),
            durability,
        })
        .await
        .unwrap();
        let mut reader = db.read().await.unwrap();
        let mut tx = db.begin().await.unwrap();
        for connection in [&mut *reader, &mut *tx] {
            let row = sqlx::query("PRAGMA synchronous")
                .fetch_one(&mut *connection)
                .await
                .unwrap();
            assert_eq!(row.get::<i64, _>(0), synchronous);
            let row = sqlx::query("PRAGMA foreign_keys")
                .fetch_one(&mut *connection)
                .await
                .unwrap();
            assert_eq!(row.get::<i64, _>(0), 1);
            let row = sqlx::query("PRAGMA journal_mode")
                .fetch_one(&mut *connection)
                .await
                .unwrap();
            assert_eq!(row.get::<String, _>(0), "wal");
        }
    }
}
