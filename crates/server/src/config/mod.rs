//! Configuration: a TOML file, then environment variables, then flags; the later wins.
//!
//! An unknown key refuses the start and is named with its line. Every key has an environment
//! variable: `database.url` is `ATELIER_DATABASE_URL`. The schema is committed as
//! `config.schema.json` (`cargo xtask regen`).

mod sections;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use atelier_policy::{Policy, PolicyDocument};
use schemars::{JsonSchema, Schema};
use serde::{Deserialize, Serialize};

pub use self::sections::{
    DataDir, Database, Durability, Listen, LocalNode, Log, LogFormat, NodeJobs, Previews, Secrets,
    Telemetry, Tls, Updates, Workspaces,
};

/// What the environment variables' names begin with.
const ENV_PREFIX: &str = "ATELIER_";

/// The configuration of `atelier serve`.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Config {
    /// The folder that holds everything this server keeps.
    pub data: DataDir,
    /// Where it listens.
    pub listen: Listen,
    /// How applications that run in workspaces are shown.
    pub previews: Previews,
    /// The database.
    pub database: Database,
    /// The key that stored secrets are encrypted with.
    pub secrets: Secrets,
    /// The embedded local node.
    pub node: LocalNode,
    /// The programs that servers are given.
    pub updates: Updates,
    /// Bounds for workspaces.
    pub workspaces: Workspaces,
    /// What servers measure of themselves.
    pub telemetry: Telemetry,
    /// Bounds for node jobs.
    pub node_jobs: NodeJobs,
    /// The command policy of node jobs. A server's own, in its `node.toml`, counts beside it.
    pub policy: PolicyDocument,
    /// The log.
    pub log: Log,
}

/// The configuration cannot be used. Each says where and what.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    /// The file cannot be read.
    #[error("the configuration file {path} cannot be read")]
    Read {
        /// The file.
        path: PathBuf,
        /// Why.
        #[source]
        source: std::io::Error,
    },
    /// The file says something that cannot be used; the text names line and column.
    #[error("the configuration file {path} cannot be used:\n{detail}")]
    File {
        /// The file.
        path: PathBuf,
        /// Line, column and what is wrong.
        detail: String,
    },
    /// A variable or flag has a value that cannot be used.
    #[error("{name} cannot be used: {detail}")]
    Value {
        /// The variable or flag.
        name: String,
        /// What is wrong.
        detail: String,
    },
}

impl Config {
    /// Reads the file (if any), the given environment, and overrides of `(key, value)` from flags.
    ///
    /// # Errors
    /// [`ConfigError`], naming the line or variable.
    pub fn load(
        file: Option<&Path>,
        environment: impl IntoIterator<Item = (String, String)>,
        flags: &[(&str, String)],
    ) -> Result<Self, ConfigError> {
        let mut table = match file {
            Some(path) => read_file(path)?,
            None => toml::Table::new(),
        };
        let keys = keys();
        for (name, value) in environment {
            if let Some(key) = keys.get(&name) {
                overlay(&mut table, key, &value, &name)?;
            }
        }
        for (key, value) in flags {
            overlay(&mut table, key, value, &format!("the flag for {key}"))?;
        }
        let config: Self =
            table
                .try_into()
                .map_err(|error: toml::de::Error| ConfigError::Value {
                    name: "the configuration".to_owned(),
                    detail: error.message().to_owned(),
                })?;
        // Those of the file have been tested; these may be from a variable.
        Policy::from_document(config.policy.clone()).map_err(|error| ConfigError::Value {
            name: "policy".to_owned(),
            detail: error.to_string(),
        })?;
        Ok(config)
    }

    /// The JSON schema of the file.
    pub fn schema() -> Schema {
        schemars::schema_for!(Config)
    }

    /// Whether cookies must be `Secure`.
    pub fn is_https(&self) -> bool {
        self.listen
            .public_url
            .as_deref()
            .is_some_and(|url| url.starts_with("https://"))
    }
}

fn read_file(path: &Path) -> Result<toml::Table, ConfigError> {
    let text = std::fs::read_to_string(path).map_err(|source| ConfigError::Read {
        path: path.to_owned(),
        source,
    })?;
    let unusable = |error: toml::de::Error| ConfigError::File {
        path: path.to_owned(),
        detail: error.to_string(),
    };
    // Read as what it must become, for errors that name the line.
    let config: Config = toml::from_str(&text).map_err(unusable)?;
    Policy::from_document(config.policy).map_err(|error| ConfigError::File {
        path: path.to_owned(),
        detail: atelier_policy::explain(&text, "policy", &error),
    })?;
    toml::from_str(&text).map_err(unusable)
}

/// Sets `section.key` to a value as written in a variable: TOML where it parses as the key's type,
/// else text.
fn overlay(table: &mut toml::Table, key: &str, value: &str, name: &str) -> Result<(), ConfigError> {
    let (section, field) = key.split_once('.').unwrap_or((key, ""));
    let candidates = [
        toml::from_str::<toml::Table>(&format!("value = {value}"))
            .ok()
            .and_then(|mut parsed| parsed.remove("value")),
        Some(toml::Value::String(value.to_owned())),
    ];
    let mut detail = String::new();
    for candidate in candidates.into_iter().flatten() {
        let mut attempt = table.clone();
        attempt
            .entry(section)
            .or_insert_with(|| toml::Value::Table(toml::Table::new()))
            .as_table_mut()
            .expect("every top-level key is a section, which reading the file has checked")
            .insert(field.to_owned(), candidate);
        match attempt.clone().try_into::<Config>() {
            Ok(_) => {
                *table = attempt;
                return Ok(());
            }
            Err(error) => error.message().clone_into(&mut detail),
        }
    }
    Err(ConfigError::Value {
        name: name.to_owned(),
        detail,
    })
}

