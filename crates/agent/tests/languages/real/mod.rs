//! Real servers, as a person gets them: installed as the product does it or found on the path, asked what the
//! web client asks, with its capabilities.

mod cases;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use http::Method;
use serde_json::{Value, json};
use tempfile::TempDir;

use super::support::{Agent, Viewer};

/// What the web client says that it can do.
const CAPABILITIES: &str =
    include_str!("../../../../../web/src/features/editor/languages/capabilities.json");

/// A server, and what it has to do.
struct Case {
    language: &'static str,
    /// Whether it is installed; else it is on the path.
    is_installed: bool,
    /// Files of the project beside the documents.
    files: &'static [(&'static str, &'static str)],
    documents: &'static [Document],
}

/// A document, and what its server has to say of it. Places are words of the text with a `|` at the cursor.
struct Document {
    file: &'static str,
    /// The protocol's name of its language.
    language: &'static str,
    text: &'static str,
    /// Parts of the problems' messages.
    problems: &'static [&'static str],
    completions: &'static [(&'static str, &'static str)],
    hovers: &'static [(&'static str, &'static str)],
    /// The text without problems, before it is formatted and after.
    untidy: &'static str,
    tidy: &'static str,
}

#[tokio::test]
async fn bash_is_served() {
    cases::BASH.passes().await;
}

#[tokio::test]
async fn cpp_is_served() {
    cases::CPP.passes().await;
}

#[tokio::test]
async fn css_is_served() {
    cases::CSS.passes().await;
}

#[tokio::test]
async fn go_is_served() {
    cases::GO.passes().await;
}

#[tokio::test]
async fn html_is_served() {
    cases::HTML.passes().await;
}

#[tokio::test]
async fn json_is_served() {
    cases::JSON.passes().await;
}

#[tokio::test]
async fn yaml_is_served() {
    cases::YAML.passes().await;
}

impl Case {
    async fn passes(&self) {
        let home = tempfile::tempdir().unwrap();
        if self.is_installed {
            self.install(&home).await;
        }
        // From here on nothing is fetched: a server answers from what is there.
        let agent = agent(&home, |env| {
            for name in ["http_proxy", "https_proxy", "HTTP_PROXY", "HTTPS_PROXY"] {
                env.insert(name.to_owned(), "http://127.0.0.1:9".to_owned());
            }
            env.insert("GOPROXY".to_owned(), "off".to_owned());
            env.insert("GOTOOLCHAIN".to_owned(), "local".to_owned());
        })
        .await;
        for (name, text) in self.files {
            std::fs::write(agent.config.workspace.join(name), text).unwrap();
        }
        let path = format!("/v1/languages/{}/attach", self.language);
        let mut viewer = agent.attach_to(&path).await;
        let capabilities: Value = serde_json::from_str(CAPABILITIES).unwrap();
        let answer = viewer
            .ask("initialize", json!({ "capabilities": capabilities }))
            .await;
        viewer.notify("initialized", json!({})).await;
        let offered = &answer["capabilities"];
        for feature in [
            "completionProvider",
            "hoverProvider",
            "documentFormattingProvider",
        ] {
            let is_offered = !matches!(offered[feature], Value::Null | Value::Bool(false));
            assert!(is_offered, "{feature}: {offered}");
        }
        for document in self.documents {
            let mut editor = Editor {
                document,
                path: agent.config.workspace.join(document.file),
                uri: agent.uri(document.file),
                pulls: offered["diagnosticProvider"].is_object(),
                viewer: &mut viewer,
            };
            std::fs::write(&editor.path, document.text).unwrap();
            editor.finds_problems().await;
            editor.completes().await;
            editor.explains().await;
            editor.formats().await;
        }
    }

    /// Has the server installed, as a person who presses the button.
    async fn install(&self, home: &TempDir) {
        let agent = agent(home, |_| {}).await;
        let server = format!("/v1/languages/{}", self.language);
        let mut viewer = agent.attach_to(&format!("{server}/attach")).await;
        let (status, body) = agent.send(Method::POST, &format!("{server}/install")).await;
        assert_eq!(status, 202, "{body}");
        let told = viewer
            .wait("the installation's end", |it| {
                let server = &it["params"];
                let command = server["command"].as_array();
                let detail = server["detail"].as_str().unwrap_or_default();
                it["method"] == "$/atelier/state"
                    && (command.is_some_and(|command| !command.is_empty())
                        || server["state"] == "missing" && !detail.contains("can be installed"))
            })
            .await;
        let command = told["params"]["command"][0].as_str().map(Path::new);
        let directory = home.path().join(".local/share/atelier/languages");
        assert!(
            command.is_some_and(|command| command.starts_with(directory)),
            "installed, and not one that was on the path before: {told}"
        );
        agent.send(Method::POST, &format!("{server}/stop")).await;
        viewer
            .wait("its end", |it| it["params"]["state"] == "stopped")
            .await;
    }
}

/// An agent whose workspace has the machine's programs and settings of npm, and a home of its own.
async fn agent(home: &TempDir, change: impl FnOnce(&mut BTreeMap<String, String>)) -> Agent {
    Agent::bare(|config| {
        home.path().clone_into(&mut config.home);
        config.env = std::env::vars().collect();
        if let Some(machine) = config.env.get("HOME") {
            let settings = Path::new(machine).join(".npmrc");
            let settings = settings.to_str().unwrap().to_owned();
            config
                .env
                .entry("npm_config_userconfig".to_owned())
                .or_insert(settings);
        }
        // What several of the tests install is fetched once.
        let cache = Path::new(env!("CARGO_TARGET_TMPDIR")).join("npm");
        let cache = cache.to_str().unwrap().to_owned();
        config.env.insert("npm_config_cache".to_owned(), cache);
        change(&mut config.env);
    })
    .await
}

