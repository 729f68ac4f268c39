//! The state of a terminal, without any transport: output with offsets, who watches, and how far
//! the program may run ahead of them.

use std::collections::BTreeMap;
use std::io;
use std::sync::Arc;

use atelier_api::agent::terminals::{
    ACK_WINDOW_BYTES, ExitStatus, ServerMessage, TerminalColor, TerminalIcon, TerminalViewer,
};
use atelier_api::ids::RecordingId;
use tokio::sync::Notify;

use super::commands::Commands;
use super::osc::{self, Kind, OscScanner};
use super::playback::Playback;
use super::pty::Output;
use super::screen::Size;
use super::viewer::Viewer;
use crate::clock;
use crate::ring::{CHUNK_BYTES, Ring};

/// The most that one read of a PTY gives. The window must have room for it.
const READ_MAX_BYTES: u64 = 4096;

/// The state of a terminal.
///
/// Invariants: `past` stands at the ring's start; the program is never more than
/// [`ACK_WINDOW_BYTES`] ahead of the fastest viewer who may type, unless no such one watches.
pub(super) struct Core {
    pub(super) label: Label,
    pub(super) size: Size,
    pub(super) title: Option<String>,
    pub(super) exit: Option<ExitStatus>,
    pub(super) commands: Commands,
    /// The recording that is being made.
    pub(super) recording: Option<RecordingId>,
    scanner: OscScanner,
    ring: Ring,
    /// The screen at the ring's start.
    past: Playback,
    seats: BTreeMap<u64, Seat>,
    next_seat: u64,
    /// Changes whenever a viewer comes or goes.
    presence: u64,
    /// Nobody is waited for any more: the terminal is being deleted.
    abandoned: bool,
}

/// What people call a terminal, and how they mark it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Label {
    pub(super) name: String,
    pub(super) color: TerminalColor,
    pub(super) icon: TerminalIcon,
}

/// Who wants to see the output.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Audience {
    /// Somebody who watches, and may type unless it says `read_only`.
    Viewer(TerminalViewer),
    /// A recording. It is no viewer, and nobody waits for it.
    Recorder,
}

/// An attached viewer, as the terminal sees it.
struct Seat {
    audience: Audience,
    /// Everything before this offset has been consumed.
    acked: u64,
    wake: Arc<Notify>,
}

impl Seat {
    /// Whether the program waits for it. Who came by a link to watch cannot hold up the work of others.
    fn paces(&self) -> bool {
        matches!(&self.audience, Audience::Viewer(viewer) if !viewer.read_only)
    }
}

impl Core {
    pub(super) fn new(label: Label, size: Size, ring_bytes: usize, commands: Commands) -> Self {
        Self {
            label,
            size,
            title: None,
            exit: None,
            commands,
            recording: None,
            scanner: OscScanner::new(),
            ring: Ring::new(ring_bytes),
            past: Playback::new(size),
            seats: BTreeMap::new(),
            next_seat: 0,
            presence: 0,
            abandoned: false,
        }
    }

    /// The offset of the oldest byte held.
    pub(super) fn start(&self) -> u64 {
        self.ring.start()
    }

    /// The offset after the newest byte.
    pub(super) fn end(&self) -> u64 {
        self.ring.end()
    }

    /// How many viewers are attached.
    pub(super) fn viewers(&self) -> u32 {
        let viewers = self.audience().count();
        u32::try_from(viewers).unwrap_or(u32::MAX)
    }

    /// Changes whenever [`Core::viewers_as_seen_by`] does.
    pub(super) fn presence(&self) -> u64 {
        self.presence
    }

    /// The viewers in the order in which they came, as the one on a seat is told of them.
    pub(super) fn viewers_as_seen_by(&self, seat: u64) -> Vec<TerminalViewer> {
        self.audience()
            .map(|(other, viewer)| TerminalViewer {
                you: other == seat,
                ..viewer.clone()
            })
            .collect()
    }

    fn audience(&self) -> impl Iterator<Item = (u64, &TerminalViewer)> {
        self.seats
            .iter()
            .filter_map(|(id, seat)| match &seat.audience {
                Audience::Viewer(viewer) => Some((*id, viewer)),
                Audience::Recorder => None,
            })
    }

    /// Whether the program's output may be read on.
    pub(super) fn may_read(&self) -> bool {
        let pacing = self.seats.values().filter(|seat| seat.paces());
        let fastest = pacing.map(|seat| seat.acked).max();
        self.abandoned
            || fastest.is_none_or(|acked| self.end() + READ_MAX_BYTES <= acked + ACK_WINDOW_BYTES)
    }

