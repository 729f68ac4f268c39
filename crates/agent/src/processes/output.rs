//! What a process has printed, and who is reading it.

use std::collections::BTreeMap;
use std::io;
use std::sync::Arc;

use atelier_api::agent::processes::{PROCESS_RING_BYTES, ProcessMessage, Span, Stream};
use atelier_api::agent::terminals::ExitStatus;
use tokio::sync::Notify;

use crate::ring::{CHUNK_BYTES, Ring};

/// Both streams of a process.
///
/// Invariant: no byte is given up that an attached viewer has not been sent yet.
pub(super) struct Output {
    streams: [Kept; 2],
    viewers: BTreeMap<u64, Seat>,
    next_viewer: u64,
    pub(super) exit: Option<ExitStatus>,
    pub(super) timed_out: bool,
    /// The process is being deleted: nobody is waited for.
    abandoned: bool,
}

/// One stream.
struct Kept {
    ring: Ring,
    /// All that the process itself printed has been read.
    complete: bool,
}

/// An attached viewer: how far it has been sent each stream.
struct Seat {
    sent: [u64; 2],
    wake: Arc<Notify>,
}

/// A viewer.
pub(super) struct Viewer {
    id: u64,
    /// Notified when there may be something to send.
    pub(super) wake: Arc<Notify>,
    hello: Option<ProcessMessage>,
    told_exit: bool,
    /// The stream that was sent last; the other one goes first, so that none starves.
    last: Stream,
}

/// What a viewer should be sent next.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Step {
    /// A control message.
    Say(ProcessMessage),
    /// Output of this stream.
    Output(Stream),
    /// Nothing yet.
    Wait,
    /// Nothing any more.
    End,
}

impl Output {
    pub(super) fn new() -> Self {
        let kept = || Kept {
            ring: Ring::new(PROCESS_RING_BYTES),
            complete: false,
        };
        Self {
            streams: [kept(), kept()],
            viewers: BTreeMap::new(),
            next_viewer: 0,
            exit: None,
            timed_out: false,
            abandoned: false,
        }
    }

    /// The offsets of the bytes that are held.
    pub(super) fn span(&self, stream: Stream) -> Span {
        let ring = &self.kept(stream).ring;
        Span {
            start: ring.start(),
            end: ring.end(),
        }
    }

    /// The bytes that are held from `offset` on, and the offset that they really begin at.
    pub(super) fn from(&self, stream: Stream, offset: Option<u64>) -> (u64, Vec<u8>) {
        let span = self.span(stream);
        let start = offset.unwrap_or(span.start).clamp(span.start, span.end);
        let mut bytes = Vec::with_capacity(usize::try_from(span.end - start).unwrap_or_default());
        while let Some(pieces) = self.pieces(stream, start + bytes.len() as u64)
            && !pieces[0].is_empty()
        {
            bytes.extend_from_slice(pieces[0]);
            bytes.extend_from_slice(pieces[1]);
        }
        (start, bytes)
    }

    /// Whether the stream may be read on: the next chunk must not push out what a viewer lacks.
    pub(super) fn may_read(&self, stream: Stream) -> bool {
        let ring = &self.kept(stream).ring;
        let oldest_after = ring.start() + CHUNK_BYTES as u64;
        self.abandoned
            || ring.room() > 0
            || self
                .viewers
                .values()
                .all(|seat| seat.sent[index(stream)] >= oldest_after)
    }

    /// Takes in output: `read` is given space and says how much of it was used.
    pub(super) fn absorb(
        &mut self,
        stream: Stream,
        read: impl FnOnce(&mut [u8]) -> io::Result<usize>,
    ) -> io::Result<usize> {
        let ring = &mut self.streams[index(stream)].ring;
        let count = read(ring.spare(|_| {}))?;
        ring.advance(count);
        if count > 0 {
            self.wake_viewers();
        }
        Ok(count)
    }

