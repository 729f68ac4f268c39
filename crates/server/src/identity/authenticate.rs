//! From a request's credentials to the actor.

use std::sync::Arc;

use atelier_api::ids::AccountId;
use atelier_db::Engine;
use http::HeaderMap;
use http::header::{AUTHORIZATION, COOKIE};

use super::cache::Known;
use super::secret::{Secret, SecretHash, TOKEN_PREFIX};
use super::{SESSION_COOKIE, SESSION_TTL_MS, store};
use crate::app::App;
use crate::ctx::{Actor, Credential, Ctx, Person};
use crate::error::{Chain, Error, Result};
use crate::organizations;

/// How often the use of a credential is written down, in milliseconds: what people are shown is
/// exact to the minute, and reading stays free of writes.
const TOUCH_EVERY_MS: i64 = 60_000;

/// Which table a secret belongs to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Session,
    Token,
}

/// Who sent a request with these headers. A bearer token comes before a cookie.
///
/// A cookie that is expired, foreign or malformed makes an anonymous actor, so that a browser with
/// an old one still reaches the sign-in page; a wrong bearer token is told so.
///
/// # Errors
/// `unauthenticated` for a bearer token that is not valid; when the database fails.
pub async fn authenticate(app: &App, headers: &HeaderMap) -> Result<Actor> {
    if let Some(text) = bearer(headers) {
        let secret = Secret::parse(TOKEN_PREFIX, text).ok_or_else(Error::unauthenticated)?;
        let person = resolve(app, Kind::Token, secret.hash()).await?;
        return person.map(Actor::Person).ok_or_else(Error::unauthenticated);
    }
    for secret in session_secrets(headers) {
        if let Some(person) = resolve(app, Kind::Session, secret.hash()).await? {
            return Ok(Actor::Person(person));
        }
    }
    Ok(Actor::Anonymous)
}

/// Whether the request says with a bearer token, right or wrong, who sends it. Such a request takes
/// no account of cookies, so no foreign page can borrow a browser's session with it. (Other schemes
/// of `Authorization` do not say so: a browser adds a proxy's password to what foreign pages ask
/// for.)
pub fn carries_token(headers: &HeaderMap) -> bool {
    bearer(headers).is_some()
}

/// Who an account's credential stands for now; nobody when it has ended.
pub(crate) async fn person(
    app: &App,
    account: AccountId,
    credential: Credential,
) -> Result<Option<Person>> {
    let mut conn = app.db().read().await?;
    let now = app.clock().now();
    let alive = match credential {
        Credential::Session(id) => store::session_alive(&mut conn, id, now).await?,
        Credential::Token(id) => store::token_alive(&mut conn, id, now).await?,
    };
    if !alive {
        return Ok(None);
    }
    let roles = organizations::roles_of(&mut conn, account).await?;
    let row = store::account(&mut conn, account).await?;
    Ok(row.map(|row| Person {
        account,
        name: row.name,
        credential,
        roles,
    }))
}

/// Whether the credential that a person came with still works and still means the same rights.
/// For connections that outlive their request: ask again from time to time, and close when not.
pub async fn still_valid(app: &App, person: &Person) -> bool {
    match read_again(app, person).await {
        Ok(valid) => valid,
        Err(error) => {
            tracing::warn!(error = %Chain(&error), "a credential could not be checked again");
            false
        }
    }
}

async fn read_again(app: &App, person: &Person) -> Result<bool> {
    let mut conn = app.db().read().await?;
    let now = app.clock().now();
    let known = match person.credential {
        Credential::Session(id) => store::session_alive(&mut conn, id, now).await?,
        Credential::Token(id) => store::token_alive(&mut conn, id, now).await?,
    };
    Ok(known && organizations::roles_of(&mut conn, person.account).await? == person.roles)
}

/// The text of `Authorization: Bearer …`. Other schemes are not ours: a proxy may add them.
fn bearer(headers: &HeaderMap) -> Option<&str> {
    let value = headers.get(AUTHORIZATION)?;
    // Bytes that are no text make a token that is none.
    let text = value.to_str().unwrap_or("Bearer ?");
    let (scheme, token) = text.split_once(' ').unwrap_or((text, ""));
    scheme
        .eq_ignore_ascii_case("bearer")
        .then_some(token.trim())
}

/// At most two: a browser sends several cookies of one name when they differ in domain or path.
fn session_secrets(headers: &HeaderMap) -> impl Iterator<Item = Secret> {
    headers
        .get_all(COOKIE)
        .into_iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|text| text.split(';'))
        .filter_map(|pair| pair.trim().split_once('='))
        .filter(|(name, _)| *name == SESSION_COOKIE)
        .filter_map(|(_, value)| Secret::parse("", value))
        .take(2)
}

