//! Signatures, checked many at once where many come.
//!
//! One signature alone takes about 50 µs, one of many 25 (Bernstein et al., “High-speed high-security signatures”,
//! 2012, §5). A server that comes alone waits for nobody; those who come just after it wait for one another, and go on
//! together: the read of their rows (`nodes/rows.rs`) is one then, too.

use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use ed25519_dalek::{Signature, VerifyingKey, verify_batch};

use crate::app::App;
use crate::nodes::together::{Together, Turns};

/// How long those who come after another wait for one another.
const GATHER: Duration = Duration::from_millis(4);

/// How many are checked before others have the processor: about a millisecond.
const BATCH: usize = 32;

/// Who says to have a key, and shows it.
#[derive(Debug, Clone)]
pub(in crate::nodes) struct Claim {
    key: VerifyingKey,
    message: Vec<u8>,
    signature: Signature,
}

impl Claim {
    /// `None` where the key is none, or one that anybody could sign for.
    pub(super) fn new(key: &[u8], message: Vec<u8>, signature: &[u8]) -> Option<Self> {
        let key = VerifyingKey::try_from(key).ok()?;
        let signature = Signature::try_from(signature).ok()?;
        (!key.is_weak()).then_some(Self {
            key,
            message,
            signature,
        })
    }

    /// The key in its one base64 form.
    pub(super) fn key(&self) -> String {
        STANDARD.encode(self.key.as_bytes())
    }

    fn holds(&self) -> bool {
        let strict = self.key.verify_strict(&self.message, &self.signature);
        strict.is_ok()
    }
}

/// Whether each holds. One that does not is found by looking at each by itself.
fn check(claims: &[Claim]) -> Vec<bool> {
    if claims.len() > 1 {
        let messages: Vec<_> = claims.iter().map(|claim| &claim.message[..]).collect();
        let signatures: Vec<_> = claims.iter().map(|claim| claim.signature).collect();
        let keys: Vec<_> = claims.iter().map(|claim| claim.key).collect();
        if verify_batch(&messages, &signatures, &keys).is_ok() {
            return vec![true; claims.len()];
        }
    }
    claims.iter().map(Claim::holds).collect()
}

/// Those whose proofs are to be checked.
pub(in crate::nodes) type Proofs = Together<Claim, bool>;

/// Whether the claim holds; `None` when the control plane stops.
pub(super) async fn verified(app: &App, claim: Claim) -> Option<bool> {
    let (answered, turns) = app.nodes().proofs.ask(claim);
    if let Some(turns) = turns {
        app.tasks().spawn("node_proofs", serve(turns));
    }
    answered.await.ok()
}

async fn serve(mut turns: Turns<Claim, bool>) {
    while let Some(waiting) = turns.next(BATCH) {
        let (claims, answers): (Vec<_>, Vec<_>) = waiting.into_iter().unzip();
        for (answer, holds) in answers.into_iter().zip(check(&claims)) {
            let _ = answer.send(holds);
        }
        tokio::time::sleep(GATHER).await;
    }
}

#[cfg(test)]
mod tests {
    use ring::rand::SystemRandom;
    use ring::signature::{Ed25519KeyPair, KeyPair as _};

    use super::*;

    /// As a daemon signs.
    fn claim(number: u8) -> Claim {
        let document = Ed25519KeyPair::generate_pkcs8(&SystemRandom::new()).unwrap();
        let pair = Ed25519KeyPair::from_pkcs8(document.as_ref()).unwrap();
        let message = vec![number; 90];
        let signature = pair.sign(&message);
        Claim::new(pair.public_key().as_ref(), message, signature.as_ref()).unwrap()
    }

    #[test]
    fn of_many_only_those_that_do_not_hold_are_refused() {
        let mut claims: Vec<_> = (0..20).map(claim).collect();
        assert_eq!(check(&claims), [true; 20]);
        assert_eq!(check(&claims[..1]), [true]);
        claims[3].message[0] ^= 1;
        claims[17].signature = claims[16].signature;
        let expected: Vec<_> = (0..20).map(|number| ![3, 17].contains(&number)).collect();
        assert_eq!(check(&claims), expected);
        assert_eq!(check(&claims[3..4]), [false]);
    }

    #[test]
    fn a_key_that_anybody_could_sign_for_is_none() {
        let mut neutral = [0; 32];
        neutral[0] = 1;
        assert!(Claim::new(&neutral, Vec::new(), &[0; 64]).is_none());
        assert!(Claim::new(&[7; 31], Vec::new(), &[0; 64]).is_none());
        let good = claim(1);
        assert!(Claim::new(good.key.as_bytes(), Vec::new(), &[0; 63]).is_none());
    }
}
