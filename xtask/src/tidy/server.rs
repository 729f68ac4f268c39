//! The walls inside the control plane, `crates/server/src`.
//!
//! Import arrows: assembly → features → ground. Inside a feature: routes → service → store. The
//! assembly may name everything, and a feature's `mod.rs` is its front door.

use std::collections::{BTreeMap, BTreeSet};

use super::Finding;
use super::source::Source;

const ROOT: &str = "crates/server/src/";

/// The folders of the ground; every other folder is a feature.
const GROUND: [&str; 8] = [
    "config", "http", "authz", "jobs", "events", "audit", "ctx", "secrets",
];

/// Ground folders that own tables.
const GROUND_STORES: [&str; 4] = ["jobs", "events", "audit", "authz"];

/// Files that may name axum beside `routes.rs`, `http/` and the assembly, each with its reason.
const AXUM_EXCEPTIONS: [(&str, &str); 3] = [
    (
        "nodes/client.rs",
        "hands requests and bodies to the node's router as they are",
    ),
    (
        "workspaces/forward.rs",
        "passes requests, bodies and upgrades on to the agent unread",
    ),
    (
        "workspaces/git_sign_in.rs",
        "passes the lines of what Git does on, and asks the agent once more with a credential",
    ),
];

/// A file's place in the control plane.
struct Place<'a> {
    /// The folder below the root; nothing for the assembly and single ground files.
    folder: Option<&'a str>,
    /// The path below that folder.
    file: &'a str,
}

fn place(source: &Source) -> Option<Place<'_>> {
    let relative = source.path.strip_prefix(ROOT)?;
    let is_code = source.extension() == "rs" && !source.is_test();
    is_code.then(|| match relative.split_once('/') {
        Some((folder, file)) => Place {
            folder: Some(folder),
            file,
        },
        None => Place {
            folder: None,
            file: relative,
        },
    })
}

/// The feature folders.
pub(super) fn feature_folders(sources: &[Source]) -> BTreeSet<&str> {
    let folders = sources.iter().filter_map(|source| place(source)?.folder);
    folders.filter(|folder| !GROUND.contains(folder)).collect()
}

/// A feature reaches another only through its `mod.rs`; the ground reaches no feature.
pub(super) fn features(sources: &[Source]) -> Vec<Finding> {
    let features = feature_folders(sources);
    // The private modules of each feature: `workspaces` → `store`, `service`, …
    let modules: BTreeSet<(&str, &str)> = sources
        .iter()
        .filter_map(|source| {
            let Place { folder, file } = place(source)?;
            let module = file.split('/').next()?.trim_end_matches(".rs");
            (module != "mod").then_some((folder?, module))
        })
        .collect();
    let mut findings = Vec::new();
    for source in sources {
        let Some(Place {
            folder: Some(folder),
            file,
        }) = place(source)
        else {
            continue;
        };
        for (line, code) in source.code() {
            for path in crate_paths(code) {
                let mut segments = path.split("::");
                let target = segments.next().unwrap_or_default();
                let module = segments.next().unwrap_or_default();
                if target == folder || !features.contains(target) {
                    continue;
                }
                // The routes of ground folders (jobs, events, audit) are features in all but name.
                if GROUND.contains(&folder) && file != "routes.rs" {
                    let message =
                        format!("the ground ({folder}) must not know the feature {target}");
                    findings.push(source.finding(line, message));
                } else if modules.contains(&(target, module)) {
                    let message = format!(
                        "{folder} reaches into {target}::{module}: go through {target}/mod.rs"
                    );
                    findings.push(source.finding(line, message));
                }
            }
        }
    }
    findings
}

/// The paths after `crate::` in a line: `crate::nodes::store::find(…)` gives `nodes::store::find`. A
/// group is taken apart: `crate::{nodes, audit::Entry}`.
fn crate_paths(line: &str) -> Vec<String> {
    let word = |c: char| c.is_alphanumeric() || c == '_' || c == ':';
    let mut paths = Vec::new();
    for (position, marker) in line.match_indices("crate::") {
        let rest = &line[position + marker.len()..];
        if let Some(group) = rest.strip_prefix('{') {
            let group = group.split(['}', '{']).next().unwrap_or_default();
            paths.extend(group.split(',').map(|path| path.trim().to_owned()));
        } else {
            paths.push(rest.chars().take_while(|c| word(*c)).collect());
        }
    }
    paths
}

