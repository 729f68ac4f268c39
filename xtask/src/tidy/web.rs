//! The walls inside the web application: routes → features → components → lib, api; no feature imports
//! another.

use super::Finding;
use super::source::Source;

const ROOT: &str = "web/src/";

/// What each folder must not import.
const ABOVE: [(&str, &[&str]); 3] = [
    ("lib", &["components", "features", "routes"]),
    ("api", &["components", "features", "routes"]),
    ("components", &["features", "routes"]),
];

/// Finds imports against the arrows.
pub(super) fn features(sources: &[Source]) -> Vec<Finding> {
    let mut findings = Vec::new();
    for source in sources {
        let Some(relative) = source.path.strip_prefix(ROOT) else {
            continue;
        };
        if !["ts", "tsx"].contains(&source.extension()) {
            continue;
        }
        let Some((folder, _)) = relative.split_once('/') else {
            continue;
        };
        for (line, code) in source.code() {
            let Some(target) = imported(relative, code) else {
                continue;
            };
            let mut segments = target.split('/');
            let target_folder = segments.next().unwrap_or_default();
            let above = ABOVE.iter().find(|(from, _)| *from == folder);
            if above.is_some_and(|(_, above)| above.contains(&target_folder)) {
                let message = format!("{folder}/ must not import {target_folder}/");
                findings.push(source.finding(line, message));
            }
            let own = relative.split('/').nth(1).unwrap_or_default();
            let other = segments.next().unwrap_or_default();
            if folder == "features" && target_folder == "features" && other != own {
                let message = format!("the feature {own} must not import the feature {other}");
                findings.push(source.finding(line, message));
            }
        }
    }
    findings
}

/// The module that a line imports, relative to `web/src`: `@/x` and relative ones.
fn imported(importer: &str, line: &str) -> Option<String> {
    let (_, after) = line
        .split_once("from ")
        .or_else(|| line.split_once("import("))?;
    let quote = after.chars().next().filter(|c| ['"', '\''].contains(c))?;
    let module = after[1..].split(quote).next()?;
    if let Some(path) = module.strip_prefix("@/") {
        return Some(path.to_owned());
    }
    if !module.starts_with('.') {
        return None;
    }
    let mut folders: Vec<&str> = importer.split('/').collect();
    folders.pop();
    for segment in module.split('/') {
        match segment {
            "." => {}
            ".." => {
                folders.pop();
            }
            name => folders.push(name),
        }
    }
    Some(folders.join("/"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tidy::source::{fixtures, places};

    #[test]
    fn imports_against_the_arrows_are_found() {
        let sources = fixtures(&[
            (
                "web/src/features/files/tree.tsx",
                "import { a } from \"@/lib/a\";\nimport { b } from '../editor/b';\n",
            ),
            (
                "web/src/features/files/own.ts",
                "import { c } from \"./tree\";\nimport x from \"features/editor\";\n",
            ),
            (
                "web/src/lib/a.ts",
                "const b = import(\"@/features/files/tree\");\n",
            ),
            (
                "web/src/components/b.tsx",
                "import { a } from \"../lib/a\";\nexport * from \"@/routes/c\";\n",
            ),
            (
                "web/src/routes/c.tsx",
                "import { tree } from \"@/features/files/tree\";\n",
            ),
        ]);
        let found = places(&features(&sources));
        let expected = [
            "web/src/features/files/tree.tsx:2",
            "web/src/lib/a.ts:1",
            "web/src/components/b.tsx:2",
        ];
        assert_eq!(found, expected);
    }
}
