//! The telemetry of a simulated node: measurements of a machine's real shape, made up from the time.

use std::time::{SystemTime, UNIX_EPOCH};

use atelier_api::Timestamp;
use atelier_api::ids::WorkspaceId;
use atelier_api::node::{
    DeviceSample, DiskSample, MemorySample, NetworkSample, PressureSample, ProcessSample,
    TELEMETRY_LIMIT_MAX, TelemetryList, TelemetryQuery, TelemetrySample, WorkspaceSample,
};
use axum::Router;
use axum::http::Uri;
use axum::http::header::CONTENT_TYPE;
use axum::routing::get;

/// The first of them has measured for so long when it starts: a day's chart is made of it.
const FIRST_SINCE_MS: i64 = 25 * 60 * 60 * 1_000;

const GIB: u64 = 1 << 30;

/// What the control plane asks of node `number`, which measures every `every_ms`.
pub(crate) fn routes(number: u32, every_ms: i64) -> Router {
    let now = now();
    let since = if number == 0 {
        now - FIRST_SINCE_MS
    } else {
        now
    };
    // Not all at the same moment, as in life.
    let since = since + i64::from(number % 10_000);
    let list = async move |uri: Uri| {
        let list = list(number, since, every_ms, &query(&uri));
        let body = serde_json::to_vec(&list).unwrap_or_default();
        ([(CONTENT_TYPE, "application/json")], body)
    };
    Router::new().route("/v1/telemetry", get(list))
}

fn now() -> i64 {
    #[expect(
        clippy::disallowed_methods,
        reason = "the simulated machine's own clock"
    )]
    let now = SystemTime::now();
    let since = now.duration_since(UNIX_EPOCH).unwrap_or_default();
    i64::try_from(since.as_millis()).unwrap_or(i64::MAX)
}

fn query(uri: &Uri) -> TelemetryQuery {
    let pairs = uri.query().unwrap_or("").split('&');
    let mut query = TelemetryQuery::default();
    for (name, value) in pairs.filter_map(|pair| pair.split_once('=')) {
        match name {
            "after" => query.after = value.parse().ok().map(Timestamp),
            "limit" => query.limit = value.parse().ok(),
            _ => {}
        }
    }
    query
}

fn list(number: u32, since: i64, every_ms: i64, query: &TelemetryQuery) -> TelemetryList {
    let now = now();
    let after = query
        .after
        .map_or(since - 1, |after| after.0.max(since - 1));
    // The first that is later.
    let first = since + (after - since).div_euclid(every_ms) * every_ms + every_ms;
    let limit = query.limit.unwrap_or(TELEMETRY_LIMIT_MAX) as usize;
    let step = usize::try_from(every_ms).unwrap_or(1);
    let mut times = (first.max(since)..=now).step_by(step);
    let items: Vec<_> = times
        .by_ref()
        .take(limit)
        .map(|at| sample(number, at))
        .collect();
    TelemetryList {
        items,
        more: times.next().is_some(),
        now: Some(Timestamp(now)),
    }
}

/// Something below `most` that differs each time.
fn noise(number: u32, at: i64, what: u64, most: u64) -> u64 {
    // SplitMix64.
    let mut mixed = at.cast_unsigned() ^ (u64::from(number) << 40) ^ (what << 56);
    mixed = mixed.wrapping_add(0x9e37_79b9_7f4a_7c15);
    mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    (mixed ^ (mixed >> 31)) % most.max(1)
}

fn sample(number: u32, at: i64) -> TelemetrySample {
    let of = |what: u64, most: u64| noise(number, at, what, most);
    let small = |what: u64, most: u32| u32::try_from(of(what, most.into())).unwrap_or(0);
    let disk = |path: &str, what: u64, total: u64| DiskSample {
        path: path.to_owned(),
        total_bytes: total,
        available_bytes: total / 2 - of(what, 50 << 20),
        inodes: 6_553_600,
        inodes_available: 6_000_000 - of(what + 1, 500),
    };
    let device = |name: &str, what: u64| DeviceSample {
        name: name.to_owned(),
        read_bytes_per_s: of(what, 4 << 20),
        written_bytes_per_s: of(what + 1, 8 << 20),
        busy_millis: small(what + 2, 300),
    };
    let network = |name: &str, what: u64| NetworkSample {
        name: name.to_owned(),
        received_bytes_per_s: of(what, 2 << 20),
        sent_bytes_per_s: of(what + 1, 1 << 20),
        errors: 0,
    };
    let process = |index: u32| ProcessSample {
        pid: 1_000 + index * 13,
        name: format!("process-{index}"),
        cpu_millis: small(100 + u64::from(index), 600),
        memory_bytes: of(120 + u64::from(index), GIB),
    };
    let workspace = |index: u64| WorkspaceSample {
        id: WorkspaceId::from_uuid(uuid_of(number, index)),
        cpu_millis: small(140 + index, 900),
        memory_bytes: 200 << 20 | of(150 + index, 64 << 20),
        processes: 20 + small(160 + index, 8),
        read_bytes_per_s: Some(of(170 + index, 1 << 20)),
        written_bytes_per_s: Some(of(180 + index, 1 << 20)),
    };
    TelemetrySample {
        at: Timestamp(at),
        uptime_s: at.cast_unsigned() / 1_000 % 10_000_000,
        cpu_millis: (0..4).map(|core| 100 + small(core, 500)).collect(),
        load_millis: [of(10, 4_000), of(11, 3_000), of(12, 2_000)],
        pressure: Some(PressureSample {
            cpu_millis: small(13, 100),
            memory_millis: 0,
            io_millis: small(14, 50),
        }),
        memory: MemorySample {
            total_bytes: 16 * GIB,
            available_bytes: 8 * GIB - of(15, GIB),
            swap_total_bytes: 2 * GIB,
            swap_used_bytes: 100 << 20,
        },
        disks: vec![
            disk("/", 20, 100 * GIB),
            disk("/boot/efi", 22, GIB),
            disk("/srv/data", 24, 500 * GIB),
        ],
        devices: vec![device("nvme0n1", 30), device("nvme1n1", 33)],
        networks: vec![network("eth0", 40), network("docker0", 42)],
        open_files: 4_000 + of(50, 300),
        processes: (0..10).map(process).collect(),
        workspaces: (0..3).map(workspace).collect(),
    }
}

fn uuid_of(number: u32, index: u64) -> uuid::Uuid {
    uuid::Uuid::from_u128(u128::from(number) << 64 | u128::from(index))
}
