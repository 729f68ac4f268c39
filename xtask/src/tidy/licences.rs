//! The licences of all dependencies, against the one list in `deny.toml`.

use std::collections::{BTreeMap, BTreeSet};

use anyhow::{Context as _, Result};
use serde::Deserialize;

use super::Finding;
use super::metadata::Metadata;
use super::source::Source;

/// What may be distributed together with an Apache-2.0 program.
#[derive(Debug)]
pub(super) struct Allowed {
    licences: BTreeSet<String>,
    /// Packages with further licences that are allowed for them alone.
    exceptions: BTreeMap<String, BTreeSet<String>>,
}

#[derive(Deserialize)]
struct Deny {
    licenses: Licenses,
}

#[derive(Deserialize)]
struct Licenses {
    allow: BTreeSet<String>,
    #[serde(default)]
    exceptions: Vec<Exception>,
}

#[derive(Deserialize)]
struct Exception {
    #[serde(rename = "crate")]
    name: String,
    allow: BTreeSet<String>,
}

impl Allowed {
    /// Reads `deny.toml`, which cargo-deny reads too.
    pub(super) fn parse(deny: &str) -> Result<Self> {
        let Deny { licenses } = toml::from_str(deny).context("deny.toml")?;
        let exceptions = licenses.exceptions.into_iter();
        Ok(Self {
            licences: licenses.allow,
            exceptions: exceptions
                .map(|exception| (exception.name, exception.allow))
                .collect(),
        })
    }

    /// Whether an SPDX expression can be satisfied.
    fn permits(&self, package: &str, expression: &str) -> bool {
        let exception = self.exceptions.get(package);
        let allowed = |licence: &str| {
            self.licences.contains(licence)
                || exception.is_some_and(|exception| exception.contains(licence))
        };
        Expression::new(expression).evaluate(&allowed)
    }
}

/// The licences of the Rust crates.
pub(super) fn crates(metadata: &Metadata, allowed: &Allowed) -> Vec<Finding> {
    let foreign = metadata
        .packages
        .iter()
        .filter(|package| package.source.is_some());
    let refused = foreign.filter(|package| {
        let licence = package.license.as_deref();
        !licence.is_some_and(|licence| allowed.permits(&package.name, licence))
    });
    let finding = |package: &super::metadata::Package| Finding {
        path: "Cargo.lock".to_owned(),
        line: 0,
        message: refusal(&package.name, &package.version, package.license.as_deref()),
    };
    refused.map(finding).collect()
}

#[derive(Deserialize)]
struct PackageLock {
    packages: BTreeMap<String, LockedPackage>,
}

#[derive(Deserialize)]
struct LockedPackage {
    version: Option<String>,
    license: Option<String>,
    #[serde(default)]
    dev: bool,
}

/// The licences of the npm packages that end up in the product.
pub(super) fn npm(sources: &[Source], allowed: &Allowed) -> Vec<Finding> {
    let mut findings = Vec::new();
    for source in sources
        .iter()
        .filter(|source| source.path == "web/package-lock.json")
    {
        let lock: PackageLock = match serde_json::from_str(&source.text) {
            Ok(lock) => lock,
            Err(error) => {
                findings.push(source.finding(0, format!("cannot be read: {error}")));
                continue;
            }
        };
        // The empty path is the project itself.
        for (path, package) in lock.packages.iter().filter(|(path, _)| !path.is_empty()) {
            let name = path.rsplit("node_modules/").next().unwrap_or(path);
            let licence = package.license.as_deref();
            let permitted = licence.is_some_and(|licence| allowed.permits(name, licence));
            if !package.dev && !permitted {
                let version = package.version.as_deref().unwrap_or("?");
                findings.push(source.finding(0, refusal(name, version, licence)));
            }
        }
    }
    findings
}

fn refusal(name: &str, version: &str, licence: Option<&str>) -> String {
    let licence = licence.unwrap_or("no licence");
    format!("{name} {version}: {licence} is not in the list of deny.toml")
}

/// An SPDX expression, read by recursive descent: `OR` binds weaker than `AND`, `AND` weaker than
/// `WITH`. The old form `MIT/Apache-2.0` is an `OR`.
struct Expression {
    words: Vec<String>,
    position: usize,
}

impl Expression {
    fn new(text: &str) -> Self {
        let spaced = text
            .replace('(', " ( ")
            .replace(')', " ) ")
            .replace('/', " OR ");
        Self {
            words: spaced.split_whitespace().map(str::to_owned).collect(),
            position: 0,
        }
    }

