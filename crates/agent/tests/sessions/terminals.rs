//! What a terminal does for the program in it and for those who look after it.

use atelier_api::ErrorCode;
use atelier_api::agent::AgentHealth;
use atelier_api::agent::terminals::{
    ClientMessage, ServerMessage, TERMINALS_MAX, Terminal, TerminalList,
};
use http::Method;
use serde_json::json;

use crate::support::{TestAgent, Told, counted, nothing};

#[tokio::test]
async fn a_login_shell_with_the_workspaces_environment() {
    let agent = TestAgent::start().await;
    std::fs::write(
        agent.config.home.join(".bash_profile"),
        "PS1='$ '; LOGIN=yes\n",
    )
    .expect("written");
    std::fs::create_dir(agent.config.workspace.join("project")).expect("made");
    let body = json!({ "cwd": "project", "env": { "EXTRA": "1" }, "cols": 120, "rows": 40 });
    let terminal: Terminal = agent.ask(Method::POST, "/v1/terminals", body).await;
    assert_eq!(terminal.name, "Terminal 1");
    assert_eq!(terminal.command, ["/bin/bash"]);
    let mut viewer = agent.attach(&terminal, None).await;
    viewer
        .type_in(
            "echo \"[$0 $LOGIN $EXTRA $TERM $COLORTERM $USER $LOGNAME $LANG $ATELIER_WORKSPACE]\"; \
             echo \"[$HOME $SHELL]\"; stty size; pwd; tty | cut -c1-5\n",
        )
        .await;
    let output = viewer.until("/dev/\r\n").await;
    let expected = "[-bash yes 1 xterm-256color truecolor ada ada C.UTF-8 thesis]";
    assert!(output.contains(expected), "{output}");
    let home = agent.config.home.display();
    assert!(output.contains(&format!("[{home} /bin/bash]")), "{output}");
    assert!(output.contains("40 120\r\n"), "{output}");
    assert!(
        output.contains(&terminal.cwd) && terminal.cwd.ends_with("/project"),
        "{output}"
    );
}

#[tokio::test]
async fn a_key_is_echoed_and_erased_as_a_character() {
    let agent = TestAgent::start().await;
    let terminal = agent.script("cat").await;
    let mut viewer = agent.attach(&terminal, None).await;
    viewer.type_in("a").await;
    assert_eq!(viewer.until("a").await, "a");
    viewer.type_in("é\x7f\n").await;
    let output = viewer.until("\r\na\r\n").await;
    assert!(
        output.contains("\u{8} \u{8}") && !output.contains('\u{fffd}'),
        "{output:?}"
    );
}

#[tokio::test]
async fn it_ends_with_a_code_or_a_signal_after_all_output() {
    let agent = TestAgent::start().await;
    for (script, code, signal) in [
        ("seq 1 20000; exit 7", Some(7), None),
        ("seq 1 20000; kill -TERM $$", None, Some(15)),
    ] {
        let terminal = agent.script(script).await;
        let mut viewer = agent.attach(&terminal, None).await;
        let mut output = Vec::new();
        let status = loop {
            match viewer.next().await {
                Told::Output(_, bytes) => output.extend(bytes),
                Told::Message(ServerMessage::Exit { status }) => break status,
                Told::Closed(frame) => panic!("closed: {frame:?}"),
                _ => {}
            }
        };
        let expected = counted(1, 20_000).replace('\n', "\r\n");
        assert_eq!(String::from_utf8(output).expect("text"), expected);
        assert_eq!((status.code, status.signal), (code, signal));
        let Told::Closed(Some(frame)) = viewer.next().await else {
            panic!("not closed")
        };
        assert_eq!(u16::from(frame.code), 1000);
        // It stays, with its output, until it is deleted.
        let ended = agent.terminal(&terminal).await;
        assert_eq!(ended.exit, Some(status));
        assert_eq!(
            agent.attach(&terminal, None).await.read_to_end().await,
            expected.as_bytes()
        );
    }
    assert_eq!(agent.get::<AgentHealth>("/v1/health").await.terminals, 0);
    assert_eq!(
        agent.get::<TerminalList>("/v1/terminals").await.items.len(),
        2
    );
}

