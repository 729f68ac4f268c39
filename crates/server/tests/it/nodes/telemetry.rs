//! What servers measure: collected, kept, filled in after an outage, shown.
#![expect(
    clippy::disallowed_types,
    reason = "what answers here is a server elsewhere, no route of ours"
)]

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use atelier_api::ids::NodeId;
use atelier_api::node::{TelemetryList, TelemetryQuery, TelemetrySample};
use atelier_api::v1::telemetry::{TelemetryHistory, TelemetryMetric, WorkspaceTelemetry};
use atelier_api::{ErrorCode, Timestamp};
use atelier_db::{Engine, sqlx};
use atelier_node::{Launcher, Node, NodeConfig};
use atelier_server::ctx::Clock;
use atelier_testkit::{TestActor, TestApp, TestAppBuilder, wait_for, wait_until};
use axum::extract::{Query, State};
use axum::routing::get;
use axum::{Json, Router};
use futures_util::StreamExt as _;
use parking_lot::Mutex;
use serde_json::json;
use tokio_tungstenite::tungstenite::Message;

use super::daemon::{Daemon, Start};
use super::{embedded, node_path, seen, token, view};

const MINUTE: i64 = 60_000;
const HOUR: i64 = 60 * MINUTE;

fn collecting() -> TestAppBuilder {
    TestApp::builder().config(|config| {
        config.telemetry.enabled = true;
        config.telemetry.poll_seconds = 1;
    })
}

fn telemetry_path(node: NodeId) -> String {
    format!("{}/telemetry", node_path(node))
}

/// What was measured in a time, in about so many points.
async fn history(
    actor: &TestActor,
    node: NodeId,
    (from, to): (i64, i64),
    points: i64,
) -> TelemetryHistory {
    let points = points.to_string();
    let (from, to) = (from.to_string(), to.to_string());
    let query = [("from", &*from), ("to", &*to), ("points", &*points)];
    let request = actor.get(&telemetry_path(node)).query(&query);
    request.send().await.ok()
}

/// The times that a history has a value for, and the values of the first core.
fn core(history: &TelemetryHistory) -> Vec<(i64, u64)> {
    let mut series = history.series.iter();
    let Some(core) = series.find(|series| series.metric == TelemetryMetric::Core) else {
        return Vec::new();
    };
    assert_eq!(core.average.len(), history.times.len());
    let points = history.times.iter().zip(&core.average);
    points
        .filter_map(|(at, value)| Some((at.0, (*value)?)))
        .collect()
}

/// A server that has measured every 10 s since long ago; its clock is ahead of the control plane's.
#[derive(Clone)]
struct Measuring {
    clock: Clock,
    ahead: i64,
    since: i64,
    asked: Arc<Mutex<Vec<TelemetryQuery>>>,
}

impl Measuring {
    fn new(app: &TestApp, for_ms: i64, ahead: i64) -> Self {
        let clock = app.app().clock().clone();
        let since = clock.now().0 - for_ms;
        Self {
            clock,
            ahead,
            since,
            asked: Arc::default(),
        }
    }

    /// When it measured, by the control plane's clock.
    fn times(&self) -> impl Iterator<Item = i64> + use<> {
        (self.since..=self.clock.now().0).step_by(10_000)
    }

    fn value(at: i64) -> u64 {
        at.cast_unsigned() / 10_000 % 100
    }

    fn sample(&self, at: i64) -> TelemetrySample {
        let sample = json!({
            "at": at + self.ahead, "uptime_s": 1, "cpu_millis": [Self::value(at)],
            "load_millis": [1, 2, 3],
            "memory": { "total_bytes": 8 << 20, "available_bytes": 4 << 20,
                        "swap_total_bytes": 0, "swap_used_bytes": 0 },
            "disks": [], "devices": [], "networks": [], "open_files": 3, "processes": [],
            "workspaces": [],
        });
        serde_json::from_value(sample).unwrap()
    }

