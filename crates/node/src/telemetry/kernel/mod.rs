//! What the kernel tells in `/proc`: small readers of its texts (proc(5)).

mod cpu;
mod devices;
mod disks;
mod memory;
mod networks;
mod pressure;
mod processes;

pub(super) use self::cpu::{CoreTicks, cores, load, open_files, uptime};
pub(super) use self::devices::{Device, devices};
pub(super) use self::disks::disks;
pub(super) use self::memory::memory;
pub(super) use self::networks::{Network, networks};
pub(super) use self::pressure::pressure;
pub(super) use self::processes::{Process, processes};

use std::fs;

/// The text of a file in `/proc`; empty where there is none.
fn read(path: &str) -> String {
    fs::read_to_string(path).unwrap_or_default()
}

/// A decimal fraction like `0.25` in thousandths.
fn thousandths(text: &str) -> Option<u64> {
    let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
    let digits = fraction.bytes().chain(std::iter::repeat(b'0')).take(3);
    let fraction = digits.map(|digit| char::from(digit).to_digit(10));
    let fraction = fraction.reduce(|sum, digit| Some(sum? * 10 + digit?))??;
    whole
        .parse::<u64>()
        .ok()?
        .checked_mul(1000)?
        .checked_add(fraction.into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fractions_are_read() {
        for (text, expected) in [
            ("0.25", Some(250)),
            ("12", Some(12_000)),
            ("1.2345", Some(1234)),
            ("x", None),
            ("1.x", None),
            ("-1.0", None),
        ] {
            assert_eq!(thousandths(text), expected, "{text}");
        }
    }
}
