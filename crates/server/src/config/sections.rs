//! What can be set, section by section. The doc comments are the reference: they are the schema's descriptions.

use std::collections::BTreeMap;
use std::path::PathBuf;

use schemars::JsonSchema;
use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize};

/// The folder that holds everything this server keeps.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct DataDir {
    /// The folder; made when it does not exist.
    pub dir: PathBuf,
}

impl Default for DataDir {
    fn default() -> Self {
        Self {
            dir: PathBuf::from("data"),
        }
    }
}

/// Where it listens.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Listen {
    /// The address to listen on.
    pub address: std::net::IpAddr,
    /// The port; 0 takes a free one.
    pub port: u16,
    /// The address that people open, when a proxy stands before this server:
    /// `https://atelier.example`. Cookies are `Secure` when it is https.
    pub public_url: Option<String>,
    /// Believe `X-Forwarded-For` of connections from these addresses.
    pub trusted_proxies: Vec<std::net::IpAddr>,
    /// Listens with TLS too, where no proxy does that. The plain address above can stay on loopback.
    pub tls: Option<Tls>,
}

/// Where it listens with TLS.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Tls {
    /// The address to listen on; all of the machine's (IPv4) when absent.
    #[serde(default = "every_address")]
    pub address: std::net::IpAddr,
    /// The port; 0 takes a free one.
    #[serde(default = "tls_port")]
    pub port: u16,
    /// The certificate and those that it rests on, in a PEM file. Read again when it changes.
    pub certificate: std::path::PathBuf,
    /// The certificate's private key, in a PEM file.
    pub key: std::path::PathBuf,
}

fn every_address() -> std::net::IpAddr {
    std::net::Ipv4Addr::UNSPECIFIED.into()
}

fn tls_port() -> u16 {
    7443
}

impl Default for Listen {
    fn default() -> Self {
        Self {
            address: std::net::IpAddr::from([127, 0, 0, 1]),
            port: 7420,
            public_url: None,
            trusted_proxies: Vec::new(),
            tls: None,
        }
    }
}

/// How applications that run in workspaces are shown.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Previews {
    /// The domain below which each of their ports has a host name of its own,
    /// `{port}--{workspace}--{organization}.{apps_domain}`. All names below it must lead to this server, and
    /// it should be no part of the platform's own domain. `localhost` works where the platform itself is
    /// opened on this machine; empty shows applications by path only.
    pub apps_domain: String,
}

impl Default for Previews {
    fn default() -> Self {
        Self {
            apps_domain: "localhost".to_owned(),
        }
    }
}

/// The database.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Database {
    /// `postgres://user:password@host/name`; absent for SQLite in the data folder.
    pub url: Option<String>,
    /// What a commit survives on SQLite.
    pub durability: Durability,
    /// The most connections to PostgreSQL.
    pub connections_max: u32,
}

impl Default for Database {
    fn default() -> Self {
        Self {
            url: None,
            durability: Durability::default(),
            connections_max: 20,
        }
    }
}

/// What a commit survives on SQLite.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Durability {
    /// Crashes of the program and of the operating system.
    #[default]
    Normal,
    /// Power loss too; each change waits for the disk.
    Full,
}

/// The embedded local node.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct LocalNode {
    /// Whether there is one; without it, workspaces run on servers that join only. Decided when the
    /// control plane is set up; later, `false` only keeps it offline.
    pub enabled: bool,
    /// Its name.
    pub name: String,
    /// More folders that workspaces see read-only, e.g. a toolchain outside `/usr` and `/opt`.
    pub read_only_paths: Vec<PathBuf>,
}

impl Default for LocalNode {
    fn default() -> Self {
        Self {
            enabled: true,
            name: "local".to_owned(),
            read_only_paths: Vec::new(),
        }
    }
}

/// The programs that servers are given, when they join and when they are updated.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Updates {
    /// The program's file for each architecture, as `uname -m` says it: `{ aarch64 = "/opt/atelier-arm" }`.
    /// This server's own program is offered to its own architecture unless another is named here.
    pub programs: BTreeMap<String, PathBuf>,
}

