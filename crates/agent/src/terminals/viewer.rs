//! A viewer's place in a terminal's output: no queue of its own, only what it was told last.

use std::sync::Arc;

use atelier_api::agent::terminals::ServerMessage;
use tokio::sync::Notify;

use super::core::Core;
use super::screen::Size;

/// What a viewer should be sent next.
#[derive(Debug, PartialEq)]
pub(super) enum Step {
    /// A control message.
    Say(ServerMessage),
    /// The snapshot that the last `hello` announced.
    Snapshot(Vec<u8>),
    /// Output, from its cursor on.
    Output,
    /// Where it stands is no longer held: a snapshot of the present, then output from there on.
    Resync,
    /// Nothing yet.
    Wait,
    /// Nothing any more.
    End,
}

/// A viewer.
pub(super) struct Viewer {
    pub(super) seat: u64,
    /// Notified when there may be something to send.
    pub(super) wake: Arc<Notify>,
    /// The offset of the next byte to send.
    pub(super) cursor: u64,
    pub(super) hello: Option<ServerMessage>,
    pub(super) snapshot: Option<Vec<u8>>,
    /// It asked for an offset that is not held.
    pub(super) lost: bool,
    told_size: Option<Size>,
    told_title: Option<String>,
    told_presence: u64,
    told_exit: bool,
}

impl Viewer {
    /// A viewer that goes on at `cursor`; without `hello` it must be resynced first.
    pub(super) fn new(
        seat: u64,
        wake: Arc<Notify>,
        cursor: u64,
        hello: Option<ServerMessage>,
    ) -> Self {
        Self {
            seat,
            wake,
            cursor,
            lost: hello.is_none(),
            hello,
            snapshot: None,
            told_size: None,
            told_title: None,
            told_presence: 0,
            told_exit: false,
        }
    }

    /// What to send next.
    pub(super) fn next(&mut self, core: &Core) -> Step {
        if let Some(hello) = self.hello.take() {
            if let ServerMessage::Hello { cols, rows, .. } = &hello {
                self.told_size = Some(Size {
                    cols: *cols,
                    rows: *rows,
                });
            }
            return Step::Say(hello);
        }
        if let Some(snapshot) = self.snapshot.take() {
            return Step::Snapshot(snapshot);
        }
        if self.lost || self.cursor < core.start() {
            return Step::Resync;
        }
        if self.told_size != Some(core.size) {
            self.told_size = Some(core.size);
            return Step::Say(ServerMessage::Size {
                cols: core.size.cols,
                rows: core.size.rows,
            });
        }
        if let Some(title) = &core.title
            && self.told_title.as_ref() != Some(title)
        {
            self.told_title = Some(title.clone());
            return Step::Say(ServerMessage::Title {
                title: title.clone(),
            });
        }
        if self.told_presence != core.presence() {
            self.told_presence = core.presence();
            return Step::Say(ServerMessage::Viewers {
                count: core.viewers(),
                viewers: core.viewers_as_seen_by(self.seat),
            });
        }
        if self.cursor < core.end() {
            return Step::Output;
        }
        match &core.exit {
            Some(_) if self.told_exit => Step::End,
            Some(exit) => {
                self.told_exit = true;
                Step::Say(ServerMessage::Exit {
                    status: exit.clone(),
                })
            }
            None => Step::Wait,
        }
    }
}

#[cfg(test)]
mod tests {
    use atelier_api::Timestamp;
    use atelier_api::agent::terminals::{
        ACK_WINDOW_BYTES, ExitStatus, TerminalColor, TerminalIcon, TerminalViewer,
    };

    use super::super::commands::Commands;
    use super::super::core::{Audience, Label};
    use super::super::pty::Output;
    use super::*;

    const RING_BYTES: usize = 64 * 1024;

    fn core() -> Core {
        core_with(RING_BYTES)
    }

    fn core_with(ring_bytes: usize) -> Core {
        let label = Label {
            name: "test".into(),
            color: TerminalColor::Plain,
            icon: TerminalIcon::Terminal,
        };
        let size = Size { cols: 80, rows: 24 };
        Core::new(label, size, ring_bytes, Commands::new(None))
    }

    fn someone() -> Audience {
        Audience::Viewer(TerminalViewer::default())
    }

    fn watcher() -> Audience {
        Audience::Viewer(TerminalViewer {
            name: Some("Eve".into()),
            read_only: true,
            you: false,
        })
    }

