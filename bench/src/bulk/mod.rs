//! Files in bulk: a gibibyte up and down, archives, and how soon a change on disk is told.

mod gibibyte;
mod packed;
mod peak;
mod watched;

use crate::control_plane::ControlPlane;
use crate::report::Report;

pub(crate) async fn measure(
    server: &ControlPlane,
    scale: u32,
    report: &mut Report,
) -> anyhow::Result<()> {
    gibibyte::measure(server, scale, report).await?;
    packed::measure(server, scale, report).await?;
    watched::measure(server, scale, report).await
}
