//! Who is waited for: programs by their input, viewers by nobody.

use atelier_api::agent::terminals::{ACK_WINDOW_BYTES, ClientMessage, ServerMessage};
use sha2::{Digest, Sha256};

use crate::support::{TestAgent, Told};

#[tokio::test]
async fn ctrl_c_stops_a_flood_within_the_window() {
    let agent = TestAgent::start().await;
    let script = "trap 'echo STOPPED; exit 7' INT; while :; do seq 1 100000; done";
    let terminal = agent.script(script).await;
    let mut viewer = agent.attach(&terminal, None).await;
    while viewer.offset < 4 << 20 {
        viewer.next().await;
    }
    // Acknowledged up to here, so that the window begins here; what is acknowledged later reaches
    // the agent after the key.
    viewer
        .say(&ClientMessage::Ack {
            offset: viewer.offset,
        })
        .await
        .expect("sent");
    let pressed = viewer.offset;
    viewer.type_in("\x03").await;
    let mut after = String::new();
    loop {
        match viewer.next().await {
            Told::Output(_, bytes) => after.push_str(&String::from_utf8_lossy(&bytes)),
            Told::Message(ServerMessage::Exit { status }) => {
                assert_eq!(status.code, Some(7));
                break;
            }
            Told::Closed(frame) => panic!("closed: {frame:?}"),
            Told::Message(_) | Told::Snapshot(_) => {}
        }
    }
    assert!(after.ends_with("STOPPED\r\n"));
    // The window, and what the kernel may hold in the PTY's buffers.
    let bound = ACK_WINDOW_BYTES + 128 * 1024;
    assert!(
        viewer.offset - pressed <= bound,
        "{} bytes came after",
        viewer.offset - pressed
    );
}

#[tokio::test]
async fn a_program_waits_for_acknowledgements_and_runs_free_without_viewers() {
    let agent = TestAgent::start().await;
    let terminal = agent.script("read line; seq 1 200000; echo end; cat").await;
    let mut viewer = agent.attach(&terminal, None).await;
    viewer.acks = false;
    viewer.type_in("\n").await;
    while viewer.offset < ACK_WINDOW_BYTES - 4096 {
        viewer.next().await;
    }
    let held = agent.terminal(&terminal).await;
    assert!(held.end_offset <= ACK_WINDOW_BYTES, "{}", held.end_offset);
    drop(viewer);
    // 200,000 numbers of up to six digits and a line end each.
    agent
        .until(&terminal, |terminal| terminal.end_offset > 1_488_895)
        .await;
}

#[tokio::test]
async fn a_viewer_that_stops_reading_harms_nobody() {
    let agent = TestAgent::with(|config| config.ring_bytes = 1 << 20).await;
    let terminal = agent
        .script("read line; stty -opost; seq 1 2000000; echo end; cat")
        .await;
    let mut stopped = agent.attach(&terminal, None).await;
    let mut reading = agent.attach(&terminal, None).await;
    reading.type_in("\n").await;
    let output = reading.until("end\n").await;
    let numbers = output.lines().filter(|line| line.parse::<u32>().is_ok());
    assert_eq!(numbers.count(), 2_000_000);
    // The ring is all that is kept for the other.
    let shown = agent.terminal(&terminal).await;
    assert!(shown.end_offset - shown.start_offset <= 1 << 20);
    // When it reads again, it gets what was on its way, then the present.
    let resync = stopped.told(|message| match message {
        ServerMessage::Hello {
            offset,
            resync: true,
            snapshot_bytes,
            ..
        } => Some((*offset, *snapshot_bytes)),
        _ => None,
    });
    let (offset, snapshot_bytes) = resync.await;
    assert_eq!(offset, shown.end_offset);
    assert!(snapshot_bytes > 0);
    assert!(stopped.received < 1 << 20, "{} bytes", stopped.received);
    stopped.type_in("again\n").await;
    stopped.until("again").await;
    reading.until("again").await;
}

#[tokio::test]
async fn output_flows_while_a_program_does_not_read() {
    let agent = TestAgent::start().await;
    let script = "stty raw -echo; echo ready; \
                  while [ ! -e go ]; do echo tick; sleep 0.01; done; head -c 1000000 | wc -c";
    let terminal = agent.script(script).await;
    let mut viewer = agent.attach(&terminal, None).await;
    viewer.until("ready").await;
    // Another viewer pastes, and is stuck.
    let mut pasting = agent.attach(&terminal, None).await;
    let pasting = tokio::spawn(async move {
        pasting.type_in(vec![b'x'; 1_000_000]).await;
        pasting.until("1000000").await;
    });
    for _ in 0..20 {
        viewer.until("tick").await;
    }
    std::fs::write(agent.config.workspace.join("go"), "").expect("written");
    viewer.until("1000000").await;
    pasting.await.expect("pasted");
}

#[tokio::test]
async fn a_hundred_megabytes_are_pasted_exactly() {
    const BYTES: usize = 100_000_000;
    let agent = TestAgent::start().await;
    let script = format!("stty raw -echo; echo ready; head -c {BYTES} | sha256sum");
    let terminal = agent.script(&script).await;
    let mut viewer = agent.attach(&terminal, None).await;
    viewer.until("ready").await;
    let paste: Vec<u8> = (0..BYTES)
        .map(|index| (index * 31 + index / 255).to_le_bytes()[0])
        .collect();
    let expected = hex::encode(Sha256::digest(&paste));
    // One message, which the agent must neither refuse nor assemble.
    viewer.type_in(paste).await;
    let output = viewer.until("-").await;
    assert!(output.contains(&expected), "{output}");
}
