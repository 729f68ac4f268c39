//! Workspaces: create to first prompt, start of a stopped one, a hundred at once.

use std::time::{Duration, Instant};

use atelier_api::v1::workspaces::WorkspaceState;

use crate::control_plane::ControlPlane;
use crate::memory;
use crate::report::{Report, Samples, time};

/// How many run at once.
const MANY: u32 = 100;

pub(crate) async fn measure(
    server: &ControlPlane,
    scale: u32,
    report: &mut Report,
) -> anyhow::Result<()> {
    let (mut created, mut started) = (Samples::default(), Samples::default());
    for round in 0..30 / scale {
        let began = Instant::now();
        let id = server.workspace(&format!("bench {round}")).await?;
        let terminal = server.terminal(id, "").await?;
        server.attach(id, &terminal).await?.output().await?;
        created.push(began.elapsed());
        server.change(id, "stop").await?;
        server.until(id, WorkspaceState::Stopped).await?;
        let began = Instant::now();
        server.change(id, "start").await?;
        server.until(id, WorkspaceState::Running).await?;
        started.push(began.elapsed());
        server.change(id, "stop").await?;
        server.until(id, WorkspaceState::Stopped).await?;
    }
    for (work, samples, bound) in [
        ("workspace: create → first prompt, p50", created, 300),
        ("workspace: start of a stopped one, p50", started, 150),
    ] {
        let p50 = samples.median();
        report.row(
            work,
            format!("{} (p90 {})", time(p50), time(samples.quantile(0.9))),
            String::from("–"),
            &format!("≤ {bound} ms"),
            p50 <= Duration::from_millis(bound),
        );
    }

    let many = MANY / scale;
    let mut total = 0;
    let mut ids = Vec::new();
    for number in 0..many {
        ids.push(server.workspace(&format!("many {number}")).await?);
    }
    for id in ids {
        for pid in memory::processes_of(server, id)? {
            total += memory::proportional(pid)?;
        }
    }
    let each = total as f64 / 1024.0 / f64::from(many);
    report.row(
        &format!("{many} workspaces running at once, memory of each (PSS of init and agent)"),
        format!("{each:.1} MiB"),
        String::from("–"),
        "≤ 12 MiB",
        each <= 12.0,
    );
    Ok(())
}
