//! What a server uses, in plain words.

use atelier_api::Timestamp;
use atelier_api::ids::NodeId;
use atelier_api::node::TelemetrySample;
use atelier_api::v1::telemetry::TelemetryHistory;

use crate::client::Client;

/// So many processes are named.
const PROCESSES: usize = 3;

/// What a server uses now, a line each; nothing when that is not known.
pub(super) async fn of(client: &Client, node: NodeId) -> anyhow::Result<Vec<String>> {
    let path = format!("/nodes/{node}/telemetry?points=1");
    let history: TelemetryHistory = client.get(&path).await?;
    let latest = history.latest.as_ref();
    // `to` is the control plane's clock, as the measurement's time is.
    Ok(latest.map_or_else(Vec::new, |sample| lines(sample, history.to)))
}

fn lines(sample: &TelemetrySample, now: Timestamp) -> Vec<String> {
    let mut lines = vec![format!("Measured {}:", ago(now.ms_since(sample.at)))];
    let mut line = |name: &str, text: String| lines.push(format!("  {name:<10}{text}"));
    let cores = &sample.cpu_millis;
    let sum: u64 = cores.iter().map(|busy| u64::from(*busy)).sum();
    let all = sum / cores.len().max(1) as u64;
    let busiest = cores.iter().max().copied().unwrap_or(0);
    let count = match cores.len() {
        1 => "1 CPU".to_owned(),
        count => format!(
            "{count} CPUs, the busiest {}",
            percent(busiest.into(), 1000)
        ),
    };
    line("CPU", format!("{} of {count}", percent(all, 1000)));
    let [one, five, fifteen] = sample.load_millis.map(hundredths);
    line(
        "Load",
        format!("{one} {five} {fifteen} over 1, 5 and 15 minutes"),
    );
    if let Some(pressure) = &sample.pressure {
        let share = |millis: u32| percent(millis.into(), 1000);
        let (cpu, memory) = (share(pressure.cpu_millis), share(pressure.memory_millis));
        let io = share(pressure.io_millis);
        let text =
            format!("something waited for CPU {cpu}, memory {memory}, disks {io} of the time");
        line("Pressure", text);
    }
    let memory = &sample.memory;
    let used = memory.total_bytes.saturating_sub(memory.available_bytes);
    line("Memory", part(used, memory.total_bytes));
    if memory.swap_total_bytes > 0 {
        line(
            "Swap",
            part(memory.swap_used_bytes, memory.swap_total_bytes),
        );
    }
    for disk in &sample.disks {
        let used = disk.total_bytes.saturating_sub(disk.available_bytes);
        let mut text = format!("{} on {}", part(used, disk.total_bytes), disk.path);
        if disk.inodes > 0 {
            let used = disk.inodes.saturating_sub(disk.inodes_available);
            text.push_str(", ");
            text.push_str(&percent(used, disk.inodes));
            text.push_str(" of the inodes");
        }
        line("Disk", text);
    }
    for device in &sample.devices {
        let (read, written) = (
            bytes(device.read_bytes_per_s),
            bytes(device.written_bytes_per_s),
        );
        let name = &device.name;
        line(
            "Device",
            format!("{name} reads {read}/s, writes {written}/s"),
        );
    }
    for network in &sample.networks {
        let received = bytes(network.received_bytes_per_s);
        let sent = bytes(network.sent_bytes_per_s);
        let name = &network.name;
        line(
            "Network",
            format!("{name} receives {received}/s, sends {sent}/s"),
        );
    }
    let named = sample.processes.iter().take(PROCESSES).map(|process| {
        let cpu = percent(process.cpu_millis.into(), 1000);
        format!("{} ({}) {cpu}", process.name, process.pid)
    });
    let named: Vec<String> = named.collect();
    if !named.is_empty() {
        line("Busiest", named.join(", "));
    }
    // A name of the machine must not command the terminal.
    let clean = |c: char| if c.is_control() { '\u{fffd}' } else { c };
    lines
        .into_iter()
        .map(|line| line.chars().map(clean).collect())
        .collect()
}

fn ago(ms: i64) -> String {
    match ms.max(0) / 1_000 {
        0..=1 => "just now".to_owned(),
        seconds @ 2..120 => format!("{seconds} seconds ago"),
        seconds @ 120..7_200 => format!("{} minutes ago", seconds / 60),
        seconds @ 7_200..172_800 => format!("{} hours ago", seconds / 3_600),
        seconds => format!("{} days ago", seconds / 86_400),
    }
}

fn part(used: u64, total: u64) -> String {
    format!(
        "{} of {} ({})",
        bytes(used),
        bytes(total),
        percent(used, total)
    )
}

fn percent(part: u64, whole: u64) -> String {
    let percent = u128::from(part) * 100 / u128::from(whole.max(1));
    format!("{percent} %")
}

fn hundredths(thousandths: u64) -> String {
    format!("{}.{:02}", thousandths / 1000, thousandths % 1000 / 10)
}

/// In powers of 1,024, with a digit after the point below ten.
fn bytes(bytes: u64) -> String {
    const UNITS: [&str; 5] = ["bytes", "KB", "MB", "GB", "TB"];
    let mut unit = 0;
    let mut tenths = u128::from(bytes) * 10;
    while tenths >= 10_240 && unit < UNITS.len() - 1 {
        tenths /= 1_024;
        unit += 1;
    }
    if unit == 0 || tenths >= 100 {
        format!("{} {}", tenths / 10, UNITS[unit])
    } else {
        format!("{}.{} {}", tenths / 10, tenths % 10, UNITS[unit])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn figures_are_said_in_words() {
        let sample = serde_json::json!({
            "at": 1000, "uptime_s": 1, "cpu_millis": [100, 300], "load_millis": [1510, 400, 5],
            "memory": { "total_bytes": 8_u64 << 30, "available_bytes": 6_u64 << 30,
                        "swap_total_bytes": 0, "swap_used_bytes": 0 },
            "disks": [{ "path": "/\u{1b}[2J", "total_bytes": 1000, "available_bytes": 250,
                        "inodes": 0, "inodes_available": 0 }],
            "devices": [], "open_files": 3,
            "networks": [{ "name": "eth0", "received_bytes_per_s": 1536,
                           "sent_bytes_per_s": 20_480, "errors": 0 }],
            "processes": [{ "pid": 7, "name": "make", "cpu_millis": 1500, "memory_bytes": 1 }],
            "workspaces": [],
        });
        let sample = serde_json::from_value(sample).unwrap();
        let expected = [
            "Measured 12 seconds ago:",
            "  CPU       20 % of 2 CPUs, the busiest 30 %",
            "  Load      1.51 0.40 0.00 over 1, 5 and 15 minutes",
            "  Memory    2.0 GB of 8.0 GB (25 %)",
            "  Disk      750 bytes of 1000 bytes (75 %) on /\u{fffd}[2J",
            "  Network   eth0 receives 1.5 KB/s, sends 20 KB/s",
            "  Busiest   make (7) 150 %",
        ];
        assert_eq!(lines(&sample, Timestamp(13_000)), expected);
    }
}
