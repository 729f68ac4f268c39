//! Terminals survive the server and the connection, exact to the byte.

use crate::program::Program;

/// Prints a line for each number, slowly enough that it is still counting when things are cut.
pub(crate) const COUNTER: &str = "stty raw -echo; i=0; while [ $i -lt 3000 ]; do echo $i; i=$((i+1)); \
     [ $((i % 100)) -ne 0 ] || sleep 0.1; done";

/// What [`COUNTER`] prints.
pub(crate) fn every_number_once() -> String {
    lines(3_000)
}

/// The numbers from 0 on, a line each.
pub(crate) fn lines(count: u32) -> String {
    (0..count).fold(String::new(), |all, number| all + &format!("{number}\n"))
}

#[tokio::test]
async fn a_counter_goes_on_while_the_server_is_killed_and_started_again() {
    let mut program = Program::start().await;
    let workspace = program.workspace("survivor").await;
    let terminal = program.terminal(workspace, COUNTER).await;
    let mut viewer = program.viewer(workspace, &terminal);
    viewer.read_to(500).await;
    assert!(
        !viewer.exited,
        "the counter must still run when the server is killed"
    );
    program.kill();
    program.start_again();
    viewer.read_to(usize::MAX).await;
    assert_eq!(
        String::from_utf8(viewer.output).unwrap(),
        every_number_once()
    );
}

#[tokio::test]
async fn every_byte_comes_once_over_a_connection_cut_a_hundred_times() {
    let mut program = Program::start().await;
    let workspace = program.workspace("cut off").await;
    let terminal = program.terminal(workspace, COUNTER).await;
    let mut viewer = program.viewer(workspace, &terminal);
    let length = every_number_once().len();
    // A fixed sequence of uneven steps (a linear congruential generator, Numerical Recipes): the
    // same cuts in every run.
    let (mut seed, mut cuts) = (1_u32, 0);
    while cuts < 100 {
        seed = seed.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        let step = 1 + (seed >> 16) as usize % (2 * length / 110);
        viewer
            .read_to((viewer.output.len() + step).min(length))
            .await;
        viewer.cut();
        cuts += 1;
    }
    viewer.read_to(usize::MAX).await;
    assert_eq!(
        String::from_utf8(viewer.output).unwrap(),
        every_number_once()
    );
}
