//! `atelier file …`: many entries of a workspace at once.

use std::io::Write as _;
use std::path::PathBuf;

use anyhow::{Context as _, bail};
use atelier_api::agent::archives::ArchiveFormat;
use atelier_api::agent::files::Root;
use atelier_api::agent::transfers::{
    EntryOutcome, EntryOutcomes, FileTransferMany, NameConflict, Outcome, TransferKind,
    TransferMessage,
};
use atelier_api::agent::trash::FileTrash;
use clap::{Args, Subcommand, ValueEnum};
use reqwest::Method;

use super::cp::{Place, rooted};
use crate::client::Client;
use crate::output::Output;

/// Manages files of workspaces, many at once. `atelier cp` copies one from here or to here.
#[derive(Debug, Subcommand)]
pub(crate) enum FileCommand {
    /// Moves or copies entries into a directory of the same workspace.
    Transfer(Transfer),
    /// Fetches entries as one archive, made while it is sent.
    Archive(Archive),
    /// Moves entries to the trash. `atelier trash restore` brings them back.
    Trash(Trash),
}

/// What is moved or copied.
#[derive(Debug, Args)]
pub(crate) struct Transfer {
    /// Each as WORKSPACE:PATH.
    #[arg(required = true)]
    entries: Vec<Place>,
    /// The directory in the workspace that they come to lie in.
    #[arg(long)]
    to: String,
    /// Leave them where they are, too.
    #[arg(long)]
    copy: bool,
    /// What happens where a name is taken.
    #[arg(long, value_enum, default_value_t)]
    conflict: Conflict,
}

/// What happens where a name is taken.
#[derive(Debug, Clone, Copy, Default, ValueEnum)]
pub(crate) enum Conflict {
    /// The entry fails.
    #[default]
    Fail,
    /// What stands there goes.
    Replace,
    /// The new one gets a number.
    KeepBoth,
    /// The entry stays where it is.
    Skip,
}

impl From<Conflict> for NameConflict {
    fn from(conflict: Conflict) -> Self {
        match conflict {
            Conflict::Fail => Self::Fail,
            Conflict::Replace => Self::Replace,
            Conflict::KeepBoth => Self::KeepBoth,
            Conflict::Skip => Self::Skip,
        }
    }
}

/// What is fetched.
#[derive(Debug, Args)]
pub(crate) struct Archive {
    /// Each as WORKSPACE:PATH.
    #[arg(required = true)]
    entries: Vec<Place>,
    /// The archive's file; its ending says which kind it is, `.zip` or `.tar.gz`.
    #[arg(long, short)]
    file: PathBuf,
}

/// What is deleted.
#[derive(Debug, Args)]
pub(crate) struct Trash {
    /// Each as WORKSPACE:PATH.
    #[arg(required = true)]
    entries: Vec<Place>,
}

pub(crate) async fn run(command: FileCommand, output: Output) -> anyhow::Result<()> {
    let client = Client::open()?;
    match command {
        FileCommand::Transfer(arguments) => transfer(&client, arguments, output).await,
        FileCommand::Archive(arguments) => archive(&client, &arguments, output).await,
        FileCommand::Trash(arguments) => trash(&client, &arguments.entries, output).await,
    }
}

async fn transfer(client: &Client, arguments: Transfer, output: Output) -> anyhow::Result<()> {
    let named = Named::find(client, &arguments.entries).await?;
    let (to_root, to) = rooted(&arguments.to);
    if root_of(to_root) != named.root {
        bail!("They can only be moved or copied within one root: /workspace, or the home.");
    }
    let request = FileTransferMany {
        root: named.root,
        kind: if arguments.copy {
            TransferKind::Copy
        } else {
            TransferKind::Move
        },
        paths: named.paths,
        to: to.replace('%', "%25"),
        conflict: arguments.conflict.into(),
    };
    let path = format!("{}/files/transfer", named.base);
    let lines = client
        .checked(client.request(Method::POST, &path).json(&request))
        .await?
        .text()
        .await
        .context("the answer broke off; look at what was done")?;
    let mut items = Vec::new();
    let mut is_whole = false;
    for line in lines.lines() {
        match serde_json::from_str(line)? {
            TransferMessage::Entry(outcome) => items.push(*outcome),
            TransferMessage::End => is_whole = true,
            _ => {}
        }
    }
    tell(output, &EntryOutcomes { items })?;
    if is_whole {
        Ok(())
    } else {
        bail!("The answer broke off. Look at what was done.")
    }
}