#[tokio::test]
async fn sizes_are_clamped_and_told_to_all() {
    let agent = TestAgent::start().await;
    let terminal = agent.script("while read line; do stty size; done").await;
    let mut one = agent.attach(&terminal, None).await;
    let mut two = agent.attach(&terminal, None).await;
    for (cols, rows, expected) in [
        (0, 0, (1, 1)),
        (10_000, 10_000, (1000, 1000)),
        (u16::MAX, 1, (1000, 1)),
        (90, 30, (90, 30)),
    ] {
        one.say(&ClientMessage::Resize { cols, rows })
            .await
            .expect("sent");
        for viewer in [&mut one, &mut two] {
            let told = viewer.told(|message| match message {
                ServerMessage::Size { cols, rows } => Some((*cols, *rows)),
                _ => None,
            });
            assert_eq!(told.await, expected);
        }
        one.type_in("\n").await;
        one.until(&format!("{} {}\r\n", expected.1, expected.0))
            .await;
        let shown = agent.terminal(&terminal).await;
        assert_eq!((shown.cols, shown.rows), expected);
    }
    let path = format!("/v1/terminals/{}", terminal.id);
    let shown: Terminal = agent.ask(Method::PATCH, &path, json!({ "rows": 0 })).await;
    assert_eq!((shown.cols, shown.rows), (90, 1));
    let huge = json!({ "command": ["cat"], "cols": 10_000, "rows": 0 });
    let huge: Terminal = agent.ask(Method::POST, "/v1/terminals", huge).await;
    assert_eq!((huge.cols, huge.rows), (1000, 1));
}

#[tokio::test]
async fn the_title_and_the_number_of_viewers_are_told() {
    let agent = TestAgent::start().await;
    let terminal = agent
        .script("read line; printf '\\033]0;now: %s\\007' \"$line\"; cat")
        .await;
    let mut one = agent.attach(&terminal, None).await;
    let count = |message: &ServerMessage| match message {
        ServerMessage::Viewers { count, .. } => Some(*count),
        _ => None,
    };
    assert_eq!(one.told(count).await, 1);
    let two = agent.attach(&terminal, None).await;
    assert_eq!(one.told(count).await, 2);
    drop(two);
    assert_eq!(one.told(count).await, 1);
    one.type_in("vim\n").await;
    let title = |message: &ServerMessage| match message {
        ServerMessage::Title { title } => Some(title.clone()),
        _ => None,
    };
    assert_eq!(one.told(title).await, "now: vim");
    assert_eq!(
        agent.terminal(&terminal).await.title.as_deref(),
        Some("now: vim")
    );
    // Who comes later is told as well.
    let offset = agent.terminal(&terminal).await.end_offset;
    assert_eq!(
        agent
            .attach(&terminal, Some(offset))
            .await
            .told(title)
            .await,
        "now: vim"
    );
}

#[tokio::test]
async fn signals_go_to_the_foreground() {
    let agent = TestAgent::start().await;
    let script = "trap 'echo shell' USR1; sh -c 'trap \"echo child\" USR1; echo ready; while :; do sleep 0.01; done'";
    let body = json!({ "command": ["/bin/bash", "-ic", script] });
    let terminal: Terminal = agent.ask(Method::POST, "/v1/terminals", body).await;
    let mut viewer = agent.attach(&terminal, None).await;
    viewer.until("ready").await;
    let path = format!("/v1/terminals/{}/signal", terminal.id);
    let _: () = agent
        .ask(Method::POST, &path, json!({ "signal": "SIGUSR1" }))
        .await;
    viewer.until("child").await;
    let problem = agent
        .refuse(Method::POST, &path, json!({ "signal": "SIGSEGV" }))
        .await;
    assert_eq!(
        (problem.code, problem.field.as_deref()),
        (ErrorCode::Invalid, Some("signal"))
    );
    let _: () = agent
        .ask(Method::POST, &path, json!({ "signal": "SIGKILL" }))
        .await;
    agent
        .until(&terminal, |terminal| terminal.exit.is_some())
        .await;
    let problem = agent
        .refuse(Method::POST, &path, json!({ "signal": "SIGINT" }))
        .await;
    assert_eq!(problem.code, ErrorCode::Conflict);
}

#[tokio::test]
async fn deleting_leaves_no_process_of_the_session() {
    let agent = TestAgent::start().await;
    // Job control gives the background job a process group of its own; both ignore hanging up.
    let script = "trap '' HUP; sleep 1000 & echo \"pids $$ $! end\"; cat";
    let body = json!({ "command": ["/bin/bash", "-ic", script] });
    let terminal: Terminal = agent.ask(Method::POST, "/v1/terminals", body).await;
    let mut viewer = agent.attach(&terminal, None).await;
    let output = viewer.until("end").await;
    let pids: Vec<i32> = output
        .split(' ')
        .filter_map(|word| word.parse().ok())
        .collect();
    assert_eq!(pids.len(), 2, "{output}");
    let alive = |pid: i32| {
        // A zombie that nobody reaps (here, the job after its shell's death) is no longer running.
        std::fs::read_to_string(format!("/proc/{pid}/stat")).is_ok_and(|stat| {
            !stat
                .rsplit(')')
                .next()
                .unwrap_or_default()
                .starts_with(" Z")
        })
    };
    assert!(pids.iter().all(|pid| alive(*pid)));
    let path = format!("/v1/terminals/{}", terminal.id);
    let _: () = agent.ask(Method::DELETE, &path, nothing()).await;
    crate::support::patiently("all processes are gone", async {
        while pids.iter().any(|pid| alive(*pid)) {
            tokio::task::yield_now().await;
        }
    })
    .await;
    let told = viewer.told(|message| match message {
        ServerMessage::Exit { status } => Some(status.signal),
        _ => None,
    });
    assert!(told.await.is_some());
    assert_eq!(
        agent.refuse(Method::GET, &path, nothing()).await.code,
        ErrorCode::NotFound
    );
}

