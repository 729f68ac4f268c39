//! The server's start with an existing database.

use std::path::Path;
use std::time::{Duration, Instant};

use crate::control_plane::spawn;
use crate::report::{Report, Samples, time};

pub(crate) async fn measure(program: &Path, scale: u32, report: &mut Report) -> anyhow::Result<()> {
    let folder = tempfile::tempdir()?;
    let data = folder.path().join("data");
    let mut samples = Samples::default();
    for round in 0..=20 / scale {
        let began = Instant::now();
        let (mut child, _) = spawn(program, &data, 0, None).await?;
        if round > 0 {
            samples.push(began.elapsed());
        }
        child.kill().await?;
    }
    let p50 = samples.median();
    report.row(
        "server start with an existing database, process to ready",
        format!("{} (p90 {})", time(p50), time(samples.quantile(0.9))),
        String::from("–"),
        "≤ 200 ms",
        p50 <= Duration::from_millis(200),
    );
    Ok(())
}
