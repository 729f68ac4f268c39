//! What holds for every line: checking never panics, wrapping never loosens, and bash runs nothing that was not seen.

use std::os::unix::fs::PermissionsExt;
use std::process::{Command, Stdio};

use atelier_policy::{Decision, Policy, Rule, RuleReference};
use proptest::prelude::*;

/// Pieces that mean something to a shell, to be put together at random.
const PIECES: &[&str] = &[
    "a",
    "b",
    "c",
    " ",
    " ",
    " ",
    "\n",
    ";",
    "&",
    "&&",
    "||",
    "|",
    "|&",
    "(",
    ")",
    "((",
    "))",
    "{ ",
    " }",
    "; }",
    "$(",
    "${",
    "}",
    "$((",
    "$[",
    "]",
    "`",
    "\\`",
    "'",
    "\"",
    "$'",
    "$\"",
    "\\",
    "\\\n",
    "#",
    "<<A\n",
    "\nA\n",
    "<<-'B'\n",
    "\nB\n",
    "<<<",
    "<(",
    ">(",
    ">",
    ">>",
    "<",
    "2>&1",
    "&>",
    "if ",
    "then ",
    "else ",
    "fi",
    "for x in ",
    "do ",
    "done",
    "while ",
    "case x in ",
    "a) ",
    ";;",
    "esac",
    "f() ",
    "function f ",
    "!",
    "time ",
    "coproc ",
    "[[ ",
    " ]]",
    "x=",
    "x+=",
    "x=(",
    "a[1]=",
    "$x",
    "$@",
    "~",
    "*",
    "?",
    "[",
    "{a,b}",
    "{1..3}",
    "eval ",
    "sudo ",
    "env ",
    "sh -c ",
    "xargs ",
    "find . -exec ",
    "\\;",
    "-x",
    "--",
    "-",
    "=",
    "\t",
    "\0",
    "é",
    "\u{fdd0}",
];

fn jumble() -> impl Strategy<Value = String> {
    prop::collection::vec(prop::sample::select(PIECES), 0..40).prop_map(|pieces| pieces.concat())
}

/// Lines that are correct by construction; every command's name is a letter and a number.
fn correct() -> impl Strategy<Value = String> {
    let name = prop::sample::select(
        &[
            "c1", "c2", "c3", "\"c\"4", "c\\5", "'c6'", "$'c7'", "{c8,c9}",
        ][..],
    );
    let word = prop::sample::select(
        &[
            "w",
            "'a b'",
            "\"a  b\"",
            "\\;",
            "a\\\nb",
            "{x,y}",
            "'#'",
            "a#b",
            "\"a\\\"b\"",
            "''",
            "$'a\\'b'",
            "\"'\"",
            "'\"'",
            "-c",
            "--",
            "'$(c1 x)'",
            "\\$\\(c1\\)",
            "\"`true`\"",
            "$((1+1))",
            "\"${u:-d}\"",
        ][..],
    );
    let simple = (name, prop::collection::vec(word, 0..4))
        .prop_map(|(name, words)| [&[name], words.as_slice()].concat().join(" "));
    simple.prop_recursive(5, 40, 4, |inner| {
        prop_oneof![
            (inner.clone(), inner.clone()).prop_map(|(a, b)| format!("{a}; {b}")),
            (inner.clone(), inner.clone()).prop_map(|(a, b)| format!("{a} && {b} || {a}")),
            (inner.clone(), inner.clone()).prop_map(|(a, b)| format!("{a}\n{b}")),
            (inner.clone(), inner.clone()).prop_map(|(a, b)| format!("{a} | {b}")),
            inner.clone().prop_map(|a| format!("({a})")),
            inner.clone().prop_map(|a| format!("{{ {a}\n}}")),
            inner.clone().prop_map(|a| format!("{{ ! {{ {a}; }}; }}")),
            inner
                .clone()
                .prop_map(|a| format!("if {a}; then {a}; else {a}; fi")),
            inner
                .clone()
                .prop_map(|a| format!("for i in 1 2; do {a}; done")),
            inner
                .clone()
                .prop_map(|a| format!("case x in (y) c0;; x|z) {a};; esac")),
            inner.clone().prop_map(|a| format!("f() {{ {a}; }}; f")),
            inner.clone().prop_map(|a| format!("c1 $({a})")),
            inner.clone().prop_map(|a| format!("c1 \"x$({a})y\"")),
            inner.clone().prop_map(|a| format!("c1 \"${{u:-$({a})}}\"")),
            inner.clone().prop_map(|a| format!("v=$({a})")),
            inner.clone().prop_map(|a| format!("c1 $((1 + 0$({a})))")),
            inner.clone().prop_map(|a| {
                let end = format!("E{}", a.len());
                format!("{{ c1 <<{end}\n$({a})\n{end}\n}}")
            }),
            inner
                .clone()
                .prop_map(|a| format!("{{ c1 <<'E' x; c2\n$(c0 never)\nE\n{a}\n}}")),
            inner.clone().prop_map(|a| format!("[[ x == $({a}) ]]")),
            inner.prop_map(|a| format!("{a} & wait")),
        ]
    })
}

