//! Memory and swap.

use atelier_api::node::MemorySample;

use super::read;

/// Memory and swap now.
pub(in crate::telemetry) fn memory() -> MemorySample {
    parse(&read("/proc/meminfo"))
}

fn parse(meminfo: &str) -> MemorySample {
    let bytes = |key: &str| {
        let rest = meminfo.lines().find_map(|line| line.strip_prefix(key))?;
        let kilobytes = rest.strip_prefix(':')?.trim().strip_suffix(" kB")?;
        kilobytes.trim().parse::<u64>().ok()?.checked_mul(1024)
    };
    let value = |key| bytes(key).unwrap_or(0);
    MemorySample {
        total_bytes: value("MemTotal"),
        available_bytes: value("MemAvailable"),
        swap_total_bytes: value("SwapTotal"),
        swap_used_bytes: value("SwapTotal").saturating_sub(value("SwapFree")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn memory_is_read_in_bytes() {
        let text = "MemTotal:       24689240 kB\nMemFree:         1000000 kB\n\
                    MemAvailable:   20000000 kB\nSwapCached:            0 kB\n\
                    SwapTotal:       1000000 kB\nSwapFree:         750000 kB\n";
        let expected = MemorySample {
            total_bytes: 24_689_240 << 10,
            available_bytes: 20_000_000 << 10,
            swap_total_bytes: 1_000_000 << 10,
            swap_used_bytes: 250_000 << 10,
        };
        assert_eq!(parse(text), expected);
        assert_eq!(parse("MemTotal: many kB\n"), MemorySample::default());
    }
}
