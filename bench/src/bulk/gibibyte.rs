//! A gibibyte up and down, against the barest routes there can be on the same HTTP stack and disk.

use std::fs;
use std::io::Write as _;
use std::os::unix::fs::{MetadataExt as _, chown};
use std::path::Path;
use std::time::Instant;

use atelier_api::agent::uploads::{FileUpload, UPLOAD_LENGTH_HEADER, UPLOAD_OFFSET_HEADER};
use atelier_api::ids::WorkspaceId;
use bytes::Bytes;
use futures_util::{StreamExt as _, stream};
use reqwest::{Body, Method, RequestBuilder};

use super::peak::Peak;
use crate::baseline::Baseline;
use crate::control_plane::ControlPlane;
use crate::report::{Report, median, rate};

/// How much is sent, in bytes.
const SIZE: u64 = 1 << 30;

/// How much one request of an upload in parts carries: as much as the web interface sends at most.
const PART: u64 = 32 << 20;

const CHUNK: usize = 1 << 20;

/// By how much memory may grow, in MiB: some buffers, and never the file.
const GROWTH_MIB: u64 = 24;

pub(super) async fn measure(
    server: &ControlPlane,
    scale: u32,
    report: &mut Report,
) -> anyhow::Result<()> {
    let id = server.workspace("bench bulk").await?;
    let folder = server.folder(id);
    let size = SIZE / u64::from(scale);
    let large = folder.join("large");
    write_noise(&large, size)?;
    let owner = fs::metadata(&folder)?;
    chown(&large, Some(owner.uid()), Some(owner.gid()))?;
    let baseline = Baseline::start().await?;
    let client = reqwest::Client::builder().no_proxy().build()?;

    let peak = Peak::begin(server, id)?;
    let bare = format!("http://{}/file{}", baseline.address, large.display());
    let path = format!("/workspaces/{id}/files/content?path=large");
    let mut rates = [Vec::new(), Vec::new()];
    for _ in 0..5 {
        let requests = [client.get(&bare), server.request(Method::GET, &path)];
        for (request, rates) in requests.into_iter().zip(&mut rates) {
            rates.push(download(request, size).await?);
        }
    }
    row(report, "download of 1 GiB", rates);
    peak.report("download of 1 GiB", GROWTH_MIB, report)?;
    fs::remove_file(&large)?;

    let bare = format!(
        "http://{}/stream{}/bare",
        baseline.address,
        folder.display()
    );
    let path = format!("/workspaces/{id}/files/content?path=ours");
    let peak = Peak::begin(server, id)?;
    let mut whole = [Vec::new(), Vec::new()];
    let mut parts = Vec::new();
    for _ in 0..5 {
        whole[0].push(upload(client.put(&bare), size).await?);
        let request = server.request(Method::PUT, &path).header("If-Match", "*");
        whole[1].push(upload(request, size).await?);
        parts.push(in_parts(server, id, size).await?);
    }
    let base = whole[0].clone();
    row(report, "upload of 1 GiB, in one request", whole);
    row(report, "upload of 1 GiB, in parts", [base, parts]);
    peak.report("upload of 1 GiB", GROWTH_MIB, report)?;
    for name in ["bare", "ours", "parts"] {
        fs::remove_file(folder.join(name))?;
    }
    Ok(())
}

fn row(report: &mut Report, work: &str, rates: [Vec<f64>; 2]) {
    let [base, ours] = rates.map(median);
    report.row(
        work,
        format!("{ours:.0} MB/s ({:.2} ×)", ours / base),
        format!("{base:.0} MB/s"),
        "≥ 0.7 ×",
        ours >= 0.7 * base,
    );
}

async fn download(request: RequestBuilder, size: u64) -> anyhow::Result<f64> {
    let began = Instant::now();
    let mut body = request.send().await?.error_for_status()?.bytes_stream();
    let mut received = 0;
    while let Some(chunk) = body.next().await {
        received += chunk?.len() as u64;
    }
    anyhow::ensure!(received == size, "{received} bytes came");
    Ok(rate(received, began.elapsed()))
}

/// Bytes without end, cut to a length.
fn noise(length: u64) -> Body {
    let chunk = Bytes::from(pattern());
    let chunks = (0..length.div_ceil(CHUNK as u64)).map(move |index| {
        let left = length - index * CHUNK as u64;
        let length = usize::try_from(left).map_or(CHUNK, |left| left.min(CHUNK));
        Ok::<_, std::io::Error>(chunk.slice(..length))
    });
    Body::wrap_stream(stream::iter(chunks))
}

fn pattern() -> Vec<u8> {
    (0..CHUNK)
        .map(|index| (index * 31 % 251).to_le_bytes()[0])
        .collect()
}

async fn upload(request: RequestBuilder, size: u64) -> anyhow::Result<f64> {
    let began = Instant::now();
    let answer = request.body(noise(size)).send().await?;
    answer.error_for_status()?.bytes().await?;
    Ok(rate(size, began.elapsed()))
}

async fn in_parts(server: &ControlPlane, id: WorkspaceId, size: u64) -> anyhow::Result<f64> {
    let began = Instant::now();
    let base = format!("/workspaces/{id}/files/uploads");
    let begin = server
        .request(Method::POST, &format!("{base}?path=parts"))
        .header("If-Match", "*")
        .header(UPLOAD_LENGTH_HEADER, size);
    let upload: FileUpload = begin.send().await?.error_for_status()?.json().await?;
    let mut offset = 0;
    while offset < size {
        let length = PART.min(size - offset);
        let part = server
            .request(Method::PATCH, &format!("{base}/{}", upload.id))
            .header(UPLOAD_OFFSET_HEADER, offset)
            .body(noise(length));
        part.send().await?.error_for_status()?;
        offset += length;
    }
    let finish = format!("{base}/{}/finish?path=parts", upload.id);
    let finish = server
        .request(Method::POST, &finish)
        .header("If-Match", "*");
    finish.send().await?.error_for_status()?.bytes().await?;
    Ok(rate(size, began.elapsed()))
}

fn write_noise(path: &Path, size: u64) -> anyhow::Result<()> {
    let mut file = fs::File::create(path)?;
    let chunk = pattern();
    for _ in 0..size / CHUNK as u64 {
        file.write_all(&chunk)?;
    }
    file.write_all(&chunk[..usize::try_from(size % CHUNK as u64)?])?;
    Ok(())
}