    fn router(&self) -> Router {
        let list = async |State(this): State<Self>, Query(query): Query<TelemetryQuery>| {
            this.asked.lock().push(query.clone());
            let after = query.after.map_or(i64::MIN, |after| after.0);
            let limit = query.limit.unwrap_or(540) as usize;
            let later = this.times().filter(|at| at + this.ahead > after);
            let mut items: Vec<_> = later.take(limit + 1).map(|at| this.sample(at)).collect();
            let more = items.len() > limit;
            items.truncate(limit);
            let now = Some(this.clock.now().plus_ms(this.ahead));
            Json(TelemetryList { items, more, now })
        };
        let router = Router::new().route("/v1/telemetry", get(list));
        router.with_state(self.clone())
    }

    async fn join(&self, app: &TestApp) -> (Start, Daemon, NodeId) {
        let mut start = Start::joining(&token(app, &json!({})).await.secret);
        start.router = self.router();
        let (daemon, id) = start.join(app).await;
        seen(app, id).await;
        (start, daemon, id)
    }

    /// Waits until all whole minutes of a time are there, and checks each.
    async fn complete(&self, actor: &TestActor, node: NodeId, from: i64, to: i64) {
        let from = (from + MINUTE - 1).div_euclid(MINUTE) * MINUTE;
        let to = to.div_euclid(MINUTE) * MINUTE - 1;
        let minutes = (to + 1 - from) / MINUTE;
        let found = wait_for("all minutes are there", || async {
            let history = history(actor, node, (from, to), minutes).await;
            let found = core(&history);
            let whole = i64::try_from(found.len()).unwrap() == minutes;
            (history.step_ms == MINUTE && whole).then_some(found)
        })
        .await;
        for (at, average) in found {
            let measured = self.times().filter(|time| (at..at + MINUTE).contains(time));
            let values: Vec<u64> = measured.map(Self::value).collect();
            let expected = (values.iter().sum::<u64>() + 3) / 6;
            assert_eq!((values.len(), average), (6, expected), "at {at}");
        }
    }
}

#[tokio::test]
async fn what_an_outage_left_out_is_filled_in_newest_first() {
    let app = collecting().manual_clock().start().await;
    let viewer = app.viewer().await;
    let began = app.app().clock().now().0;
    let server = Measuring::new(&app, 5 * HOUR, 0);
    let (start, daemon, id) = server.join(&app).await;
    let node = wait_for("its figures are shown", || async {
        let node = view(&app, id).await;
        node.usage.is_some().then_some(node)
    })
    .await;
    assert!(
        began - node.usage.unwrap().at.0 < 10_000,
        "the newest first"
    );
    server.complete(&viewer, id, began - 5 * HOUR, began).await;

    drop(daemon);
    wait_until("the server is away", || async {
        app.advance_ms(1);
        view(&app, id).await.round_trip_us.is_none()
    })
    .await;
    app.advance_ms(4 * HOUR);
    let now = app.app().clock().now().0;
    let missing = core(&history(&viewer, id, (now - 8 * HOUR, now), 500).await);
    assert!(missing.iter().all(|(at, _)| *at < began + MINUTE));
    server.asked.lock().clear();
    let (_daemon, _) = start.joined(id).join(&app).await;
    server.complete(&viewer, id, began - 5 * HOUR, now).await;
    let asked: Vec<i64> = {
        let asked = server.asked.lock();
        let hours = asked.iter().filter(|query| query.limit == Some(1));
        hours.filter_map(|query| Some(query.after?.0)).collect()
    };
    assert!(asked.len() > 3, "{asked:?}");
    assert!(
        asked[1..].is_sorted_by(|a, b| a >= b),
        "newest first: {asked:?}"
    );

    // What is written outlives the process; what was not is asked for again.
    let mut app = app;
    app.restart().await.unwrap();
    let viewer = app.again(&viewer);
    let (_daemon, _) = start.joined(id).join(&app).await;
    server.complete(&viewer, id, began - 5 * HOUR, now).await;
}