/// Environment variable → key, from the schema.
fn keys() -> BTreeMap<String, String> {
    let schema = Config::schema().to_value();
    let definitions = &schema["$defs"];
    let mut keys = BTreeMap::new();
    for (section, property) in schema["properties"].as_object().into_iter().flatten() {
        let name = property["$ref"]
            .as_str()
            .and_then(|path| path.rsplit('/').next());
        let fields = name.and_then(|name| definitions[name]["properties"].as_object());
        for field in fields.into_iter().flat_map(serde_json::Map::keys) {
            let variable = format!("{ENV_PREFIX}{section}_{field}").to_uppercase();
            keys.insert(variable, format!("{section}.{field}"));
        }
    }
    keys
}

#[cfg(test)]
mod tests {
    use super::*;

    fn load(text: &str, environment: &[(&str, &str)]) -> Result<Config, ConfigError> {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("atelier.toml");
        std::fs::write(&path, text).unwrap();
        let environment = environment
            .iter()
            .map(|(k, v)| ((*k).to_owned(), (*v).to_owned()));
        Config::load(
            Some(&path),
            environment,
            &[("listen.port", "7000".to_owned())],
        )
    }

    #[test]
    fn the_later_source_wins() {
        let config = load(
            "[listen]\nport = 1\naddress = \"0.0.0.0\"\n[database]\nconnections_max = 3\n",
            &[
                ("ATELIER_LISTEN_PORT", "2"),
                ("ATELIER_DATABASE_URL", "postgres://x/y"),
                ("ATELIER_NODE_NAME", "8"),
                ("ATELIER_TOKEN", "not ours"),
            ],
        )
        .unwrap();
        assert_eq!(config.listen.port, 7000);
        assert_eq!(config.listen.address.to_string(), "0.0.0.0");
        assert_eq!(config.database.connections_max, 3);
        assert_eq!(config.database.url.as_deref(), Some("postgres://x/y"));
        assert_eq!(
            config.node.name, "8",
            "a text that looks like a number stays text"
        );
    }

    #[test]
    fn an_unknown_key_is_named_with_its_line() {
        let error = load("[listen]\nport = 1\nprot = 2\n", &[])
            .unwrap_err()
            .to_string();
        assert!(
            error.contains("line 3") && error.contains("prot"),
            "{error}"
        );
    }

    #[test]
    fn a_rule_that_does_not_hold_for_its_example_is_named_with_its_line() {
        for (rule, expected) in [
            (
                "pattern = [\"git\"]\nmatch = [\"hg log\"]",
                "line 2: rule 1 (git)",
            ),
            (
                "pattern = [\"git\"]\nnot_match = [\"git log\"]",
                "line 2: rule 1 (git)",
            ),
            ("pattern = [\"git\"]\nexamples = []", "line 5"),
            ("pattern = []", "line 2: rule 1"),
        ] {
            let text = format!("[listen]\n[[policy.rules]]\naction = \"deny\"\n{rule}\n");
            let error = load(&text, &[]).unwrap_err().to_string();
            assert!(error.contains(expected), "{rule}: {error}");
        }
        let rules = "[{ action = \"deny\", pattern = [\"a\"], match = [\"b\"] }]";
        let error = load("", &[("ATELIER_POLICY_RULES", rules)]).unwrap_err();
        assert!(error.to_string().contains("rule 1 (a)"), "{error}");
    }

    #[test]
    fn limits_have_bounds() {
        let error = load("[node_jobs]\nper_node_max = 0\n", &[]).unwrap_err();
        let said = error.to_string();
        assert!(
            said.contains("line 2") && said.contains("1 to 256"),
            "{said}"
        );
        let config = load("[node_jobs]\nper_organization_max = 3\n", &[]).unwrap();
        assert_eq!(config.node_jobs.per_organization_max, 3);
    }

    #[test]
    fn a_bad_variable_is_named() {
        let error = load("", &[("ATELIER_LISTEN_PORT", "seventy")])
            .unwrap_err()
            .to_string();
        assert!(
            error.starts_with("ATELIER_LISTEN_PORT cannot be used"),
            "{error}"
        );
    }

    #[test]
    fn what_is_out_of_bounds_is_named() {
        let error = load("[telemetry]\nraw_hours = 0\n", &[]).unwrap_err();
        let error = error.to_string();
        assert!(
            error.contains("raw_hours") && error.contains("1 to 168"),
            "{error}"
        );
        let bounds = [("ATELIER_TELEMETRY_MINUTE_DAYS", "91")];
        assert!(load("", &bounds).is_err());
        assert!(load("[telemetry]\nminute_days = 90\n", &[]).is_ok());
    }

    #[test]
    fn every_section_has_variables() {
        let keys = keys();
        for section in [
            "DATA_DIR",
            "LISTEN_PORT",
            "DATABASE_URL",
            "NODE_NAME",
            "LOG_FILTER",
        ] {
            assert!(
                keys.contains_key(&format!("ATELIER_{section}")),
                "{section}: {keys:?}"
            );
        }
    }
}
