//! What must not stand in any committed file.

use super::Finding;
use super::source::Source;

/// The file that names what it forbids.
const SELF: &str = "xtask/src/tidy/hygiene.rs";

/// A text that is not allowed, where, and why.
struct Ban {
    text: &'static str,
    /// Extensions of the files that it concerns; all when empty.
    extensions: &'static [&'static str],
    /// Where these files stand; everywhere when empty.
    folders: &'static [&'static str],
    message: &'static str,
}

const PATH: &str = "a path of one machine: say it relative to the repository";
const REGISTRY: &str = "an address of a registry: the tools know theirs";
const UNFINISHED: &str = "unfinished: finish it, or write TODO(#issue)";
const SILENCED: &str = "a test that does not run, or keeps others from running";
const LEFT_OVER: &str = "left over from debugging";
const CODE: &[&str] = &[
    "rs", "ts", "tsx", "js", "mjs", "css", "sql", "sh", "py", "toml",
];
const SCRIPTS: &[&str] = &["ts", "tsx", "js", "mjs"];
const WEB: &[&str] = &["web/src/", "e2e/", "clients/"];

const BANS: [Ban; 24] = [
    everywhere("/work/", PATH),
    everywhere("/root/.cargo", PATH),
    everywhere("/root/.rustup", PATH),
    everywhere("/home/runner/", PATH),
    everywhere("/Users/", PATH),
    everywhere("registry.npmjs.org", REGISTRY),
    everywhere("registry.yarnpkg.com", REGISTRY),
    everywhere("registry.npmmirror.com", REGISTRY),
    everywhere("pypi.org/simple", REGISTRY),
    everywhere("files.pythonhosted.org", REGISTRY),
    everywhere("index.crates.io", REGISTRY),
    everywhere("static.crates.io", REGISTRY),
    ban("FIXME", CODE, &[], UNFINISHED),
    ban("todo!(", &["rs"], &[], UNFINISHED),
    ban("unimplemented!(", &["rs"], &[], UNFINISHED),
    ban("#[ignore", &["rs"], &[], SILENCED),
    ban(".only(", SCRIPTS, WEB, SILENCED),
    ban("test.fixme", SCRIPTS, WEB, SILENCED),
    ban("test.skip", SCRIPTS, WEB, SILENCED),
    ban("it.skip", SCRIPTS, WEB, SILENCED),
    ban("describe.skip", SCRIPTS, WEB, SILENCED),
    ban(
        "waitForTimeout",
        SCRIPTS,
        WEB,
        "a sleep: wait on a condition",
    ),
    ban("console.log(", SCRIPTS, WEB, LEFT_OVER),
    ban("debugger;", SCRIPTS, WEB, LEFT_OVER),
];

const fn everywhere(text: &'static str, message: &'static str) -> Ban {
    ban(text, &[], &[], message)
}

const fn ban(
    text: &'static str,
    extensions: &'static [&'static str],
    folders: &'static [&'static str],
    message: &'static str,
) -> Ban {
    Ban {
        text,
        extensions,
        folders,
        message,
    }
}

impl Ban {
    fn concerns(&self, source: &Source) -> bool {
        let extension = source.extension();
        (self.extensions.is_empty() || self.extensions.contains(&extension))
            && (self.folders.is_empty()
                || self
                    .folders
                    .iter()
                    .any(|folder| source.path.starts_with(folder)))
    }

    /// A path begins at a border: `a/work/b` is not below `/work`.
    fn stands_in(&self, line: &str) -> bool {
        line.match_indices(self.text).any(|(position, _)| {
            let before = line[..position].chars().next_back();
            !self.text.starts_with('/')
                || before.is_none_or(|c| !(c.is_alphanumeric() || "._-}".contains(c)))
        })
    }
}

/// Finds them.
pub(super) fn check(sources: &[Source]) -> Vec<Finding> {
    let mut findings = Vec::new();
    for source in sources.iter().filter(|source| source.path != SELF) {
        let bans: Vec<&Ban> = BANS.iter().filter(|ban| ban.concerns(source)).collect();
        let is_lock = source.path.ends_with("package-lock.json");
        for (index, line) in source.text.lines().enumerate() {
            let number = index + 1;
            for ban in bans.iter().filter(|ban| ban.stands_in(line)) {
                findings.push(source.finding(number, format!("`{}`: {}", ban.text, ban.message)));
            }
            if CODE.contains(&source.extension()) && has_bare_todo(line) {
                findings.push(source.finding(number, "a TODO without its issue: write TODO(#12)"));
            }
            if is_lock && line.contains("\"resolved\": \"http") {
                findings.push(source.finding(
                    number,
                    "a download address: npm's omit-lockfile-registry-resolved leaves them out",
                ));
                // One per file is enough to say it.
                break;
            }
        }
    }
    findings
}

fn has_bare_todo(line: &str) -> bool {
    line.match_indices("TODO").any(|(position, word)| {
        let after = &line[position + word.len()..];
        let inside_word = after.starts_with(|c: char| c.is_alphanumeric() || c == '_')
            || line[..position].ends_with(|c: char| c.is_alphanumeric() || c == '_');
        let numbered = after
            .strip_prefix("(#")
            .is_some_and(|rest| rest.starts_with(|c: char| c.is_ascii_digit()));
        !inside_word && !numbered
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tidy::source::{fixtures, places};

    fn found(path: &str, text: &str) -> Vec<String> {
        places(&check(&fixtures(&[(path, text)])))
    }

    #[test]
    fn paths_of_a_machine_are_found_at_a_border_only() {
        assert_eq!(found("a.md", "see /work/x"), ["a.md:1"]);
        assert_eq!(found("a.sh", "\ncd /root/.cargo/bin"), ["a.sh:2"]);
        assert_eq!(
            found("a.md", "web/work/x and {base}/work/y and /workspace/z"),
            [""; 0]
        );
    }

    #[test]
    fn registries_and_download_addresses_are_found() {
        assert_eq!(
            found(".npmrc", "registry=https://registry.npmjs.org/"),
            [".npmrc:1"]
        );
        let lock = "{\n  \"resolved\": \"https://example.com/a.tgz\",\n  \"resolved\": \"https://example.com/b.tgz\"\n}";
        assert_eq!(
            found("web/package-lock.json", lock),
            ["web/package-lock.json:2"]
        );
        assert_eq!(
            found("web/package-lock.json", "{ \"resolved\": \"../a\" }"),
            [""; 0]
        );
    }

    #[test]
    fn what_is_unfinished_or_silenced_is_found() {
        for text in [
            "// TODO: later",
            "// FIXME",
            "todo!()",
            "unimplemented!()",
            "#[ignore]",
        ] {
            assert_eq!(found("a.rs", text), ["a.rs:1"], "{text}");
        }
        for text in [
            "test.only(\"a\")",
            "test.fixme()",
            "test.skip(\"a\")",
            "page.waitForTimeout(1)",
            "console.log(1)",
            "debugger;",
        ] {
            assert_eq!(found("e2e/a.spec.ts", text), ["e2e/a.spec.ts:1"], "{text}");
        }
        assert_eq!(
            found("a.rs", "// TODO(#12): later\nstatic AUTODOC: u8 = 1;"),
            [""; 0]
        );
        assert_eq!(found("web/dev/mock.mjs", "console.log(1)"), [""; 0]);
    }
}