/// Bounds for workspaces.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Workspaces {
    /// How many an organization may have, deleted ones aside.
    pub per_organization_max: u32,
    /// Bytes of memory of a workspace that names no limit; absent: half of the server's, at most
    /// 4 GiB.
    pub memory_bytes: Option<u64>,
    /// Thousandths of a CPU of a workspace that names no limit; absent: all.
    pub cpu_millis: Option<u32>,
    /// Processes and threads of a workspace that names no limit; absent: 1024.
    pub processes: Option<u32>,
}

impl Default for Workspaces {
    fn default() -> Self {
        Self {
            per_organization_max: 1000,
            memory_bytes: None,
            cpu_millis: None,
            processes: None,
        }
    }
}

/// What servers measure of themselves.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Telemetry {
    /// Whether it is collected; without it, it can be watched live only.
    pub enabled: bool,
    /// How often servers are asked, in seconds: 5 to 300.
    #[serde(deserialize_with = "between::<5, 300, _>")]
    #[schemars(range(min = 5, max = 300))]
    pub poll_seconds: u32,
    /// How long measurements are kept as they are, in hours: 1 to 168.
    #[serde(deserialize_with = "between::<1, 168, _>")]
    #[schemars(range(min = 1, max = 168))]
    pub raw_hours: u32,
    /// How long they are kept by the minute, in days: 1 to 90.
    #[serde(deserialize_with = "between::<1, 90, _>")]
    #[schemars(range(min = 1, max = 90))]
    pub minute_days: u32,
    /// How long they are kept by the hour, in days: 1 to 3650.
    #[serde(deserialize_with = "between::<1, 3_650, _>")]
    #[schemars(range(min = 1, max = 3650))]
    pub hour_days: u32,
}

impl Default for Telemetry {
    fn default() -> Self {
        Self {
            enabled: true,
            poll_seconds: 30,
            raw_hours: 6,
            minute_days: 7,
            hour_days: 90,
        }
    }
}

/// Bounds for node jobs.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct NodeJobs {
    /// How many run on one server at once, 1 to 256. What waits for a place says so.
    #[serde(deserialize_with = "between::<1, 256, _>")]
    #[schemars(range(min = 1, max = 256))]
    pub per_node_max: u32,
    /// How many of one organization run at once on all its servers, 1 to 2000.
    #[serde(deserialize_with = "between::<1, 2_000, _>")]
    #[schemars(range(min = 1, max = 2_000))]
    pub per_organization_max: u32,
}

impl Default for NodeJobs {
    fn default() -> Self {
        Self {
            per_node_max: 8,
            per_organization_max: 1_000,
        }
    }
}

/// A number within bounds.
fn between<'de, const MIN: u32, const MAX: u32, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<u32, D::Error> {
    let number = u32::deserialize(deserializer)?;
    if (MIN..=MAX).contains(&number) {
        Ok(number)
    } else {
        Err(D::Error::custom(format!("it is from {MIN} to {MAX}")))
    }
}

/// The key that stored secrets (people's Git passwords and tokens) are encrypted with. Without either, the
/// file `master.key` of the data folder, which the first start makes.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Secrets {
    /// A file with the key: 32 bytes in base64, as `openssl rand -base64 32` prints them.
    pub key_file: Option<PathBuf>,
    /// The key itself, from the environment: `ATELIER_SECRETS_KEY`.
    pub key: Option<KeyText>,
}

/// A key as it is written, which is never printed.
#[derive(Clone, PartialEq, Deserialize, JsonSchema)]
#[serde(transparent)]
pub struct KeyText(String);

impl KeyText {
    /// What was written.
    pub(crate) fn expose(&self) -> &str {
        &self.0
    }
}

impl std::fmt::Debug for KeyText {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("KeyText")
    }
}

impl Serialize for KeyText {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str("(not shown)")
    }
}

/// The log, on standard error.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Log {
    /// Its form.
    pub format: LogFormat,
    /// What is logged, as in `info,atelier_server=debug`.
    pub filter: String,
}

impl Default for Log {
    fn default() -> Self {
        Self {
            format: LogFormat::default(),
            filter: "info,sqlx=warn".to_owned(),
        }
    }
}

/// The log's form.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum LogFormat {
    /// Lines for people.
    #[default]
    Text,
    /// A JSON object a line.
    Json,
}
