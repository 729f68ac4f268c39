//! All SQL on `organizations` and `members`.

use atelier_api::ids::{AccountId, OrganizationId};
use atelier_api::v1::organizations::Role;
use atelier_db::sqlx::{self, Row as _};
use atelier_db::{DbError, Row};

use crate::ctx::Conn;
use crate::error::Result;

fn id<T: std::str::FromStr<Err: ToString>>(row: &Row, column: &'static str) -> Result<T> {
    let text: String = row.try_get(column)?;
    let parsed = text.parse().map_err(|error: T::Err| DbError::Corrupt {
        column,
        detail: error.to_string(),
    })?;
    Ok(parsed)
}

fn role(row: &Row) -> Result<Role> {
    let text: String = row.try_get("role")?;
    match text.as_str() {
        "viewer" => Ok(Role::Viewer),
        "member" => Ok(Role::Member),
        "admin" => Ok(Role::Admin),
        "owner" => Ok(Role::Owner),
        _ => Err(DbError::Corrupt {
            column: "role",
            detail: text,
        }
        .into()),
    }
}

/// The account's organizations and the role in each, in a stable order.
pub(crate) async fn roles_of(
    conn: &mut Conn,
    account: AccountId,
) -> Result<Vec<(OrganizationId, Role)>> {
    let rows = sqlx::query(
        "SELECT organization_id, role FROM members WHERE account_id = $1 ORDER BY organization_id",
    )
    .bind(account.to_string())
    .fetch_all(conn)
    .await?;
    rows.iter()
        .map(|row| Ok((id(row, "organization_id")?, role(row)?)))
        .collect()
}