async fn resolve(app: &App, kind: Kind, hash: SecretHash) -> Result<Option<Arc<Person>>> {
    let cache = &app.identity().cache;
    // Taken before reading: what is committed meanwhile makes the entry useless, not wrong.
    let generation = app.db().generation();
    let known = match cache.get(&hash, generation) {
        Some(known) => Some(known),
        None => read(app, kind, hash, generation).await?,
    };
    let now = app.clock().now();
    let Some(known) = known.filter(|known| now < known.expires_at) else {
        return Ok(None);
    };
    let due = known
        .last_used_at
        .is_none_or(|last| now.ms_since(last) >= TOUCH_EVERY_MS);
    if due {
        touch(app, hash, known.person.credential);
    }
    Ok(Some(known.person))
}

async fn read(app: &App, kind: Kind, hash: SecretHash, generation: u64) -> Result<Option<Known>> {
    let mut conn = app.db().read().await?;
    let found = match kind {
        Kind::Session => store::session_by_hash(&mut conn, hash).await?,
        Kind::Token => store::token_by_hash(&mut conn, hash).await?,
    };
    let Some(found) = found else {
        return Ok(None);
    };
    let roles = organizations::roles_of(&mut conn, found.account).await?;
    let known = Known {
        person: Arc::new(Person {
            account: found.account,
            name: found.name,
            credential: found.credential,
            roles,
        }),
        expires_at: found.expires_at,
        last_used_at: found.last_used_at,
    };
    // On PostgreSQL other replicas commit too, unseen by this process's count.
    if app.db().engine() == Engine::Sqlite {
        app.identity().cache.put(hash, generation, known.clone());
    }
    Ok(Some(known))
}

/// Writes the use down in the background, and moves a session's end.
fn touch(app: &App, hash: SecretHash, credential: Credential) {
    if !app.identity().cache.begin_touch(hash) {
        return;
    }
    let claim = TouchClaim(app.clone(), hash);
    app.tasks().spawn("identity.touch", async move {
        let TouchClaim(app, _) = &claim;
        if let Err(error) = write_touch(app, credential).await {
            tracing::warn!(error = %Chain(&error), "the use of a credential was not written down");
        }
    });
}

async fn write_touch(app: &App, credential: Credential) -> Result<()> {
    let ctx = Ctx::system(app, "identity_touch");
    let now = ctx.now();
    let mut tx = ctx.begin().await?;
    match credential {
        Credential::Session(id) => {
            store::touch_session(&mut tx, id, now, now.plus_ms(SESSION_TTL_MS)).await?;
        }
        Credential::Token(id) => store::touch_token(&mut tx, id, now).await?,
    }
    tx.commit().await
}

/// Gives the claim back however the task ends.
struct TouchClaim(App, SecretHash);

impl Drop for TouchClaim {
    fn drop(&mut self) {
        self.0.identity().cache.end_touch(&self.1);
    }
}

#[cfg(test)]
mod tests {
    use http::HeaderValue;

    use super::*;

    fn cookies(values: &[&str]) -> Vec<String> {
        let mut headers = HeaderMap::new();
        for value in values {
            headers.append(COOKIE, HeaderValue::from_str(value).unwrap());
        }
        session_secrets(&headers)
            .map(|secret| secret.expose().to_owned())
            .collect()
    }

    #[test]
    fn finds_the_session_among_cookies() {
        let (a, b) = ("a".repeat(43), "b".repeat(43));
        let one = format!("atelier_session={a}");
        assert_eq!(cookies(&[&format!("x=1; {one}; y=2")]), [a.as_str()]);
        assert_eq!(cookies(&["x=1", &one]), [a.as_str()]);
        let three = format!("{one};atelier_session={b};{one}");
        assert_eq!(cookies(&[&three]), [a, b]);
        assert!(cookies(&[&format!("other_{one}")]).is_empty());
        assert!(cookies(&["atelier_session", "atelier_session=", "=;;=", ""]).is_empty());
    }

    #[test]
    fn reads_bearer_tokens_only() {
        let of = |value: &[u8]| {
            let mut headers = HeaderMap::new();
            headers.insert(AUTHORIZATION, HeaderValue::from_bytes(value).unwrap());
            bearer(&headers).map(ToOwned::to_owned)
        };
        assert_eq!(of(b"Bearer atp_x").as_deref(), Some("atp_x"));
        assert_eq!(of(b"bearer  atp_x ").as_deref(), Some("atp_x"));
        assert_eq!(of(b"Bearer").as_deref(), Some(""));
        assert_eq!(of(b"Basic dXNlcg=="), None);
        assert_eq!(of(b"Bearer \xff").as_deref(), Some("?"));
    }
}
