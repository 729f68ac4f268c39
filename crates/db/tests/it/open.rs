//! Opening, on either engine.

use atelier_db::{Db, DbOptions, OpenError, sqlx};
use atelier_testkit::TestDb;

#[tokio::test]
async fn a_second_opening_finds_what_the_first_wrote() {
    let test = TestDb::new().await;
    let mut tx = test.db().begin().await.unwrap();
    sqlx::query("INSERT INTO organizations (id, name, created_at) VALUES ($1, $2, $3)")
        .bind("org_1")
        .bind("Workshop “ورشة” 🛠")
        .bind(i64::MAX)
        .execute(&mut *tx)
        .await
        .unwrap();
    tx.commit().await.unwrap();
    test.db().close().await;

    let again = Db::open(test.options()).await.unwrap();
    again.ping().await.unwrap();
    let mut connection = again.read().await.unwrap();
    let (name, created_at): (String, i64) =
        sqlx::query_as("SELECT name, created_at FROM organizations WHERE id = $1")
            .bind("org_1")
            .fetch_one(&mut *connection)
            .await
            .unwrap();
    assert_eq!(name, "Workshop “ورشة” 🛠");
    assert_eq!(created_at, i64::MAX);
}

#[tokio::test]
async fn a_database_of_a_newer_version_is_refused_and_left_alone() {
    let test = TestDb::new().await;
    let mut tx = test.db().begin().await.unwrap();
    sqlx::query(
        "INSERT INTO _sqlx_migrations (version, description, success, checksum, execution_time) \
         SELECT 9000, 'from the future', success, checksum, 0 FROM _sqlx_migrations \
         WHERE version = 1",
    )
    .execute(&mut *tx)
    .await
    .unwrap();
    tx.commit().await.unwrap();
    test.db().close().await;

    let error = Db::open(test.options()).await.unwrap_err();
    let OpenError::Newer { found, known } = &error else {
        panic!("{error:?}");
    };
    assert_eq!(*found, 9000);
    assert!(*known >= 1);
    assert!(error.to_string().contains("newer version"), "{error}");
}

#[tokio::test]
async fn what_is_no_database_url_is_refused() {
    for url in [
        "",
        "mysql://root@127.0.0.1/x",
        "127.0.0.1",
        "postgres://user@host:notaport/x",
    ] {
        let options = DbOptions::Postgres {
            url: url.to_owned(),
            connections_max: 1,
        };
        let error = Db::open(&options).await.unwrap_err();
        assert!(matches!(error, OpenError::Url(_)), "{url:?}: {error:?}");
    }
}

#[tokio::test]
async fn a_server_that_does_not_answer_is_an_error_that_names_the_cause() {
    // Bound and never accepted from: closed again, so that nobody listens there.
    let port = std::net::TcpListener::bind("127.0.0.1:0")
        .unwrap()
        .local_addr()
        .unwrap()
        .port();
    let options = DbOptions::Postgres {
        url: format!("postgres://nobody@127.0.0.1:{port}/nothing"),
        connections_max: 1,
    };
    let error = Db::open(&options).await.unwrap_err();
    assert!(matches!(error, OpenError::Other(_)), "{error:?}");
    assert!(std::error::Error::source(&error).is_some());
}
