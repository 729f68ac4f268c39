//! `cargo xtask regen`: writes the files that are generated from the code.

use anyhow::{Context as _, Result, ensure};

use crate::npm::NpmProject;
use crate::repository::{Repository, write_if_changed};
use crate::step;

/// The generated files, committed so that a change of the API shows in its diff.
pub(crate) const GENERATED: [&str; 5] = [
    "openapi.json",
    "config.schema.json",
    "bridge.schema.json",
    "web/src/api/schema.gen.ts",
    "clients/typescript/src/schema.gen.ts",
];

/// Writes all of them, each only when it changes.
pub(crate) fn run(repository: &Repository) -> Result<()> {
    // Together with the tests, so that dependencies are built with the features that the test stages use.
    let build = ["build", "--locked", "--workspace", "--bins", "--tests"];
    step::run("Building the server", &mut repository.cargo(&build))?;
    let [openapi, config, bridge, client, bridge_client] = GENERATED;
    let described = [
        (openapi, "openapi"),
        (config, "config-schema"),
        (bridge, "bridge-schema"),
    ];
    for (file, subcommand) in described {
        let changed = write_if_changed(&repository.path(file), &printed(subcommand)?)?;
        report(file, changed);
    }

    let projects = [
        (NpmProject::web(repository), client),
        (NpmProject::typescript_client(repository), bridge_client),
    ];
    for (project, file) in projects {
        project.install()?;
        let before = std::fs::read(repository.path(file)).unwrap_or_default();
        let title = format!("Generating {file}");
        step::run(&title, &mut project.script("generate"))?;
        let after = std::fs::read(repository.path(file)).context("nothing was generated")?;
        report(file, before != after);
    }
    Ok(())
}

/// Fails when a generated file differs from what is committed.
pub(crate) fn ensure_committed(repository: &Repository) -> Result<()> {
    let mut arguments = vec!["status", "--porcelain", "--"];
    arguments.extend(GENERATED);
    let changes = repository.git(&arguments)?;
    ensure!(
        changes.is_empty(),
        "generated files are not committed as generated; run `cargo xtask regen` and commit:\n{changes}"
    );
    Ok(())
}

/// What `atelier SUBCOMMAND` prints.
fn printed(subcommand: &str) -> Result<Vec<u8>> {
    let program = Repository::target()?.join("debug/atelier");
    let output = std::process::Command::new(program)
        .arg(subcommand)
        .output()
        .context("cannot run atelier")?;
    ensure!(
        output.status.success() && !output.stdout.is_empty(),
        "atelier {subcommand} failed: {}",
        String::from_utf8_lossy(&output.stderr).trim()
    );
    Ok(output.stdout)
}

fn report(file: &str, changed: bool) {
    println!("{file}: {}", if changed { "written" } else { "unchanged" });
}
