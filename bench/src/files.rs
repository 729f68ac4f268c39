//! Files: a large directory, a download, a durable write.

use std::fs;
use std::os::unix::fs::MetadataExt as _;
use std::os::unix::fs::chown;
use std::time::{Duration, Instant};

use futures_util::StreamExt as _;
use reqwest::Method;

use crate::baseline::{Baseline, durable_write};
use crate::control_plane::ControlPlane;
use crate::report::{Report, Samples, median, rate, ratio, time};

/// The size of the file that is downloaded, in bytes.
const DOWNLOAD: u64 = 256 * 1024 * 1024;

pub(crate) async fn measure(
    server: &ControlPlane,
    scale: u32,
    report: &mut Report,
) -> anyhow::Result<()> {
    let id = server.workspace("bench files").await?;
    let folder = server.folder(id);
    let owner = fs::metadata(&folder)?;
    fs::create_dir(folder.join("many"))?;
    for number in 0..10_000 {
        fs::write(folder.join(format!("many/file-{number:05}.txt")), "x")?;
    }
    let large = folder.join("large");
    fs::write(&large, vec![7; usize::try_from(DOWNLOAD)?])?;
    for path in [folder.join("many"), large.clone()] {
        chown(path, Some(owner.uid()), Some(owner.gid()))?;
    }

    let mut listed = Samples::default();
    for _ in 0..30 / scale {
        let began = Instant::now();
        let path = format!("/workspaces/{id}/files/list?path=many");
        let body = server
            .request(Method::GET, &path)
            .send()
            .await?
            .error_for_status()?
            .bytes()
            .await?;
        listed.push(began.elapsed());
        anyhow::ensure!(body.len() > 500_000, "the list is {} bytes", body.len());
    }
    let p50 = listed.median();
    report.row(
        "directory of 10,000 entries, to the last byte",
        format!("{} (p90 {})", time(p50), time(listed.quantile(0.9))),
        String::from("–"),
        "≤ 40 ms",
        p50 <= Duration::from_millis(40),
    );

    let baseline = Baseline::start().await?;
    let client = reqwest::Client::builder().no_proxy().build()?;
    let bare = format!("http://{}/file{}", baseline.address, large.display());
    let mut rates = [Vec::new(), Vec::new()];
    for _ in 0..7 {
        let requests = [
            client.get(&bare),
            server.request(
                Method::GET,
                &format!("/workspaces/{id}/files/content?path=large"),
            ),
        ];
        for (request, rates) in requests.into_iter().zip(&mut rates) {
            let began = Instant::now();
            let mut body = request.send().await?.error_for_status()?.bytes_stream();
            let mut received = 0;
            while let Some(chunk) = body.next().await {
                received += chunk?.len() as u64;
            }
            anyhow::ensure!(received == DOWNLOAD, "{received} bytes came");
            rates.push(rate(received, began.elapsed()));
        }
    }
    let [base, ours] = rates.map(median);
    report.row(
        "download of 256 MiB",
        format!("{ours:.0} MB/s ({:.2} ×)", ours / base),
        format!("{base:.0} MB/s"),
        "≥ 0.6 ×",
        ours >= 0.6 * base,
    );
    // A large file, as for the download; and small ones, where the way through the processes counts.
    for (size, times) in [(64 << 20, 20), (1 << 20, 60), (16 << 10, 60)] {
        write(server, id, &baseline, size, times / scale, report).await?;
    }
    Ok(())
}

/// A durable write through the API, through the barest route there can be, and by hand; all into the
/// same folder.
async fn write(
    server: &ControlPlane,
    id: atelier_api::ids::WorkspaceId,
    baseline: &Baseline,
    size: usize,
    times: u32,
    report: &mut Report,
) -> anyhow::Result<()> {
    let folder = server.folder(id);
    let folder = folder.display();
    let content = bytes::Bytes::from(vec![9; size]);
    let client = reqwest::Client::builder().no_proxy().build()?;
    let mut samples = [0; 3].map(|_| Samples::default());
    for _ in 0..times {
        let began = Instant::now();
        durable_write(&format!("{folder}/plain"), &content)?;
        samples[0].push(began.elapsed());

        let bare = client.put(format!("http://{}/write{folder}/bare", baseline.address));
        let path = format!("/workspaces/{id}/files/content?path=ours");
        let ours = server.request(Method::PUT, &path).header("If-Match", "*");
        for (request, samples) in [bare, ours].into_iter().zip(&mut samples[1..]) {
            let began = Instant::now();
            let answer = request.body(content.clone()).send().await?;
            answer.error_for_status()?.bytes().await?;
            samples.push(began.elapsed());
        }
    }
    let [plain, bare, ours] = samples.map(|samples| samples.median());
    let (by_hand, by_route) = (ratio(ours, plain), ratio(ours, bare));
    let size = match size >> 20 {
        0 => format!("{} KiB", size >> 10),
        mib => format!("{mib} MiB"),
    };
    report.row(
        &format!("durable write of {size}"),
        format!(
            "{} ({by_hand:.2} ×; {by_route:.2} × the bare route)",
            time(ours)
        ),
        format!(
            "{} (plain write, fsync, rename); {} (a bare route that does it)",
            time(plain),
            time(bare)
        ),
        // No small file can cross HTTP in a fifth of the time that it takes to write it.
        if size.ends_with("64 MiB") {
            "≤ 1.2 ×"
        } else {
            "≤ 1.2 × the bare route"
        },
        if size.ends_with("64 MiB") {
            by_hand
        } else {
            by_route
        } <= 1.2,
    );
    Ok(())
}
