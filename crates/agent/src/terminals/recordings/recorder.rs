//! Following a terminal's output into a file.

use std::fs::File;
use std::io::{self, Write as _};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use atelier_api::agent::recordings::RecordingEnd;
use atelier_api::agent::terminals::ServerMessage;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use super::RecordingLimits;
use super::cast::{Event, Lines};
use crate::terminals::core::Audience;
use crate::terminals::resync::{RESYNC_EVERY, resync};
use crate::terminals::screen::Size;
use crate::terminals::terminal::Terminal;
use crate::terminals::viewer::{Step, Viewer};

/// How much output is collected before it is written.
const PORTION_BYTES: usize = 256 * 1024;

/// What clears the screen before a snapshot (RIS).
const RESET: &[u8] = b"\x1bc";

/// What of a file is kept free for its last line.
const END_BYTES: u64 = 100;

/// How far a recording is.
#[derive(Debug, Default)]
pub(super) struct Progress {
    pub(super) size_bytes: AtomicU64,
    pub(super) duration_ms: AtomicU64,
}

/// A recording that is being made.
pub(super) struct Recorder {
    pub(super) terminal: Arc<Terminal>,
    /// With its header.
    pub(super) file: File,
    /// The size that the header says.
    pub(super) size: Size,
    pub(super) limits: RecordingLimits,
    pub(super) progress: Arc<Progress>,
    pub(super) stop: CancellationToken,
}

/// What has happened and is not written yet.
type Events = Vec<(u64, Event)>;

/// What writes, in a thread of its own.
struct Writer {
    file: File,
    lines: Lines,
    written: u64,
    bytes_max: u64,
}

impl Recorder {
    /// Records until there is a reason to end.
    pub(super) async fn run(self) {
        let began = Instant::now();
        // An offset that is not held: it begins with a picture of the present screen, however soon it is
        // stopped.
        let viewer = self
            .terminal
            .core()
            .attach(Some(u64::MAX), Audience::Recorder);
        let mut following = Following {
            terminal: self.terminal,
            viewer,
            size: self.size,
        };
        resync(&following.terminal, &mut following.viewer).await;
        let mut writer = Writer {
            written: self.progress.size_bytes.load(Ordering::Relaxed),
            file: self.file,
            lines: Lines::default(),
            bytes_max: self.limits.bytes - END_BYTES,
        };
        let deadline = began + Duration::from_millis(self.limits.duration_ms);
        loop {
            let mut events = Events::new();
            let end = tokio::select! {
                biased;
                () = self.stop.cancelled() => Some(RecordingEnd::Stopped),
                () = tokio::time::sleep_until(deadline) => Some(RecordingEnd::Duration),
                end = following.collect(began, &mut events) => end,
            };
            // What is there when it is stopped belongs to it.
            if end == Some(RecordingEnd::Stopped) {
                following.take(began, &mut events);
            }
            let at_ms = elapsed_ms(began);
            if let Some(end) = end {
                events.push((at_ms, Event::End(end)));
            }
            let (back, over) = written(writer, events).await;
            let Some(back) = back else {
                return;
            };
            writer = back;
            let size = writer.written;
            self.progress.size_bytes.store(size, Ordering::Relaxed);
            self.progress.duration_ms.store(at_ms, Ordering::Relaxed);
            if end.is_some() || over {
                return;
            }
        }
    }
}

/// Writes what has happened; whether that was the last.
async fn written(mut writer: Writer, events: Events) -> (Option<Writer>, bool) {
    let writing = tokio::task::spawn_blocking(move || {
        let over = writer.write(&events);
        (writer, over)
    });
    match writing.await {
        Ok((writer, Ok(over))) => (Some(writer), over),
        Ok((_, Err(error))) => {
            tracing::warn!(%error, "a recording cannot be written and ends here");
            (None, true)
        }
        Err(error) => {
            tracing::error!(%error, "what writes a recording has failed");
            (None, true)
        }
    }
}

impl Writer {
    /// Writes lines, and the last one when there is no more room.
    fn write(&mut self, events: &[(u64, Event)]) -> io::Result<bool> {
        let mut lines = Vec::new();
        let mut over = false;
        for (at_ms, event) in events {
            let line = self.lines.line(*at_ms, event);
            let size = self.written + (lines.len() + line.len()) as u64;
            over = size > self.bytes_max && !matches!(event, Event::End(_));
            if over {
                let end = Event::End(RecordingEnd::Size);
                lines.extend(self.lines.line(*at_ms, &end));
                break;
            }
            lines.extend(line);
        }
        self.written += lines.len() as u64;
        self.file.write_all(&lines)?;
        Ok(over)
    }
}

/// A place in a terminal's output, given up when it goes out of scope.
struct Following {
    terminal: Arc<Terminal>,
    viewer: Viewer,
    size: Size,
}

impl Drop for Following {
    fn drop(&mut self) {
        self.terminal.core().detach(&self.viewer);
        self.terminal.resume();
    }
}

impl Following {
    /// Waits for something to happen and takes what has; also says whether that was all. Nothing that was
    /// taken is lost when it is given up while it waits.
    async fn collect(&mut self, began: Instant, events: &mut Events) -> Option<RecordingEnd> {
        let wake = self.viewer.wake.clone();
        loop {
            match self.take(began, events) {
                Step::End => return Some(RecordingEnd::Exited),
                Step::Resync => {
                    if !events.is_empty() {
                        return None;
                    }
                    tokio::time::sleep(RESYNC_EVERY).await;
                    resync(&self.terminal, &mut self.viewer).await;
                }
                _ if !events.is_empty() => return None,
                _ => wake.notified().await,
            }
        }
    }

    /// Takes what has happened, at most a portion; what comes next.
    fn take(&mut self, began: Instant, events: &mut Events) -> Step {
        let core = self.terminal.core();
        let at_ms = elapsed_ms(began);
        let mut taken = 0;
        while taken < PORTION_BYTES {
            let event = match self.viewer.next(&core) {
                Step::Say(ServerMessage::Hello {
                    cols, rows, resync, ..
                }) => {
                    if resync {
                        events.push((at_ms, Event::Output(RESET.to_vec())));
                    }
                    resized(&mut self.size, Size { cols, rows })
                }
                Step::Say(ServerMessage::Size { cols, rows }) => {
                    resized(&mut self.size, Size { cols, rows })
                }
                Step::Say(_) => None,
                Step::Snapshot(bytes) => Some(Event::Output(bytes)),
                Step::Output => {
                    let pieces = core.output(self.viewer.cursor);
                    let bytes = pieces.expect("it would have to be resynced").concat();
                    self.viewer.cursor += bytes.len() as u64;
                    taken += bytes.len();
                    Some(Event::Output(bytes))
                }
                step @ (Step::Resync | Step::Wait | Step::End) => return step,
            };
            events.extend(event.map(|event| (at_ms, event)));
        }
        Step::Output
    }
}

fn resized(known: &mut Size, size: Size) -> Option<Event> {
    let changed = std::mem::replace(known, size) != size;
    changed.then_some(Event::Resize(size))
}

fn elapsed_ms(began: Instant) -> u64 {
    u64::try_from(began.elapsed().as_millis()).unwrap_or(u64::MAX)
}