    /// An expression that does not parse permits nothing.
    fn evaluate(mut self, allowed: &dyn Fn(&str) -> bool) -> bool {
        let permitted = self.any(allowed);
        permitted && self.position == self.words.len()
    }

    fn any(&mut self, allowed: &dyn Fn(&str) -> bool) -> bool {
        let mut permitted = self.all(allowed);
        while self.take("OR") {
            permitted |= self.all(allowed);
        }
        permitted
    }

    fn all(&mut self, allowed: &dyn Fn(&str) -> bool) -> bool {
        let mut permitted = self.one(allowed);
        while self.take("AND") {
            permitted &= self.one(allowed);
        }
        permitted
    }

    fn one(&mut self, allowed: &dyn Fn(&str) -> bool) -> bool {
        if self.take("(") {
            return self.any(allowed) & self.take(")");
        }
        let Some(mut licence) = self.next() else {
            return false;
        };
        if self.take("WITH") {
            let Some(exception) = self.next() else {
                return false;
            };
            licence = format!("{licence} WITH {exception}");
        }
        allowed(&licence)
    }

    fn take(&mut self, word: &str) -> bool {
        let found = self
            .words
            .get(self.position)
            .is_some_and(|next| next == word);
        self.position += usize::from(found);
        found
    }

    fn next(&mut self) -> Option<String> {
        let word = self.words.get(self.position).cloned();
        self.position += usize::from(word.is_some());
        word
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tidy::source::fixtures;

    const DENY: &str = r#"
        [licenses]
        allow = ["MIT", "Apache-2.0", "Apache-2.0 WITH LLVM-exception", "ISC"]
        exceptions = [{ crate = "odd", allow = ["Odd-1.0"] }]
    "#;

    #[test]
    fn expressions_are_evaluated() {
        let allowed = Allowed::parse(DENY).unwrap();
        let cases = [
            ("MIT", true),
            ("GPL-3.0-only", false),
            ("GPL-3.0-only OR MIT", true),
            ("MIT AND GPL-3.0-only", false),
            ("MIT/GPL-3.0-only", true),
            ("(MIT OR GPL-3.0-only) AND ISC", true),
            ("MIT OR GPL-3.0-only AND Unknown", true),
            ("(MIT OR ISC) AND GPL-3.0-only", false),
            ("Apache-2.0 WITH LLVM-exception", true),
            ("MIT WITH LLVM-exception", false),
            ("SEE LICENSE IN x", false),
            ("(MIT", false),
            ("MIT ISC", false),
            ("", false),
            ("Odd-1.0", false),
        ];
        for (expression, expected) in cases {
            assert_eq!(allowed.permits("any", expression), expected, "{expression}");
        }
        assert!(allowed.permits("odd", "Odd-1.0"));
    }

    #[test]
    fn a_foreign_crate_needs_an_allowed_licence() {
        let package = |name: &str, license: Option<&str>, source: Option<&str>| serde_json::json!({ "id": name, "name": name, "version": "1.0.0", "license": license, "source": source });
        let metadata = serde_json::json!({
            "packages": [
                package("ours", None, None),
                package("good", Some("MIT"), Some("registry")),
                package("bad", Some("GPL-3.0-only"), Some("registry")),
                package("none", None, Some("registry")),
            ],
            "resolve": { "nodes": [] },
        });
        let metadata: Metadata = serde_json::from_value(metadata).unwrap();
        let findings = crates(&metadata, &Allowed::parse(DENY).unwrap());
        let messages: Vec<&str> = findings
            .iter()
            .map(|finding| finding.message.as_str())
            .collect();
        assert_eq!(
            messages,
            [
                "bad 1.0.0: GPL-3.0-only is not in the list of deny.toml",
                "none 1.0.0: no licence is not in the list of deny.toml",
            ]
        );
    }

    #[test]
    fn npm_packages_of_the_product_are_checked_and_tools_are_not() {
        let lock = r#"{ "packages": {
            "": {},
            "node_modules/good": { "version": "1.0.0", "license": "MIT" },
            "node_modules/good/node_modules/@a/bad": { "version": "2.0.0", "license": "SSPL-1.0" },
            "node_modules/tool": { "version": "1.0.0", "license": "SSPL-1.0", "dev": true }
        } }"#;
        let sources = fixtures(&[
            ("web/package-lock.json", lock),
            ("e2e/package-lock.json", lock),
        ]);
        let findings = npm(&sources, &Allowed::parse(DENY).unwrap());
        assert_eq!(findings.len(), 1);
        assert!(findings[0].message.starts_with("@a/bad 2.0.0: SSPL-1.0"));
    }
}
