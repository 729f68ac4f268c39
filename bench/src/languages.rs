//! Completion: a language server's own answer time over its pipes, and the same over Atelier's path.

use std::fs;
use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _, chown};
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::{Duration, Instant};

use anyhow::{Context as _, bail, ensure};
use atelier_api::agent::languages::LANGUAGE_SUBPROTOCOL;
use atelier_api::ids::WorkspaceId;
use futures_util::{SinkExt as _, StreamExt as _};
use serde_json::{Value, json};
use tokio::io::{AsyncBufReadExt as _, AsyncReadExt as _, AsyncWriteExt as _, BufReader};
use tokio::net::TcpStream;
use tokio::process::{Child, ChildStdin, ChildStdout, Command};
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::client::IntoClientRequest as _;

use crate::control_plane::ControlPlane;
use crate::report::{Report, Samples, time};

/// A server that needs no time: it answers completion with a list that it made at its start.
const INSTANT: &str = include_str!("languages.py");

/// The bound on what our path adds.
const ADDS: Duration = Duration::from_millis(15);

/// How many completions are asked for, in how many batches of both.
const BATCHES: u32 = 20;
const BATCH: u32 = 20;

/// Where the project's own browser tests have TypeScript's server.
const MODULES: &str = "e2e/node_modules";

pub(crate) async fn measure(
    server: &ControlPlane,
    scale: u32,
    report: &mut Report,
) -> anyhow::Result<()> {
    for items in [100, 5_000] {
        let id = server.workspace(&format!("bench {items}")).await?;
        let folder = server.folder(id);
        let program = folder.join("node_modules/.bin/bash-language-server");
        let script = INSTANT.replace("ITEMS", &items.to_string());
        put(&folder, "node_modules/.bin/bash-language-server", &script)?;
        put(&folder, "a.sh", "echo\n")?;
        let subject = Subject {
            what: format!("completion of {items} items by a server that needs no time"),
            language: "bash",
            document: "shellscript",
            file: "a.sh",
            command: vec![program, PathBuf::from("start")],
            options: json!({}),
            settled: false,
        };
        compare(server, id, &subject, scale, report).await?;
    }
    if !Path::new(MODULES)
        .join("typescript-language-server")
        .is_dir()
    {
        println!("{MODULES} has no TypeScript server (npm ci there): left out");
        return Ok(());
    }
    let id = server.workspace("bench typescript").await?;
    let folder = server.folder(id);
    for package in ["typescript", "typescript-language-server"] {
        copy(
            &Path::new(MODULES).join(package),
            &folder,
            &format!("node_modules/{package}"),
        )?;
    }
    let program = folder.join("node_modules/typescript-language-server/lib/cli.mjs");
    let bin = folder.join("node_modules/.bin");
    fs::create_dir_all(&bin)?;
    std::os::unix::fs::symlink(
        "../typescript-language-server/lib/cli.mjs",
        bin.join("typescript-language-server"),
    )?;
    put(
        &folder,
        "tsconfig.json",
        r#"{"compilerOptions":{"types":[]},"include":["*.ts"]}"#,
    )?;
    put(&folder, "a.ts", "doc\n")?;
    own(&folder, &folder.join("node_modules"))?;
    let subject = Subject {
        what: "completion by TypeScript's server".to_owned(),
        language: "typescript",
        document: "typescript",
        file: "a.ts",
        command: vec![program, PathBuf::from("--stdio")],
        options: json!({ "tsserver": { "path": folder.join("node_modules/typescript/lib") } }),
        settled: true,
    };
    compare(server, id, &subject, scale, report).await
}

/// What is measured.
struct Subject {
    what: String,
    language: &'static str,
    document: &'static str,
    file: &'static str,
    command: Vec<PathBuf>,
    options: Value,
    /// The first answers take longer, because the project is read.
    settled: bool,
}

