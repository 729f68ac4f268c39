//! Asks every connected node for what is new.

use std::collections::{BTreeSet, HashMap, HashSet};
use std::time::{Duration, Instant};

use atelier_api::ids::NodeId;
use atelier_api::node::TelemetryQuery;
use atelier_api::{ErrorCode, Timestamp};
use futures_util::StreamExt as _;
use futures_util::stream::FuturesUnordered;
use rand::RngExt as _;

use super::super::store;
use super::{PENDING_MAX, block_of};
use crate::ctx::Ctx;
use crate::error::{Chain, Error, Result};
use crate::nodes;

/// How often it is looked who has come and gone.
const LOOK_EVERY: Duration = Duration::from_secs(2);

/// How many nodes are asked at once.
const ASKED_MAX: usize = 32;

/// How long a node may take to answer.
const ANSWER_WITHIN: Duration = Duration::from_secs(20);

/// Those that are asked again fall due in steps of this: one waking for many.
const TOGETHER: Duration = Duration::from_millis(100);

/// While more than so many come within a look, as after a restart, none of them is asked: letting them
/// in is work enough. But for no longer than a cycle.
const MANY: usize = 100;

/// Of those that came, each is asked this long after the one before at most. All of them within a cycle.
const APART: Duration = Duration::from_millis(20);

/// How soon one is asked again that has not measured anything yet, or could not answer.
const SOON: Duration = Duration::from_secs(5);

/// How late one is that knows no telemetry: it may be updated.
const LATE: Duration = Duration::from_secs(600);

/// How far back the newest is looked for, while no more can be taken over.
const GLANCE_MS: i64 = 25_000;

/// A node that was asked less long ago is not asked again for someone who looks.
const FRESH: Duration = Duration::from_secs(2);

/// How long someone who looks waits for the newest.
const REFRESH_WITHIN: Duration = Duration::from_millis(1_500);

/// Asks all of them, again and again.
pub(super) async fn run(ctx: Ctx) {
    let cycle = Duration::from_secs(ctx.app().config().telemetry.poll_seconds.into());
    let began = Instant::now();
    let mut schedule = Schedule::default();
    let mut polls = FuturesUnordered::new();
    let mut look = tokio::time::interval(LOOK_EVERY);
    loop {
        while polls.len() < ASKED_MAX
            && let Some(node) = schedule.take_due(Instant::now())
        {
            let ctx = ctx.clone();
            polls.push(async move { (node, poll(&ctx, node).await) });
        }
        // With all places taken, what is due waits for one that is freed.
        let wake = schedule.next().filter(|_| polls.len() < ASKED_MAX);
        tokio::select! {
            Some((node, polled)) = polls.next(), if !polls.is_empty() => {
                let wait = again(node, polled, cycle);
                schedule.put(node, in_step(began, Instant::now() + wait));
            }
            _ = look.tick() => schedule.look(&nodes::connected(&ctx).await, cycle),
            () = until(wake) => {}
        }
    }
}

async fn until(at: Option<Instant>) {
    match at {
        Some(at) => tokio::time::sleep_until(at.into()).await,
        None => std::future::pending().await,
    }
}

/// The step after this time, counted from `began`.
fn in_step(began: Instant, at: Instant) -> Instant {
    let steps = (at - began).as_millis().div_ceil(TOGETHER.as_millis());
    began + TOGETHER * u32::try_from(steps).unwrap_or(u32::MAX)
}

/// In how long a node is asked again.
fn again(node: NodeId, polled: Result<Polled>, cycle: Duration) -> Duration {
    match polled {
        Ok(Polled::More) => Duration::ZERO,
        Ok(Polled::Nothing) => SOON.min(cycle),
        // Not all at the same time again.
        Ok(Polled::All) => cycle.mul_f64(rand::rng().random_range(0.9..1.1)),
        Err(error) if error.code() == ErrorCode::NotFound => LATE,
        Err(error) => {
            tracing::debug!(node.id = %node, error = %Chain(&error), "a server was asked for its measurements in vain");
            cycle
        }
    }
}

/// Who is asked when.
#[derive(Debug, Default)]
struct Schedule {
    due: BTreeSet<(Instant, NodeId)>,
    /// All that are connected; those that are being asked, and the new ones, have no time.
    known: HashMap<NodeId, Option<Instant>>,
    /// Those that have come and have no time yet, and since when there are such.
    new: Vec<NodeId>,
    new_since: Option<Instant>,
}

