//! Measurements for tests.

use atelier_api::node::TelemetrySample;
use serde_json::json;

/// What a small machine measures at this time.
pub(super) fn sample(at: i64) -> TelemetrySample {
    let sample = json!({
        "at": at, "uptime_s": 100, "cpu_millis": [100, 300], "load_millis": [500, 400, 300],
        "pressure": { "cpu_millis": 1, "memory_millis": 2, "io_millis": 3 },
        "memory": { "total_bytes": 8_u64 << 30, "available_bytes": 6_u64 << 30,
                    "swap_total_bytes": 1 << 30, "swap_used_bytes": 0 },
        "disks": [{ "path": "/", "total_bytes": 100_u64 << 30, "available_bytes": 60_u64 << 30,
                    "inodes": 1000, "inodes_available": 900 }],
        "devices": [{ "name": "vda", "read_bytes_per_s": 10, "written_bytes_per_s": 20,
                      "busy_millis": 30 }],
        "networks": [{ "name": "eth0", "received_bytes_per_s": 1, "sent_bytes_per_s": 2,
                       "errors": 0 }],
        "open_files": 1000,
        "processes": [{ "pid": 1, "name": "init", "cpu_millis": 5, "memory_bytes": 1 << 20 }],
        "workspaces": [],
    });
    serde_json::from_value(sample).expect("this is a measurement")
}
