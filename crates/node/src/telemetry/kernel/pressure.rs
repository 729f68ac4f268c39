//! Pressure stall information (Linux, `Documentation/accounting/psi.rst`).

use atelier_api::node::PressureSample;

use super::{read, thousandths};

/// The pressure; nothing where the kernel does not count it.
pub(in crate::telemetry) fn pressure() -> Option<PressureSample> {
    let of = |what: &str| parse(&read(&format!("/proc/pressure/{what}")));
    Some(PressureSample {
        cpu_millis: of("cpu")?,
        memory_millis: of("memory")?,
        io_millis: of("io")?,
    })
}

/// `some avg10=1.50 avg60=…`, a percentage, in thousandths of the time.
fn parse(text: &str) -> Option<u32> {
    let line = text.lines().find_map(|line| line.strip_prefix("some "))?;
    let average = line
        .split(' ')
        .find_map(|field| field.strip_prefix("avg10="))?;
    u32::try_from(thousandths(average)? / 100).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_ten_seconds_count() {
        let text = "some avg10=12.34 avg60=1.00 avg300=0.10 total=123\n\
                    full avg10=99.00 avg60=0.00 avg300=0.00 total=0\n";
        assert_eq!(parse(text), Some(123));
        assert_eq!(parse(""), None);
    }
}