impl Schedule {
    fn next(&self) -> Option<Instant> {
        self.due.first().map(|(at, _)| *at)
    }

    fn take_due(&mut self, now: Instant) -> Option<NodeId> {
        if self.next()? > now {
            return None;
        }
        let (_, node) = self.due.pop_first()?;
        self.known.insert(node, None);
        Some(node)
    }

    fn put(&mut self, node: NodeId, at: Instant) {
        // One that has gone meanwhile is put in as it returns.
        if let Some(known) = self.known.get_mut(&node) {
            *known = Some(at);
            self.due.insert((at, node));
        }
    }

    /// These are connected now. Once no more than a few come, the first of the new ones are asked at
    /// once, and all within a cycle.
    fn look(&mut self, connected: &HashSet<NodeId>, cycle: Duration) {
        let due = &mut self.due;
        self.known.retain(|node, at| {
            let stays = connected.contains(node);
            if let (false, Some(at)) = (stays, *at) {
                due.remove(&(at, *node));
            }
            // One that is being asked stays until it has answered or failed.
            stays || at.is_none()
        });
        let came = connected
            .iter()
            .filter(|node| !self.known.contains_key(node));
        let came: Vec<_> = came.copied().collect();
        self.known.extend(came.iter().map(|node| (*node, None)));
        self.new.extend(&came);
        if self.new.is_empty() {
            return;
        }
        let waited = self.new_since.get_or_insert_with(Instant::now).elapsed();
        if came.len() > MANY && waited < cycle {
            return;
        }
        self.new_since = None;
        let new = std::mem::take(&mut self.new);
        let apart = APART.min(cycle / u32::try_from(new.len()).unwrap_or(u32::MAX));
        let mut at = Instant::now();
        for node in new {
            self.known.insert(node, Some(at));
            self.due.insert((at, node));
            at += apart;
        }
    }
}

/// What came of asking.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Polled {
    /// There is more.
    More,
    /// All that there was.
    All,
    /// It has never measured anything, as far as is known, or is being asked already.
    Nothing,
}

/// The right to ask a node: only one at a time has it.
struct Turn<'a>(&'a Ctx, NodeId);

impl<'a> Turn<'a> {
    fn take(ctx: &'a Ctx, node: NodeId) -> Option<Self> {
        let mut nodes = ctx.app().telemetry().nodes.lock();
        let held = nodes.entry(node).or_default();
        if held.asked {
            return None;
        }
        held.asked = true;
        held.asked_at = Some(Instant::now());
        Some(Self(ctx, node))
    }
}

impl Drop for Turn<'_> {
    fn drop(&mut self) {
        let mut nodes = self.0.app().telemetry().nodes.lock();
        if let Some(held) = nodes.get_mut(&self.1) {
            held.asked = false;
        }
    }
}

/// Asks a node once.
async fn poll(ctx: &Ctx, node: NodeId) -> Result<Polled> {
    let telemetry = ctx.app().telemetry();
    let Some(_turn) = Turn::take(ctx, node) else {
        return Ok(Polled::Nothing);
    };
    let client = nodes::connected_client(ctx.app(), node)?;
    let known = telemetry
        .nodes
        .lock()
        .get(&node)
        .and_then(|held| held.track.clone());
    let track = match known {
        Some(track) => track,
        None => store::track(&mut *ctx.read().await?, node).await?,
    };
    let full = {
        let mut nodes = telemetry.nodes.lock();
        let held = nodes.entry(node).or_default();
        held.track.get_or_insert_with(|| track.clone());
        held.rows >= PENDING_MAX
    };
    let ask = track.ask(ctx.now());
    let query = if full {
        glance(&track, ctx.now())
    } else {
        ask.query.clone()
    };
    let asked = tokio::time::timeout(ANSWER_WITHIN, client.telemetry(&query));
    let answer = asked
        .await
        .map_err(|_| Error::unavailable("The server did not answer in time."))??;
    let now = ctx.now();
    if full {
        let newest = answer.list.items.into_iter().last();
        if let Some(sample) = newest.and_then(|sample| track.believed(sample, now)) {
            telemetry.tell_latest(node, sample);
        }
        return Ok(Polled::All);
    }
    let mut nodes = telemetry.nodes.lock();
    // Removed meanwhile: nothing is kept of it.
    let Some(held) = nodes.get_mut(&node) else {
        return Ok(Polled::All);
    };
    // Gaps may have been filled meanwhile.
    let track = held.track.get_or_insert(track);
    let taken = track.take(&ask, answer, now);
    if !taken.samples.is_empty() {
        let mut pending = held.pending();
        pending.merge(&block_of(&taken.samples));
        held.set_pending(&pending);
    }
    drop(nodes);
    if let Some(newest) = taken.samples.into_iter().last() {
        telemetry.tell_latest(node, newest);
    }
    Ok(if taken.more {
        Polled::More
    } else if telemetry.latest(node).is_none() {
        Polled::Nothing
    } else {
        Polled::All
    })
}

