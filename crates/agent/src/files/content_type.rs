//! The media type of a file, by its name and first bytes.

use mime_guess::mime;

/// How much of a file is looked at, in bytes.
pub(crate) const SNIFF_BYTES: usize = 1024;

/// Extensions whose registered meaning is not what lies in a workspace (`.ts` is video there).
const TEXT_EXTENSIONS: [&str; 3] = ["ts", "mts", "cts"];

/// The value of `Content-Type`. It need not be trusted: files are served sandboxed and `nosniff`.
pub(crate) fn content_type(name: &[u8], head: &[u8]) -> String {
    let name = String::from_utf8_lossy(name);
    let extension = name.rsplit_once('.').map_or("", |(_, extension)| extension);
    let guess = if TEXT_EXTENSIONS.contains(&extension) {
        None
    } else {
        mime_guess::from_ext(extension).first_raw()
    };
    let media_type = match guess {
        Some(guess) => guess,
        None if is_text(head) => mime::TEXT_PLAIN.essence_str(),
        None => mime::APPLICATION_OCTET_STREAM.essence_str(),
    };
    if media_type.starts_with("text/") {
        format!("{media_type}; charset=utf-8")
    } else {
        media_type.to_owned()
    }
}

/// Tells whether the beginning of a file is UTF-8 without NUL.
fn is_text(head: &[u8]) -> bool {
    !head.contains(&0)
        && match std::str::from_utf8(head) {
            Ok(_) => true,
            // A character may be cut at the end of what was read.
            Err(error) => error.error_len().is_none() && head.len() >= SNIFF_BYTES,
        }
}

#[cfg(test)]
mod tests {
    use super::content_type;

    #[test]
    fn by_name_then_by_content() {
        let cut = [&b"x"[..], &"é".repeat(512).into_bytes()].concat();
        for (name, head, expected) in [
            (&b"index.html"[..], &b"<p>"[..], "text/html; charset=utf-8"),
            (b"logo.png", b"\x89PNG", "image/png"),
            (b"main.ts", b"export {}", "text/plain; charset=utf-8"),
            (b"Makefile", b"all:\n", "text/plain; charset=utf-8"),
            (b"Makefile", b"", "text/plain; charset=utf-8"),
            (b"core", b"\x7fELF\0", "application/octet-stream"),
            (b"notes", b"caf\xe9", "application/octet-stream"),
            (b"long", &cut[..1024], "text/plain; charset=utf-8"),
            (b"caf\xe9.json", b"{}", "application/json"),
        ] {
            assert_eq!(content_type(name, head), expected, "{name:?}");
        }
    }
}