    fn print(core: &mut Core, mut bytes: &[u8]) {
        while !bytes.is_empty() {
            let output = core.absorb(|space| {
                let count = space.len().min(bytes.len());
                space[..count].copy_from_slice(&bytes[..count]);
                Ok(Output::Bytes(count))
            });
            let Ok(Output::Bytes(count)) = output else {
                panic!("absorbed")
            };
            bytes = &bytes[count..];
        }
    }

    /// Everything that a viewer is sent until it has to wait: messages, and output as text.
    fn drain(core: &mut Core, viewer: &mut Viewer) -> (Vec<ServerMessage>, String) {
        let (mut messages, mut output) = (Vec::new(), Vec::new());
        loop {
            match viewer.next(core) {
                Step::Say(message) => messages.push(message),
                Step::Snapshot(bytes) => output.extend(bytes),
                Step::Output => {
                    let pieces = core.output(viewer.cursor).expect("held").concat();
                    viewer.cursor += pieces.len() as u64;
                    output.extend(pieces);
                }
                Step::Resync => core.resync(viewer, core.end(), b"<now>".to_vec()),
                Step::Wait | Step::End => {
                    return (messages, String::from_utf8_lossy(&output).into_owned());
                }
            }
        }
    }

    fn hello(offset: u64, resync: bool, snapshot_bytes: u64) -> ServerMessage {
        ServerMessage::Hello {
            offset,
            cols: 80,
            rows: 24,
            resync,
            snapshot_bytes,
        }
    }

    #[test]
    fn a_viewer_goes_on_at_its_offset() {
        let mut core = core();
        print(&mut core, b"\x1b]0;editor\x07hello");
        let mut viewer = core.attach(Some(12), someone());
        let title = ServerMessage::Title {
            title: "editor".into(),
        };
        let (messages, output) = drain(&mut core, &mut viewer);
        assert_eq!(
            messages,
            [
                hello(12, false, 0),
                title,
                ServerMessage::Viewers {
                    count: 1,
                    viewers: vec![TerminalViewer {
                        you: true,
                        ..TerminalViewer::default()
                    }],
                }
            ]
        );
        assert_eq!(output, "ello");
        assert_eq!(drain(&mut core, &mut viewer), (vec![], String::new()));
        print(&mut core, b"!");
        assert_eq!(drain(&mut core, &mut viewer), (vec![], "!".into()));
    }

    #[test]
    fn an_offset_that_is_not_held_is_resynced() {
        let mut core = core();
        print(&mut core, b"hello");
        let mut viewer = core.attach(Some(6), someone());
        let (messages, output) = drain(&mut core, &mut viewer);
        assert_eq!(messages[0], hello(5, true, 5));
        assert_eq!(output, "<now>");
    }

    #[test]
    fn a_new_viewer_gets_all_history() {
        let mut core = core();
        print(&mut core, b"first\r\n");
        print(&mut core, &b"x\r\n".repeat(RING_BYTES / 3));
        print(&mut core, b"last");
        assert!(core.start() > 0);
        let mut viewer = core.attach(None, someone());
        let (messages, output) = drain(&mut core, &mut viewer);
        let ServerMessage::Hello {
            offset,
            resync: true,
            snapshot_bytes,
            ..
        } = messages[0]
        else {
            panic!("{messages:?}");
        };
        assert_eq!(offset, core.start());
        assert_eq!(
            output.len() as u64,
            snapshot_bytes + core.end() - core.start()
        );
        assert!(output.ends_with("x\r\nlast"));
    }

    #[test]
    fn a_viewer_that_is_a_ring_behind_is_resynced_and_others_are_not() {
        let mut core = core();
        let (mut slow, mut fast) = (core.attach(None, someone()), core.attach(None, someone()));
        drain(&mut core, &mut slow);
        for _ in 0..4 {
            print(&mut core, &b"y".repeat(RING_BYTES / 2));
            assert_eq!(drain(&mut core, &mut fast).1.len(), RING_BYTES / 2);
        }
        let (messages, output) = drain(&mut core, &mut slow);
        assert_eq!(messages, [hello(core.end(), true, 5)]);
        assert_eq!(output, "<now>");
    }

