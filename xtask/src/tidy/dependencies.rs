//! Declared dependencies: every one of a crate is used in it, and the lock of an npm project fits.

use serde_json::Value;
use toml::Table;

use super::Finding;
use super::source::Source;

/// Dependencies that no code names, each with its reason.
const EXCEPTIONS: [(&str, &str, &str); 0] = [];

/// Finds dependencies whose name stands nowhere in the crate's code.
pub(super) fn unused(sources: &[Source]) -> Vec<Finding> {
    let mut findings = Vec::new();
    let manifests = sources.iter().filter(|source| {
        source.path.ends_with("/Cargo.toml") && !source.path.starts_with("templates/")
    });
    for manifest in manifests {
        let folder = manifest.path.trim_end_matches("Cargo.toml");
        let table: Table = match manifest.text.parse() {
            Ok(table) => table,
            Err(error) => {
                findings.push(manifest.finding(0, format!("cannot be read: {error}")));
                continue;
            }
        };
        let code: Vec<&Source> = sources
            .iter()
            .filter(|source| source.path.starts_with(folder) && source.extension() == "rs")
            .collect();
        for section in ["dependencies", "dev-dependencies", "build-dependencies"] {
            let names = table.get(section).and_then(|section| section.as_table());
            for name in names.into_iter().flat_map(Table::keys) {
                let excepted = EXCEPTIONS
                    .iter()
                    .any(|(path, excepted, _)| *path == manifest.path && excepted == name);
                let word = name.replace('-', "_");
                let used = code.iter().any(|source| names_crate(&source.text, &word));
                if !used && !excepted {
                    findings.push(manifest.finding(0, format!("{section}: {name} is not used")));
                }
            }
        }
    }
    findings
}

/// Finds `package-lock.json` files that were written for another `package.json`.
pub(super) fn npm_locks(sources: &[Source]) -> Vec<Finding> {
    let mut findings = Vec::new();
    for lock in sources {
        let Some(folder) = lock.path.strip_suffix("package-lock.json") else {
            continue;
        };
        let manifest_path = format!("{folder}package.json");
        let manifest = sources.iter().find(|source| source.path == manifest_path);
        let read = |text: &str| serde_json::from_str::<Value>(text).unwrap_or_default();
        let manifest = manifest.map_or(Value::Null, |manifest| read(&manifest.text));
        let locked = read(&lock.text)["packages"][""].take();
        for section in ["dependencies", "devDependencies"] {
            if manifest[section] != locked[section] {
                let message = format!("does not fit the {section} of {manifest_path}: npm install");
                findings.push(lock.finding(0, message));
            }
        }
    }
    findings
}

/// Whether the text names the crate: `word::`, `use word;`, `word!` or `extern crate word`, at a
/// border.
fn names_crate(text: &str, word: &str) -> bool {
    let part = |c: char| c.is_alphanumeric() || c == '_';
    text.match_indices(word).any(|(position, _)| {
        let before = text[..position].chars().next_back();
        let after = &text[position + word.len()..];
        let follows = ["::", ";", "!", " as "]
            .iter()
            .any(|mark| after.starts_with(mark));
        follows && !before.is_some_and(part)
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tidy::source::fixtures;

    #[test]
    fn a_dependency_that_no_code_names_is_found() {
        let manifest =
            "[dependencies]\na-b = \"1\"\nserde = \"1\"\n[dev-dependencies]\ninsta = \"1\"\n";
        let sources = fixtures(&[
            ("crates/x/Cargo.toml", manifest),
            (
                "crates/x/src/lib.rs",
                "use serde::Serialize;\nfn f() { my_a_b::g() }\n",
            ),
            ("crates/y/src/lib.rs", "use a_b::C;\n"),
        ]);
        let messages: Vec<_> = unused(&sources)
            .into_iter()
            .map(|finding| finding.message)
            .collect();
        assert_eq!(
            messages,
            [
                "dependencies: a-b is not used",
                "dev-dependencies: insta is not used"
            ]
        );
    }

    #[test]
    fn a_lock_of_another_package_json_is_found() {
        let manifest =
            r#"{ "dependencies": { "a": "1.0.0" }, "devDependencies": { "b": "2.0.0" } }"#;
        let fits = format!(r#"{{ "packages": {{ "": {manifest}, "node_modules/a": {{}} }} }}"#);
        let stale = fits.replace("2.0.0", "1.9.0");
        let sources = fixtures(&[
            ("web/package.json", manifest),
            ("web/package-lock.json", &fits),
            ("e2e/package.json", manifest),
            ("e2e/package-lock.json", &stale),
        ]);
        let findings = npm_locks(&sources);
        assert_eq!(findings.len(), 1);
        assert_eq!(findings[0].path, "e2e/package-lock.json");
        assert!(findings[0].message.contains("devDependencies"));
    }
}
