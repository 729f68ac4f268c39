//! The schema's history. A released migration never changes; see `docs/how-to/migration.md`.

use std::borrow::Cow;

use sqlx::AssertSqlSafe;
use sqlx::SqlSafeStr as _;
use sqlx::migrate::{Migration, MigrationType, Migrator};

/// Number, name and text of every migration, in order.
const MIGRATIONS: &[(i64, &str, &str)] = &[
    (
        1,
        "foundation",
        include_str!("../migrations/0001_foundation.sql"),
    ),
    (2, "bridge", include_str!("../migrations/0002_bridge.sql")),
    (
        3,
        "node_jobs",
        include_str!("../migrations/0003_node_jobs.sql"),
    ),
    (
        4,
        "telemetry",
        include_str!("../migrations/0004_telemetry.sql"),
    ),
    (
        5,
        "schedules",
        include_str!("../migrations/0005_schedules.sql"),
    ),
    (
        6,
        "node_updates",
        include_str!("../migrations/0006_node_updates.sql"),
    ),
    (
        7,
        "audit_resource",
        include_str!("../migrations/0007_audit_resource.sql"),
    ),
    (
        8,
        "preferences",
        include_str!("../migrations/0008_preferences.sql"),
    ),
    (
        9,
        "terminal_shares",
        include_str!("../migrations/0009_terminal_shares.sql"),
    ),
    (10, "ports", include_str!("../migrations/0010_ports.sql")),
    (
        11,
        "git_credentials",
        include_str!("../migrations/0011_git_credentials.sql"),
    ),
    (
        12,
        "repositories",
        include_str!("../migrations/0012_repositories.sql"),
    ),
    (
        13,
        "node_connections",
        include_str!("../migrations/0013_node_connections.sql"),
    ),
    (
        14,
        "connection_reasons",
        include_str!("../migrations/0014_connection_reasons.sql"),
    ),
];

/// The newest migration that this program knows.
pub(crate) fn newest() -> i64 {
    MIGRATIONS
        .iter()
        .map(|(number, ..)| *number)
        .max()
        .unwrap_or(0)
}

pub(crate) fn migrator() -> Migrator {
    let migrations = MIGRATIONS
        .iter()
        .map(|(number, name, sql)| {
            Migration::new(
                *number,
                Cow::Borrowed(*name),
                MigrationType::Simple,
                AssertSqlSafe(*sql).into_sql_str(),
                false,
            )
        })
        .collect::<Vec<_>>();
    Migrator {
        migrations: Cow::Owned(migrations),
        ..Migrator::DEFAULT
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use sqlx::{Connection as _, Row as _};

    use super::*;

    #[test]
    fn numbers_are_consecutive() {
        for (index, (number, name, _)) in MIGRATIONS.iter().enumerate() {
            assert_eq!(*number, i64::try_from(index).unwrap() + 1, "{name}");
        }
    }

    /// A database as the first migrations left it, and with this in it.
    async fn of_before<const N: usize>(
        path: &Path,
        count: usize,
        statements: [&'static str; N],
    ) -> crate::Connection {
        sqlx::any::install_default_drivers();
        let url = format!("sqlite://{}?mode=rwc", path.display());
        let mut connection = crate::Connection::connect(&url).await.unwrap();
        let mut before = migrator();
        before.migrations.to_mut().truncate(count);
        before.run(&mut connection).await.unwrap();
        for statement in statements {
            sqlx::query(statement)
                .execute(&mut connection)
                .await
                .unwrap();
        }
        connection
    }

    /// A database of the first release has its embedded node, under its name.
    #[tokio::test]
    async fn a_database_of_before_the_bridge_is_brought_along() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("atelier.db");
        let statements = [
            "INSERT INTO organizations (id, name, created_at) VALUES ('org_1', 'O', 1)",
            "INSERT INTO nodes (id, organization_id, name, local, created_at, info) \
             VALUES ('node_1', 'org_1', 'Local', 1, 2, NULL)",
        ];
        let connection = of_before(&path, 1, statements).await;
        connection.close().await.unwrap();

        let options = crate::DbOptions::Sqlite {
            path,
            durability: crate::Durability::Normal,
        };
        let db = crate::Db::open(&options).await.unwrap();
        let row = sqlx::query("SELECT * FROM nodes")
            .fetch_one(&mut *db.read().await.unwrap())
            .await
            .unwrap();
        assert_eq!(row.get::<String, _>("name_key"), "local");
        assert_eq!(row.get::<String, _>("labels"), "{}");
        assert_eq!(row.get::<i64, _>("draining"), 0);
        assert_eq!(row.get::<Option<String>, _>("public_key"), None);
        db.close().await;
    }

    /// A reason that was written in words is what was said of a line that failed.
    #[tokio::test]
    async fn reasons_of_before_there_were_kinds_stay_readable() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("atelier.db");
        let statements = [
            "INSERT INTO organizations (id, name, created_at) VALUES ('org_1', 'O', 1)",
            "INSERT INTO nodes (id, organization_id, name, name_key, local, created_at) \
             VALUES ('node_1', 'org_1', 'N', 'n', 0, 2)",
            "INSERT INTO node_connections (node_id, sequence, at, online, reason) \
             VALUES ('node_1', 1, 3, 1, NULL), ('node_1', 2, 4, 0, 'nothing was heard for 9 s')",
        ];
        let mut connection = of_before(&path, 13, statements).await;
        migrator().run(&mut connection).await.unwrap();
        let rows = sqlx::query("SELECT * FROM node_connections ORDER BY sequence")
            .fetch_all(&mut connection)
            .await
            .unwrap();
        let reasons: Vec<_> = rows
            .iter()
            .map(|row| {
                let kind: Option<String> = row.get("reason_kind");
                let detail: Option<String> = row.get("reason_detail");
                let silence: Option<i64> = row.get("silence_ms");
                (kind, detail, silence)
            })
            .collect();
        let said = Some("nothing was heard for 9 s".to_owned());
        assert_eq!(
            reasons,
            [(None, None, None), (Some("failed".to_owned()), said, None)]
        );
        connection.close().await.unwrap();
    }
}
