//! Transactions: what is committed, what leaves no trace, who waits for whom.

use atelier_db::{Db, DbError, Engine, ReadCache, Tx, sqlx};
use atelier_testkit::TestDb;
use futures_util::future::join_all;

async fn insert(tx: &mut Tx, id: &str) -> Result<(), DbError> {
    sqlx::query("INSERT INTO organizations (id, name, created_at) VALUES ($1, 'x', 0)")
        .bind(id)
        .execute(&mut **tx)
        .await?;
    Ok(())
}

async fn ids(db: &Db) -> Vec<String> {
    let mut connection = db.read().await.unwrap();
    sqlx::query_scalar("SELECT id FROM organizations ORDER BY id")
        .fetch_all(&mut *connection)
        .await
        .unwrap()
}

#[tokio::test]
async fn a_dropped_transaction_leaves_no_trace() {
    let test = TestDb::new().await;
    let mut tx = test.db().begin().await.unwrap();
    insert(&mut tx, "org_dropped").await.unwrap();
    drop(tx);
    let mut tx = test.db().begin().await.unwrap();
    insert(&mut tx, "org_kept").await.unwrap();
    tx.commit().await.unwrap();
    assert_eq!(ids(test.db()).await, ["org_kept"]);
}

#[tokio::test]
async fn the_generation_counts_commits_and_nothing_else() {
    let test = TestDb::new().await;
    let before = test.db().generation();
    let clone = test.db().clone();

    let mut tx = clone.begin().await.unwrap();
    insert(&mut tx, "org_1").await.unwrap();
    assert_eq!(test.db().generation(), before);
    tx.commit().await.unwrap();
    assert_eq!(test.db().generation(), before + 1);

    let mut tx = clone.begin().await.unwrap();
    insert(&mut tx, "org_2").await.unwrap();
    drop(tx);
    ids(test.db()).await;
    assert_eq!(test.db().generation(), before + 1);
}

#[tokio::test]
async fn a_cached_read_is_given_until_something_is_written() {
    let test = TestDb::new().await;
    let (db, cache) = (test.db(), ReadCache::default());
    let before = db.generation();
    cache.put(db, before, "rows", 0);
    // PostgreSQL has other writers, who are not counted.
    let kept = (db.engine() == Engine::Sqlite).then_some(0);
    assert_eq!(cache.get(db, &"rows"), kept);

    let mut log = db.begin().await.unwrap();
    insert(&mut log, "org_log").await.unwrap();
    log.commit_log().await.unwrap();
    assert_eq!(cache.get(db, &"rows"), kept);

    let mut tx = db.begin().await.unwrap();
    insert(&mut tx, "org_1").await.unwrap();
    tx.commit().await.unwrap();
    assert_eq!(cache.get(db, &"rows"), None);

    // Read before the commit, put in after it.
    cache.put(db, before, "rows", 0);
    assert_eq!(cache.get(db, &"rows"), None);
}

#[tokio::test]
async fn readers_see_committed_rows_only() {
    let test = TestDb::new().await;
    let mut tx = test.db().begin().await.unwrap();
    insert(&mut tx, "org_1").await.unwrap();
    assert_eq!(ids(test.db()).await, Vec::<String>::new());
    tx.commit().await.unwrap();
    assert_eq!(ids(test.db()).await, ["org_1"]);
}

/// Read, think, write: without the lock, increments would be lost on PostgreSQL.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn concurrent_writers_of_one_scope_run_one_after_the_other() {
    const WRITERS: i64 = 50;
    let test = TestDb::new().await;
    let mut tx = test.db().begin().await.unwrap();
    insert(&mut tx, "org_counter").await.unwrap();
    tx.commit().await.unwrap();

    let writers = (0..WRITERS).map(|_| {
        let db = test.db().clone();
        tokio::spawn(async move {
            let mut tx = db.begin().await?;
            tx.lock("counter").await?;
            let count: i64 = sqlx::query_scalar("SELECT created_at FROM organizations")
                .fetch_one(&mut *tx)
                .await?;
            tokio::task::yield_now().await;
            sqlx::query("UPDATE organizations SET created_at = $1")
                .bind(count + 1)
                .execute(&mut *tx)
                .await?;
            tx.commit().await
        })
    });
    for writer in join_all(writers).await {
        writer.unwrap().unwrap();
    }

    let mut connection = test.db().read().await.unwrap();
    let count: i64 = sqlx::query_scalar("SELECT created_at FROM organizations")
        .fetch_one(&mut *connection)
        .await
        .unwrap();
    assert_eq!(count, WRITERS);
}

#[tokio::test]
async fn a_second_row_of_a_unique_key_is_told_apart() {
    let test = TestDb::new().await;
    let mut tx = test.db().begin().await.unwrap();
    insert(&mut tx, "org_1").await.unwrap();
    let error = insert(&mut tx, "org_1").await.unwrap_err();
    assert!(matches!(error, DbError::Unique(_)), "{error:?}");
}

#[tokio::test]
async fn a_row_without_its_parent_is_told_apart() {
    let test = TestDb::new().await;
    let mut tx = test.db().begin().await.unwrap();
    let error = sqlx::query(
        "INSERT INTO nodes (id, organization_id, name, local, created_at) \
         VALUES ('node_1', 'org_none', 'x', 0, 0)",
    )
    .execute(&mut *tx)
    .await
    .map_err(DbError::from)
    .unwrap_err();
    assert!(matches!(error, DbError::ForeignKey), "{error:?}");
}

#[tokio::test]
async fn a_closed_handle_answers_with_an_error() {
    let test = TestDb::new().await;
    test.db().close().await;
    test.db().ping().await.unwrap_err();
    test.db().begin().await.unwrap_err();
}
