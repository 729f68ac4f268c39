//! What a person needs must work in spite of all walls.

use crate::harness::Pair;
use atelier_api::node::ProtectionKind;

#[tokio::test]
async fn everyday_work_works() {
    let pair = Pair::start().await;
    let contained = pair.protected(ProtectionKind::Filesystem).await;
    for script in [
        "echo hello > file && test \"$(cat file)\" = hello",
        "mkdir -p a/b && mv file a/b/ && cp -r a c && rm -r a c",
        "git init -q repo && cd repo && git config user.email a@b && git config user.name a && \
         echo x > x && git add x && git commit -q -m first && git log --oneline | grep first",
        "bash -c 'echo ${BASH_VERSION}' | grep .",
        "test -r /etc/resolv.conf && test -r /etc/passwd && test -r /etc/ssl",
        "echo x > /dev/null && head -c 8 /dev/urandom | wc -c | grep 8",
        "echo x > \"${TMPDIR:-/tmp}/x\"",
        "sleep 100 & kill $! && wait $! || test $? = 143",
        "f=$(mktemp) && exec 3<>$f && echo y >&3 && cat /proc/self/fd/3 <&3 >/dev/null",
    ] {
        let run = pair.node.shell(pair.own, script).await;
        assert!(run.success, "{script}: {run:?}");
    }
    if contained {
        for (script, expected) in [
            ("pwd", "/workspace"),
            ("echo $HOME && cd && pwd", "/home/dev\n/home/dev"),
            ("id -un", "dev"),
            ("hostname", "w-rkspace-1"),
            ("echo $SECRET", "secret-1"),
            ("getent hosts $(hostname) | cut -d' ' -f1", "127.0.1.1"),
            ("stat -c %a /workspace /home/dev", "700\n700"),
        ] {
            let run = pair.node.shell(pair.own, script).await;
            assert_eq!(run.stdout.trim(), expected, "{script}: {run:?}");
        }
    }
    pair.node.close().await;
}

#[tokio::test]
async fn the_servers_toolchains_can_be_used_also_in_login_shells() {
    let pair = Pair::start().await;
    let outside = std::process::Command::new("rustc").arg("-vV").output();
    let Ok(outside) = outside else {
        // The node's user has no toolchain to share.
        return pair.node.close().await;
    };
    let outside = String::from_utf8(outside.stdout).unwrap();
    for shell in ["rustc -vV", "bash -lc 'rustc -vV'"] {
        let inside = pair.node.shell(pair.own, shell).await;
        assert_eq!(inside.stdout, outside, "{shell}: {inside:?}");
    }
    let build = "cargo new -q app && cd app && cargo run -q";
    let run = pair.node.shell(pair.own, build).await;
    assert_eq!(run.stdout, "Hello, world!\n", "{run:?}");
    pair.node.close().await;
}
