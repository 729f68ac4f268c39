//! A workspace that takes all it can get harms nobody else.

use atelier_api::node::{ProtectionKind, WorkspaceLimits, WorkspaceUsage};
use http::Method;

use crate::harness::{TestNode, holds, wait_for};

const PROCESSES: u32 = 96;

fn limits() -> WorkspaceLimits {
    WorkspaceLimits {
        memory_bytes: Some(96 << 20),
        cpu_millis: Some(1000),
        processes: Some(PROCESSES),
    }
}

#[tokio::test]
async fn a_fork_bomb_stays_within_its_limit() {
    let mut node = TestNode::open().await;
    let bomb = node.start(1, limits()).await;
    let other = node.start(2, WorkspaceLimits::default()).await;
    if !holds(&node.view(bomb).await, ProtectionKind::ProcessLimit) {
        return node.close().await;
    }
    // A process that cannot fork waits a moment and tries again, so the bomb never dies out.
    let script = "while (1) { fork() // select(undef, undef, undef, 0.05) }";
    node.spawn(bomb, &["perl", "-e", script]).await;
    let usage = || async {
        let path = format!("/v1/workspaces/{bomb}/usage");
        let usage: WorkspaceUsage = node.json(Method::GET, &path, &()).await;
        assert!(usage.processes <= PROCESSES, "{usage:?}");
        (usage.processes > PROCESSES - 8).then_some(())
    };
    wait_for("the bomb to reach its limit", usage).await;
    let fine = node.shell(other, "echo fine; (echo child)").await;
    assert_eq!(fine.stdout, "fine\nchild\n");
    node.stop(bomb).await;
    assert_eq!(node.processes_left(bomb), Vec::<String>::new());
    node.close().await;
}

#[tokio::test]
async fn a_memory_hog_is_ended_and_nobody_else() {
    let mut node = TestNode::open().await;
    let hog = node.start(1, limits()).await;
    let other = node.start(2, WorkspaceLimits::default()).await;
    if !holds(&node.view(hog).await, ProtectionKind::MemoryLimit) {
        return node.close().await;
    }
    let waiting = node.spawn(other, &["/bin/sleep", "1000"]).await;
    let eat = "my $x = 'x' x (400 << 20); print length $x";
    let eaten = node.run(hog, &["perl", "-e", eat]).await;
    assert!(!eaten.success, "{eaten:?}");
    // The agent itself is small and stays.
    assert_eq!(node.shell(hog, "echo alive").await.stdout, "alive\n");
    let path = format!("/v1/workspaces/{other}/agent/processes/{}", waiting.id);
    let waiting: atelier_api::agent::processes::Process = node.json(Method::GET, &path, &()).await;
    assert!(waiting.exit.is_none(), "{waiting:?}");
    node.close().await;
}

#[tokio::test]
async fn limits_can_be_changed_while_it_runs() {
    use atelier_api::node::DesiredState;
    let mut node = TestNode::open().await;
    let id = node.start(1, limits()).await;
    if !holds(&node.view(id).await, ProtectionKind::MemoryLimit) {
        return node.close().await;
    }
    let eat = ["perl", "-e", "my $x = 'x' x (100 << 20); print length $x"];
    assert!(!node.run(id, &eat).await.success);
    let mut spec = crate::harness::spec(1, 2, DesiredState::Running);
    spec.limits = WorkspaceLimits {
        memory_bytes: Some(512 << 20),
        ..limits()
    };
    node.apply(id, &spec).await;
    let eaten = node.run(id, &eat).await;
    assert!(eaten.success, "{eaten:?}");
    node.close().await;
}
