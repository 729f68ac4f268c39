//! New accounts, for the set-up and for organizations that add members.

use atelier_api::ids::AccountId;

use super::fields::{self, Email};
use super::password::Password;
use super::store::{self, AccountRow};
use crate::ctx::{Ctx, CtxTx};
use crate::error::{Error, Result};
use crate::organizations;

/// An account that is checked and hashed, and not yet stored.
#[derive(Debug)]
pub(crate) struct NewAccount(AccountRow);

impl NewAccount {
    /// Checks what was entered and hashes the password. Call it before a transaction begins:
    /// hashing takes long.
    pub(crate) async fn prepare(
        ctx: &Ctx,
        email: &str,
        name: &str,
        password: &str,
    ) -> Result<Self> {
        let email = Email::parse(email)?;
        let name = fields::name("name", name)?;
        let password = Password::chosen("password", password, &email, &name)?;
        let password_hash = ctx.app().identity().hasher.hash(password).await?;
        Ok(Self(AccountRow {
            id: AccountId::from_uuid(ctx.next_id()),
            email: email.text().to_owned(),
            email_key: email.key().to_owned(),
            name,
            password_hash,
            created_at: ctx.now(),
        }))
    }

    /// The id that it will have, unless it takes the place of an account (see [`Self::insert`]).
    pub(super) fn id(&self) -> AccountId {
        self.0.id
    }

    /// Its name.
    pub(super) fn name(&self) -> &str {
        &self.0.name
    }

    /// Stores it, and answers its id. An account with this address that belongs to no organization
    /// any more (its person was removed) is taken over: it gets the new name and password, and
    /// everything that was signed in to it is signed out.
    ///
    /// # Errors
    /// `conflict` when the address has an account that is in use.
    pub(crate) async fn insert(self, ctx: &Ctx, tx: &mut CtxTx) -> Result<AccountId> {
        let Self(account) = self;
        let email = Email::parse(&account.email)?;
        tx.lock(&format!("account:{}", email.key())).await?;
        let Some(existing) = store::account_by_email(tx, &email).await? else {
            store::insert_account(tx, &account).await?;
            return Ok(account.id);
        };
        if !organizations::roles_of(tx, existing.id).await?.is_empty() {
            return Err(
                Error::conflict("There is an account with this e-mail address already.")
                    .with_field("email"),
            );
        }
        let now = ctx.now();
        store::set_name(tx, existing.id, &account.name, now).await?;
        store::set_password(tx, existing.id, &account.password_hash, now).await?;
        store::delete_credentials(tx, existing.id).await?;
        Ok(existing.id)
    }
}
