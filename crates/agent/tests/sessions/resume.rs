//! Output outlives connections: exact offsets, history, and snapshots.

use atelier_api::agent::terminals::ServerMessage;
use rand::rngs::SmallRng;
use rand::{RngExt, SeedableRng};

use crate::support::{TestAgent, Told, counted};

/// A program that counts, fast, to `last`.
fn counter(last: u32) -> String {
    format!("stty -opost; seq 1 {last}")
}

#[tokio::test]
async fn a_hundred_cuts_lose_and_double_nothing() {
    const LAST: u32 = 1_500_000;
    let agent = TestAgent::with(|config| config.ring_bytes = 16 << 20).await;
    let terminal = agent.script(&counter(LAST)).await;
    let expected = counted(1, LAST);
    let mut random = SmallRng::seed_from_u64(7);
    let mut seen = Vec::new();
    for cut in 0..=100_usize {
        let mut viewer = agent.attach(&terminal, Some(seen.len() as u64)).await;
        let enough = if cut == 100 {
            usize::MAX
        } else {
            seen.len() + random.random_range(0..expected.len() / 100)
        };
        while seen.len() < enough {
            match viewer.next().await {
                Told::Output(offset, bytes) => {
                    assert_eq!(offset, seen.len() as u64);
                    seen.extend(bytes);
                }
                Told::Message(ServerMessage::Hello { offset, resync, .. }) => {
                    assert_eq!((offset, resync), (seen.len() as u64, false));
                }
                Told::Message(ServerMessage::Exit { status }) => {
                    assert_eq!(status.code, Some(0));
                    break;
                }
                Told::Closed(frame) => panic!("closed: {frame:?}"),
                _ => {}
            }
        }
        // Cut without a farewell, in the middle of whatever was under way.
        drop(viewer);
    }
    assert!(
        seen == expected.as_bytes(),
        "{} of {} bytes",
        seen.len(),
        expected.len()
    );
}

#[tokio::test]
async fn a_viewer_without_offset_gets_all_that_is_held() {
    let agent = TestAgent::with(|config| config.ring_bytes = 256 * 1024).await;
    let terminal = agent.script(&counter(200_000)).await;
    agent
        .until(&terminal, |terminal| terminal.exit.is_some())
        .await;
    let expected = counted(1, 200_000);
    let shown = agent.terminal(&terminal).await;
    assert_eq!(shown.end_offset, expected.len() as u64);
    assert!(shown.end_offset - shown.start_offset > 200 * 1024);

    let mut viewer = agent.attach(&terminal, None).await;
    let Told::Message(ServerMessage::Hello {
        offset,
        resync: true,
        ..
    }) = viewer.next().await
    else {
        panic!("no hello");
    };
    assert_eq!(offset, shown.start_offset);
    let Told::Snapshot(snapshot) = viewer.next().await else {
        panic!("no snapshot")
    };
    let tail = usize::try_from(offset).expect("small");
    assert_eq!(viewer.read_to_end().await, &expected.as_bytes()[tail..]);
    // The snapshot is the screen as it was at that offset.
    assert_eq!(
        screen(&[&snapshot]),
        screen(&[&expected.as_bytes()[..tail]])
    );
}

#[tokio::test]
async fn an_offset_that_is_gone_or_never_was_gives_the_screen_of_now() {
    let agent = TestAgent::with(|config| config.ring_bytes = 64 * 1024).await;
    // Colours, an alternate screen entered long before the ring's start, and a hidden cursor.
    let script = "printf 'under\\r\\n\\033[?1049h\\033[?25l'; \
                  i=0; while [ $i -lt 9000 ]; do i=$((i+1)); \
                  printf '\\033[%d;%dH\\033[3%dm%d' $((i % 24)) $((i % 70)) $((i % 8)) $i; done; \
                  echo done; cat";
    let terminal = agent.script(script).await;
    let mut whole = agent.attach(&terminal, None).await;
    let mut all = whole.until("done\r\n").await;
    assert!(agent.terminal(&terminal).await.start_offset > 0);
    for offset in [0, 1 << 40] {
        let mut viewer = agent.attach(&terminal, Some(offset)).await;
        let Told::Message(ServerMessage::Hello {
            offset,
            resync: true,
            ..
        }) = viewer.next().await
        else {
            panic!("no hello");
        };
        assert_eq!(offset, all.len() as u64);
        let Told::Snapshot(snapshot) = viewer.next().await else {
            panic!("no snapshot")
        };
        assert_eq!(screen(&[&snapshot]), screen(&[all.as_bytes()]));
        let left = [&snapshot[..], b"\x1b[?1049l"];
        assert!(screen(&left).0.contains("under"));
        // And it goes on from there.
        viewer.type_in("more\n").await;
        viewer.until("more\r\nmore\r\n").await;
        all += &whole.until("more\r\nmore\r\n").await;
    }
}

/// What a terminal of the default size shows after some output.
fn screen(output: &[&[u8]]) -> (String, (u16, u16), bool) {
    let mut parser = vt100::Parser::default();
    for bytes in output {
        parser.process(bytes);
    }
    let screen = parser.screen();
    (
        screen.contents_formatted(),
        screen.cursor_position(),
        screen.alternate_screen(),
    )
}