async fn compare(
    server: &ControlPlane,
    id: WorkspaceId,
    subject: &Subject,
    scale: u32,
    report: &mut Report,
) -> anyhow::Result<()> {
    let folder = server.folder(id);
    let mut direct = Line::start(subject, &folder).await?;
    let mut ours = Line::attach(server, id, subject).await?;
    let warm_up = if subject.settled { 10 } else { 2 };
    let (mut bytes, mut own, mut through) = (0, Samples::default(), Samples::default());
    for line in [&mut direct, &mut ours] {
        for _ in 0..warm_up {
            bytes = line.complete().await?.1;
        }
    }
    for _ in 0..BATCHES / scale.min(BATCHES) {
        for (line, samples) in [(&mut direct, &mut own), (&mut ours, &mut through)] {
            for _ in 0..BATCH {
                samples.push(line.complete().await?.0);
            }
        }
    }
    let [p95, base] = [&through, &own].map(|samples| samples.quantile(0.95));
    report.row(
        &format!(
            "{} ({} KB), a key typed before each, p95",
            subject.what,
            bytes / 1000
        ),
        format!("{} (p50 {})", time(p95), time(through.median())),
        format!("{} (p50 {}) over its pipes", time(base), time(own.median())),
        &format!("baseline + {}", time(ADDS)),
        p95 <= base + ADDS,
    );
    Ok(())
}

#[expect(clippy::large_enum_variant, reason = "there are two of them")]
/// A way to a server.
enum Way {
    Pipes {
        _child: Child,
        stdin: ChildStdin,
        stdout: BufReader<ChildStdout>,
    },
    Socket(Box<WebSocketStream<TcpStream>>),
}

/// A client of a server.
struct Line {
    way: Way,
    uri: String,
    next: u64,
}

impl Line {
    /// Starts the server and speaks with it itself.
    async fn start(subject: &Subject, folder: &Path) -> anyhow::Result<Self> {
        let mut child = Command::new(&subject.command[0])
            .args(&subject.command[1..])
            .current_dir(folder)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .kill_on_drop(true)
            .spawn()
            .context("the server is not started")?;
        let way = Way::Pipes {
            stdin: child.stdin.take().context("it is piped")?,
            stdout: BufReader::new(child.stdout.take().context("it is piped")?),
            _child: child,
        };
        let workspace = format!("file://{}", folder.display());
        Self::open(way, &workspace, subject).await
    }

    /// Attaches to the workspace's server.
    async fn attach(
        server: &ControlPlane,
        id: WorkspaceId,
        subject: &Subject,
    ) -> anyhow::Result<Self> {
        let tcp = TcpStream::connect(&server.address).await?;
        tcp.set_nodelay(true)?;
        let (address, language) = (&server.address, subject.language);
        let path = format!("/api/v1/workspaces/{id}/languages/{language}/attach?root=");
        let mut request = format!("ws://{address}{path}").into_client_request()?;
        let headers = request.headers_mut();
        headers.insert("authorization", format!("Bearer {}", server.token).parse()?);
        headers.insert("sec-websocket-protocol", LANGUAGE_SUBPROTOCOL.parse()?);
        let (stream, _) = tokio_tungstenite::client_async(request, tcp).await?;
        let mut way = Way::Socket(Box::new(stream));
        let state: Value = serde_json::from_str(&way.receive().await?)?;
        let workspace = state["params"]["workspace_uri"]
            .as_str()
            .context("it is told")?;
        let workspace = workspace.trim_end_matches('/').to_owned();
        Self::open(way, &workspace, subject).await
    }

    async fn open(way: Way, workspace: &str, subject: &Subject) -> anyhow::Result<Self> {
        let uri = format!("{workspace}/{}", subject.file);
        let mut line = Self {
            way,
            uri: uri.clone(),
            next: 0,
        };
        let completion = json!({ "completionItem": { "snippetSupport": true } });
        line.ask(
            "initialize",
            &json!({
                "processId": std::process::id(),
                "rootUri": workspace,
                "capabilities": { "textDocument": { "completion": completion } },
                "initializationOptions": subject.options,
            }),
        )
        .await?;
        line.tell("initialized", &json!({})).await?;
        let text = "doc\n";
        let document =
            json!({ "uri": uri, "languageId": subject.document, "version": 1, "text": text });
        line.tell("textDocument/didOpen", &json!({ "textDocument": document }))
            .await?;
        Ok(line)
    }

    /// Types a key and asks for completions: how long it took, and the answer's length.
    async fn complete(&mut self) -> anyhow::Result<(Duration, usize)> {
        let at = |character| json!({ "line": 1, "character": character });
        let range = json!({ "start": at(0), "end": at(0) });
        let changes = json!([{ "range": range, "text": "d" }]);
        let (uri, version) = (self.uri.clone(), self.next + 2);
        let document = json!({ "uri": uri, "version": version });
        let began = Instant::now();
        self.tell(
            "textDocument/didChange",
            &json!({ "textDocument": document, "contentChanges": changes }),
        )
        .await?;
        let answer = self
            .ask(
                "textDocument/completion",
                &json!({ "textDocument": { "uri": uri }, "position": at(1) }),
            )
            .await?;
        Ok((began.elapsed(), answer.len()))
    }

