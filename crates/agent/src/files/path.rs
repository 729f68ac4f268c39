//! Paths on the wire: relative to a root, in UTF-8, with every byte that is not part of valid
//! UTF-8, and `%` itself, written as `%XX`.

use std::fmt::Write as _;

/// A path below a root, as the kernel's bytes: components joined with `/`; empty for the root.
///
/// Invariant: it is relative, and no component is empty, `.`, `..` or holds NUL. It may still lead
/// out of the root by links; [`super::root::RootDir`] guards against that.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) struct RelativePath(Vec<u8>);

/// Why a text is not a path.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(crate) enum PathError {
    #[error("is absolute; paths are relative to their root")]
    Absolute,
    #[error("contains “..”; name the place itself")]
    Parent,
    #[error("contains a NUL character or an encoded slash, which no file name can hold")]
    Character,
    #[error("contains a “%” without two hexadecimal digits; “%” itself is written “%25”")]
    Escape,
}

impl RelativePath {
    /// Reads a path from the wire. Empty and `.` components are dropped.
    pub(crate) fn parse(wire: &str) -> Result<Self, PathError> {
        if wire.starts_with('/') {
            return Err(PathError::Absolute);
        }
        let mut path = Vec::with_capacity(wire.len());
        for component in wire.split('/') {
            let name = percent_decode(component).ok_or(PathError::Escape)?;
            match name.as_slice() {
                b"" | b"." => {}
                b".." => return Err(PathError::Parent),
                name if name.contains(&0) || name.contains(&b'/') => {
                    return Err(PathError::Character);
                }
                name => {
                    if !path.is_empty() {
                        path.push(b'/');
                    }
                    path.extend_from_slice(name);
                }
            }
        }
        Ok(Self(path))
    }

    /// The path of the entry `name` in this directory. `name` comes from the kernel.
    pub(crate) fn join(&self, name: &[u8]) -> Self {
        let mut path = Vec::with_capacity(self.0.len() + 1 + name.len());
        path.extend_from_slice(&self.0);
        if !path.is_empty() {
            path.push(b'/');
        }
        path.extend_from_slice(name);
        Self(path)
    }

    /// The path `below` this directory.
    pub(crate) fn join_path(&self, below: &Self) -> Self {
        if below.is_root() {
            return self.clone();
        }
        self.join(&below.0)
    }

    /// The directory and the name in it; nothing for the root.
    pub(crate) fn split(&self) -> Option<(Self, &[u8])> {
        if self.is_root() {
            return None;
        }
        let (parent, name) = split_last(&self.0);
        Some((Self(parent.to_vec()), name))
    }

    /// The last component; empty for the root.
    pub(crate) fn name(&self) -> &[u8] {
        split_last(&self.0).1
    }

    pub(crate) fn is_root(&self) -> bool {
        self.0.is_empty()
    }

    /// The bytes; empty for the root.
    pub(crate) fn as_bytes(&self) -> &[u8] {
        &self.0
    }

    /// What the kernel takes: `.` for the root.
    pub(crate) fn for_kernel(&self) -> &[u8] {
        if self.is_root() { b"." } else { &self.0 }
    }

    /// What remains of this path below `base`; nothing when it lies elsewhere.
    pub(crate) fn below<'a>(&'a self, base: &Self) -> Option<&'a [u8]> {
        if base.is_root() {
            return Some(&self.0);
        }
        match self.0.strip_prefix(base.0.as_slice())? {
            [] => Some(&[]),
            [b'/', rest @ ..] => Some(rest),
            _ => None,
        }
    }

    /// The path as it is written on the wire.
    pub(crate) fn wire(&self) -> String {
        encode(&self.0)
    }
}

/// Splits bytes at the last slash into the directory (may be empty) and the name.
pub(crate) fn split_last(path: &[u8]) -> (&[u8], &[u8]) {
    match memchr::memrchr(b'/', path) {
        Some(slash) => (&path[..slash], &path[slash + 1..]),
        None => (&[], path),
    }
}

/// Bytes of a path or name as they are written on the wire.
pub(crate) fn encode(bytes: &[u8]) -> String {
    let mut wire = String::with_capacity(bytes.len());
    push_encoded(&mut wire, bytes);
    wire
}