/// Only the newest.
fn glance(track: &super::Track, now: Timestamp) -> TelemetryQuery {
    let after = now.plus_ms(track.offset).plus_ms(-GLANCE_MS);
    TelemetryQuery {
        after: Some(after),
        limit: Some(3),
    }
}

/// Has a node that someone looks at asked now, if that was not done just before. Waits for a moment.
pub(in crate::telemetry) async fn refresh(ctx: &Ctx, node: NodeId) {
    let telemetry = ctx.app().telemetry();
    let asked_at = telemetry
        .nodes
        .lock()
        .get(&node)
        .and_then(|held| held.asked_at);
    let fresh = asked_at.is_some_and(|at| at.elapsed() < FRESH);
    if fresh || !ctx.app().config().telemetry.enabled {
        return;
    }
    // What does not come in time, or at all, is not there to be shown.
    let asked = tokio::time::timeout(REFRESH_WITHIN, poll(ctx, node)).await;
    if let Ok(Err(error)) = asked {
        tracing::debug!(node.id = %node, error = %Chain(&error), "a server was asked for its measurements in vain");
    }
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;

    const CYCLE: Duration = Duration::from_secs(30);

    fn nodes(count: u128) -> HashSet<NodeId> {
        (0..count)
            .map(|n| NodeId::from_uuid(Uuid::from_u128(n)))
            .collect()
    }

    #[test]
    fn one_that_comes_is_asked_at_once_and_many_are_spread_over_the_cycle() {
        let mut schedule = Schedule::default();
        schedule.look(&nodes(1), CYCLE);
        assert!(schedule.take_due(Instant::now()).is_some());
        assert_eq!(schedule.take_due(Instant::now()), None);

        let mut schedule = Schedule::default();
        for came in [4_000, 10_000] {
            schedule.look(&nodes(came), CYCLE);
            assert_eq!(schedule.next(), None, "they have enough to do");
        }
        let before = Instant::now();
        schedule.look(&nodes(10_020), CYCLE);
        assert_eq!(schedule.due.len(), 10_020);
        let soon = schedule
            .due
            .iter()
            .filter(|(at, _)| *at < before + CYCLE / 10);
        // A tenth, of 10,020.
        assert!((1..=1_010).contains(&soon.count()));
        let last = schedule.due.last().unwrap().0;
        assert!(last <= Instant::now() + CYCLE);
    }

    #[test]
    fn those_who_never_cease_to_come_are_asked_all_the_same() {
        let mut schedule = Schedule::default();
        schedule.look(&nodes(100), Duration::ZERO);
        assert_eq!(schedule.due.len(), 100);
    }

    #[test]
    fn who_has_gone_is_not_asked_and_who_returns_is() {
        let mut schedule = Schedule::default();
        schedule.look(&nodes(2), CYCLE);
        let later = Instant::now() + CYCLE;
        let asked = schedule.take_due(later).unwrap();
        schedule.look(&nodes(0), CYCLE);
        assert_eq!(schedule.take_due(later), None);
        // It failed, and is known until then.
        schedule.put(asked, Instant::now());
        schedule.look(&nodes(0), CYCLE);
        assert_eq!((schedule.known.len(), schedule.due.len()), (0, 0));
        schedule.put(asked, Instant::now());
        assert_eq!(schedule.take_due(later), None);
        schedule.look(&nodes(2), CYCLE);
        assert_eq!(schedule.due.len(), 2);
    }
}