    /// Takes in output: `read` is given space and says what it put there.
    pub(super) fn absorb(
        &mut self,
        read: impl FnOnce(&mut [u8]) -> io::Result<Output>,
    ) -> io::Result<Output> {
        let begin = self.ring.end();
        let spare = self.ring.spare(|evicted| self.past.play(evicted));
        let output = read(spare)?;
        if let Output::Bytes(count) = output {
            let (title, commands) = (&mut self.title, &mut self.commands);
            self.scanner
                .scan(&spare[..count], |found| match found.kind {
                    Kind::Title => *title = Some(osc::title(found.text)),
                    Kind::Directory => {
                        if let Some(directory) = osc::directory(found.text) {
                            commands.directory = Some(directory);
                        }
                    }
                    Kind::Mark => {
                        commands.mark(found.text, begin + found.end as u64, clock::now);
                    }
                    Kind::Shell => commands.shell(found.text),
                });
            self.ring.advance(count);
        }
        Ok(output)
    }

    /// Output from `offset` on, at most a frame; `None` when it is no longer held.
    pub(super) fn output(&self, offset: u64) -> Option<[&[u8]; 2]> {
        self.ring.pieces(offset, CHUNK_BYTES)
    }

    /// Lets somebody in who has seen everything before `offset`, or nothing.
    pub(super) fn attach(&mut self, offset: Option<u64>, audience: Audience) -> Viewer {
        self.attach_waking(offset, audience, Arc::new(Notify::new()))
    }

    /// Likewise, for somebody who watches several terminals and is woken for all of them alike.
    pub(super) fn attach_waking(
        &mut self,
        offset: Option<u64>,
        audience: Audience,
        wake: Arc<Notify>,
    ) -> Viewer {
        let held = self.start()..=self.end();
        let seat = self.next_seat;
        self.next_seat += 1;
        let viewer = match offset {
            Some(offset) if held.contains(&offset) => {
                Viewer::new(seat, wake.clone(), offset, Some(self.hello(offset, None)))
            }
            Some(_) => Viewer::new(seat, wake.clone(), self.end(), None),
            None if self.start() == 0 => {
                Viewer::new(seat, wake.clone(), 0, Some(self.hello(0, None)))
            }
            None => {
                let snapshot = self.past.snapshot();
                let hello = self.hello(self.start(), Some(&snapshot));
                let mut viewer = Viewer::new(seat, wake.clone(), self.start(), Some(hello));
                viewer.snapshot = Some(snapshot);
                viewer
            }
        };
        self.seats.insert(
            seat,
            Seat {
                audience,
                acked: viewer.cursor,
                wake,
            },
        );
        self.presence += 1;
        self.wake_viewers();
        viewer
    }

    /// Lets a viewer go.
    pub(super) fn detach(&mut self, viewer: &Viewer) {
        self.seats.remove(&viewer.seat);
        self.presence += 1;
        self.wake_viewers();
    }

    /// A viewer has consumed everything before `offset`.
    pub(super) fn acknowledge(&mut self, seat: u64, offset: u64) {
        let end = self.end();
        if let Some(seat) = self.seats.get_mut(&seat) {
            seat.acked = seat.acked.max(offset.min(end));
        }
    }

    /// A screen to draw the present on, for a viewer that has lost the thread.
    pub(super) fn replay(&self) -> Playback {
        self.past.fork()
    }

    /// Has a viewer go on at `offset`, where the screen is that of `snapshot`.
    pub(super) fn resync(&mut self, viewer: &mut Viewer, offset: u64, snapshot: Vec<u8>) {
        viewer.hello = Some(self.hello(offset, Some(&snapshot)));
        viewer.snapshot = Some(snapshot).filter(|snapshot| !snapshot.is_empty());
        viewer.cursor = offset;
        viewer.lost = false;
        if let Some(seat) = self.seats.get_mut(&viewer.seat) {
            seat.acked = seat.acked.max(offset);
        }
    }

    /// Remembers a new size; false when it is the size already.
    pub(super) fn resize(&mut self, size: Size) -> bool {
        if self.size == size {
            return false;
        }
        self.size = size;
        self.past.resized(self.end(), size);
        self.wake_viewers();
        true
    }

    /// The program has ended and all its output has been taken in.
    pub(super) fn ended(&mut self, exit: ExitStatus) {
        self.exit = Some(exit);
        self.wake_viewers();
    }

    /// From now on nobody is waited for.
    pub(super) fn abandon(&mut self) {
        self.abandoned = true;
        self.wake_viewers();
    }

    /// Tells the viewers that there is something new.
    pub(super) fn wake_viewers(&self) {
        for seat in self.seats.values() {
            seat.wake.notify_one();
        }
    }

    fn hello(&self, offset: u64, snapshot: Option<&[u8]>) -> ServerMessage {
        ServerMessage::Hello {
            offset,
            cols: self.size.cols,
            rows: self.size.rows,
            resync: snapshot.is_some(),
            snapshot_bytes: snapshot.map_or(0, |bytes| bytes.len() as u64),
        }
    }
}