#[tokio::test]
async fn a_clock_that_is_a_day_off_is_put_right() {
    let app = collecting().manual_clock().start().await;
    let owner = app.owner().await;
    let now = app.app().clock().now().0;
    for ahead in [24 * HOUR + 1_000, -24 * HOUR] {
        let server = Measuring::new(&app, 30 * MINUTE, ahead);
        let (_start, _daemon, id) = server.join(&app).await;
        wait_until("its measurements stand where they belong", || async {
            let found = core(&history(&owner, id, (now - HOUR, now), 500).await);
            found.len() >= 170
                && found
                    .iter()
                    .all(|(at, _)| (now - 30 * MINUTE..=now).contains(at))
        })
        .await;
        let usage = view(&app, id).await.usage.unwrap();
        assert!((0..10_000).contains(&(now - usage.at.0)), "{usage:?}");
    }
}

#[tokio::test]
async fn nothing_is_lost_while_the_database_is_locked() {
    let mut app = collecting().manual_clock().start().await;
    let owner = app.owner().await;
    let began = app.app().clock().now().0;
    let server = Measuring::new(&app, 10 * MINUTE, 0);
    let (_start, daemon, id) = server.join(&app).await;
    server
        .complete(&owner, id, began - 10 * MINUTE, began)
        .await;

    let db = app.database().await;
    let mut tx = db.begin().await.unwrap();
    if db.engine() == Engine::Postgres {
        let lock = "LOCK TABLE node_telemetry IN ACCESS EXCLUSIVE MODE";
        sqlx::query(lock).execute(&mut *tx).await.unwrap();
    }
    // So much that no more may wait in memory: from then on only the newest is looked at.
    app.advance_ms(30 * MINUTE);
    wait_until("no more is taken over", || async {
        app.advance_ms(1);
        server
            .asked
            .lock()
            .iter()
            .any(|query| query.limit == Some(3))
    })
    .await;
    tx.commit().await.unwrap();
    db.close().await;
    let now = app.app().clock().now().0;
    server.complete(&owner, id, began - 10 * MINUTE, now).await;

    // In the database, too: without the server.
    drop(daemon);
    wait_until("the server is away", || async {
        view(&app, id).await.round_trip_us.is_none()
    })
    .await;
    app.restart().await.unwrap();
    let owner = app.again(&owner);
    server.complete(&owner, id, began - 10 * MINUTE, now).await;
}

async fn stored(app: &TestApp, resolution: i64) -> i64 {
    let db = app.database().await;
    let count = sqlx::query_scalar("SELECT COUNT(*) FROM node_telemetry WHERE resolution_s = $1")
        .bind(resolution)
        .fetch_one(&mut *db.read().await.unwrap())
        .await
        .unwrap();
    db.close().await;
    count
}

#[tokio::test]
async fn what_is_old_goes_and_what_is_of_a_removed_server_too() {
    let mut app = collecting()
        .manual_clock()
        .config(|config| config.telemetry.raw_hours = 1)
        .start()
        .await;
    let owner = app.owner().await;
    let began = app.app().clock().now().0;
    let server = Measuring::new(&app, 50 * MINUTE, 0);
    let (_start, daemon, id) = server.join(&app).await;
    server
        .complete(&owner, id, began - 50 * MINUTE, began)
        .await;
    wait_until("it is written", || async { stored(&app, 10).await > 4 }).await;
    drop(daemon);

    app.advance_ms(3 * HOUR);
    app.restart().await.unwrap();
    wait_until("measurements older than an hour are gone", || async {
        stored(&app, 10).await == 0
    })
    .await;
    let owner = app.again(&owner);
    server
        .complete(&owner, id, began - 50 * MINUTE, began)
        .await;
    assert!(stored(&app, 60).await > 0 && stored(&app, 3_600).await > 0);

    owner.delete(&node_path(id)).send().await.expect_status(204);
    assert_eq!(stored(&app, 60).await + stored(&app, 3_600).await, 0);
}

/// A real node that measures all the time.
async fn node(folder: &Path) -> Node {
    let mut config = NodeConfig::new(folder.to_owned(), Launcher::InProcess);
    config.telemetry_every = Some(Duration::from_millis(50));
    Node::open(config).await.unwrap()
}

