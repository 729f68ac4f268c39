//! Shell integration with the real bash, zsh and fish.

use atelier_api::agent::commands::{TerminalCommand, TerminalCommandList};
use atelier_api::agent::terminals::Terminal;
use http::Method;
use serde_json::json;

use crate::support::{TestAgent, patiently};

/// The shells that prerequisites demand.
const SHELLS: [&str; 3] = ["bash", "zsh", "fish"];

/// A terminal with an interactive shell, which has shown its prompt.
async fn shell(agent: &TestAgent, name: &str) -> Terminal {
    let body = json!({ "command": [name], "name": name });
    let terminal: Terminal = agent.ask(Method::POST, "/v1/terminals", body).await;
    let integration = terminal.integration.as_ref().expect("a shell that we know");
    assert_eq!(integration.shell, name);
    assert_eq!(terminal.command, [name], "what integrates it is not shown");
    agent
        .until(&terminal, |terminal| terminal.directory.is_some())
        .await;
    terminal
}

async fn commands(agent: &TestAgent, terminal: &Terminal) -> Vec<TerminalCommand> {
    let path = format!("/v1/terminals/{}/commands", terminal.id);
    agent.get::<TerminalCommandList>(&path).await.items
}

/// Types a line and waits until it stands among the commands as one that has ended, or until the shell
/// has another directory.
async fn run(agent: &TestAgent, terminal: &Terminal, line: &str) -> TerminalCommand {
    let before = commands(agent, terminal).await.len();
    let mut viewer = agent.attach(terminal, None).await;
    viewer.type_in(format!("{line}\r")).await;
    patiently("the command ends", async {
        loop {
            let all = commands(agent, terminal).await;
            if let Some(newest) = all.first()
                && all.len() > before
                && newest.ended_at.is_some()
            {
                return newest.clone();
            }
            tokio::task::yield_now().await;
        }
    })
    .await
}

fn said(command: &TerminalCommand) -> (&str, Option<i32>) {
    (command.text.as_str(), command.exit_code)
}

#[tokio::test]
async fn shells_say_what_they_run_and_how_it_ended() {
    let agent = TestAgent::start().await;
    std::fs::create_dir(agent.config.workspace.join("a b%c")).expect("made");
    for name in SHELLS {
        let terminal = shell(&agent, name).await;
        let ran = run(&agent, &terminal, "echo 'one; \\two'").await;
        assert_eq!(said(&ran), ("echo 'one; \\two'", Some(0)), "{name}");
        let ran = run(&agent, &terminal, "sh -c 'exit 7'").await;
        assert_eq!(said(&ran), ("sh -c 'exit 7'", Some(7)), "{name}");
        let ran = run(&agent, &terminal, "sh -c 'exit 7'").await;
        assert_eq!(said(&ran), ("sh -c 'exit 7'", Some(7)), "{name}, again");
        assert_eq!(ran.number, 3, "{name}");
        let workspace = agent.config.workspace.to_string_lossy().into_owned();
        assert_eq!(ran.directory.as_ref(), Some(&workspace), "{name}");

        run(&agent, &terminal, "cd 'a b%c'").await;
        let inside = format!("{workspace}/a b%c");
        agent
            .until(&terminal, |terminal| {
                terminal.directory.as_ref() == Some(&inside)
            })
            .await;
    }
}

/// The offsets of a command are exactly those of its output.
#[tokio::test]
async fn a_commands_output_can_be_found_again() {
    let agent = TestAgent::start().await;
    for name in SHELLS {
        let terminal = shell(&agent, name).await;
        let ran = run(&agent, &terminal, "seq 3").await;
        let mut viewer = agent.attach(&terminal, Some(ran.start_offset)).await;
        let output = viewer.until("3\r\n").await;
        // fish says its title first.
        assert!(output.contains("1\r\n2\r\n3\r\n"), "{name}: {output:?}");
        let end = ran.end_offset.expect("it has ended") - ran.start_offset;
        assert!((9..200).contains(&end), "{name}: {end} bytes");
    }
}

/// What the user keeps out of the history is kept out here, too.
#[tokio::test]
async fn a_line_that_history_ignores_is_not_remembered() {
    let agent = TestAgent::start().await;
    let home = &agent.config.home;
    std::fs::write(home.join(".bashrc"), "HISTCONTROL=ignoreboth\n").expect("written");
    std::fs::write(home.join(".zshrc"), "setopt hist_ignore_space\n").expect("written");
    for name in SHELLS {
        let terminal = shell(&agent, name).await;
        run(&agent, &terminal, "true").await;
        let mut viewer = agent.attach(&terminal, None).await;
        viewer.type_in(" echo se''cret-token\r").await;
        viewer.until("secret-token").await;
        run(&agent, &terminal, "false").await;
        let all = commands(&agent, &terminal).await;
        let lines: Vec<&str> = all.iter().map(|command| command.text.as_str()).collect();
        assert_eq!(lines, ["false", "true"], "{name}");
    }
}