    /// Everything that the process itself printed to the stream has been taken in.
    pub(super) fn completed(&mut self, stream: Stream) {
        self.streams[index(stream)].complete = true;
        self.wake_viewers();
    }

    /// The process has ended.
    pub(super) fn ended(&mut self, exit: ExitStatus) {
        self.exit = Some(exit);
        self.wake_viewers();
    }

    /// From now on nobody is waited for.
    pub(super) fn abandon(&mut self) {
        self.abandoned = true;
    }

    /// Lets a viewer in who has the bytes before the given offsets.
    pub(super) fn attach(&mut self, stdout: u64, stderr: u64) -> Viewer {
        self.attach_waking(stdout, stderr, Arc::new(Notify::new()))
    }

    /// Likewise, for somebody who watches several processes and is woken for all of them alike.
    pub(super) fn attach_waking(&mut self, stdout: u64, stderr: u64, wake: Arc<Notify>) -> Viewer {
        let held = |stream, offset: u64| {
            let span = self.span(stream);
            offset.clamp(span.start, span.end)
        };
        let sent = [held(Stream::Stdout, stdout), held(Stream::Stderr, stderr)];
        let id = self.next_viewer;
        self.next_viewer += 1;
        self.viewers.insert(
            id,
            Seat {
                sent,
                wake: wake.clone(),
            },
        );
        Viewer {
            id,
            wake,
            hello: Some(ProcessMessage::Hello {
                stdout: sent[0],
                stderr: sent[1],
            }),
            told_exit: false,
            last: Stream::Stderr,
        }
    }

    /// Lets a viewer go.
    pub(super) fn detach(&mut self, viewer: &Viewer) {
        self.viewers.remove(&viewer.id);
    }

    /// The next output of a stream for a viewer, at most a frame.
    pub(super) fn unsent(&self, viewer: &Viewer, stream: Stream) -> [&[u8]; 2] {
        let Some(seat) = self.viewers.get(&viewer.id) else {
            return [&[], &[]];
        };
        self.pieces(stream, seat.sent[index(stream)])
            .expect("what an attached viewer lacks is held")
    }

    /// So much of a stream was sent to a viewer.
    pub(super) fn sent(&mut self, viewer: &mut Viewer, stream: Stream, count: usize) {
        viewer.last = stream;
        if let Some(seat) = self.viewers.get_mut(&viewer.id) {
            seat.sent[index(stream)] += count as u64;
        }
    }

    /// How far a viewer was sent a stream.
    pub(super) fn offset(&self, viewer: &Viewer, stream: Stream) -> u64 {
        let seat = self.viewers.get(&viewer.id);
        seat.map_or(0, |seat| seat.sent[index(stream)])
    }

    /// The stream whose turn it is, and the other.
    pub(super) fn turns(viewer: &Viewer) -> [Stream; 2] {
        match viewer.last {
            Stream::Stdout => [Stream::Stderr, Stream::Stdout],
            Stream::Stderr => [Stream::Stdout, Stream::Stderr],
        }
    }

    /// What to send a viewer next.
    pub(super) fn next(&self, viewer: &mut Viewer) -> Step {
        if let Some(hello) = viewer.hello.take() {
            return Step::Say(hello);
        }
        for stream in Self::turns(viewer) {
            if !self.unsent(viewer, stream)[0].is_empty() {
                return Step::Output(stream);
            }
        }
        match &self.exit {
            Some(_) if viewer.told_exit => Step::End,
            Some(status) if self.streams.iter().all(|kept| kept.complete) => {
                viewer.told_exit = true;
                let (status, timed_out) = (status.clone(), self.timed_out);
                Step::Say(ProcessMessage::Exit { status, timed_out })
            }
            _ => Step::Wait,
        }
    }

    fn pieces(&self, stream: Stream, offset: u64) -> Option<[&[u8]; 2]> {
        self.kept(stream).ring.pieces(offset, CHUNK_BYTES)
    }

