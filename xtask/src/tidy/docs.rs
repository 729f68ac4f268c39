//! The documents say what is there.

use std::collections::BTreeSet;

use super::Finding;
use super::server::feature_folders;
use super::source::Source;

const ARCHITECTURE: &str = "docs/ARCHITECTURE.md";

/// Every path below `docs/` that a document names, and every relative link, leads somewhere.
pub(super) fn paths(sources: &[Source]) -> Vec<Finding> {
    let mut known: BTreeSet<String> = BTreeSet::new();
    for source in sources {
        known.insert(source.path.clone());
        for (position, _) in source.path.match_indices('/') {
            known.insert(source.path[..position].to_owned());
        }
    }
    let mut findings = Vec::new();
    // Templates become the users' own: their documents speak of their own folders.
    let documents = sources
        .iter()
        .filter(|source| source.extension() == "md" && !source.path.starts_with("templates/"));
    for source in documents {
        for (index, line) in source.text.lines().enumerate() {
            let mut named: BTreeSet<String> = mentions(line).into_iter().collect();
            named.extend(links(&source.path, line));
            for path in named {
                if !known.contains(path.trim_end_matches('/')) {
                    let message = format!("names {path}, which does not exist");
                    findings.push(source.finding(index + 1, message));
                }
            }
        }
    }
    findings
}

/// Paths that begin with `docs/`; `docs/how-to/{job,feature}.md` are two.
fn mentions(line: &str) -> Vec<String> {
    let mut found = Vec::new();
    for (position, _) in line.match_indices("docs/") {
        let before = line[..position].chars().next_back();
        if before.is_some_and(|c| c.is_alphanumeric() || "./-_".contains(c)) {
            continue;
        }
        let word = |c: &char| c.is_alphanumeric() || "./-_{},".contains(*c);
        let path: String = line[position..].chars().take_while(word).collect();
        let path = path.trim_end_matches(['.', ',']);
        match (path.split_once('{'), path.split_once('}')) {
            (Some((start, _)), Some((_, end))) => {
                let names = &path[start.len() + 1..path.len() - end.len() - 1];
                found.extend(names.split(',').map(|name| format!("{start}{name}{end}")));
            }
            _ => found.push(path.to_owned()),
        }
    }
    found
}

/// The targets of relative Markdown links, from the root.
fn links(document: &str, line: &str) -> Vec<String> {
    let mut found = Vec::new();
    for (position, marker) in line.match_indices("](") {
        let target = line[position + marker.len()..]
            .split(')')
            .next()
            .unwrap_or_default();
        let target = target.split('#').next().unwrap_or_default();
        if target.is_empty() || target.contains("://") || target.starts_with("mailto:") {
            continue;
        }
        let mut folders: Vec<&str> = document.split('/').collect();
        folders.pop();
        for segment in target.split('/') {
            match segment {
                "." | "" => {}
                ".." => {
                    folders.pop();
                }
                name => folders.push(name),
            }
        }
        found.push(folders.join("/"));
    }
    found
}

/// The architecture text names every crate and every feature folder of the control plane.
pub(super) fn architecture(sources: &[Source]) -> Vec<Finding> {
    let Some(document) = sources.iter().find(|source| source.path == ARCHITECTURE) else {
        return vec![Finding {
            path: ARCHITECTURE.to_owned(),
            line: 0,
            message: "does not exist".to_owned(),
        }];
    };
    let crates = sources.iter().filter_map(|source| {
        let name = source.path.strip_prefix("crates/")?;
        Some(format!("crates/{}", name.strip_suffix("/Cargo.toml")?))
    });
    let features = feature_folders(sources)
        .into_iter()
        .map(|name| format!("`{name}/`"));
    let missing = crates
        .chain(features)
        .filter(|name| !document.text.contains(name.as_str()));
    missing
        .map(|name| document.finding(0, format!("does not name {name}")))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tidy::source::{fixtures, places};

    #[test]
    fn paths_and_links_that_lead_nowhere_are_found() {
        let sources = fixtures(&[
            (
                "docs/STYLE.md",
                "See [how](how-to/job.md), [top](../README.md#a) and [web](https://a.b/c.md).",
            ),
            (
                "docs/how-to/job.md",
                "docs/STYLE.md. docs/how-to/{job,endpoint}.md",
            ),
            (
                "README.md",
                "[a](docs/none.md)\nThe folder docs/how-to/, react-docs/none\n[b](none.md)",
            ),
        ]);
        let findings = paths(&sources);
        let expected = ["docs/how-to/job.md:1", "README.md:1", "README.md:3"];
        assert_eq!(places(&findings), expected);
        assert!(findings[0].message.contains("docs/how-to/endpoint.md"));
    }

    #[test]
    fn a_crate_or_feature_that_the_architecture_text_omits_is_found() {
        let files = [
            ("crates/api/Cargo.toml", ""),
            ("crates/db/Cargo.toml", ""),
            ("crates/server/src/nodes/mod.rs", ""),
            ("crates/server/src/jobs/mod.rs", ""),
        ];
        let mut with = files.to_vec();
        with.push((ARCHITECTURE, "`crates/api`"));
        let messages: Vec<_> = architecture(&fixtures(&with))
            .into_iter()
            .map(|f| f.message)
            .collect();
        assert_eq!(
            messages,
            ["does not name crates/db", "does not name `nodes/`"]
        );
        assert_eq!(
            places(&architecture(&fixtures(&files))),
            ["docs/ARCHITECTURE.md:0"]
        );
    }
}
