//! The agent's socket and its end.

use std::os::unix::fs::PermissionsExt;

use atelier_api::agent::AgentHealth;

use crate::support::{TestAgent, config};

#[tokio::test]
async fn only_the_owner_may_connect() {
    let agent = TestAgent::start().await;
    let mode = std::fs::metadata(&agent.config.socket)
        .expect("there")
        .permissions()
        .mode();
    assert_eq!(mode & 0o777, 0o600);
    let health: AgentHealth = agent.get("/v1/health").await;
    assert_eq!((health.terminals, health.processes), (0, 0));
}

#[tokio::test]
async fn a_stale_socket_is_replaced_and_a_live_one_is_not() {
    let directory = tempfile::tempdir().expect("made");
    let path = config(directory.path()).socket;
    drop(std::os::unix::net::UnixListener::bind(&path).expect("bound"));
    let agent = TestAgent::with(|config| config.socket.clone_from(&path)).await;
    let second = atelier_agent::serve(agent.config.clone(), std::future::pending()).await;
    assert_eq!(
        second.expect_err("refused").kind(),
        std::io::ErrorKind::AddrInUse
    );
    agent.get::<AgentHealth>("/v1/health").await;
}

#[tokio::test]
async fn stopping_ends_every_program() {
    let agent = TestAgent::start().await;
    let terminal = agent.script("trap '' HUP; sleep 1000").await;
    let pid = rustix::process::Pid::from_raw(terminal.pid.cast_signed()).expect("a process id");
    assert!(rustix::process::test_kill_process(pid).is_ok());
    let socket = agent.config.socket.clone();
    let _directory = agent.stop().await;
    assert!(rustix::process::test_kill_process(pid).is_err());
    assert!(!socket.exists());
}