    async fn tell(&mut self, method: &str, params: &Value) -> anyhow::Result<()> {
        let message = json!({ "jsonrpc": "2.0", "method": method, "params": params });
        self.way.send(message.to_string()).await
    }

    /// Asks; the whole answer.
    async fn ask(&mut self, method: &str, params: &Value) -> anyhow::Result<String> {
        self.next += 1;
        let message =
            json!({ "jsonrpc": "2.0", "id": self.next, "method": method, "params": params });
        self.way.send(message.to_string()).await?;
        loop {
            let text = self.way.receive().await?;
            // What is no answer is short, but for diagnostics, which have a method in front.
            let head: String = text.chars().take(200).collect();
            if head.contains("\"method\"") {
                self.serve(&text).await?;
                continue;
            }
            ensure!(!head.contains("\"error\""), "{method}: {head}");
            return Ok(text);
        }
    }

    /// Answers what a server asks of its client.
    async fn serve(&mut self, text: &str) -> anyhow::Result<()> {
        let message: Value = serde_json::from_str(text)?;
        let Some(id) = message.get("id") else {
            return Ok(());
        };
        let items = message["params"]["items"].as_array().map_or(0, Vec::len);
        let result = match message["method"].as_str() {
            Some("workspace/configuration") => json!(vec![Value::Null; items]),
            _ => Value::Null,
        };
        let answer = json!({ "jsonrpc": "2.0", "id": id, "result": result });
        self.way.send(answer.to_string()).await
    }
}

impl Way {
    async fn send(&mut self, text: String) -> anyhow::Result<()> {
        match self {
            Self::Socket(socket) => Ok(socket.send(Message::text(text)).await?),
            Self::Pipes { stdin, .. } => {
                let framed = format!("Content-Length: {}\r\n\r\n{text}", text.len());
                stdin.write_all(framed.as_bytes()).await?;
                Ok(stdin.flush().await?)
            }
        }
    }

    async fn receive(&mut self) -> anyhow::Result<String> {
        match self {
            Self::Socket(socket) => loop {
                match socket.next().await.context("the stream ended")?? {
                    Message::Text(text) => return Ok(text.to_string()),
                    Message::Close(frame) => bail!("the stream was closed: {frame:?}"),
                    _ => {}
                }
            },
            Self::Pipes { stdout, .. } => {
                let mut length = 0;
                loop {
                    let mut line = String::new();
                    ensure!(
                        stdout.read_line(&mut line).await? > 0,
                        "the server has ended"
                    );
                    match line.trim_end().split_once(": ") {
                        Some(("Content-Length", value)) => length = value.parse()?,
                        Some(_) => {}
                        None => break,
                    }
                }
                let mut bytes = vec![0; length];
                stdout.read_exact(&mut bytes).await?;
                Ok(String::from_utf8(bytes)?)
            }
        }
    }
}

/// Writes a program or a text into the workspace, for its user.
fn put(folder: &Path, name: &str, text: &str) -> anyhow::Result<()> {
    let path = folder.join(name);
    let parent = path.parent().context("it is below")?;
    fs::create_dir_all(parent)?;
    fs::write(&path, text)?;
    fs::set_permissions(&path, fs::Permissions::from_mode(0o755))?;
    let first = name.split('/').next().context("it has a name")?;
    own(folder, &folder.join(first))
}

fn copy(from: &Path, folder: &Path, to: &str) -> anyhow::Result<()> {
    let to = folder.join(to);
    fs::create_dir_all(&to)?;
    for entry in fs::read_dir(from)? {
        let entry = entry?;
        let (source, target) = (entry.path(), to.join(entry.file_name()));
        if entry.file_type()?.is_dir() {
            copy(
                &source,
                &to,
                entry.file_name().to_str().context("a name is text")?,
            )?;
        } else {
            fs::copy(&source, &target)?;
        }
    }
    Ok(())
}

/// Gives everything at `path` to the workspace's user.
fn own(folder: &Path, path: &Path) -> anyhow::Result<()> {
    let owner = fs::metadata(folder)?;
    if fs::symlink_metadata(path)?.is_symlink() {
        return Ok(());
    }
    chown(path, Some(owner.uid()), Some(owner.gid()))?;
    if path.is_dir() {
        for entry in fs::read_dir(path)? {
            own(folder, &entry?.path())?;
        }
    }
    Ok(())
}
