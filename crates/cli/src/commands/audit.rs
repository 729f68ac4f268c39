//! `atelier audit …`.

use std::path::PathBuf;

use anyhow::{Context as _, ensure};
use atelier_server::Config;
use atelier_server::audit::{VerifyReport, verify_all};
use clap::Subcommand;
use serde_json::json;

use crate::output::Output;

/// Works on the audit log.
#[derive(Debug, Subcommand)]
pub(crate) enum AuditCommand {
    /// Walks every organization's hash chain and names the first link that is broken. Run it on the
    /// server; a running one need not be stopped.
    Verify {
        /// The server's configuration file.
        #[arg(long, env = "ATELIER_CONFIG")]
        config: Option<PathBuf>,
        /// The server's data folder.
        #[arg(long)]
        data: Option<PathBuf>,
    },
}

pub(crate) async fn run(command: AuditCommand, output: Output) -> anyhow::Result<()> {
    let AuditCommand::Verify { config, data } = command;
    let mut config = Config::load(config.as_deref(), std::env::vars(), &[])?;
    if let Some(data) = data {
        config.data.dir = data;
    }
    if config.database.url.is_none() {
        // Opening a database that is not there would make one.
        let folder = &config.data.dir;
        ensure!(
            folder.join("atelier.db").is_file(),
            "{} holds no database: name the server's data folder with --data",
            folder.display()
        );
    }
    let db = atelier_server::open_database(&config).await?;
    let reports = verify_all(&db)
        .await
        .context("the audit log could not be read")?;
    db.close().await;
    print(&reports, output)?;
    let broken = reports.iter().filter(|report| !report.is_whole()).count();
    ensure!(
        broken == 0,
        "{broken} of {} chains are broken",
        reports.len()
    );
    Ok(())
}

fn print(reports: &[VerifyReport], output: Output) -> anyhow::Result<()> {
    let verdict = |report: &VerifyReport| match &report.broken {
        None => "whole".to_owned(),
        Some(link) => link.to_string(),
    };
    let value: Vec<_> = reports
        .iter()
        .map(|report| {
            json!({
                "organization_id": report.organization,
                "proven": report.proven,
                "hash": report.hash,
                "broken": report.broken.as_ref().map(ToString::to_string),
            })
        })
        .collect();
    let rows: Vec<_> = reports
        .iter()
        .map(|report| {
            let organization = report.organization.to_string();
            vec![
                organization,
                report.proven.to_string(),
                report.hash.clone(),
                verdict(report),
            ]
        })
        .collect();
    output.table(
        &value,
        &["organization", "proven", "last hash", "chain"],
        &rows,
    )
}
