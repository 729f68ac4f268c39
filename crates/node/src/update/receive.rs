//! A new program on its way to the disk: whole and as announced, or not at all.

use std::fs::{self, OpenOptions, Permissions};
use std::io;
use std::os::unix::fs::{OpenOptionsExt as _, PermissionsExt as _};
use std::path::Path;

use atelier_api::node::update::PROGRAM_BYTES_MAX;
use axum::body::Body;
use http_body_util::BodyExt as _;
use sha2::{Digest as _, Sha256};
use tokio::io::AsyncWriteExt as _;

use super::elf;
use super::programs::{Programs, is_sha256};
use crate::drivers::host::blocking;
use crate::error::NodeError;

/// Everybody may run it: it is what workspaces and terminals are started with.
const MODE: u32 = 0o755;

/// Receives a program of which only its SHA-256 is believed. `announced`: how long it is said to be.
pub(super) async fn receive(
    programs: &Programs,
    sha256: &str,
    announced: Option<u64>,
    body: Body,
) -> Result<(), NodeError> {
    if !is_sha256(sha256) {
        return Err(NodeError::invalid(
            "sha256",
            "A SHA-256 has 64 lowercase hexadecimal digits.",
        ));
    }
    if programs.file(sha256).is_some() {
        return Ok(());
    }
    if announced.is_some_and(|size| size > PROGRAM_BYTES_MAX) {
        return Err(too_large());
    }
    programs.make().map_err(failed)?;
    let incoming = programs.incoming();
    let received = match write(&incoming, body).await {
        Ok(found) if found == sha256 => verify(&incoming).await,
        Ok(found) => Err(NodeError::invalid(
            "sha256",
            format!(
                "What came is not what was announced: its SHA-256 is {found}. Nothing was changed."
            ),
        )),
        Err(error) => Err(error),
    };
    if received.is_err() {
        let _ = fs::remove_file(&incoming);
    }
    received?;
    let (programs, sha256) = (programs.clone(), sha256.to_owned());
    blocking(move || programs.keep(&sha256))
        .await
        .map_err(failed)
}

/// Writes it down; answers the SHA-256 of what came.
async fn write(incoming: &Path, mut body: Body) -> Result<String, NodeError> {
    let file = OpenOptions::new()
        .write(true)
        .create(true)
        .truncate(true)
        .mode(0o600)
        .open(incoming);
    let mut file = tokio::fs::File::from_std(file.map_err(failed)?);
    let mut hash = Sha256::new();
    let mut size = 0;
    while let Some(frame) = body.frame().await {
        let frame = frame.map_err(|error| {
            NodeError::malformed("The program did not come whole. Nothing was changed.")
                .caused_by(error)
        })?;
        let Ok(bytes) = frame.into_data() else {
            continue;
        };
        size += bytes.len() as u64;
        if size > PROGRAM_BYTES_MAX {
            return Err(too_large());
        }
        hash.update(&bytes);
        file.write_all(&bytes).await.map_err(failed)?;
    }
    file.flush().await.map_err(failed)?;
    file.sync_all().await.map_err(failed)?;
    file.set_permissions(Permissions::from_mode(MODE))
        .await
        .map_err(failed)?;
    Ok(hex::encode(hash.finalize()))
}

async fn verify(incoming: &Path) -> Result<(), NodeError> {
    let program = incoming.to_owned();
    let checked = blocking(move || elf::check(&program))
        .await
        .map_err(failed)?;
    checked.map_err(|reason| NodeError::invalid("sha256", reason))
}

fn too_large() -> NodeError {
    NodeError::too_large(format!(
        "A program has at most {} MiB. Nothing was changed.",
        PROGRAM_BYTES_MAX >> 20
    ))
}

fn failed(error: io::Error) -> NodeError {
    NodeError::storage("keeping the new program", error)
}
