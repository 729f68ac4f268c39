//! Proving a chain: `atelier audit verify`.

use std::fmt;

use atelier_api::ids::OrganizationId;
use atelier_db::Db;

use super::chain::{self, GENESIS, Link};
use super::store;
use crate::error::Result;

/// How many rows are read at a time.
const CHUNK: u32 = 1_000;

/// What [`verify`] found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VerifyReport {
    /// Whose chain.
    pub organization: OrganizationId,
    /// How many events are proven, from the first.
    pub proven: u64,
    /// The hash of the last proven event: worth keeping a copy of elsewhere.
    pub hash: String,
    /// The first broken link; absent for a whole chain.
    pub broken: Option<BrokenLink>,
}

impl VerifyReport {
    /// Whether the chain is whole.
    pub fn is_whole(&self) -> bool {
        self.broken.is_none()
    }
}

/// The first place where a chain is broken.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BrokenLink {
    /// The place of the event, from 1.
    pub sequence: i64,
    /// What is wrong there, in a sentence.
    pub reason: String,
}

impl fmt::Display for BrokenLink {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "event {}: {}", self.sequence, self.reason)
    }
}

/// Walks through an organization's chain, event by event. It takes no lock: what is appended
/// meanwhile is not looked at.
///
/// # Errors
/// When the database fails. A broken chain is a report, not an error.
pub async fn verify(db: &Db, organization: OrganizationId) -> Result<VerifyReport> {
    let mut conn = db.read().await?;
    // The head first: events that come later have higher numbers.
    let head = store::head(&mut conn, organization).await?;
    let mut report = VerifyReport {
        organization,
        proven: 0,
        hash: GENESIS.to_owned(),
        broken: None,
    };
    let mut after = i64::MIN;
    loop {
        let rows = store::follow(&mut conn, organization, after, CHUNK).await?;
        for row in &rows {
            after = store::place(row)?;
            if let Err(reason) = step(&mut report, after, store::read(row)) {
                report.broken = Some(BrokenLink {
                    sequence: after,
                    reason,
                });
                return Ok(report);
            }
            if report.proven == head.sequence && report.hash != head.hash {
                report.broken = Some(BrokenLink {
                    sequence: after,
                    reason: "Its hash is not the one that the head of the chain holds.".to_owned(),
                });
                return Ok(report);
            }
        }
        if rows.len() < CHUNK as usize {
            break;
        }
    }
    if report.proven < head.sequence {
        report.broken = Some(BrokenLink {
            sequence: i64::try_from(report.proven + 1).unwrap_or(i64::MAX),
            reason: format!(
                "It is missing, with all after it: the chain should have {} events.",
                head.sequence
            ),
        });
    }
    Ok(report)
}

/// Proves every chain of the database.
///
/// # Errors
/// When the database fails.
pub async fn verify_all(db: &Db) -> Result<Vec<VerifyReport>> {
    let organizations = store::organizations(&mut *db.read().await?).await?;
    let mut reports = Vec::with_capacity(organizations.len());
    for organization in organizations {
        reports.push(verify(db, organization).await?);
    }
    Ok(reports)
}

/// One more event, or what is wrong with it.
fn step(
    report: &mut VerifyReport,
    place: i64,
    stored: Result<store::Stored>,
) -> std::result::Result<(), String> {
    let expected = report.proven + 1;
    if i64::try_from(expected) != Ok(place) {
        return Err(format!("Event {expected} is missing before it."));
    }
    let stored = stored.map_err(|_| "It cannot be read: a field was changed.".to_owned())?;
    let link = Link::of(&stored.event, &stored.details);
    if chain::hash(&report.hash, &link) != stored.event.hash {
        return Err("Its fields and the event before it do not give its hash.".to_owned());
    }
    report.proven = expected;
    report.hash = stored.event.hash;
    Ok(())
}
