//! The import arrows between crates.

use super::Finding;
use super::metadata::Metadata;

/// What a crate must not be built with, directly or by way of another.
struct Wall {
    crate_name: &'static str,
    /// Names; `atelier-*` is every crate of ours but itself.
    forbidden: &'static [&'static str],
}

const WALLS: [Wall; 7] = [
    Wall {
        crate_name: "atelier-api",
        forbidden: &["tokio", "axum", "sqlx", "atelier-*"],
    },
    Wall {
        crate_name: "atelier-policy",
        forbidden: &["tokio", "axum", "sqlx", "atelier-*"],
    },
    Wall {
        crate_name: "atelier-tunnel",
        forbidden: &["sqlx", "atelier-*"],
    },
    Wall {
        crate_name: "atelier-agent",
        forbidden: &[
            "sqlx",
            "atelier-db",
            "atelier-node",
            "atelier-server",
            "atelier-tunnel",
        ],
    },
    Wall {
        crate_name: "atelier-node",
        forbidden: &["sqlx", "atelier-db", "atelier-server"],
    },
    Wall {
        crate_name: "atelier-db",
        forbidden: &[
            "axum",
            "atelier-agent",
            "atelier-node",
            "atelier-server",
            "atelier-tunnel",
        ],
    },
    Wall {
        crate_name: "atelier-server",
        forbidden: &["atelier-cli", "atelier-testkit"],
    },
];

/// Finds crates that are built with what their wall keeps out.
pub(super) fn check(metadata: &Metadata) -> Vec<Finding> {
    let mut findings = Vec::new();
    for Wall {
        crate_name,
        forbidden,
    } in &WALLS
    {
        for dependency in metadata.built_with(crate_name) {
            let ours = dependency.starts_with("atelier-") && forbidden.contains(&"atelier-*");
            if dependency != *crate_name && (ours || forbidden.contains(&dependency)) {
                findings.push(Finding {
                    path: format!(
                        "crates/{}/Cargo.toml",
                        crate_name.trim_start_matches("atelier-")
                    ),
                    line: 0,
                    message: format!("{crate_name} must not be built with {dependency}"),
                });
            }
        }
    }
    findings
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    /// Packages and their edges `(from, to, kind)`.
    fn metadata(names: &[&str], edges: &[(&str, &str, Value)]) -> Metadata {
        let packages: Vec<Value> = names
            .iter()
            .map(|name| json!({ "id": name, "name": name, "version": "1.0.0" }))
            .collect();
        let nodes: Vec<Value> = names
            .iter()
            .map(|name| {
                let deps: Vec<Value> = edges
                    .iter()
                    .filter(|(from, ..)| from == name)
                    .map(|(_, to, kind)| json!({ "pkg": to, "dep_kinds": [{ "kind": kind }] }))
                    .collect();
                json!({ "id": name, "deps": deps })
            })
            .collect();
        let value = json!({ "packages": packages, "resolve": { "nodes": nodes } });
        serde_json::from_value(value).unwrap()
    }

    #[test]
    fn a_forbidden_crate_is_found_behind_another_one() {
        let names = ["atelier-api", "helper", "tokio"];
        let edges = [
            ("atelier-api", "helper", Value::Null),
            ("helper", "tokio", Value::Null),
        ];
        let findings = check(&metadata(&names, &edges));
        assert_eq!(findings.len(), 1);
        assert_eq!(findings[0].path, "crates/api/Cargo.toml");
        assert_eq!(
            findings[0].message,
            "atelier-api must not be built with tokio"
        );
    }

    #[test]
    fn tests_may_use_what_the_crate_may_not() {
        let names = ["atelier-node", "atelier-agent"];
        let edges = [("atelier-node", "atelier-agent", json!("dev"))];
        assert_eq!(check(&metadata(&names, &edges)), []);
    }

    #[test]
    fn the_tunnel_knows_no_crate_of_ours() {
        let names = ["atelier-tunnel", "atelier-api"];
        let edges = [("atelier-tunnel", "atelier-api", Value::Null)];
        assert_eq!(check(&metadata(&names, &edges)).len(), 1);
    }
}