#[tokio::test]
async fn a_real_server_is_seen_and_followed_through_the_tunnel() {
    let app = collecting().start().await;
    let viewer = app.viewer().await;
    let folder = tempfile::tempdir().unwrap();
    let node = node(&folder.path().join("node")).await;
    let mut start = Start::joining(&token(&app, &json!({})).await.secret);
    start.router = node.router();
    let (daemon, id) = start.join(&app).await;

    let usage = wait_for("its figures are shown", || async {
        view(&app, id).await.usage
    })
    .await;
    assert!(usage.memory_total_bytes > usage.memory_used_bytes && usage.memory_used_bytes > 0);
    let shown = wait_for("its history is shown", || async {
        let history: TelemetryHistory = viewer.get(&telemetry_path(id)).send().await.ok();
        (!core(&history).is_empty()).then_some(history)
    })
    .await;
    let latest = shown.latest.unwrap();
    assert!(!latest.processes.is_empty());
    let units = [TelemetryMetric::MemoryTotal, TelemetryMetric::Cpu];
    for metric in units {
        assert!(shown.series.iter().any(|series| series.metric == metric));
    }
    let memory = shown
        .series
        .iter()
        .find(|it| it.metric == units[0])
        .unwrap();
    let total = latest.memory.total_bytes;
    let about = |all: &u64| all.abs_diff(total) <= 64 * 1024;
    assert!(memory.average.iter().flatten().all(about));

    let path = format!("{}/live", telemetry_path(id));
    let mut live = viewer.websocket(&path, None).await.unwrap();
    let mut before = Timestamp(0);
    for _ in 0..5 {
        let sample = sample(&mut live).await;
        assert!(sample.at > before);
        before = sample.at;
    }
    // It goes on when the server returns.
    drop(daemon);
    wait_until("the server is away", || async {
        view(&app, id).await.round_trip_us.is_none()
    })
    .await;
    let away = app.app().clock().now();
    let (_daemon, _) = start.joined(id).join(&app).await;
    while sample(&mut live).await.at <= away {}
    node.shutdown().await;
}

async fn sample(live: &mut atelier_testkit::WebSocket) -> TelemetrySample {
    loop {
        let message = live.next().await.expect("the stream goes on");
        if let Message::Text(text) = message.expect("the stream is whole") {
            return serde_json::from_str(&text).expect("it is a measurement");
        }
    }
}

#[tokio::test]
async fn nonsense_is_refused_and_strangers_see_nothing() {
    let app = TestApp::start().await;
    let node = embedded(&app).await.id;
    let path = telemetry_path(node);
    let viewer = app.viewer().await;
    let empty: TelemetryHistory = viewer.get(&path).send().await.ok();
    assert!(empty.times.is_empty() && empty.series.is_empty() && empty.latest.is_none());
    for query in [
        [("from", "5"), ("to", "5")],
        [
            ("from", "-9223372036854775808"),
            ("to", "9223372036854775807"),
        ],
        [("from", "1"), ("points", "0")],
        [("from", "1"), ("points", "1501")],
    ] {
        let refused = viewer.get(&path).query(&query).send().await;
        refused.problem(ErrorCode::Invalid);
    }
    let stranger = app.outsider().await;
    let refused = stranger.get(&path).send().await;
    refused.problem(ErrorCode::NotFound);
    let live = stranger.websocket(&format!("{path}/live"), None).await;
    assert!(live.is_err());
    viewer
        .get(&format!("{path}/live"))
        .send()
        .await
        .problem(ErrorCode::Malformed);
}

#[tokio::test]
async fn a_workspace_has_a_history_of_its_own() {
    let app = collecting().with_node().start().await;
    let owner = app.owner().await;
    let body = json!({ "name": "w", "source": { "kind": "template", "template": "empty" } });
    let path = format!(
        "/api/v1/organizations/{}/workspaces",
        app.organization().await
    );
    let made: atelier_api::v1::workspaces::Workspace =
        owner.post(&path).json(&body).send().await.ok();
    let path = format!("/api/v1/workspaces/{}/telemetry", made.id);
    let shown: WorkspaceTelemetry = app.viewer().await.get(&path).send().await.ok();
    assert!(shown.from < shown.to);
    let stranger = app.outsider().await;
    stranger
        .get(&path)
        .send()
        .await
        .problem(ErrorCode::NotFound);
    let gone = owner.delete(&format!("/api/v1/workspaces/{}", made.id));
    gone.send().await.expect_status(200);
}
