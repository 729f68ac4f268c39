//! What a workspace's processes may not become.

use crate::harness::{Pair, root};
use atelier_api::node::ProtectionKind;

#[tokio::test]
async fn no_capability_is_left_and_none_can_come_back() {
    let pair = Pair::start().await;
    let status = pair
        .node
        .shell(pair.own, "cat /proc/self/status")
        .await
        .stdout;
    let field = |name: &str| {
        let line = status.lines().find_map(|line| line.strip_prefix(name));
        line.unwrap_or_else(|| panic!("{name} in {status}"))
            .trim()
            .to_owned()
    };
    assert_eq!(field("NoNewPrivs:"), "1");
    for set in ["CapInh:", "CapPrm:", "CapEff:", "CapAmb:"] {
        assert_eq!(field(set), "0000000000000000", "{set}");
    }
    if pair.protected(ProtectionKind::Filesystem).await {
        assert_eq!(field("CapBnd:"), "0000000000000000");
    }
    if root() {
        assert_eq!(field("Groups:"), "");
        let uid = pair.node.shell(pair.own, "id -u").await.stdout;
        let other = pair.node.shell(pair.other, "id -u").await.stdout;
        assert_ne!(uid, other, "every workspace has a user of its own");
        assert!(uid.trim().parse::<u32>().unwrap() > 1000);
    }
    pair.node.close().await;
}

#[tokio::test]
async fn set_user_id_programs_give_nothing() {
    let pair = Pair::start().await;
    for script in [
        "su -c id root </dev/null",
        "su root -s /bin/sh -c true </dev/null",
        "sudo -n true",
        "chown 0:0 notes/secret.txt",
        "cp /bin/sh own-shell && chmod 6755 own-shell && test \"$(./own-shell -p -c 'id -u')\" = 0",
        "chroot / true",
        "hostname changed",
        "nice -n -5 true && test \"$(nice -n -5 nice)\" = -5",
    ] {
        pair.refused(script).await;
    }
    pair.node.close().await;
}

#[tokio::test]
async fn a_crash_leaves_no_core_dump() {
    let pair = Pair::start().await;
    let limit = pair.node.shell(pair.own, "ulimit -c").await;
    assert_eq!(limit.stdout.trim(), "0");
    pair.refused("ulimit -c unlimited").await;
    pair.refused("sh -c 'kill -SEGV $$'; test -e core").await;
    pair.node.close().await;
}