/// Correct lines with some pieces put in, or something taken away: mostly readable, in strange ways.
fn mutated() -> impl Strategy<Value = String> {
    let edit = (
        any::<prop::sample::Index>(),
        0..3_usize,
        prop::sample::select(PIECES),
    );
    (correct(), prop::collection::vec(edit, 0..4)).prop_map(|(line, edits)| {
        let mut characters: Vec<char> = line.chars().collect();
        for (place, removed, piece) in edits {
            let start = place.index(characters.len() + 1);
            let end = (start + removed).min(characters.len());
            characters.splice(start..end, piece.chars());
        }
        characters.into_iter().collect()
    })
}

/// Whether the shell, given the line, comes to run `c3`; the commands `c0` to `c9` exist, and no others.
fn runs_c3(shell: &str, line: &str) -> bool {
    let folder = tempfile::tempdir().expect("a folder");
    let programs = folder.path().join("programs");
    std::fs::create_dir(&programs).expect("a folder");
    for number in 0..10 {
        let log = folder.path().join("log");
        let text = match number {
            3 => format!("#!/bin/sh\necho c3 >> '{}'\n", log.display()),
            _ => "#!/bin/sh\n".to_owned(),
        };
        let program = programs.join(format!("c{number}"));
        std::fs::write(&program, text).expect("a program");
        std::fs::set_permissions(&program, std::fs::Permissions::from_mode(0o755))
            .expect("executable");
    }
    let work = folder.path().join("work");
    std::fs::create_dir(&work).expect("a folder");
    let script = format!("ulimit -t 2\n{line}\n");
    Command::new(shell)
        .args(["-c", &script])
        .env_clear()
        .env("PATH", &programs)
        .current_dir(work)
        .stdin(Stdio::null())
        .output()
        .expect("the shell is installed");
    folder.path().join("log").exists()
}

/// The commands that bash runs, each as its arguments.
fn run_by_bash(line: &str) -> Option<Vec<Vec<String>>> {
    // Every command is unknown to bash, as PATH is empty; it then calls this function. Files are made in a folder that
    // goes afterwards.
    let folder = tempfile::tempdir().ok()?;
    let script = format!(
        "ulimit -t 2; PATH=\ncommand_not_found_handle() {{ {{ printf '%s\\x1f' \"$@\"; printf '\\x1e'; }} >&9; }}\nexec 9>&1 >&2\n{line}\n"
    );
    let output = Command::new("bash")
        .args(["--norc", "--noprofile", "-c", &script])
        .current_dir(folder.path())
        .stdin(Stdio::null())
        .output()
        .ok()?;
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    let commands = text.split('\u{1e}').filter(|command| !command.is_empty());
    Some(
        commands
            .map(|command| {
                let words = command.strip_suffix('\u{1f}').unwrap_or(command);
                words.split('\u{1f}').map(str::to_owned).collect()
            })
            .collect(),
    )
}

