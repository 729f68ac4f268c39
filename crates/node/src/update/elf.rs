//! For which machine a program is (System V ABI, ELF header).

use std::fs::File;
use std::io::{self, Read as _};
use std::path::Path;

/// The header's beginning: magic, class, byte order, …, and at offset 18 the machine.
const HEADER: usize = 20;

/// The running program, also when its file has been replaced.
const OWN: &str = "/proc/self/exe";

/// Says what is wrong if the file is no program for a machine like this one.
pub(super) fn check(program: &Path) -> io::Result<Result<(), String>> {
    let (own, found) = (header(Path::new(OWN))?, header(program)?);
    Ok(match (own, found) {
        (_, None) => Err("It is no program: it has no ELF header.".to_owned()),
        (Some(own), Some(found)) if own != found => Err(format!(
            "It is a program for {}, and this server is {}.",
            machine(found),
            machine(own)
        )),
        _ => Ok(()),
    })
}

/// Class, byte order and machine.
fn header(program: &Path) -> io::Result<Option<(u8, u8, u16)>> {
    let mut bytes = Vec::with_capacity(HEADER);
    File::open(program)?
        .take(HEADER as u64)
        .read_to_end(&mut bytes)?;
    Ok(parse(&bytes))
}

fn parse(bytes: &[u8]) -> Option<(u8, u8, u16)> {
    let bytes: &[u8; HEADER] = bytes.try_into().ok()?;
    let [0x7f, b'E', b'L', b'F', class, order, ..] = *bytes else {
        return None;
    };
    let machine = [bytes[18], bytes[19]];
    let machine = match order {
        2 => u16::from_be_bytes(machine),
        _ => u16::from_le_bytes(machine),
    };
    Some((class, order, machine))
}

/// As `uname -m` says it.
fn machine((class, order, machine): (u8, u8, u16)) -> String {
    match machine {
        3 => "i686".to_owned(),
        21 if order == 1 => "ppc64le".to_owned(),
        22 => "s390x".to_owned(),
        40 => "armv7l".to_owned(),
        62 => "x86_64".to_owned(),
        183 => "aarch64".to_owned(),
        243 => format!("riscv{}", if class == 2 { 64 } else { 32 }),
        other => format!("machine {other}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn programs_are_told_by_their_header() {
        let mut bytes = [0; HEADER];
        bytes[..6].copy_from_slice(b"\x7fELF\x02\x01");
        bytes[18] = 183;
        assert_eq!(machine(parse(&bytes).unwrap()), "aarch64");
        assert_eq!(parse(&bytes[..19]), None);
        assert_eq!(parse(b"#!/bin/sh\nexit 1\n\n\n\n"), None);
        assert!(check(Path::new(OWN)).unwrap().is_ok());
    }
}
