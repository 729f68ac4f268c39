//! `atelier preference …`.

use anyhow::{Context as _, ensure};
use atelier_api::v1::preferences::{Preference, PreferenceList, PreferenceUpdate};
use clap::Subcommand;
use reqwest::Method;
use reqwest::header::IF_MATCH;
use serde_json::Value;

use crate::client::Client;
use crate::output::Output;

/// Manages your preferences: what the settings in the browser show, the same on every device.
#[derive(Debug, Subcommand)]
pub(crate) enum PreferenceCommand {
    /// Lists what you have set.
    List,
    /// Shows what you have set in a namespace.
    View {
        /// The namespace: `editor`.
        namespace: String,
    },
    /// Sets values in a namespace; the others stay.
    Update {
        /// The namespace: `editor`.
        namespace: String,
        /// `key=value`; the value is JSON, or else a text: `tabSize=2`, `keymap=vim`.
        #[arg(required_unless_present = "unset", value_name = "KEY=VALUE")]
        values: Vec<String>,
        /// Takes a key away, so that its default counts again; may be given many times.
        #[arg(long, value_name = "KEY")]
        unset: Vec<String>,
    },
    /// Forgets all that you have set in a namespace.
    Delete {
        /// The namespace: `editor`.
        namespace: String,
    },
}

pub(crate) async fn run(command: PreferenceCommand, output: Output) -> anyhow::Result<()> {
    let client = Client::open()?;
    match command {
        PreferenceCommand::List => {
            let list: PreferenceList = client.get("/me/preferences").await?;
            output.table(&list.items, &HEADING, &rows(&list.items))
        }
        PreferenceCommand::View { namespace } => {
            let preference: Preference = client.get(&path(&namespace)).await?;
            let rows = rows(std::slice::from_ref(&preference));
            output.table(&preference, &HEADING, &rows)
        }
        PreferenceCommand::Update {
            namespace,
            values,
            unset,
        } => {
            let Preference {
                mut value, etag, ..
            } = client.get(&path(&namespace)).await?;
            for text in &values {
                let (key, set) = parse(text)?;
                value.insert(key, set);
            }
            for key in &unset {
                value.remove(key);
            }
            let request = client
                .request(Method::PUT, &path(&namespace))
                .header(IF_MATCH, etag)
                .json(&PreferenceUpdate { value });
            let written: Preference = client.answer(request).await?;
            let rows = rows(std::slice::from_ref(&written));
            output.table(&written, &HEADING, &rows)
        }
        PreferenceCommand::Delete { namespace } => {
            client
                .send(Method::DELETE, &path(&namespace), None::<&()>)
                .await?;
            let sentence = format!("The defaults count again in {namespace}.");
            output.line(&serde_json::json!({ "namespace": namespace }), &sentence)
        }
    }
}

const HEADING: [&str; 3] = ["namespace", "key", "value"];

fn rows(preferences: &[Preference]) -> Vec<Vec<String>> {
    let rows = preferences.iter().flat_map(|preference| {
        preference.value.iter().map(|(key, value)| {
            let shown = match value {
                Value::String(text) => text.clone(),
                other => other.to_string(),
            };
            vec![preference.namespace.clone(), key.clone(), shown]
        })
    });
    rows.collect()
}

/// One segment, whatever was typed.
fn path(namespace: &str) -> String {
    let encoded =
        percent_encoding::utf8_percent_encode(namespace, percent_encoding::NON_ALPHANUMERIC);
    format!("/me/preferences/{encoded}")
}

fn parse(text: &str) -> anyhow::Result<(String, Value)> {
    let (key, value) = text
        .split_once('=')
        .with_context(|| format!("“{text}” is not of the form key=value."))?;
    ensure!(!key.is_empty(), "“{text}” has no key before the “=”.");
    let value = serde_json::from_str(value).unwrap_or_else(|_| Value::String(value.to_owned()));
    Ok((key.to_owned(), value))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_value_is_json_or_else_a_text() {
        for (text, key, value) in [
            ("tabSize=2", "tabSize", json!(2)),
            ("keymap=vim", "keymap", json!("vim")),
            ("a=\"2\"", "a", json!("2")),
            ("a=b=c", "a", json!("b=c")),
            ("a=", "a", json!("")),
            ("a=[1]", "a", json!([1])),
        ] {
            assert_eq!(parse(text).unwrap(), (key.to_owned(), value));
        }
        assert!(parse("tabSize").is_err());
        assert!(parse("=2").is_err());
    }
}
