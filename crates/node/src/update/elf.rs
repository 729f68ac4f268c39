//! For which machine a program is, and whether it is whole (System V ABI, ELF header).

use std::fs::{self, File};
use std::io::{self, Read as _};
use std::path::Path;

/// The header's length where words have 64 bits; it is shorter where they have 32.
const HEADER: usize = 64;

/// The running program, also when its file has been replaced.
const OWN: &str = "/proc/self/exe";

/// What is read of a header.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Header {
    /// Class, byte order and machine.
    machine: (u8, u8, u16),
    /// Where the section headers end, in bytes from the start; linkers write them last. 0: it has none.
    end: u64,
}

/// Says what is wrong if the file is no program for a machine like this one, or not all of one.
pub(super) fn check(program: &Path) -> io::Result<Result<(), String>> {
    let (own, found) = (header(Path::new(OWN))?, header(program)?);
    let size = fs::metadata(program)?.len();
    Ok(match (own, found) {
        (_, None) => Err("It is no program: it has no ELF header.".to_owned()),
        (Some(own), Some(found)) if own.machine != found.machine => Err(format!(
            "It is a program for {}, and this server is {}.",
            machine(found.machine),
            machine(own.machine)
        )),
        // What was cut off may be nothing that a short run needs, and then a probe would not notice it.
        (_, Some(Header { end, .. })) if size < end => Err(format!(
            "It is cut short: it has {size} bytes and should have at least {end}."
        )),
        _ => Ok(()),
    })
}

fn header(program: &Path) -> io::Result<Option<Header>> {
    let mut bytes = Vec::with_capacity(HEADER);
    File::open(program)?
        .take(HEADER as u64)
        .read_to_end(&mut bytes)?;
    Ok(parse(&bytes))
}

fn parse(bytes: &[u8]) -> Option<Header> {
    let [0x7f, b'E', b'L', b'F', class, order, ..] = *bytes else {
        return None;
    };
    // Its fields as they stand in the file, the least significant byte first.
    let number = |at: usize, length: usize| {
        let mut field = [0; 8];
        field[..length].copy_from_slice(bytes.get(at..at + length)?);
        if order == 2 {
            field[..length].reverse();
        }
        Some(u64::from_le_bytes(field))
    };
    let machine = u16::try_from(number(18, 2)?).ok()?;
    // `e_shoff`, `e_shentsize` and `e_shnum`.
    let (offset, size, count) = match class {
        2 => (number(40, 8)?, number(58, 2)?, number(60, 2)?),
        _ => (number(32, 4)?, number(46, 2)?, number(48, 2)?),
    };
    Some(Header {
        machine: (class, order, machine),
        end: offset.saturating_add(size * count),
    })
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
        bytes[41] = 1;
        bytes[58] = 64;
        bytes[60] = 2;
        let header = parse(&bytes).unwrap();
        assert_eq!(machine(header.machine), "aarch64");
        assert_eq!(header.end, 256 + 2 * 64);
        assert_eq!(parse(&bytes[..60]), None);
        assert_eq!(parse(b"#!/bin/sh\nexit 1\n\n\n\n"), None);
    }

    #[test]
    fn the_other_byte_order_and_the_short_header_are_read() {
        let mut bytes = [0; 52];
        bytes[..6].copy_from_slice(b"\x7fELF\x01\x02");
        bytes[19] = 22;
        bytes[34] = 1;
        bytes[47] = 40;
        bytes[49] = 3;
        let header = parse(&bytes).unwrap();
        assert_eq!(header.machine, (1, 2, 22));
        assert_eq!(header.end, 256 + 3 * 40);
    }

    #[test]
    fn what_was_cut_short_is_no_program() {
        assert!(check(Path::new(OWN)).unwrap().is_ok());
        let program = tempfile::NamedTempFile::new().unwrap();
        let whole = fs::read(OWN).unwrap();
        fs::write(&program, &whole[..whole.len() - 1]).unwrap();
        let reason = check(program.path()).unwrap().unwrap_err();
        assert!(reason.starts_with("It is cut short"), "{reason}");
    }
}
