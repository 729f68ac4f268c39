//! How long a file may be.

use super::Finding;
use super::source::Source;

/// The hard limits, in lines.
const LIMITS: [(&[&str], usize); 2] = [(&["rs"], 800), (&["ts", "tsx"], 500)];

/// Files that may be longer, each with its reason.
const EXCEPTIONS: [(&str, &str); 3] = [
    ("web/src/api/schema.gen.ts", "generated"),
    ("web/src/routeTree.gen.ts", "generated"),
    ("clients/typescript/src/schema.gen.ts", "generated"),
];

/// Finds files over their limit.
pub(super) fn check(sources: &[Source]) -> Vec<Finding> {
    let mut findings = Vec::new();
    for source in sources {
        let limit = LIMITS
            .iter()
            .find(|(extensions, _)| extensions.contains(&source.extension()));
        let Some((_, limit)) = limit else { continue };
        let lines = source.text.lines().count();
        let excepted = EXCEPTIONS.iter().any(|(path, _)| *path == source.path);
        if lines > *limit && !excepted {
            let message =
                format!("{lines} lines, the limit is {limit}: split it where a reader would");
            findings.push(source.finding(0, message));
        }
    }
    findings
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tidy::source::{fixtures, places};

    #[test]
    fn long_files_are_found_by_kind() {
        let rust = "\n".repeat(801);
        let web = "\n".repeat(501);
        let sources = fixtures(&[
            ("crates/a/src/long.rs", &rust),
            ("crates/a/src/short.rs", &web),
            ("web/src/long.tsx", &web),
            ("web/src/api/schema.gen.ts", &web),
            ("docs/long.md", &rust),
        ]);
        assert_eq!(
            places(&check(&sources)),
            ["crates/a/src/long.rs:0", "web/src/long.tsx:0"]
        );
    }
}