    fn kept(&self, stream: Stream) -> &Kept {
        &self.streams[index(stream)]
    }

    fn wake_viewers(&self) {
        for seat in self.viewers.values() {
            seat.wake.notify_one();
        }
    }
}

pub(super) fn index(stream: Stream) -> usize {
    match stream {
        Stream::Stdout => 0,
        Stream::Stderr => 1,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn print(output: &mut Output, stream: Stream, mut bytes: &[u8]) {
        while !bytes.is_empty() && output.may_read(stream) {
            let count = output
                .absorb(stream, |space| {
                    let count = space.len().min(bytes.len());
                    space[..count].copy_from_slice(&bytes[..count]);
                    Ok(count)
                })
                .expect("absorbed");
            bytes = &bytes[count..];
        }
    }

    #[test]
    fn a_process_waits_for_its_viewer_and_for_nobody_else() {
        let mut output = Output::new();
        let flood = vec![b'x'; 3 * PROCESS_RING_BYTES];
        print(&mut output, Stream::Stdout, &flood);
        let span = output.span(Stream::Stdout);
        assert_eq!(span.end, flood.len() as u64, "nobody watches");

        let mut viewer = output.attach(0, 0);
        let hello = ProcessMessage::Hello {
            stdout: span.start,
            stderr: 0,
        };
        assert_eq!(output.next(&mut viewer), Step::Say(hello));
        print(&mut output, Stream::Stdout, &flood);
        assert_eq!(
            output.span(Stream::Stdout).start,
            span.start,
            "nothing was pushed out"
        );
        assert!(!output.may_read(Stream::Stdout));
        assert!(output.may_read(Stream::Stderr));
        let count = output.unsent(&viewer, Stream::Stdout).concat().len();
        output.sent(&mut viewer, Stream::Stdout, count);
        assert!(output.may_read(Stream::Stdout));

        output.detach(&viewer);
        print(&mut output, Stream::Stdout, &flood);
        assert!(output.span(Stream::Stdout).start > span.end);
    }

    #[test]
    fn both_streams_get_their_turn_and_exit_comes_last() {
        let mut output = Output::new();
        let mut viewer = output.attach(0, 0);
        assert!(matches!(output.next(&mut viewer), Step::Say(_)));
        print(&mut output, Stream::Stdout, &vec![b'o'; 2 * CHUNK_BYTES]);
        print(&mut output, Stream::Stderr, b"e");
        output.ended(ExitStatus {
            code: Some(0),
            signal: None,
            at: atelier_api::Timestamp(1),
        });
        let mut order = Vec::new();
        while let Step::Output(stream) = output.next(&mut viewer) {
            let count = output.unsent(&viewer, stream).concat().len();
            output.sent(&mut viewer, stream, count);
            order.push(stream);
        }
        assert_eq!(order, [Stream::Stdout, Stream::Stderr, Stream::Stdout]);
        assert_eq!(
            output.next(&mut viewer),
            Step::Wait,
            "more could still be in the pipe"
        );
        output.completed(Stream::Stdout);
        output.completed(Stream::Stderr);
        assert!(matches!(
            output.next(&mut viewer),
            Step::Say(ProcessMessage::Exit { .. })
        ));
        assert_eq!(output.next(&mut viewer), Step::End);
    }

    #[test]
    fn held_bytes_are_read_by_offset() {
        let mut output = Output::new();
        print(&mut output, Stream::Stderr, b"0123456789");
        assert_eq!(output.from(Stream::Stderr, Some(7)), (7, b"789".to_vec()));
        assert_eq!(
            output.from(Stream::Stderr, None),
            (0, b"0123456789".to_vec())
        );
        assert_eq!(output.from(Stream::Stderr, Some(99)), (10, Vec::new()));
        assert_eq!(output.from(Stream::Stdout, Some(7)), (0, Vec::new()));
    }
}
