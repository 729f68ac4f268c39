//! Network interfaces.

use super::read;

/// What an interface has moved since it is there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::telemetry) struct Network {
    pub(in crate::telemetry) name: String,
    pub(in crate::telemetry) received_bytes: u64,
    pub(in crate::telemetry) sent_bytes: u64,
    /// Errors and drops of both directions.
    pub(in crate::telemetry) errors: u64,
}

/// All interfaces but the loopback.
pub(in crate::telemetry) fn networks() -> Vec<Network> {
    parse(&read("/proc/net/dev"))
}

fn parse(dev: &str) -> Vec<Network> {
    let network = |line: &str| {
        let (name, rest) = line.split_once(':')?;
        // bytes packets errs drop fifo frame compressed multicast, received and then sent
        let counters: Vec<u64> = rest
            .split_ascii_whitespace()
            .map_while(|number| number.parse().ok())
            .collect();
        let [received, _, e1, d1, _, _, _, _, sent, _, e2, d2, ..] = counters[..] else {
            return None;
        };
        (name.trim() != "lo").then(|| Network {
            name: name.trim().to_owned(),
            received_bytes: received,
            sent_bytes: sent,
            errors: e1 + d1 + e2 + d2,
        })
    };
    dev.lines().filter_map(network).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const DEV: &str = "\
Inter-|   Receive                                                |  Transmit
 face |bytes    packets errs drop fifo frame compressed multicast|bytes    packets errs drop fifo colls carrier compressed
    lo: 1000 10 0 0 0 0 0 0 1000 10 0 0 0 0 0 0
  eth0:123456 200 1 2 0 0 0 0 654321 300 3 4 0 0 0 0
";

    #[test]
    fn interfaces_are_read_without_the_loopback() {
        let expected = Network {
            name: "eth0".into(),
            received_bytes: 123_456,
            sent_bytes: 654_321,
            errors: 10,
        };
        assert_eq!(parse(DEV), [expected]);
    }
}