async fn archive(client: &Client, arguments: &Archive, output: Output) -> anyhow::Result<()> {
    let Archive { entries, file } = arguments;
    let name = file.to_string_lossy();
    let format = [ArchiveFormat::Zip, ArchiveFormat::TarGz]
        .into_iter()
        .find(|format| name.ends_with(&format!(".{}", format.extension())))
        .context("The file's name must end in .zip or .tar.gz.")?;
    let named = Named::find(client, entries).await?;
    let mut query: Vec<_> = named
        .paths
        .iter()
        .map(|path| ("path", path.as_str()))
        .collect();
    query.push(("root", named.root_name()));
    query.push(("format", format.extension()));
    let path = format!("{}/files/archive", named.base);
    let mut response = client
        .checked(client.request(Method::GET, &path).query(&query))
        .await?;
    let directory = match file.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent,
        _ => std::path::Path::new("."),
    };
    // Gone again unless it is whole.
    let mut temporary = tempfile::NamedTempFile::new_in(directory)
        .with_context(|| format!("“{}” cannot be written", file.display()))?;
    let mut size: u64 = 0;
    while let Some(chunk) = response.chunk().await.context("the archive broke off")? {
        temporary.write_all(&chunk)?;
        size += chunk.len() as u64;
    }
    temporary.as_file().sync_all()?;
    temporary
        .persist(file)
        .with_context(|| format!("“{}” cannot be written", file.display()))?;
    output.line(
        &serde_json::json!({ "path": file, "size": size }),
        &format!("Fetched {} ({size} bytes)", file.display()),
    )
}

async fn trash(client: &Client, entries: &[Place], output: Output) -> anyhow::Result<()> {
    let named = Named::find(client, entries).await?;
    let request = FileTrash {
        root: named.root,
        paths: named.paths,
    };
    let path = format!("{}/files/trash", named.base);
    tell(output, &client.post(&path, &request).await?)
}

/// Says how it went with each; fails when one failed.
pub(super) fn tell(output: Output, outcomes: &EntryOutcomes) -> anyhow::Result<()> {
    let rows: Vec<_> = outcomes.items.iter().map(row).collect();
    output.table(outcomes, &["path", "outcome", "now"], &rows)?;
    let failed = outcomes
        .items
        .iter()
        .filter(|item| item.outcome == Outcome::Failed);
    match failed.count() {
        0 => Ok(()),
        count => bail!("{count} of {} failed.", outcomes.items.len()),
    }
}

fn row(item: &EntryOutcome) -> Vec<String> {
    let word = match item.outcome {
        Outcome::Done => "done",
        Outcome::Skipped => "skipped",
        Outcome::Failed => "failed",
    };
    let now = match (&item.problem, &item.entry, &item.trash_id) {
        (Some(problem), _, _) => problem.detail.clone(),
        (None, Some(entry), _) => entry.path.clone(),
        (None, None, Some(id)) => id.to_string(),
        (None, None, None) => String::new(),
    };
    vec![item.path.clone(), word.to_owned(), now]
}

/// Entries of one root of one workspace.
struct Named {
    /// The workspace's route.
    base: String,
    root: Root,
    paths: Vec<String>,
}

impl Named {
    async fn find(client: &Client, entries: &[Place]) -> anyhow::Result<Self> {
        let mut all = Vec::new();
        for entry in entries {
            let Place::Remote { workspace, path } = entry else {
                bail!("Write each entry as WORKSPACE:PATH.");
            };
            let (root, path) = rooted(path);
            all.push((
                workspace,
                root,
                path.trim_end_matches('/').replace('%', "%25"),
            ));
        }
        let Some((workspace, root, _)) = all.first() else {
            bail!("Name at least one entry.");
        };
        if all
            .iter()
            .any(|other| (&other.0, &other.1) != (workspace, root))
        {
            bail!("All must lie in one root of one workspace: /workspace, or the home.");
        }
        let workspace = client.workspace(workspace).await?;
        Ok(Self {
            base: format!("/workspaces/{}", workspace.id),
            root: root_of(root),
            paths: all.into_iter().map(|(_, _, path)| path).collect(),
        })
    }

    fn root_name(&self) -> &'static str {
        match self.root {
            Root::Workspace => "workspace",
            Root::Home => "home",
            Root::System => "system",
        }
    }
}

fn root_of(name: &str) -> Root {
    match name {
        "home" => Root::Home,
        "system" => Root::System,
        _ => Root::Workspace,
    }
}
