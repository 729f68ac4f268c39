//! Another workspace's processes, their environment, memory, signals, sockets and IPC.

use std::os::linux::net::SocketAddrExt;
use std::os::unix::net::{SocketAddr, UnixListener};
use std::process::Command;

use crate::harness::{Pair, host_processes_with, wait_for};
use atelier_api::node::ProtectionKind;

#[tokio::test]
async fn only_the_own_processes_are_seen() {
    let pair = Pair::start().await;
    pair.node.spawn(pair.other, &["/bin/sleep", "4242"]).await;
    if pair.protected(ProtectionKind::Processes).await {
        let seen = pair
            .node
            .shell(pair.own, "cat /proc/[0-9]*/cmdline | tr '\\0' ' '")
            .await;
        assert!(seen.stdout.contains("agent"), "{seen:?}");
        assert!(!seen.stdout.contains("4242"), "{seen:?}");
        assert!(!seen.stdout.contains("Wörkspace 2"), "{seen:?}");
    }
    pair.node.close().await;
}

#[tokio::test]
async fn the_others_environment_cannot_be_read() {
    let pair = Pair::start().await;
    let script = "cat /proc/[0-9]*/environ 2>/dev/null | tr '\\0' '\\n' | grep SECRET";
    let seen = pair.node.shell(pair.own, script).await;
    assert!(seen.stdout.contains("SECRET=secret-1"), "{seen:?}");
    assert!(!seen.stdout.contains("secret-2"), "{seen:?}");
    pair.node.close().await;
}

#[tokio::test]
async fn no_process_outside_can_be_signalled_or_traced() {
    let pair = Pair::start().await;
    // A number by which the process is found on the host, among those of other tests.
    let seconds = (1_000_000 + std::process::id()).to_string();
    let sleeping = pair.node.spawn(pair.other, &["/bin/sleep", &seconds]).await;
    // A program has no command line yet for a moment after it was executed.
    let victims = wait_for("the neighbour's process", || async {
        let found = host_processes_with(&format!("sleep\0{seconds}"));
        (found.len() == 1).then_some(found)
    })
    .await;
    for pid in victims.iter().copied().chain([std::process::id()]) {
        pair.refused(&format!("kill -9 {pid}")).await;
        pair.refused(&format!("head -c 1 /proc/{pid}/environ | grep ."))
            .await;
        pair.refused(&format!("head -c 1 /proc/{pid}/mem")).await;
        pair.refused(&format!("readlink /proc/{pid}/fd/1")).await;
    }
    // Everything that can be killed from here is the own workspace's.
    if !pair.protected(ProtectionKind::Landlock).await {
        return pair.node.close().await;
    }
    pair.node
        .attempt(pair.own, &["/bin/sh", "-c", "kill -9 -1"])
        .await;
    let path = format!(
        "/v1/workspaces/{}/agent/processes/{}",
        pair.other, sleeping.id
    );
    let sleeping: atelier_api::agent::processes::Process =
        pair.node.json(http::Method::GET, &path, &()).await;
    assert!(sleeping.exit.is_none(), "{sleeping:?}");
    pair.node.close().await;
}

#[tokio::test]
async fn the_init_process_gives_nothing_away() {
    let pair = Pair::start().await;
    if pair.protected(ProtectionKind::Processes).await {
        pair.refused("cat /proc/1/environ | grep -a .").await;
        pair.refused("head -c 1 /proc/1/mem").await;
        pair.refused("ls /proc/1/fd").await;
        // PID 1 ignores what it does not listen to, SIGKILL too.
        let killed = pair.node.shell(pair.own, "kill -9 1; echo alive").await;
        assert_eq!(killed.stdout, "alive\n");
    }
    pair.node.close().await;
}

#[tokio::test]
async fn system_v_memory_is_private() {
    let pair = Pair::start().await;
    if pair.protected(ProtectionKind::Ipc).await {
        let made = pair
            .node
            .shell(pair.other, "ipcmk -M 4096 && ipcs -m")
            .await;
        assert!(made.success && made.stdout.contains("4096"), "{made:?}");
        let seen = pair.node.shell(pair.own, "ipcs -m").await;
        assert!(seen.success && !seen.stdout.contains("4096"), "{seen:?}");
    }
    pair.node.close().await;
}

/// Connects to the abstract Unix socket that the first argument names.
const CONNECT: &str = "use Socket; socket(S, PF_UNIX, SOCK_STREAM, 0) or exit 2; \
                       connect(S, pack_sockaddr_un(\"\\0$ARGV[0]\")) or exit 1";

#[tokio::test]
async fn abstract_sockets_of_the_host_cannot_be_reached() {
    let pair = Pair::start().await;
    let name = format!("atelier-isolation-{}", std::process::id());
    let address = SocketAddr::from_abstract_name(&name).unwrap();
    let _listener = UnixListener::bind_addr(&address).unwrap();
    let outside = Command::new("perl").args(["-e", CONNECT, &name]).status();
    assert!(
        outside.unwrap().success(),
        "the attempt itself works outside"
    );
    if pair.protected(ProtectionKind::Landlock).await {
        let inside = pair
            .node
            .run(pair.own, &["perl", "-e", CONNECT, &name])
            .await;
        assert!(!inside.success, "{inside:?}");
    }
    pair.node.close().await;
}

#[tokio::test]
async fn the_others_agent_cannot_be_called() {
    let pair = Pair::start().await;
    let socket = pair
        .node
        .data()
        .join(format!("run/{}/agent.sock", pair.other));
    assert!(socket.exists());
    let connect = "use Socket; socket(S, PF_UNIX, SOCK_STREAM, 0) or exit 2; \
                   connect(S, pack_sockaddr_un($ARGV[0])) or exit 1";
    let path = socket.display().to_string();
    let run = pair
        .node
        .run(pair.own, &["perl", "-e", connect, &path])
        .await;
    if pair.protected(ProtectionKind::Filesystem).await {
        assert!(!run.success, "{run:?}");
    }
    let own = "/run/atelier/agent.sock";
    if pair.protected(ProtectionKind::Filesystem).await {
        let run = pair.node.run(pair.own, &["perl", "-e", connect, own]).await;
        assert!(
            run.success,
            "the attempt itself works on the own socket: {run:?}"
        );
    }
    pair.node.close().await;
}
