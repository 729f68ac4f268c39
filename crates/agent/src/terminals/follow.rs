//! Following a terminal together with others, within a window: what the bridge does.

use std::sync::Arc;

use atelier_api::agent::bridge::WINDOW_BYTES;
use atelier_api::agent::terminals::VIEWERS_MAX;
use atelier_api::agent::terminals::{self as wire, ExitStatus, ServerMessage, TerminalViewer};
use atelier_api::ids::TerminalId;
use tokio::sync::Notify;

use super::Terminals;
use super::core::Audience;
use super::resync::resync;
use super::terminal::Terminal;
use super::viewer::{Step, Viewer};
use crate::AgentError;

/// A place among a terminal's viewers, given up when it is dropped.
pub(crate) struct Follow {
    terminal: Arc<Terminal>,
    viewer: Viewer,
    /// Everything before this offset has been consumed.
    acked: u64,
}

/// What there is to tell of a terminal.
pub(crate) enum News {
    /// The screen is drawn anew; output goes on at `offset`.
    Resync { offset: u64, snapshot: Vec<u8> },
    /// The size changed.
    Size { cols: u16, rows: u16 },
    /// Output.
    Output { offset: u64, bytes: Vec<u8> },
    /// The program has ended.
    Exit(ExitStatus),
    /// Call [`Follow::catch_up`], then ask again.
    Lost,
    /// Nothing yet.
    Wait,
    /// Nothing any more.
    End,
}

impl Follow {
    /// What to tell next, at most [`WINDOW_BYTES`] beyond what was acknowledged.
    pub(crate) fn next(&mut self) -> News {
        let core = self.terminal.core();
        loop {
            let window = (self.acked + WINDOW_BYTES).saturating_sub(self.viewer.cursor);
            if window == 0 {
                return News::Wait;
            }
            match self.viewer.next(&core) {
                Step::Say(ServerMessage::Hello { offset, resync, .. }) => {
                    self.acked = offset;
                    if resync {
                        let snapshot = self.viewer.snapshot.take().unwrap_or_default();
                        return News::Resync { offset, snapshot };
                    }
                }
                Step::Say(ServerMessage::Size { cols, rows }) => return News::Size { cols, rows },
                Step::Say(ServerMessage::Exit { status }) => return News::Exit(status),
                // Titles and viewers are for people.
                Step::Say(_) | Step::Snapshot(_) => {}
                Step::Output => {
                    let offset = self.viewer.cursor;
                    let pieces = core.output(offset).unwrap_or_default();
                    let mut bytes = pieces.concat();
                    bytes.truncate(usize::try_from(window).unwrap_or(usize::MAX));
                    self.viewer.cursor += bytes.len() as u64;
                    return News::Output { offset, bytes };
                }
                Step::Resync => return News::Lost,
                Step::Wait => return News::Wait,
                Step::End => return News::End,
            }
        }
    }

    /// Draws the present screen, and goes on from there.
    pub(crate) async fn catch_up(&mut self) {
        resync(&self.terminal, &mut self.viewer).await;
    }

    /// Everything before `offset` has been consumed.
    pub(crate) fn acknowledge(&mut self, offset: u64) {
        self.acked = self.acked.max(offset.min(self.viewer.cursor));
        self.terminal
            .core()
            .acknowledge(self.viewer.seat, self.acked);
        self.terminal.resume();
    }
}

impl Drop for Follow {
    fn drop(&mut self) {
        self.terminal.core().detach(&self.viewer);
        self.terminal.resume();
    }
}

impl Terminals {
    /// Follows a terminal from `offset` on; `wake` is notified when there may be news.
    pub(crate) fn follow(
        &self,
        id: TerminalId,
        offset: Option<u64>,
        who: TerminalViewer,
        wake: Arc<Notify>,
    ) -> Result<(wire::Terminal, Follow), AgentError> {
        let terminal = self.get(id)?;
        if terminal.core().viewers() as usize >= VIEWERS_MAX {
            return Err(AgentError::limit_reached(format!(
                "{VIEWERS_MAX} viewers watch this terminal, as many as may. Close one of them first."
            )));
        }
        let audience = Audience::Viewer(who);
        let viewer = terminal.core().attach_waking(offset, audience, wake);
        terminal.resume();
        let follow = Follow {
            acked: viewer.cursor,
            terminal: Arc::clone(&terminal),
            viewer,
        };
        Ok((terminal.view(), follow))
    }

    /// Types into a terminal, as fast as its program reads.
    pub(crate) async fn type_in(&self, id: TerminalId, input: &[u8]) -> Result<(), AgentError> {
        self.get(id)?.type_in(input).await
    }
}
