//! Following a process together with others, within a window: what the bridge does.

use std::sync::Arc;

use atelier_api::agent::bridge::WINDOW_BYTES;
use atelier_api::agent::processes::{self as wire, ProcessMessage, Stream};
use atelier_api::agent::terminals::ExitStatus;
use atelier_api::ids::ProcessId;
use tokio::sync::Notify;

use super::Processes;
use super::output::{Output, Step, Viewer, index};
use super::process::Process;
use crate::{AgentError, signals};

/// A place among a process's viewers, given up when it is dropped.
pub(crate) struct Follow {
    process: Arc<Process>,
    viewer: Viewer,
    /// Everything before these offsets has been consumed.
    acked: [u64; 2],
}

/// What there is to tell of a process.
pub(crate) enum News {
    /// Output.
    Output {
        stream: Stream,
        offset: u64,
        bytes: Vec<u8>,
    },
    /// It has ended.
    Exit { status: ExitStatus, timed_out: bool },
    /// Nothing yet.
    Wait,
    /// Nothing any more.
    End,
}

impl Follow {
    /// What to tell next, of each stream at most [`WINDOW_BYTES`] beyond what was acknowledged.
    pub(crate) fn next(&mut self) -> News {
        let mut output = self.process.output();
        let mut held_back = false;
        for stream in Output::turns(&self.viewer) {
            let offset = output.offset(&self.viewer, stream);
            let window = (self.acked[index(stream)] + WINDOW_BYTES).saturating_sub(offset);
            let mut bytes = output.unsent(&self.viewer, stream).concat();
            bytes.truncate(usize::try_from(window).unwrap_or(usize::MAX));
            if !bytes.is_empty() {
                output.sent(&mut self.viewer, stream, bytes.len());
                drop(output);
                self.process.resume();
                return News::Output {
                    stream,
                    offset,
                    bytes,
                };
            }
            held_back |= window == 0;
        }
        if held_back {
            return News::Wait;
        }
        match output.next(&mut self.viewer) {
            Step::Say(ProcessMessage::Exit { status, timed_out }) => {
                News::Exit { status, timed_out }
            }
            Step::End => News::End,
            Step::Say(_) | Step::Output(_) | Step::Wait => News::Wait,
        }
    }

    /// Everything before these offsets has been consumed.
    pub(crate) fn acknowledge(&mut self, stdout: u64, stderr: u64) {
        let output = self.process.output();
        for (stream, offset) in [(Stream::Stdout, stdout), (Stream::Stderr, stderr)] {
            let sent = output.offset(&self.viewer, stream);
            let acked = &mut self.acked[index(stream)];
            *acked = (*acked).max(offset.min(sent));
        }
    }

    /// The offsets at which the streams go on.
    pub(crate) fn offsets(&self) -> [u64; 2] {
        self.acked
    }
}

impl Drop for Follow {
    fn drop(&mut self) {
        self.process.output().detach(&self.viewer);
        self.process.resume();
    }
}

impl Processes {
    /// Follows a process from these offsets on; `wake` is notified when there may be news.
    pub(crate) fn follow(
        &self,
        id: ProcessId,
        from: [u64; 2],
        wake: Arc<Notify>,
    ) -> Result<(wire::Process, Follow), AgentError> {
        let process = self.get(id)?;
        let mut output = process.output();
        let mut viewer = output.attach_waking(from[0], from[1], wake);
        // Says where the output goes on, which `offsets` tells.
        let _hello = output.next(&mut viewer);
        let acked = [Stream::Stdout, Stream::Stderr].map(|stream| output.offset(&viewer, stream));
        drop(output);
        let view = process.view();
        let follow = Follow {
            process,
            viewer,
            acked,
        };
        Ok((view, follow))
    }

    /// Sends a signal to a process and its group; SIGTERM when none is named.
    pub(crate) fn stop(&self, id: ProcessId, signal: Option<&str>) -> Result<(), AgentError> {
        let signal = signals::parse(signal.unwrap_or("SIGTERM"))?;
        self.get(id)?.signal(signal)
    }
}