/// A document that a viewer has open.
struct Editor<'a> {
    document: &'a Document,
    path: PathBuf,
    uri: String,
    /// Whether the server has to be asked for problems.
    pulls: bool,
    viewer: &'a mut Viewer,
}

impl Editor<'_> {
    async fn finds_problems(&mut self) {
        let Document {
            language,
            text,
            problems,
            ..
        } = self.document;
        self.viewer.open_as(&self.uri, language, text).await;
        self.diagnosed(problems).await;
    }

    /// Waits for problems with these messages, or for none; or asks for them, as the web client does.
    async fn diagnosed(&mut self, wanted: &[&str]) {
        let uri = &self.uri;
        let what = format!("{uri}: {wanted:?}");
        let suits = |list: &Value| {
            let list = list.as_array().unwrap_or_else(|| panic!("{what}: {list}"));
            let is_found = |wanted: &&str| {
                list.iter()
                    .any(|it| it["message"].as_str().unwrap().contains(*wanted))
            };
            list.is_empty() == wanted.is_empty() && wanted.iter().all(is_found)
        };
        if self.pulls {
            let params = json!({ "textDocument": { "uri": uri } });
            let report = self.viewer.ask("textDocument/diagnostic", params).await;
            assert!(suits(&report["items"]), "{what}: {report}");
        } else {
            self.viewer
                .wait(&what, |it| {
                    it["method"] == "textDocument/publishDiagnostics"
                        && it["params"]["uri"] == *uri
                        && suits(&it["params"]["diagnostics"])
                })
                .await;
        }
    }

    async fn completes(&mut self) {
        for (place, wanted) in self.document.completions {
            let mut params = self.at(place);
            params["context"] = json!({ "triggerKind": 1 });
            let answer = self.viewer.ask("textDocument/completion", params).await;
            let items = answer.get("items").unwrap_or(&answer).as_array();
            let labels: Vec<&str> = items
                .unwrap_or_else(|| panic!("{place}: {answer}"))
                .iter()
                .map(|item| item["label"].as_str().unwrap().trim())
                .collect();
            assert!(labels.contains(wanted), "{place}: {labels:?}");
        }
    }

    async fn explains(&mut self) {
        for (place, wanted) in self.document.hovers {
            let params = self.at(place);
            let answer = self.viewer.ask("textDocument/hover", params).await;
            let said = answer["contents"].to_string();
            assert!(said.contains(wanted), "{place}: {answer}");
        }
    }

    async fn formats(&mut self) {
        let Document { untidy, tidy, .. } = self.document;
        let uri = &self.uri;
        let change = json!({
            "textDocument": { "uri": uri, "version": 2 },
            "contentChanges": [{ "text": untidy }],
        });
        self.viewer.notify("textDocument/didChange", change).await;
        self.save(untidy).await;
        self.diagnosed(&[]).await;
        let params = json!({
            "textDocument": { "uri": self.uri },
            "options": { "tabSize": 2, "insertSpaces": true, "insertFinalNewline": true },
        });
        let answer = self.viewer.ask("textDocument/formatting", params).await;
        let edits = answer
            .as_array()
            .unwrap_or_else(|| panic!("{}: {answer}", self.uri));
        assert_eq!(edited(untidy, edits), *tidy, "{answer}");
    }

    /// Has the text on disk, and the server told as the web client tells it.
    async fn save(&mut self, text: &str) {
        std::fs::write(&self.path, text).unwrap();
        let uri = &self.uri;
        let saved = json!({ "textDocument": { "uri": uri } });
        self.viewer.notify("textDocument/didSave", saved).await;
        let changed = json!({ "changes": [{ "uri": uri, "type": 2 }] });
        let method = "workspace/didChangeWatchedFiles";
        self.viewer.notify(method, changed).await;
    }

    /// A place in the text.
    fn at(&self, place: &str) -> Value {
        let text = self.document.text;
        let (before, after) = place.split_once('|').unwrap();
        let found: Vec<usize> = text
            .match_indices(&format!("{before}{after}"))
            .map(|(at, _)| at + before.len())
            .collect();
        let [at] = found[..] else {
            panic!("{place} is there {} times", found.len());
        };
        let line = text[..at].matches('\n').count();
        let character = at - text[..at].rfind('\n').map_or(0, |newline| newline + 1);
        json!({
            "textDocument": { "uri": self.uri },
            "position": { "line": line, "character": character },
        })
    }
}

/// An ASCII text with edits made.
fn edited(text: &str, edits: &[Value]) -> String {
    let offset = |place: &Value| {
        let number = |name: &str| usize::try_from(place[name].as_u64().unwrap()).unwrap();
        let mut lines = text.split_inclusive('\n');
        let before: usize = lines.by_ref().take(number("line")).map(str::len).sum();
        let line = lines.next().unwrap_or_default();
        before + number("character").min(line.len())
    };
    let mut changes: Vec<(usize, usize, &str)> = edits
        .iter()
        .map(|edit| {
            let range = &edit["range"];
            let new = edit["newText"].as_str().unwrap();
            (offset(&range["start"]), offset(&range["end"]), new)
        })
        .collect();
    changes.sort_by_key(|(start, _, _)| *start);
    let mut result = String::new();
    let mut done = 0;
    for (start, end, new) in changes {
        result += &text[done..start];
        result += new;
        done = end;
    }
    result + &text[done..]
}