    #[test]
    fn the_fastest_viewer_sets_the_pace() {
        let mut core = core_with(1 << 20);
        print(&mut core, &b"z".repeat(2 << 20));
        assert!(core.may_read(), "nobody watches");
        let (slow, fast) = (core.attach(None, someone()), core.attach(None, someone()));
        let window = usize::try_from(ACK_WINDOW_BYTES).expect("small");
        print(&mut core, &b"z".repeat(window));
        assert!(!core.may_read(), "nothing was acknowledged");
        core.acknowledge(fast.seat, u64::MAX);
        assert!(core.may_read(), "one viewer has caught up");
        core.acknowledge(fast.seat, 0);
        assert!(core.may_read(), "an acknowledgement is not taken back");
        print(&mut core, &b"z".repeat(window));
        core.acknowledge(slow.seat, core.start());
        assert!(!core.may_read());
        core.detach(&fast);
        assert!(!core.may_read(), "the slow one is alone now");
        core.detach(&slow);
        assert!(core.may_read(), "nobody watches again");
        let viewer = core.attach(None, someone());
        print(&mut core, &b"z".repeat(window));
        assert!(!core.may_read());
        core.abandon();
        assert!(core.may_read(), "it is being deleted");
        core.detach(&viewer);
    }

    #[test]
    fn who_only_watches_holds_nothing_up() {
        let mut core = core_with(1 << 20);
        let mut watching = core.attach(None, watcher());
        let mut recorder = core.attach(None, Audience::Recorder);
        let window = usize::try_from(ACK_WINDOW_BYTES).expect("small");
        print(&mut core, &b"z".repeat(2 * window));
        assert!(core.may_read());
        assert_eq!(core.viewers(), 1);
        let owner = core.attach(None, someone());
        print(&mut core, &b"z".repeat(window));
        core.acknowledge(watching.seat, u64::MAX);
        core.acknowledge(recorder.seat, u64::MAX);
        assert!(!core.may_read(), "they are no measure either");
        core.detach(&owner);
        assert!(drain(&mut core, &mut watching).1.len() >= 2 * window);
        assert!(drain(&mut core, &mut recorder).1.len() >= 2 * window);
    }

    #[test]
    fn viewers_learn_of_each_other() {
        let mut core = core();
        let mut one = core.attach(None, someone());
        drain(&mut core, &mut one);
        let mut two = core.attach(None, watcher());
        let known = |name: Option<&str>, read_only, you| TerminalViewer {
            name: name.map(str::to_owned),
            read_only,
            you,
        };
        let told = |viewers: Vec<TerminalViewer>| {
            let count = u32::try_from(viewers.len()).expect("small");
            vec![ServerMessage::Viewers { count, viewers }]
        };
        assert_eq!(
            drain(&mut core, &mut one).0,
            told(vec![
                known(None, false, true),
                known(Some("Eve"), true, false)
            ])
        );
        assert_eq!(
            drain(&mut core, &mut two).0[1..],
            told(vec![
                known(None, false, false),
                known(Some("Eve"), true, true)
            ])
        );
        core.detach(&two);
        assert_eq!(
            drain(&mut core, &mut one).0,
            told(vec![known(None, false, true)])
        );
    }

    #[test]
    fn exit_comes_after_all_output() {
        let mut core = core();
        let mut viewer = core.attach(None, someone());
        drain(&mut core, &mut viewer);
        print(&mut core, b"bye");
        let status = ExitStatus {
            code: Some(3),
            signal: None,
            at: Timestamp(1),
        };
        core.ended(status.clone());
        assert_eq!(viewer.next(&core), Step::Output);
        let (messages, output) = drain(&mut core, &mut viewer);
        assert_eq!(output, "bye");
        assert_eq!(messages, [ServerMessage::Exit { status }]);
        assert_eq!(viewer.next(&core), Step::End);
    }

    #[test]
    fn a_size_is_told_to_all_once() {
        let mut core = core();
        let (mut one, mut two) = (core.attach(None, someone()), core.attach(None, someone()));
        drain(&mut core, &mut one);
        drain(&mut core, &mut two);
        assert!(core.resize(Size::clamped(0, 10_000)));
        assert!(!core.resize(Size::clamped(1, 1000)));
        let told = (
            vec![ServerMessage::Size {
                cols: 1,
                rows: 1000,
            }],
            String::new(),
        );
        assert_eq!(drain(&mut core, &mut one), told);
        assert_eq!(drain(&mut core, &mut two), told);
    }
}
