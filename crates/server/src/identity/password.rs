//! Passwords: what is accepted, and argon2id on a bounded number of threads.

use std::collections::HashSet;
use std::error::Error as StdError;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, LazyLock};
use std::thread::available_parallelism;

use argon2::password_hash::phc::{Output, ParamsString, PasswordHash, Salt};
use argon2::{Algorithm, Argon2, Params, Version};
use tokio::sync::Semaphore;
use unicode_normalization::UnicodeNormalization as _;

use super::fields::{Email, fold};
use super::scratch::Scratch;
use crate::error::{Error, Result};

/// The fewest characters of a new password (NIST SP 800-63B asks for at least 8).
const LENGTH_MIN: usize = 10;

/// The most characters of any password, so that normalizing and hashing stay cheap.
const LENGTH_MAX: usize = 1_000;

/// Fewer different characters than this is a pattern, not a password.
const DISTINCT_MIN: usize = 4;

/// How many passwords may wait for a thread; more are sent away, as each holds a request.
const WAITING_MAX: usize = 64;

/// What the password of an unknown account is verified against: the parameters of a real hash, and
/// an output that no password is known to have.
const NOBODYS_HASH: &str = "$argon2id$v=19$m=19456,t=2,p=1$bm9ib2R5J3MgYWNjb3VudA$\
                            AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";

/// Passwords of ten characters and more that attackers try first.
static COMMON: LazyLock<HashSet<&'static str>> =
    LazyLock::new(|| include_str!("common_passwords.txt").lines().collect());

/// A password in normal form (NFKC), of bounded length. It cannot be printed.
#[derive(Clone)]
pub(crate) struct Password(String);

impl std::fmt::Debug for Password {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Password")
    }
}

impl Password {
    /// A password to be verified.
    pub(crate) fn given(field: &str, text: &str) -> Result<Self> {
        if text.chars().nth(LENGTH_MAX).is_some() {
            return Err(Error::invalid(
                field,
                format!("A password has at most {LENGTH_MAX} characters."),
            ));
        }
        Ok(Self(text.nfkc().collect()))
    }

    /// A password to be set, for the account with this address and name.
    pub(crate) fn chosen(field: &str, text: &str, email: &Email, name: &str) -> Result<Self> {
        let password = Self::given(field, text)?;
        let refused = |detail: &str| Err(Error::invalid(field, detail));
        let folded = fold(&password.0);
        if password.0.chars().count() < LENGTH_MIN {
            return refused(
                "A password has at least 10 characters. A few unrelated words are easy to remember.",
            );
        }
        let distinct = folded.chars().collect::<HashSet<_>>().len();
        if COMMON.contains(folded.as_str()) || distinct < DISTINCT_MIN {
            return refused("This password is among the first that attackers try. Choose another.");
        }
        let local = email.key().split('@').next().unwrap_or_default();
        if folded == email.key() || folded == local || folded == fold(name) {
            return refused("The password must differ from the e-mail address and the name.");
        }
        Ok(password)
    }
}

/// Hashes and verifies. Each operation takes 19 MiB and some 20 ms of a core (argon2id, m = 19 MiB,
/// t = 2, p = 1: OWASP's parameters), so no more run at once than there are cores, at most four.
#[derive(Debug, Clone)]
pub(super) struct Hasher {
    running: Arc<Semaphore>,
    waiting: Arc<Semaphore>,
    operations: Arc<AtomicU64>,
}

impl Default for Hasher {
    fn default() -> Self {
        let threads = available_parallelism().map_or(1, usize::from).min(4);
        Self {
            running: Arc::new(Semaphore::new(threads)),
            waiting: Arc::new(Semaphore::new(WAITING_MAX)),
            operations: Arc::default(),
        }
    }
}

impl Hasher {
    /// The hash to store, a PHC string.
    pub(super) async fn hash(&self, password: Password) -> Result<String> {
        self.run(move || {
            let salt = Salt::generate();
            let params = Params::default();
            let output = derive(&password, &salt, Version::default(), params.clone())
                .map_err(Error::internal)?;
            let hash = PasswordHash {
                algorithm: Algorithm::Argon2id.ident(),
                version: Some(Version::default().into()),
                params: ParamsString::try_from(&params).map_err(Error::internal)?,
                salt: Some(salt),
                hash: Some(output),
            };
            Ok(hash.to_string())
        })
        .await?
    }

    /// Whether the password is that of `stored`; without one, takes as long and says no.
    pub(super) async fn verify(&self, password: Password, stored: Option<String>) -> Result<bool> {
        self.run(move || {
            let hash = stored.as_deref().unwrap_or(NOBODYS_HASH);
            Ok(matches(&password, hash).map_err(Error::internal)? && stored.is_some())
        })
        .await?
    }

    /// How many passwords have been hashed or verified.
    pub(super) fn operations(&self) -> u64 {
        self.operations.load(Ordering::Relaxed)
    }

