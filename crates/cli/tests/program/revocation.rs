//! Whoever loses the right to a terminal loses the terminal, also one that is open.

use crate::program::Program;

#[tokio::test]
async fn a_terminal_stream_ends_with_the_token_that_opened_it() {
    let mut program = Program::start().await;
    let workspace = program.workspace("revoked").await;
    let terminal = program.terminal(workspace, "echo here; exec cat").await;
    let token = program.another_token().await;
    let mut kept = program.viewer(workspace, &terminal);
    let mut ended = program
        .viewer(workspace, &terminal)
        .with_token(&token.secret);
    kept.read_to(4).await;
    ended.read_to(4).await;

    program.delete_token(token.token.id).await;
    ended.read_to_end().await;

    // The other viewer is not touched; the agent learns of the end a moment later.
    while program.viewers(workspace, &terminal).await != 1 {
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
    }
}
