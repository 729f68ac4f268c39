//! Drawing the present screen for somebody who has lost the thread.

use std::time::Duration;

use super::terminal::Terminal;
use super::viewer::Viewer;

/// How often a viewer that cannot keep up is given a new snapshot at most. Each costs a replay of
/// the ring.
pub(super) const RESYNC_EVERY: Duration = Duration::from_millis(250);

/// How much is replayed before others get their turn.
const REPLAY_TURN_BYTES: usize = 128 * 1024;

/// Draws the present screen and has the viewer go on from there.
pub(super) async fn resync(terminal: &Terminal, viewer: &mut Viewer) {
    let (mut replay, mut target) = {
        let core = terminal.core();
        (core.replay(), core.end())
    };
    while replay.position() < target {
        {
            let core = terminal.core();
            if replay.position() < core.start() {
                // The ring has moved on faster than it was replayed.
                replay = core.replay();
                target = core.end();
            }
            let mut turn = 0;
            while turn < REPLAY_TURN_BYTES && replay.position() < target {
                let pieces = core
                    .output(replay.position())
                    .expect("it is not before the start");
                let left = usize::try_from(target - replay.position()).unwrap_or(usize::MAX);
                let first = &pieces[0][..pieces[0].len().min(left)];
                replay.play(first);
                turn += first.len();
            }
        }
        tokio::task::yield_now().await;
    }
    let snapshot = replay.snapshot();
    terminal.core().resync(viewer, target, snapshot);
    terminal.resume();
}