/// Adds bytes of a path or name to what is written on the wire.
pub(crate) fn push_encoded(wire: &mut String, bytes: &[u8]) {
    for chunk in bytes.utf8_chunks() {
        for (index, part) in chunk.valid().split('%').enumerate() {
            if index > 0 {
                wire.push_str("%25");
            }
            wire.push_str(part);
        }
        for byte in chunk.invalid() {
            write!(wire, "%{byte:02X}").expect("writing to a string");
        }
    }
}

/// Undoes `%XX`; nothing when a `%` has no two hexadecimal digits behind it.
pub(crate) fn percent_decode(text: &str) -> Option<Vec<u8>> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut parts = text.split('%');
    bytes.extend_from_slice(parts.next().unwrap_or_default().as_bytes());
    for part in parts {
        let part = part.as_bytes();
        let mut byte = [0];
        hex::decode_to_slice(part.get(..2)?, &mut byte).ok()?;
        bytes.push(byte[0]);
        bytes.extend_from_slice(&part[2..]);
    }
    Some(bytes)
}

#[cfg(test)]
mod tests {
    use proptest::collection::vec;
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn what_would_leave_the_root_is_refused() {
        for (wire, error) in [
            ("/etc/passwd", PathError::Absolute),
            ("../../etc/passwd", PathError::Parent),
            ("a/../../b", PathError::Parent),
            ("a/..", PathError::Parent),
            ("%2e%2E/x", PathError::Parent),
            ("a%2Fb", PathError::Character),
            ("a\0b", PathError::Character),
            ("a%00b", PathError::Character),
            ("50%", PathError::Escape),
            ("%zz", PathError::Escape),
            ("%é", PathError::Escape),
        ] {
            assert_eq!(RelativePath::parse(wire), Err(error), "{wire:?}");
        }
    }

    #[test]
    fn empty_and_dot_components_are_dropped() {
        for (wire, path) in [
            ("", ""),
            (".", ""),
            ("a/", "a"),
            ("a//b/./c", "a/b/c"),
            ("...", "..."),
        ] {
            assert_eq!(
                RelativePath::parse(wire).unwrap().as_bytes(),
                path.as_bytes()
            );
        }
    }

    #[test]
    fn bytes_that_are_not_utf8_are_escaped() {
        assert_eq!(
            encode(b"caf\xe9 100%/\xf0\x9f\x8d"),
            "caf%E9 100%25/%F0%9F%8D"
        );
        assert_eq!(encode("مرحبا\n".as_bytes()), "مرحبا\n");
    }

    #[test]
    fn a_path_lies_below_its_bases() {
        let path = RelativePath::parse("a/b/c").unwrap();
        let base = |wire| RelativePath::parse(wire).unwrap();
        assert_eq!(path.below(&base("")), Some(&b"a/b/c"[..]));
        assert_eq!(path.below(&base("a/b")), Some(&b"c"[..]));
        assert_eq!(path.below(&base("a/b/c")), Some(&b""[..]));
        assert_eq!(path.below(&base("a/bc")), None);
        assert_eq!(base("a/bcd").below(&base("a/bc")), None);
    }

    /// A name that a directory can hold: no NUL, no slash, not `.` or `..`.
    fn name() -> impl Strategy<Value = Vec<u8>> {
        vec(
            any::<u8>().prop_filter("in a name", |b| *b != 0 && *b != b'/'),
            1..40,
        )
        .prop_filter("a name", |name| name != b"." && name != b"..")
    }

    proptest! {
        #[test]
        fn every_path_survives_the_wire(names in vec(name(), 0..6)) {
            let path = names.iter().fold(RelativePath::default(), |path, name| path.join(name));
            prop_assert_eq!(RelativePath::parse(&path.wire()), Ok(path));
        }

        #[test]
        fn whatever_parses_stays_below(wire in ".{0,60}") {
            if let Ok(path) = RelativePath::parse(&wire) {
                prop_assert!(!path.as_bytes().starts_with(b"/") && !path.as_bytes().contains(&0));
                let harmless = |name: &[u8]| name != b".." && name != b"." && !name.is_empty();
                prop_assert!(
                    path.is_root() || path.as_bytes().split(|b| *b == b'/').all(harmless)
                );
                prop_assert_eq!(RelativePath::parse(&path.wire()), Ok(path));
            }
        }
    }
}