/// The user's own files are read as if nothing were between.
#[tokio::test]
async fn the_users_own_files_are_read() {
    let agent = TestAgent::with(|config| {
        let write = |name: &str, text: &str| {
            let path = config.home.join(name);
            std::fs::create_dir_all(path.parent().expect("below home")).expect("made");
            std::fs::write(path, text).expect("written");
        };
        write(".profile", "export FROM_PROFILE=1; . ~/.bashrc\n");
        write(".bashrc", "OWN=bash; PROMPT_COMMAND='OWN_PROMPT=$?'\n");
        write(".zshenv", "export FROM_PROFILE=1\n");
        write(".zshrc", "OWN=zsh; precmd() { OWN_PROMPT=$? }\n");
        write(
            ".config/fish/config.fish",
            "set -g OWN fish; set -gx FROM_PROFILE 1; \
             function note --on-event fish_postexec; set -g OWN_PROMPT $status; end\n",
        );
    })
    .await;
    for name in SHELLS {
        let body = json!({ "command": [name, "-l"] });
        let terminal: Terminal = agent.ask(Method::POST, "/v1/terminals", body).await;
        agent
            .until(&terminal, |terminal| terminal.directory.is_some())
            .await;
        run(&agent, &terminal, "sh -c 'exit 3'").await;
        let mut viewer = agent.attach(&terminal, None).await;
        viewer
            .type_in("echo \"<$OWN $OWN_PROMPT $FROM_PROFILE $ZDOTDIR$ATELIER_SHELL_NONCE>\"\r")
            .await;
        viewer.until(&format!("<{name} 3 1 >")).await;
    }
}

/// A file that is shown cannot pass for the shell.
#[tokio::test]
async fn printed_marks_are_no_commands() {
    let agent = TestAgent::start().await;
    let terminal = shell(&agent, "bash").await;
    std::fs::write(
        agent.config.workspace.join("evil"),
        "\x1b]133;D;0\x07\x1b]633;E;rm -rf /;guess\x07\x1b]133;C\x07\x1b]7;file://x/etc\x07",
    )
    .expect("written");
    run(&agent, &terminal, "cat evil").await;
    run(&agent, &terminal, "true").await;
    let all = commands(&agent, &terminal).await;
    let lines: Vec<&str> = all.iter().map(|command| command.text.as_str()).collect();
    assert_eq!(lines, ["true", "cat evil"]);
}

/// Scripts, commands, and shells that were told how to start are left as they are.
#[tokio::test]
async fn only_interactive_shells_are_integrated() {
    let agent = TestAgent::start().await;
    for command in [
        json!(["bash", "-c", "sleep 60"]),
        json!(["bash", "--norc"]),
        json!(["zsh", "-f"]),
        json!(["sh"]),
        json!(["cat"]),
    ] {
        let body = json!({ "command": command });
        let terminal: Terminal = agent.ask(Method::POST, "/v1/terminals", body).await;
        assert_eq!(terminal.integration, None, "{command}");
    }
}

#[tokio::test]
async fn commands_of_all_terminals_are_searched() {
    let agent = TestAgent::start().await;
    let (one, two) = (shell(&agent, "bash").await, shell(&agent, "zsh").await);
    run(&agent, &one, "echo Alpha beta").await;
    run(&agent, &two, "echo beta gamma").await;
    run(&agent, &one, "echo beta gamma").await;
    let search = async |query: &str| {
        let path = format!("/v1/terminal-commands?{query}");
        let found: TerminalCommandList = agent.get(&path).await;
        let items = found.items.into_iter();
        items
            .map(|found| format!("{}: {}", found.terminal_name, found.text))
            .collect::<Vec<_>>()
    };
    assert_eq!(
        search("query=BETA").await,
        [
            "bash: echo beta gamma",
            "zsh: echo beta gamma",
            "bash: echo Alpha beta"
        ]
    );
    assert_eq!(
        search("query=gamma%20echo&distinct=true").await,
        ["bash: echo beta gamma"]
    );
    assert_eq!(search("query=nothing").await, [""; 0]);
    assert_eq!(search("limit=1").await, ["bash: echo beta gamma"]);
    for bad in ["limit=0", "limit=1001"] {
        let problem = agent
            .refuse(Method::GET, &format!("/v1/terminal-commands?{bad}"), ())
            .await;
        assert_eq!(problem.field.as_deref(), Some("limit"));
    }
    let path = format!("/v1/terminals/{}/commands?before=2", one.id);
    let older: TerminalCommandList = agent.get(&path).await;
    assert_eq!(older.items.len(), 1);
    assert_eq!(older.items[0].number, 1);
}
