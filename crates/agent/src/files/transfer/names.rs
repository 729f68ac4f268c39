//! Names for what comes beside something of the same name.

/// Longest name of Linux file systems, in bytes.
const NAME_BYTES_MAX: usize = 255;

/// What may stand behind the last dot for it to begin an extension, in bytes.
const EXTENSION_BYTES_MAX: usize = 16;

/// Endings of which only both parts together say what a file is.
const DOUBLE: [&[u8]; 4] = [b".tar.gz", b".tar.xz", b".tar.bz2", b".tar.zst"];

/// The next name after `name`: `report.txt`, `report (2).txt`, `report (3).txt`.
pub(crate) fn numbered(name: &[u8], is_directory: bool) -> Vec<u8> {
    let (stem, extension) = if is_directory {
        (name, &b""[..])
    } else {
        split_extension(name)
    };
    let (stem, number) = match split_number(stem) {
        Some((stem, number)) => (stem, number.saturating_add(1)),
        None => (stem, 2),
    };
    let ending = [format!(" ({number})").as_bytes(), extension].concat();
    let room = NAME_BYTES_MAX.saturating_sub(ending.len());
    [shortened(stem, room), &ending].concat()
}

/// The name and its extension, with the dot; a dot in front begins none.
fn split_extension(name: &[u8]) -> (&[u8], &[u8]) {
    let at = match DOUBLE.iter().find(|ending| name.ends_with(ending)) {
        Some(ending) => Some(name.len() - ending.len()),
        None => memchr::memrchr(b'.', name),
    };
    match at {
        Some(at) if at > 0 && name.len() - at <= EXTENSION_BYTES_MAX => name.split_at(at),
        _ => (name, b""),
    }
}

/// `report (7)` → `report` and 7.
fn split_number(stem: &[u8]) -> Option<(&[u8], u32)> {
    let open = memchr::memrchr(b'(', stem)?;
    let digits = stem[open..].strip_prefix(b"(")?.strip_suffix(b")")?;
    let stem = stem[..open].strip_suffix(b" ")?;
    let number = std::str::from_utf8(digits).ok()?.parse().ok()?;
    (!stem.is_empty() && digits.iter().all(u8::is_ascii_digit)).then_some((stem, number))
}

/// At most `room` bytes of a name, no character cut in two.
fn shortened(name: &[u8], room: usize) -> &[u8] {
    if name.len() <= room {
        return name;
    }
    let is_continued = |byte: &u8| byte & 0b1100_0000 == 0b1000_0000;
    let end = (0..=room).rev().find(|end| !is_continued(&name[*end]));
    &name[..end.unwrap_or(0)]
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn copies_are_counted() {
        for (name, next) in [
            ("report.txt", "report (2).txt"),
            ("report (2).txt", "report (3).txt"),
            ("report (9)", "report (10)"),
            ("Makefile", "Makefile (2)"),
            (".env", ".env (2)"),
            ("a.tar.gz", "a (2).tar.gz"),
            ("(2)", "(2) (2)"),
            ("f (x).c", "f (x) (2).c"),
            ("تقرير.pdf", "تقرير (2).pdf"),
        ] {
            assert_eq!(numbered(name.as_bytes(), false), next.as_bytes(), "{name}");
        }
        assert_eq!(numbered(b"v1.2", true), b"v1.2 (2)");
    }

    proptest! {
        #[test]
        fn a_next_name_is_another_one_that_fits(name in proptest::collection::vec(1_u8.., 1..256), dir: bool) {
            let next = numbered(&name, dir);
            prop_assert!(next != name);
            prop_assert!(next.len() <= NAME_BYTES_MAX, "{}", next.len());
        }
    }
}