#[tokio::test]
async fn a_thousand_terminals_are_too_many() {
    let agent = TestAgent::start().await;
    let mut refused = 0;
    for _ in 0..1000 {
        let body = serde_json::to_vec(&json!({ "command": ["cat"] })).expect("JSON");
        let (parts, body) = agent.send(Method::POST, "/v1/terminals", body).await;
        if !parts.status.is_success() {
            let problem: atelier_api::Problem = serde_json::from_slice(&body).expect("a problem");
            assert_eq!(problem.code, ErrorCode::LimitReached);
            assert!(
                problem.detail.contains("64 terminals"),
                "{}",
                problem.detail
            );
            refused += 1;
        }
    }
    assert_eq!(refused, 1000 - TERMINALS_MAX);
    // Deleting one makes room for one.
    let list: TerminalList = agent.get("/v1/terminals").await;
    assert_eq!(list.items.len(), TERMINALS_MAX);
    let path = format!("/v1/terminals/{}", list.items[10].id);
    let _: () = agent.ask(Method::DELETE, &path, nothing()).await;
    assert_eq!(agent.script("cat").await.name, "Terminal 11");
}

#[tokio::test]
async fn what_cannot_be_started_says_why() {
    let agent = TestAgent::start().await;
    for (body, field, word) in [
        (
            json!({ "command": ["no-such-program"] }),
            "command",
            "no-such-program",
        ),
        (
            json!({ "command": ["/etc/passwd"] }),
            "command",
            "/etc/passwd",
        ),
        (json!({ "command": ["a\0b"] }), "command", "NUL"),
        (
            json!({ "command": ["echo", "x".repeat(1 << 20)] }),
            "command",
            "longer",
        ),
        (json!({ "cwd": "missing" }), "cwd", "missing"),
        (json!({ "env": { "A=B": "1" } }), "env.A=B", "name"),
        (json!({ "name": "" }), "name", "1 to 100"),
        (json!({ "name": "x".repeat(101) }), "name", "1 to 100"),
        (json!({ "name": "a\nb" }), "name", "control"),
    ] {
        let problem = agent.refuse(Method::POST, "/v1/terminals", &body).await;
        assert_eq!(problem.code, ErrorCode::Invalid, "{body}");
        assert_eq!(problem.field.as_deref(), Some(field), "{body}");
        assert!(problem.detail.contains(word), "{}", problem.detail);
    }
    assert!(
        agent
            .get::<TerminalList>("/v1/terminals")
            .await
            .items
            .is_empty()
    );
    let named = json!({ "command": ["cat"], "name": "日本 😀" });
    let named: Terminal = agent.ask(Method::POST, "/v1/terminals", named).await;
    assert_eq!(named.name, "日本 😀");
}

#[tokio::test]
async fn requests_that_cannot_be_read_are_refused() {
    let agent = TestAgent::start().await;
    let terminal = agent.script("cat").await;
    let one = format!("/v1/terminals/{}", terminal.id);
    let attach = format!("{one}/attach");
    for (method, path, body, code) in [
        (
            Method::POST,
            "/v1/terminals",
            json!({ "unknown": 1 }),
            ErrorCode::Malformed,
        ),
        (
            Method::POST,
            "/v1/terminals",
            json!({ "cols": -1 }),
            ErrorCode::Malformed,
        ),
        (
            Method::POST,
            "/v1/terminals",
            json!("text"),
            ErrorCode::Malformed,
        ),
        (
            Method::PUT,
            "/v1/terminals",
            json!({}),
            ErrorCode::MethodNotAllowed,
        ),
        (
            Method::GET,
            "/v1/terminals/term_nonsense",
            json!({}),
            ErrorCode::NotFound,
        ),
        (
            Method::GET,
            "/v1/terminals/..%2f..%2fetc",
            json!({}),
            ErrorCode::NotFound,
        ),
        (Method::GET, "/v1/nothing", json!({}), ErrorCode::NotFound),
        (Method::GET, &attach, json!({}), ErrorCode::Malformed),
        (
            Method::GET,
            &format!("{attach}?offset=-1"),
            json!({}),
            ErrorCode::Malformed,
        ),
        (
            Method::PATCH,
            &one,
            json!({ "name": "" }),
            ErrorCode::Invalid,
        ),
    ] {
        let problem = agent.refuse(method, path, &body).await;
        assert_eq!(problem.code, code, "{path} {body}: {}", problem.detail);
    }
    let renamed: Terminal = agent
        .ask(Method::PATCH, &one, json!({ "name": "logs" }))
        .await;
    assert_eq!(renamed.name, "logs");
}
