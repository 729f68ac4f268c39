//! Another workspace's files, the control plane's data, and the system.

use std::os::unix::fs::PermissionsExt;

use crate::harness::{Pair, TestNode};
use atelier_api::node::ProtectionKind;

#[tokio::test]
async fn the_others_files_and_the_nodes_data_cannot_be_reached() {
    let pair = Pair::start().await;
    let data = pair.node.data().display().to_string();
    let other = pair.other;
    for path in [
        format!("{data}/workspaces/{other}/workspace/notes/secret.txt"),
        format!("{data}/workspaces/{other}/state.json"),
        format!("{data}/node.lock"),
    ] {
        for way in [
            "",
            "/proc/1/root",
            "/proc/self/root",
            "/workspace/../../../..",
        ] {
            pair.refused(&format!("cat '{way}{path}'")).await;
            pair.refused(&format!("echo x > '{way}{path}'")).await;
        }
    }
    for path in [
        "",
        "/workspaces",
        "/run",
        &format!("/workspaces/{other}/workspace"),
    ] {
        pair.refused(&format!("ls '{data}{path}'")).await;
        pair.refused(&format!("touch '{data}{path}/x'")).await;
    }
    // Leaving by a symbolic link of one's own is no way either.
    pair.refused(&format!("ln -s '{data}' link && ls link/workspaces"))
        .await;
    pair.node.close().await;
}

#[tokio::test]
async fn the_nodes_data_stays_hidden_below_a_path_that_may_be_read() {
    let node = TestNode::open_with(|config, directory| {
        std::fs::set_permissions(directory, std::fs::Permissions::from_mode(0o755)).unwrap();
        std::fs::write(directory.join("shared"), "shared\n").unwrap();
        config.read_only_paths.push(directory.to_owned());
    })
    .await;
    let directory = node.directory.path().display().to_string();
    let pair = Pair::start_on(node).await;
    if pair.protected(ProtectionKind::Filesystem).await {
        let shared = pair
            .node
            .shell(pair.own, &format!("cat {directory}/shared"))
            .await;
        assert_eq!(shared.stdout, "shared\n", "{shared:?}");
        pair.refused(&format!("echo x > {directory}/shared")).await;
    }
    let other = pair.other;
    for path in ["", "/workspaces", "/run"] {
        pair.refused(&format!("ls {directory}/data{path}")).await;
    }
    let secret = format!("{directory}/data/workspaces/{other}/workspace/notes/secret.txt");
    pair.refused(&format!("cat {secret}")).await;
    pair.node.close().await;
}

#[tokio::test]
async fn the_only_secret_to_be_found_is_the_own_one() {
    let pair = Pair::start().await;
    if pair.protected(ProtectionKind::Filesystem).await {
        let found = pair
            .node
            .shell(
                pair.own,
                "find / -name secret.txt -not -path '/proc/*' 2>/dev/null",
            )
            .await;
        assert_eq!(found.stdout, "/workspace/notes/secret.txt\n");
    }
    let own = pair.node.shell(pair.own, "cat notes/secret.txt").await;
    assert_eq!(own.stdout, "secret-1\n");
    pair.node.close().await;
}

#[tokio::test]
async fn the_system_cannot_be_written_to() {
    let pair = Pair::start().await;
    for path in [
        "/usr/x",
        "/etc/x",
        "/x",
        "/bin/x",
        "/opt/x",
        "/proc/sys/kernel/hostname",
    ] {
        pair.refused(&format!("echo x > {path}")).await;
    }
    pair.refused("echo x >> /etc/passwd").await;
    pair.refused("cat /etc/shadow").await;
    pair.refused("rm -f /usr/bin/env && ! test -e /usr/bin/env")
        .await;
    pair.node.close().await;
}

#[tokio::test]
async fn nothing_can_be_mounted() {
    let pair = Pair::start().await;
    for script in [
        "mount -t tmpfs none /tmp",
        "umount /etc/passwd",
        "mount -o remount,rw /usr",
        // Privileges in a user namespace of one's own do not help.
        "unshare --user --map-root-user --mount mount -t tmpfs none /tmp",
        "unshare --user --map-root-user --mount mount --bind /workspace /etc",
        "nsenter --target 1 --mount true",
    ] {
        pair.refused(script).await;
    }
    pair.node.close().await;
}

#[tokio::test]
async fn temporary_files_and_shared_memory_are_private() {
    let pair = Pair::start().await;
    if !pair.protected(ProtectionKind::Filesystem).await {
        pair.refused("echo x > /dev/shm/atelier-test").await;
        return pair.node.close().await;
    }
    let write = "for d in /tmp /var/tmp /dev/shm; do echo x > $d/atelier-isolation-test; done";
    assert!(pair.node.shell(pair.other, write).await.success);
    for directory in ["/tmp", "/var/tmp", "/dev/shm"] {
        let path = format!("{directory}/atelier-isolation-test");
        pair.refused(&format!("cat {path}")).await;
        assert!(
            !std::path::Path::new(&path).exists(),
            "{path} leaked to the host"
        );
    }
    pair.node.close().await;
}

#[tokio::test]
async fn no_device_of_the_host_is_there_or_can_be_made() {
    let pair = Pair::start().await;
    pair.refused("mknod disk b 8 0").await;
    pair.refused("mknod memory c 1 1").await;
    pair.refused("head -c 1 /dev/mem").await;
    if pair.protected(ProtectionKind::Filesystem).await {
        let listed = pair.node.shell(pair.own, "ls /dev").await.stdout;
        let expected = "fd full null ptmx pts random shm stderr stdin stdout tty urandom zero";
        assert_eq!(
            listed.split_whitespace().collect::<Vec<_>>().join(" "),
            expected
        );
    }
    pair.node.close().await;
}
