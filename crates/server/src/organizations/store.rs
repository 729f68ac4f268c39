//! All SQL on `organizations` and `members`.

use atelier_api::Timestamp;
use atelier_api::ids::{AccountId, OrganizationId};
use atelier_api::v1::identity::Membership;
use atelier_api::v1::organizations::{Member, Organization, Role};
use atelier_db::Row;
use atelier_db::sqlx::{self, Row as _};

use crate::ctx::Conn;
use crate::ctx::column::{corrupt, parsed};
use crate::error::Result;

fn role(row: &Row) -> Result<Role> {
    let text: String = row.try_get("role")?;
    [Role::Viewer, Role::Member, Role::Admin, Role::Owner]
        .into_iter()
        .find(|role| role_text(*role) == text)
        .ok_or_else(|| corrupt("role", &text))
}

/// A role as it is stored.
pub(super) const fn role_text(role: Role) -> &'static str {
    match role {
        Role::Viewer => "viewer",
        Role::Member => "member",
        Role::Admin => "admin",
        Role::Owner => "owner",
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
        .map(|row| Ok((parsed(row, "organization_id")?, role(row)?)))
        .collect()
}

/// The account's organizations with their names and the role in each, in a stable order.
pub(crate) async fn memberships_of(conn: &mut Conn, account: AccountId) -> Result<Vec<Membership>> {
    let organizations = organizations_of(conn, account).await?;
    Ok(organizations
        .into_iter()
        .map(|organization| Membership {
            organization_id: organization.id,
            organization_name: organization.name,
            role: organization.role,
        })
        .collect())
}

/// The account's organizations, oldest first.
pub(super) async fn organizations_of(
    conn: &mut Conn,
    account: AccountId,
) -> Result<Vec<Organization>> {
    let rows = sqlx::query(
        "SELECT o.id, o.name, o.created_at, m.role
         FROM members m JOIN organizations o ON o.id = m.organization_id
         WHERE m.account_id = $1 ORDER BY o.id",
    )
    .bind(account.to_string())
    .fetch_all(conn)
    .await?;
    rows.iter()
        .map(|row| {
            Ok(Organization {
                id: parsed(row, "id")?,
                name: row.try_get("name")?,
                created_at: Timestamp(row.try_get("created_at")?),
                role: role(row)?,
            })
        })
        .collect()
}

/// Inserts an organization.
pub(super) async fn insert_organization(
    conn: &mut Conn,
    id: OrganizationId,
    name: &str,
    created_at: Timestamp,
) -> Result<()> {
    sqlx::query("INSERT INTO organizations (id, name, created_at) VALUES ($1, $2, $3)")
        .bind(id.to_string())
        .bind(name)
        .bind(created_at.0)
        .execute(conn)
        .await?;
    Ok(())
}

/// Sets an organization's name.
pub(super) async fn set_name(conn: &mut Conn, id: OrganizationId, name: &str) -> Result<()> {
    sqlx::query("UPDATE organizations SET name = $1 WHERE id = $2")
        .bind(name)
        .bind(id.to_string())
        .execute(conn)
        .await?;
    Ok(())
}

fn member_row(row: &Row) -> Result<Member> {
    Ok(Member {
        account_id: parsed(row, "account_id")?,
        email: row.try_get("email")?,
        name: row.try_get("name")?,
        role: role(row)?,
        joined_at: Timestamp(row.try_get("joined_at")?),
    })
}

/// Members whose account comes after the one given, by account.
pub(super) async fn members(
    conn: &mut Conn,
    organization: OrganizationId,
    after: Option<AccountId>,
    limit: u32,
) -> Result<Vec<Member>> {
    let rows = sqlx::query(
        "SELECT m.account_id, m.role, m.joined_at, a.email, a.name
         FROM members m JOIN accounts a ON a.id = m.account_id
         WHERE m.organization_id = $1 AND m.account_id > $2
         ORDER BY m.account_id LIMIT $3",
    )
    .bind(organization.to_string())
    .bind(after.map(|id| id.to_string()).unwrap_or_default())
    .bind(i64::from(limit))
    .fetch_all(conn)
    .await?;
    rows.iter().map(member_row).collect()
}

/// One member.
pub(super) async fn member(
    conn: &mut Conn,
    organization: OrganizationId,
    account: AccountId,
) -> Result<Option<Member>> {
    let row = sqlx::query(
        "SELECT m.account_id, m.role, m.joined_at, a.email, a.name
         FROM members m JOIN accounts a ON a.id = m.account_id
         WHERE m.organization_id = $1 AND m.account_id = $2",
    )
    .bind(organization.to_string())
    .bind(account.to_string())
    .fetch_optional(conn)
    .await?;
    row.as_ref().map(member_row).transpose()
}

/// Inserts a member.
pub(super) async fn insert_member(
    conn: &mut Conn,
    organization: OrganizationId,
    account: AccountId,
    role: Role,
    joined_at: Timestamp,
) -> Result<()> {
    sqlx::query(
        "INSERT INTO members (organization_id, account_id, role, joined_at)
         VALUES ($1, $2, $3, $4)",
    )
    .bind(organization.to_string())
    .bind(account.to_string())
    .bind(role_text(role))
    .bind(joined_at.0)
    .execute(conn)
    .await?;
    Ok(())
}

/// Sets a member's role.
pub(super) async fn set_role(
    conn: &mut Conn,
    organization: OrganizationId,
    account: AccountId,
    role: Role,
) -> Result<()> {
    sqlx::query("UPDATE members SET role = $1 WHERE organization_id = $2 AND account_id = $3")
        .bind(role_text(role))
        .bind(organization.to_string())
        .bind(account.to_string())
        .execute(conn)
        .await?;
    Ok(())
}

/// Removes a member.
pub(super) async fn delete_member(
    conn: &mut Conn,
    organization: OrganizationId,
    account: AccountId,
) -> Result<()> {
    sqlx::query("DELETE FROM members WHERE organization_id = $1 AND account_id = $2")
        .bind(organization.to_string())
        .bind(account.to_string())
        .execute(conn)
        .await?;
    Ok(())
}

/// How many owners the organization has.
pub(super) async fn count_owners(conn: &mut Conn, organization: OrganizationId) -> Result<i64> {
    let count = sqlx::query_scalar(
        "SELECT COUNT(*) FROM members WHERE organization_id = $1 AND role = 'owner'",
    )
    .bind(organization.to_string())
    .fetch_one(conn)
    .await?;
    Ok(count)
}

/// How many workspaces, deleted ones aside, the member owns.
pub(super) async fn count_workspaces_of(
    conn: &mut Conn,
    organization: OrganizationId,
    account: AccountId,
) -> Result<i64> {
    let count = sqlx::query_scalar(
        "SELECT COUNT(*) FROM workspaces
         WHERE organization_id = $1 AND owner_id = $2 AND deleted_at IS NULL",
    )
    .bind(organization.to_string())
    .bind(account.to_string())
    .fetch_one(conn)
    .await?;
    Ok(count)
}