/// Inside a feature the store knows no service or routes, and the service no routes.
pub(super) fn layers(sources: &[Source]) -> Vec<Finding> {
    let mut findings = Vec::new();
    for source in sources {
        let Some(Place {
            folder: Some(folder),
            file,
        }) = place(source)
        else {
            continue;
        };
        let above: &[&str] = match file {
            "store.rs" => &["service", "routes"],
            "service.rs" => &["routes"],
            _ => continue,
        };
        for (line, code) in source.code() {
            let upwards = above.iter().find(|layer| {
                code.contains(&format!("super::{layer}"))
                    || code.contains(&format!("crate::{folder}::{layer}"))
            });
            if let Some(layer) = upwards {
                let message = format!("{file} must not know {layer}.rs: routes → service → store");
                findings.push(source.finding(line, message));
            }
        }
    }
    findings
}

/// SQL stands only in `store.rs` (or below `store/`), and a table is written by one store only.
pub(super) fn sql(sources: &[Source]) -> Vec<Finding> {
    let mut findings = Vec::new();
    let mut writers: BTreeMap<String, &str> = BTreeMap::new();
    for source in sources {
        let Some(Place { folder, file }) = place(source) else {
            continue;
        };
        let may_own_tables = folder
            .is_some_and(|folder| !GROUND.contains(&folder) || GROUND_STORES.contains(&folder));
        let is_store = may_own_tables && (file == "store.rs" || file.starts_with("store/"));
        for (line, code) in source.code() {
            if !is_store && is_sql(code) {
                findings.push(source.finding(line, "SQL outside of a store.rs"));
            }
            let Some((owner, table)) = folder.zip(written_table(code)) else {
                continue;
            };
            let first = *writers.entry(table.clone()).or_insert(owner);
            if first != owner {
                let message = format!("{owner} writes the table {table}, which belongs to {first}");
                findings.push(source.finding(line, message));
            }
        }
    }
    findings
}

/// Whether a line begins an SQL statement.
fn is_sql(line: &str) -> bool {
    const STATEMENTS: [&str; 7] = [
        "SELECT ",
        "INSERT INTO ",
        "UPDATE ",
        "DELETE FROM ",
        "CREATE TABLE ",
        "WITH ",
        "DROP TABLE ",
    ];
    line.match_indices('"').any(|(position, _)| {
        let text = line[position + 1..].trim_start();
        STATEMENTS
            .iter()
            .any(|statement| text.starts_with(statement))
    })
}

/// The table that a line writes to.
fn written_table(line: &str) -> Option<String> {
    let rest = ["INSERT INTO ", "DELETE FROM ", "\"UPDATE "]
        .iter()
        .find_map(|statement| line.split_once(statement))?
        .1;
    let name = |c: &char| c.is_ascii_lowercase() || *c == '_';
    let table: String = rest.chars().take_while(name).collect();
    (!table.is_empty()).then_some(table)
}

