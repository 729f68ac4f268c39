//! What is done with preferences.

use atelier_api::v1::events::EventBody;
use atelier_api::v1::preferences::{Preference, PreferenceList};
use atelier_api::{ErrorCode, Problem};
use serde_json::{Map, Value};
use sha2::{Digest as _, Sha256};

use super::store::{self, PreferenceRow};
use crate::authz::{Action, Resource};
use crate::ctx::column::corrupt;
use crate::ctx::{Ctx, CtxTx, Person};
use crate::error::{Error, Result};

/// How many namespaces an account can have: some for each feature, with room for other clients.
const NAMESPACES_MAX: i64 = 64;

/// How large an object may be, in bytes of JSON. With [`NAMESPACES_MAX`], all of an account are at
/// most 1 MiB.
const VALUE_BYTES_MAX: usize = 16 * 1024;

/// The longest name of a namespace, in characters.
const NAMESPACE_CHARS_MAX: usize = 64;

/// The object of a namespace that was never written.
const EMPTY: &str = "{}";

/// How many bytes of the hash make an `ETag`: as many as a UUID has.
const ETAG_HASH_BYTES: usize = 16;

/// All of the signed-in person.
pub(super) async fn list(ctx: &Ctx) -> Result<PreferenceList> {
    ctx.authorize(Action::PreferenceList, &Resource::Own)?;
    let rows = store::preferences(&mut *ctx.read().await?, ctx.person()?.account).await?;
    let items = rows.into_iter().map(preference).collect::<Result<_>>()?;
    Ok(PreferenceList { items })
}

/// One namespace.
pub(super) async fn view(ctx: &Ctx, namespace: &str) -> Result<Preference> {
    ctx.authorize(Action::PreferenceView, &Resource::Own)?;
    let account = ctx.person()?.account;
    check_namespace(namespace)?;
    match store::preference(&mut *ctx.read().await?, account, namespace).await? {
        Some(row) => preference(row),
        None => Ok(never_written(namespace)),
    }
}

/// Replaces a namespace's object, if the version that is there is `seen`.
pub(super) async fn update(
    ctx: &Ctx,
    namespace: &str,
    seen: Option<&str>,
    value: &Map<String, Value>,
) -> Result<Preference> {
    ctx.authorize(Action::PreferenceUpdate, &Resource::Own)?;
    let person = ctx.person()?;
    check_namespace(namespace)?;
    let text = serde_json::to_string(value).map_err(Error::internal)?;
    if text.len() > VALUE_BYTES_MAX {
        return Err(Error::too_large(format!(
            "The object has {} bytes; a namespace holds at most {VALUE_BYTES_MAX}. Nothing was changed.",
            text.len()
        )));
    }
    let Some(seen) = seen else {
        return Err(Error::new(
            ErrorCode::PreconditionRequired,
            "Send If-Match with the version that you have seen (etag), so that a change from another device is not lost.",
        ));
    };
    let mut tx = ctx.begin().await?;
    tx.lock(&scope(person)).await?;
    let held = store::preference(&mut tx, person.account, namespace).await?;
    let version = etag(held.as_ref().map_or(EMPTY, |row| &row.value));
    if version != seen {
        return Err(stale(version));
    }
    if held.is_none() && store::count(&mut tx, person.account).await? >= NAMESPACES_MAX {
        return Err(Error::limit_reached(format!(
            "An account has preferences in at most {NAMESPACES_MAX} namespaces. Delete one that is not used any more."
        )));
    }
    let row = PreferenceRow {
        namespace: namespace.to_owned(),
        value: text,
        updated_at: ctx.now(),
    };
    store::put(&mut tx, person.account, &row).await?;
    let written = preference(row)?;
    tell(&mut tx, person, &written);
    tx.commit().await?;
    Ok(written)
}

/// Forgets what was set in a namespace. One that was never written is as forgotten.
pub(super) async fn delete(ctx: &Ctx, namespace: &str) -> Result<()> {
    ctx.authorize(Action::PreferenceDelete, &Resource::Own)?;
    let person = ctx.person()?;
    check_namespace(namespace)?;
    let mut tx = ctx.begin().await?;
    if store::delete(&mut tx, person.account, namespace).await? {
        tell(&mut tx, person, &never_written(namespace));
    }
    tx.commit().await
}

/// Writers of one account run one after the other, so that the number of namespaces holds.
fn scope(person: &Person) -> String {
    format!("preferences:{}", person.account)
}

/// Tells the person's other tabs and devices. Events belong to an organization: any of theirs will
/// do, for nobody else is sent it. Who is in none hears nothing and reads again in time.
fn tell(tx: &mut CtxTx, person: &Person, now: &Preference) {
    if let Some((organization, _)) = person.roles.first() {
        let body = EventBody::PreferenceChanged {
            account_id: person.account,
            namespace: now.namespace.clone(),
            etag: now.etag.clone(),
        };
        tx.publish(*organization, body);
    }
}

fn check_namespace(namespace: &str) -> Result<()> {
    let mut chars = namespace.chars();
    let fits = chars.next().is_some_and(|first| first.is_ascii_lowercase())
        && chars.all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || "._-".contains(c))
        && namespace.len() <= NAMESPACE_CHARS_MAX;
    if fits {
        return Ok(());
    }
    Err(Error::invalid(
        "namespace",
        format!(
            "A namespace is a lower-case letter, then letters, digits, “.”, “_” and “-”, at most {NAMESPACE_CHARS_MAX} in all."
        ),
    ))
}

fn preference(row: PreferenceRow) -> Result<Preference> {
    Ok(Preference {
        value: serde_json::from_str(&row.value).map_err(|error| corrupt("value", &error))?,
        etag: etag(&row.value),
        namespace: row.namespace,
        updated_at: Some(row.updated_at),
    })
}

fn never_written(namespace: &str) -> Preference {
    Preference {
        namespace: namespace.to_owned(),
        value: Map::new(),
        etag: etag(EMPTY),
        updated_at: None,
    }
}

/// The version of a text: equal texts are equal versions, so that an object that came back to
/// what it was is no conflict.
fn etag(value: &str) -> String {
    let hash = Sha256::digest(value.as_bytes());
    format!("\"{}\"", hex::encode(&hash[..ETAG_HASH_BYTES]))
}

fn stale(etag: String) -> Error {
    let mut problem = Problem::new(
        ErrorCode::Stale,
        "These preferences were changed meanwhile, in another tab or on another device. Read them again and repeat the change.",
    );
    problem.etag = Some(etag);
    problem.into()
}
