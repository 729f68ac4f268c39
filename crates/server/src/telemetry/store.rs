//! All SQL on `node_telemetry` and `node_telemetry_tracks`.

use atelier_api::Timestamp;
use atelier_api::ids::NodeId;
use atelier_db::sqlx::{self, Row as _};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD_NO_PAD;

use super::block::{self, Block};
use super::collector::{Gap, Track};
use super::rollup::{HOUR_MS, MINUTE_MS};
use crate::ctx::Conn;
use crate::ctx::column::corrupt;
use crate::error::{Error, Result};

/// How finely measurements are kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Resolution {
    /// As they were taken.
    Raw,
    Minute,
    Hour,
}

impl Resolution {
    pub(super) const ALL: [Self; 3] = [Self::Raw, Self::Minute, Self::Hour];

    fn seconds(self) -> i64 {
        match self {
            Self::Raw => 10,
            Self::Minute => 60,
            Self::Hour => 3_600,
        }
    }

    /// The time that one row of the table holds, in milliseconds.
    pub(super) fn span_ms(self) -> i64 {
        match self {
            Self::Raw => 10 * MINUTE_MS,
            Self::Minute => HOUR_MS,
            Self::Hour => 24 * HOUR_MS,
        }
    }

    /// The start of the span that a time is in.
    pub(super) fn span(self, at: i64) -> i64 {
        at.div_euclid(self.span_ms()) * self.span_ms()
    }
}

fn read_block(content: &str) -> Result<Block> {
    let bytes = STANDARD_NO_PAD.decode(content).ok();
    bytes
        .and_then(|bytes| block::decode(&bytes))
        .ok_or_else(|| corrupt("content", &"it is no block of measurements"))
}

/// What is kept of a span; nothing when there is nothing.
pub(super) async fn span(
    conn: &mut Conn,
    node: NodeId,
    resolution: Resolution,
    start: i64,
) -> Result<Block> {
    let content: Option<String> = sqlx::query_scalar(
        "SELECT content FROM node_telemetry \
         WHERE node_id = $1 AND resolution_s = $2 AND start_at = $3",
    )
    .bind(node.to_string())
    .bind(resolution.seconds())
    .bind(start)
    .fetch_optional(conn)
    .await?;
    content.map_or(Ok(Block::default()), |content| read_block(&content))
}

/// All that is kept of a time, span by span, oldest first.
pub(super) async fn spans(
    conn: &mut Conn,
    node: NodeId,
    resolution: Resolution,
    from: i64,
    before: i64,
) -> Result<Vec<Block>> {
    let rows: Vec<String> = sqlx::query_scalar(
        "SELECT content FROM node_telemetry WHERE node_id = $1 AND resolution_s = $2 \
         AND start_at >= $3 AND start_at < $4 ORDER BY start_at",
    )
    .bind(node.to_string())
    .bind(resolution.seconds())
    .bind(resolution.span(from))
    .bind(before)
    .fetch_all(conn)
    .await?;
    rows.iter().map(|content| read_block(content)).collect()
}

/// Puts a span in place of what was kept of it.
pub(super) async fn put_span(
    conn: &mut Conn,
    node: NodeId,
    resolution: Resolution,
    start: i64,
    block: &Block,
) -> Result<()> {
    sqlx::query(
        "INSERT INTO node_telemetry (node_id, resolution_s, start_at, content) \
         VALUES ($1, $2, $3, $4) ON CONFLICT (node_id, resolution_s, start_at) \
         DO UPDATE SET content = excluded.content",
    )
    .bind(node.to_string())
    .bind(resolution.seconds())
    .bind(start)
    .bind(STANDARD_NO_PAD.encode(block::encode(block)))
    .execute(conn)
    .await?;
    Ok(())
}

/// Removes at most so many spans that ended before a time; how many it were.
pub(super) async fn prune(
    conn: &mut Conn,
    resolution: Resolution,
    before: Timestamp,
    limit: u32,
) -> Result<u64> {
    let done = sqlx::query(
        "DELETE FROM node_telemetry WHERE (node_id, resolution_s, start_at) IN \
         (SELECT node_id, resolution_s, start_at FROM node_telemetry \
          WHERE resolution_s = $1 AND start_at < $2 ORDER BY start_at LIMIT $3)",
    )
    .bind(resolution.seconds())
    .bind(before.0.saturating_sub(resolution.span_ms()))
    .bind(i64::from(limit))
    .execute(conn)
    .await?;
    Ok(done.rows_affected())
}

/// How far a node's measurements have been taken over and written.
pub(super) async fn track(conn: &mut Conn, node: NodeId) -> Result<Track> {
    let row = sqlx::query(
        "SELECT head_at, offset_ms, gaps FROM node_telemetry_tracks WHERE node_id = $1",
    )
    .bind(node.to_string())
    .fetch_optional(conn)
    .await?;
    let Some(row) = row else {
        return Ok(Track::default());
    };
    let gaps: &str = row.try_get("gaps")?;
    Ok(Track {
        head: row.try_get("head_at")?,
        offset: row.try_get("offset_ms")?,
        gaps: serde_json::from_str(gaps).map_err(|error| corrupt("gaps", &error))?,
    })
}

/// Writes down how far it is.
pub(super) async fn put_track(conn: &mut Conn, node: NodeId, track: &Track) -> Result<()> {
    sqlx::query(
        "INSERT INTO node_telemetry_tracks (node_id, head_at, offset_ms, gaps) \
         VALUES ($1, $2, $3, $4) ON CONFLICT (node_id) DO UPDATE \
         SET head_at = excluded.head_at, offset_ms = excluded.offset_ms, gaps = excluded.gaps",
    )
    .bind(node.to_string())
    .bind(track.head)
    .bind(track.offset)
    .bind(gaps_text(&track.gaps)?)
    .execute(conn)
    .await?;
    Ok(())
}

/// Writes down what is left of its gaps.
pub(super) async fn put_gaps(conn: &mut Conn, node: NodeId, gaps: &[Gap]) -> Result<()> {
    sqlx::query("UPDATE node_telemetry_tracks SET gaps = $2 WHERE node_id = $1")
        .bind(node.to_string())
        .bind(gaps_text(gaps)?)
        .execute(conn)
        .await?;
    Ok(())
}

fn gaps_text(gaps: &[Gap]) -> Result<String> {
    serde_json::to_string(gaps).map_err(Error::internal)
}