/// axum's types stand only in routes, `http/` and the assembly.
pub(super) fn axum(sources: &[Source]) -> Vec<Finding> {
    let mut findings = Vec::new();
    for source in sources {
        let Some(Place {
            folder: Some(folder),
            file,
        }) = place(source)
        else {
            continue;
        };
        let relative = format!("{folder}/{file}");
        let allowed = folder == "http"
            || file.ends_with("routes.rs")
            || file.starts_with("routes/")
            || AXUM_EXCEPTIONS.iter().any(|(path, _)| *path == relative);
        if allowed {
            continue;
        }
        for (line, code) in source.code() {
            let named = code.match_indices("axum::").any(|(position, _)| {
                // `utoipa_axum::` collects the routes in a front door and is not axum.
                !code[..position].ends_with('_')
            });
            if named {
                let message = "axum outside of routes.rs, http/ and the assembly";
                findings.push(source.finding(line, message));
            }
        }
    }
    findings
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tidy::source::{fixtures, places};

    /// Two features, with nothing wrong.
    const SOUND: [(&str, &str); 6] = [
        (
            "crates/server/src/router.rs",
            "use crate::nodes::store;\nuse axum::Router;\n",
        ),
        (
            "crates/server/src/nodes/mod.rs",
            "mod store;\nuse utoipa_axum::router::OpenApiRouter;\n",
        ),
        (
            "crates/server/src/nodes/store.rs",
            "let a = \"SELECT a FROM nodes\";\nlet b = \"UPDATE nodes SET a = 1\";\n",
        ),
        (
            "crates/server/src/teams/mod.rs",
            "use crate::nodes::NodeId;\nuse crate::{nodes, audit::Entry};\n",
        ),
        (
            "crates/server/src/teams/routes.rs",
            "use axum::Router;\nuse super::service;\n",
        ),
        (
            "crates/server/src/teams/service.rs",
            "// crate::nodes::store is private\nuse super::store;\n",
        ),
    ];

    fn with(path: &str, text: &str) -> Vec<Source> {
        let mut files = SOUND.to_vec();
        files.push((path, text));
        fixtures(&files)
    }

    #[test]
    fn what_is_sound_gives_no_finding() {
        let sources = fixtures(&SOUND);
        for rule in [features, layers, sql, axum] {
            assert_eq!(rule(&sources), []);
        }
        assert_eq!(
            feature_folders(&sources),
            BTreeSet::from(["nodes", "teams"])
        );
    }

    #[test]
    fn a_feature_that_reaches_into_another_is_found() {
        let sources = with(
            "crates/server/src/teams/jobs.rs",
            "\nuse crate::nodes::store::find;\n",
        );
        assert_eq!(
            places(&features(&sources)),
            ["crates/server/src/teams/jobs.rs:2"]
        );
        let sources = with(
            "crates/server/src/teams/jobs.rs",
            "use crate::{audit, nodes::store};\n",
        );
        assert_eq!(
            places(&features(&sources)),
            ["crates/server/src/teams/jobs.rs:1"]
        );
    }

    #[test]
    fn the_ground_must_not_know_a_feature() {
        let sources = with(
            "crates/server/src/jobs/mod.rs",
            "fn f() { crate::nodes::count() }\n",
        );
        assert_eq!(
            places(&features(&sources)),
            ["crates/server/src/jobs/mod.rs:1"]
        );
        let sources = with("crates/server/src/jobs/routes.rs", "use crate::nodes;\n");
        assert_eq!(features(&sources), []);
    }

    #[test]
    fn layers_point_downwards() {
        let sources = with(
            "crates/server/src/teams/store.rs",
            "use super::service::Team;\n",
        );
        assert_eq!(
            places(&layers(&sources)),
            ["crates/server/src/teams/store.rs:1"]
        );
        let sources = with(
            "crates/server/src/nodes/service.rs",
            "use crate::nodes::routes::X;\n",
        );
        assert_eq!(
            places(&layers(&sources)),
            ["crates/server/src/nodes/service.rs:1"]
        );
    }

    #[test]
    fn sql_stands_in_stores_and_a_table_has_one_writer() {
        let sources = with("crates/server/src/teams/jobs.rs", "let q = \"SELECT 1\";\n");
        assert_eq!(
            places(&sql(&sources)),
            ["crates/server/src/teams/jobs.rs:1"]
        );
        let sources = with("crates/server/src/http/store.rs", "let q = \"SELECT 1\";\n");
        assert_eq!(
            places(&sql(&sources)),
            ["crates/server/src/http/store.rs:1"]
        );
        let sources = with(
            "crates/server/src/teams/store.rs",
            "\"INSERT INTO nodes VALUES (1)\"\n",
        );
        assert_eq!(
            places(&sql(&sources)),
            ["crates/server/src/teams/store.rs:1"]
        );
    }

    #[test]
    fn tests_may_speak_sql() {
        let inline = "#[cfg(test)]\nmod tests {\n    const Q: &str = \"SELECT 1\";\n}\n";
        assert_eq!(sql(&with("crates/server/src/teams/jobs.rs", inline)), []);
        let file = "const Q: &str = \"SELECT 1\";\n";
        assert_eq!(sql(&with("crates/server/src/teams/tests.rs", file)), []);
    }

    #[test]
    fn axum_stands_at_the_edge() {
        let sources = with(
            "crates/server/src/nodes/service.rs",
            "fn f(b: axum::body::Body) {}\n",
        );
        assert_eq!(
            places(&axum(&sources)),
            ["crates/server/src/nodes/service.rs:1"]
        );
        let sources = with(
            "crates/server/src/nodes/agent_routes.rs",
            "use axum::Router;\n",
        );
        assert_eq!(axum(&sources), []);
    }
}