/// Whether the words of a finding, in which `…` is anything, are these arguments.
fn is_seen_as(seen: &[String], run: &[String]) -> bool {
    let unclear = seen.iter().any(|word| word.contains('…'));
    seen == run
        || (unclear && seen.first() == run.first())
        || seen.first().is_some_and(|name| name.contains('…'))
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_text_is_decided(line in "\\PC*") {
        let verdict = Policy::built_in_only().check_line(&line);
        prop_assert!(!verdict.findings.is_empty());
    }

    #[test]
    fn any_jumble_is_decided_and_wrapping_it_never_loosens(line in jumble()) {
        let policy = Policy::built_in_only();
        let alone = policy.check_line(&line);
        // `sh -c -x` is an option more.
        prop_assume!(!line.starts_with(['-', '+']));
        for argv in [vec!["sh", "-c", &line], vec!["sudo", "bash", "-lc", &line], vec!["eval", &line]] {
            let wrapped = policy.check_argv(&argv);
            prop_assert!(wrapped.decision >= alone.decision, "{argv:?}: {wrapped:?} < {alone:?}");
        }
    }

    #[test]
    fn any_arguments_are_decided(argv in prop::collection::vec(prop_oneof![jumble(), prop::sample::select(PIECES).prop_map(str::to_owned)], 0..8)) {
        let verdict = Policy::built_in_only().check_argv(&argv);
        prop_assert!(!verdict.findings.is_empty());
    }

    #[test]
    fn what_is_denied_is_denied_wherever_it_stands(before in correct(), after in correct()) {
        let policy = Policy::built_in_only();
        for line in [format!("{before}\nrm -rf /\n{after}"), format!("{before}\nsudo sh -c 'rm -rf /' &\n{after}")] {
            prop_assert_eq!(policy.check_line(&line).decision, Decision::Deny, "{}", line);
        }
    }

    #[test]
    fn rules_never_panic(line in jumble(), pattern in prop::collection::vec(prop::sample::select(PIECES), 1..4)) {
        let rule: Rule = serde_json::from_value(serde_json::json!({
            "action": "deny", "pattern": pattern, "match": [line.clone()],
        })).expect("a rule");
        if let Ok(policy) = Policy::new(vec![rule], Decision::Allow) {
            prop_assert_eq!(policy.check_line(&line).decision, Decision::Deny);
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 100, max_global_rejects: 100_000, failure_persistence: None, ..ProptestConfig::default() })]

    /// The reader against the shell itself: what it reads is what bash runs.
    #[test]
    fn bash_runs_nothing_that_was_not_seen(line in correct()) {
        let verdict = Policy::built_in_only().check_line(&line);
        let readable = verdict.findings.iter().all(|finding| !finding.reason.contains("cannot be read"));
        prop_assert!(readable, "not read: {line}\n{verdict:?}");
        for run in run_by_bash(&line).expect("bash is installed") {
            let seen = verdict.findings.iter().any(|finding| is_seen_as(&finding.command, &run));
            prop_assert!(seen, "not seen: {run:?}\nin: {line}\n{:#?}", verdict.findings);
        }
    }

    /// The same for lines that are mostly wrong: either the reader says so, or it sees what bash runs of them.
    #[test]
    fn bash_runs_nothing_of_a_jumble_that_was_not_seen(line in prop_oneof![jumble(), mutated()]) {
        // `env` and `sh -c` are seen through, and have no finding of their own.
        prop_assume!(!line.contains("env ") && !line.contains("sh -c ") && !line.contains('\0'));
        let verdict = Policy::built_in_only().check_line(&line);
        prop_assume!(verdict.findings.iter().all(|finding| finding.rule != RuleReference::Unreadable));
        for run in run_by_bash(&line).expect("bash is installed") {
            let seen = verdict.findings.iter().any(|finding| is_seen_as(&finding.command, &run));
            prop_assert!(seen, "not seen: {run:?}\nin: {line:?}\n{:#?}", verdict.findings);
        }
    }

    /// A denied command does not run unasked, however the line is bent, in either of the shells that a node may have.
    #[test]
    fn no_shell_runs_what_is_denied(line in mutated()) {
        prop_assume!(!line.contains('\0'));
        let rule: Rule = serde_json::from_value(serde_json::json!({ "action": "deny", "pattern": ["c3"] })).expect("a rule");
        let policy = Policy::new(vec![rule], Decision::Allow).expect("a policy");
        prop_assume!(policy.check_line(&line).decision == Decision::Allow);
        for shell in ["/bin/bash", "/bin/sh"] {
            prop_assert!(!runs_c3(shell, &line), "{shell} runs c3 in {line:?}");
        }
    }
}