    async fn run<T: Send + 'static>(&self, work: impl FnOnce() -> T + Send + 'static) -> Result<T> {
        let Ok(_place) = self.waiting.try_acquire() else {
            return Err(Error::unavailable(
                "Too many people are signing in at this moment. Try again in a second.",
            ));
        };
        let running = Arc::clone(&self.running);
        let permit = running.acquire_owned().await.map_err(Error::internal)?;
        self.operations.fetch_add(1, Ordering::Relaxed);
        // The permit goes with the work: it runs to its end even when the client has gone.
        let task = tokio::task::spawn_blocking(move || {
            let _permit = permit;
            work()
        });
        task.await.map_err(Error::internal)
    }
}

/// Whether the password is that of the hash, a PHC string. Takes the same time for any password.
fn matches(password: &Password, hash: &str) -> Result<bool, Box<dyn StdError + Send + Sync>> {
    let hash = PasswordHash::new(hash)?;
    if hash.algorithm != Algorithm::Argon2id.ident() {
        return Err(format!("{} is not argon2id", hash.algorithm).into());
    }
    let version = hash.version.map(Version::try_from).transpose()?;
    let (Some(salt), Some(expected)) = (hash.salt.as_ref(), hash.hash) else {
        return Err("the hash lacks its salt or its output".into());
    };
    let params = Params::try_from(&hash)?;
    let output = derive(password, salt, version.unwrap_or_default(), params)?;
    // In constant time, as `Output` compares.
    Ok(output == expected)
}

/// Argon2id of the password (RFC 9106), in memory of its own.
fn derive(
    password: &Password,
    salt: &[u8],
    version: Version,
    params: Params,
) -> Result<Output, Box<dyn StdError + Send + Sync>> {
    let length = params.output_len().unwrap_or(Params::DEFAULT_OUTPUT_LEN);
    let scratch = Scratch::new(params.block_count())?;
    let argon2 = Argon2::new(Algorithm::Argon2id, version, params);
    let mut output = [0; Output::MAX_LENGTH];
    let output = output.get_mut(..length).ok_or("the output is too long")?;
    argon2.hash_password_into_with_memory(password.0.as_bytes(), salt, output, scratch)?;
    Ok(Output::new(output)?)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn chosen(text: &str) -> Result<Password> {
        let email = Email::parse("ada.lovelace@example.org").unwrap();
        Password::chosen("password", text, &email, "Ada Lovelace")
    }

    #[test]
    fn refuses_weak_and_overlong_passwords() {
        for text in [
            "",
            "short",
            "ninechars",
            "password123",
            "PassWord123",
            "1234567890",
            "ｐａｓｓｗｏｒｄ１２３",
            "aaaaaaaaaaaaaaaa",
            "abababababab",
            "ada.lovelace@example.org",
            "Ada.Lovelace",
            "ada lovelace",
            &"x1y2".repeat(251),
        ] {
            let error = chosen(text).unwrap_err();
            assert_eq!(
                error.problem().field.as_deref(),
                Some("password"),
                "{text:?}"
            );
        }
    }

    #[test]
    fn accepts_any_script_up_to_the_bound() {
        for text in [
            "correct horse battery",
            "كلمة سر طويلة جدا",
            "🦀🐍🐹🐫🦊🐙🦋🐝🐢🐳",
        ] {
            assert!(chosen(text).is_ok(), "{text}");
        }
        assert!(chosen(&"x1y2".repeat(250)).is_ok());
    }

    #[test]
    fn common_passwords_are_in_the_form_they_are_compared_in() {
        assert!(COMMON.len() >= 150, "{}", COMMON.len());
        for entry in COMMON.iter() {
            assert_eq!(fold(entry), *entry);
            assert!(
                entry.chars().count() >= LENGTH_MIN,
                "{entry} is refused as short"
            );
        }
    }

    #[tokio::test]
    async fn verifies_across_compositions_and_never_for_nobody() {
        let hasher = Hasher::default();
        let given = |text| Password::given("password", text).unwrap();
        let hash = hasher.hash(given("caf\u{e9} au lait")).await.unwrap();
        assert!(
            hash.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"),
            "{hash}"
        );
        let same = given("cafe\u{301} au lait");
        assert!(hasher.verify(same, Some(hash.clone())).await.unwrap());
        assert!(
            !hasher
                .verify(given("cafe au lait"), Some(hash))
                .await
                .unwrap()
        );
        assert!(!hasher.verify(given("cafe au lait"), None).await.unwrap());
        assert_eq!(
            hasher.operations(),
            4,
            "nobody's password is verified as well"
        );
    }

    #[tokio::test]
    async fn a_damaged_hash_is_an_error_and_not_a_wrong_password() {
        let given = Password::given("password", "whatever it was").unwrap();
        let stored = Some("$argon2id$damaged".to_owned());
        assert!(Hasher::default().verify(given, stored).await.is_err());
    }
}
