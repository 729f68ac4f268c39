//! A folder as an archive, against `tar` and `gzip` at the same level.

use std::fs;
use std::process::{Command, Stdio};
use std::time::Instant;

use futures_util::StreamExt as _;
use reqwest::Method;

use super::peak::Peak;
use crate::control_plane::ControlPlane;
use crate::report::{Report, median, rate};

/// Files of source text, so many of this size.
const FILES: u32 = 2_000;
const FILE_BYTES: usize = 128 * 1024;

pub(super) async fn measure(
    server: &ControlPlane,
    scale: u32,
    report: &mut Report,
) -> anyhow::Result<()> {
    let id = server.workspace("bench archive").await?;
    let folder = server.folder(id);
    let files = FILES / scale;
    fs::create_dir(folder.join("tree"))?;
    let text: String = (0_u32..)
        .map(|line| {
            format!(
                "    let value_{} = compute({}, {line});\n",
                line % 97,
                line * 7919 % 1009
            )
        })
        .scan(0, |length, line| {
            *length += line.len();
            (*length < FILE_BYTES).then_some(line)
        })
        .collect();
    for index in 0..files {
        let directory = folder.join(format!("tree/{}", index % 50));
        fs::create_dir_all(&directory)?;
        fs::write(
            directory.join(format!("file-{index}.rs")),
            format!("// {index}\n{text}"),
        )?;
    }
    let bytes = u64::from(files) * text.len() as u64;

    let peak = Peak::begin(server, id)?;
    let mut rates = [Vec::new(), Vec::new(), Vec::new()];
    for _ in 0..5 {
        let began = Instant::now();
        let script = format!(
            "tar -C {} -cf - tree | gzip -1 > /dev/null",
            folder.display()
        );
        let plain = Command::new("sh")
            .args(["-c", &script])
            .stdout(Stdio::null())
            .status()?;
        anyhow::ensure!(plain.success(), "tar failed");
        rates[0].push(rate(bytes, began.elapsed()));
        for (format, rates) in ["tar.gz", "zip"].into_iter().zip(&mut rates[1..]) {
            let began = Instant::now();
            let path = format!("/workspaces/{id}/files/archive?path=tree&format={format}");
            let answer = server.request(Method::GET, &path).send().await?;
            let mut body = answer.error_for_status()?.bytes_stream();
            while let Some(chunk) = body.next().await {
                chunk?;
            }
            rates.push(rate(bytes, began.elapsed()));
        }
    }
    let [plain, tar, zip] = rates.map(median);
    for (name, ours) in [("tar.gz", tar), ("ZIP", zip)] {
        report.row(
            &format!("{files} files as a {name}"),
            format!("{ours:.0} MB/s ({:.2} ×)", ours / plain),
            format!("{plain:.0} MB/s (tar | gzip -1)"),
            "≥ 0.7 ×",
            ours >= 0.7 * plain,
        );
    }
    peak.report("archives", 24, report)
}
