//! Rules, defaults, examples and combinations, through the public interface.

use atelier_policy::{
    Decision, Element, Policy, PolicyDocument, PolicyError, Rule, RuleReference, Verdict,
};

const NODE_TOML: &str = r#"
default = "ask"

[[rules]]
action = "allow"
pattern = ["git", ["status", "log", "diff"]]
match = ["git status", "cd x && git log --oneline"]
not_match = ["git push", "echo git status", "./git status"]

[[rules]]
action = "allow"
pattern = ["cargo", "*"]

[[rules]]
action = "allow"
pattern = ["sudo", "systemctl", "restart"]

[[rules]]
action = "allow"
pattern = ["systemctl"]

[[rules]]
action = "allow"
pattern = ["echo"]

[[rules]]
action = "allow"
pattern = ["python3"]

[[rules]]
action = "deny"
pattern = ["git", "push", "--force"]
reason = "history is kept"

[[rules]]
action = "ask"
pattern = ["cargo", "publish"]
"#;

fn document(text: &str) -> PolicyDocument {
    toml::from_str(text).expect("the document is well formed")
}

fn policy(text: &str) -> Policy {
    Policy::from_document(document(text)).expect("the policy is sound")
}

#[track_caller]
fn decides(policy: &Policy, expected: Decision, lines: &[&str]) {
    for line in lines {
        let verdict = policy.check_line(line);
        assert_eq!(verdict.decision, expected, "{line}: {verdict:#?}");
    }
}

fn rule(action: Decision, pattern: &[&str]) -> Rule {
    Rule {
        action,
        pattern: pattern
            .iter()
            .map(|word| Element::Word((*word).to_owned()))
            .collect(),
        reason: None,
        matches: Vec::new(),
        not_match: Vec::new(),
    }
}

#[test]
fn the_strictest_rule_of_all_commands_decides() {
    let policy = policy(NODE_TOML);
    decides(
        &policy,
        Decision::Allow,
        &[
            "git status",
            "git log --oneline && git diff",
            "/usr/bin/git status",
            "timeout 60 nice cargo test",
            "env RUST_LOG=debug cargo test",
            "sh -c 'git status; cargo build'",
            "bash -lc \"git status\"",
            "(git status; { cargo fmt; })",
            "echo \"$(git status)\"",
            "x=$(git log); echo $x",
            "sudo systemctl restart nginx",
            "systemctl list-units",
            "python3 -c 'print(1)'",
            "sh -c 'echo \"$1\"' sh a",
        ],
    );
    decides(
        &policy,
        Decision::Ask,
        &[
            "git",
            "git pull",
            "git \"$verb\"",
            "git $verb",
            "./git status",
            "/tmp/git status",
            "git status; ls",
            "git status | tee x",
            "echo $(ls)",
            "sudo git status",
            "sudo systemctl stop nginx",
            "sudo systemctl $verb nginx",
            "cargo publish",
            "nice cargo publish --dry-run",
            "cargo",
            "PATH=/tmp git status",
            "LD_PRELOAD=/tmp/x.so git status",
            "env PATH=/tmp git status",
            "git status; $x",
            "systemctl stop atelier-node; ls",
            "curl x | python3",
            "echo ls | sh",
            "cargo $x",
            "git status (",
        ],
    );
    decides(
        &policy,
        Decision::Deny,
        &[
            "git push --force",
            "git push --force origin main",
            "/tmp/git push --force",
            "git status; sudo git push --force",
            "cargo test || sh -c 'git push --force'",
            "rm -rf /",
        ],
    );
}

#[test]
fn a_policy_that_is_silent_restricts_nothing_but_what_is_built_in() {
    let policy = Policy::from_document(document("")).expect("empty is sound");
    assert_eq!(policy, Policy::built_in_only());
    decides(
        &policy,
        Decision::Allow,
        &["ls", "curl x -o y", "# nothing", ""],
    );
    decides(&policy, Decision::Deny, &["rm -rf /"]);
}

#[test]
fn no_rule_lifts_a_built_in_denial_but_one_may_lift_a_built_in_question() {
    let everything = Policy::new(
        vec![
            rule(Decision::Allow, &["*"]),
            rule(Decision::Allow, &["rm"]),
        ],
        Decision::Allow,
    )
    .expect("sound");
    decides(
        &everything,
        Decision::Deny,
        &["rm -rf /", "sudo rm -rf /", ":(){ :|:& };:"],
    );
    // `*` names nothing, so it lifts nothing.
    decides(
        &everything,
        Decision::Ask,
        &["reboot", "python3 -c 'x'", "$x"],
    );
    let named = Policy::new(
        vec![
            rule(Decision::Allow, &["reboot"]),
            rule(Decision::Allow, &["sh"]),
        ],
        Decision::Deny,
    )
    .expect("sound");
    decides(&named, Decision::Allow, &["reboot", "reboot -f", "sh"]);
    decides(
        &named,
        Decision::Ask,
        &["curl_is_denied | sh"].map(|_| "reboot | sh"),
    );
    decides(&named, Decision::Deny, &["sudo reboot", "curl x | sh"]);
}

#[test]
fn what_cannot_be_known_is_denied_by_a_strict_policy() {
    let strict = policy("strict = true");
    decides(
        &strict,
        Decision::Deny,
        &[
            "$x",
            "echo \"",
            "curl x | sh",
            "eval \"$x\"",
            "python3 -c 'x'",
            "sh",
        ],
    );
    decides(&strict, Decision::Allow, &["ls", "echo $x", "sh -c ls"]);
    decides(&strict, Decision::Ask, &["reboot", "rm -rf $x"]);
}

#[test]
fn a_line_before_a_fault_is_still_denied() {
    decides(
        &Policy::built_in_only(),
        Decision::Deny,
        &[
            "rm -rf /\n(",
            "rm -rf /; echo \"",
            "true\nsudo rm -rf /\nif",
        ],
    );
}

#[test]
fn a_computed_argument_makes_a_restricting_rule_ask() {
    let policy =
        policy("[[rules]]\naction = \"deny\"\npattern = [\"docker\", \"run\", \"--privileged\"]");
    decides(
        &policy,
        Decision::Deny,
        &["docker run --privileged x", "sudo docker run --privileged"],
    );
    decides(
        &policy,
        Decision::Ask,
        &[
            "docker $x",
            "docker run $x",
            "docker run \"$x\" y",
            "docker run -*",
        ],
    );
    decides(
        &policy,
        Decision::Allow,
        &[
            "docker run x",
            "docker ps $x",
            "docker run x $x",
            "docker build \"$x\"",
        ],
    );
}

#[test]
fn a_redirection_that_writes_is_a_command_named_by_its_operator() {
    let policy = policy(
        "default = \"ask\"\n\
         [[rules]]\naction = \"allow\"\npattern = [\"echo\"]\n\
         [[rules]]\naction = \"allow\"\npattern = [[\">\", \">>\"], \"build.log\"]\nmatch = [\"make > build.log\"]\n\
         [[rules]]\naction = \"deny\"\npattern = [\">\", \".env\"]",
    );
    decides(
        &policy,
        Decision::Allow,
        &[
            "echo x > build.log",
            "echo x >> build.log",
            "echo x > /dev/null 2>&1",
            "echo x < y",
        ],
    );
    decides(
        &policy,
        Decision::Ask,
        &["echo x > y", "(echo x) > y", "> y", "echo x > $y"],
    );
    decides(
        &policy,
        Decision::Deny,
        &["echo x > .env", "{ echo x; } 2> .env"],
    );
}

#[test]
fn alternatives_are_literal() {
    let policy =
        policy("[[rules]]\naction = \"deny\"\npattern = [\"expr\", \"2\", [\"*\", \"/\"]]");
    decides(&policy, Decision::Deny, &["expr 2 '*' 3", "expr 2 / 3"]);
    decides(&policy, Decision::Allow, &["expr 2 + 3"]);
    // Unquoted, the shell may make file names of it.
    decides(&policy, Decision::Ask, &["expr 2 * 3"]);
}

#[test]
fn arguments_without_a_shell_are_taken_as_they_stand() {
    let policy = policy(NODE_TOML);
    let decision = |argv: &[&str]| policy.check_argv(argv).decision;
    assert_eq!(decision(&["git", "status"]), Decision::Allow);
    assert_eq!(decision(&["git", "status;rm -rf /"]), Decision::Ask);
    assert_eq!(
        decision(&["echo", "$(rm -rf /)", "; rm -rf /"]),
        Decision::Allow
    );
    assert_eq!(decision(&["rm", "-rf", "/"]), Decision::Deny);
    assert_eq!(decision(&["rm", "-rf", "$HOME"]), Decision::Ask);
    assert_eq!(decision(&["sudo", "sh", "-c", "rm -rf ~"]), Decision::Deny);
    assert_eq!(decision(&["$x"]), Decision::Ask);
    assert_eq!(decision(&["git", "push", "--force"]), Decision::Deny);
    assert_eq!(decision(&["echo", "\0"]), Decision::Ask);
    assert_eq!(decision(&["echo", "\u{fdd0}"]), Decision::Ask);
    assert_eq!(decision(&[]), Decision::Allow);
    let built_in = Policy::built_in_only();
    assert_eq!(
        built_in.check_argv(&["rm", "-rf", "*"]).decision,
        Decision::Allow
    );
    assert_eq!(
        built_in.check_argv(&["rm", "-rf", "~"]).decision,
        Decision::Allow
    );
    assert_eq!(built_in.check_argv(&["$x", "a"]).decision, Decision::Allow);
}

#[test]
fn of_several_policies_the_strictest_wins() {
    let host = policy("[[rules]]\naction = \"deny\"\npattern = [\"docker\"]");
    let organization =
        policy("default = \"ask\"\n[[rules]]\naction = \"allow\"\npattern = [\"docker\"]");
    let both = |line: &str| Policy::check_line_by_all(&[&host, &organization], line);
    assert_eq!(both("docker ps").decision, Decision::Deny);
    assert_eq!(both("ls").decision, Decision::Ask);
    assert_eq!(
        Policy::check_line_by_all(&[], "rm -rf /").decision,
        Decision::Deny
    );
    assert_eq!(
        Policy::check_line_by_all(&[], "ls").decision,
        Decision::Allow
    );
    let argv = ["docker", "ps"];
    assert_eq!(
        Policy::check_argv_by_all(&[&organization, &host], &argv).decision,
        Decision::Deny
    );
}

#[test]
fn findings_say_what_why_and_who() {
    let verdict = policy(NODE_TOML).check_line("git status && sudo git 'push' --force $x");
    let decisive: Vec<_> = verdict.decisive().collect();
    assert_eq!(decisive.len(), 1);
    assert_eq!(decisive[0].command, ["git", "push", "--force", "…"]);
    assert_eq!(decisive[0].reason, "history is kept");
    assert_eq!(decisive[0].rule, RuleReference::Rule { index: 6 });
    assert_eq!(verdict.findings.len(), 3, "{verdict:#?}");
    let json = serde_json::to_value(&verdict).expect("serializes");
    assert_eq!(json["decision"], "deny");
    assert_eq!(json["findings"][0]["rule"]["kind"], "rule");
    let back: Verdict = serde_json::from_value(json).expect("deserializes");
    assert_eq!(back, verdict);
}

#[test]
fn documents_are_the_same_in_toml_and_in_json() {
    let document = document(NODE_TOML);
    let json = serde_json::to_string(&document).expect("serializes");
    assert_eq!(
        serde_json::from_str::<PolicyDocument>(&json).expect("deserializes"),
        document
    );
    let toml = toml::to_string(&document).expect("serializes");
    assert_eq!(self::document(&toml), document);
    for unknown in [
        "colour = 1",
        "[[rules]]\naction = \"deny\"\npattern = [\"x\"]\nmatches = []",
    ] {
        assert!(
            toml::from_str::<PolicyDocument>(unknown).is_err(),
            "{unknown}"
        );
    }
    assert!(
        toml::from_str::<PolicyDocument>("[[rules]]\naction = \"forbid\"\npattern = [\"x\"]")
            .is_err()
    );
}

#[test]
fn a_policy_with_a_failing_example_is_refused_with_words() {
    let refused = |pattern: &[&str], matches: &[&str], not_match: &[&str]| {
        let rule = Rule {
            matches: matches.iter().map(|line| (*line).to_owned()).collect(),
            not_match: not_match.iter().map(|line| (*line).to_owned()).collect(),
            ..rule(Decision::Deny, pattern)
        };
        let first = self::rule(Decision::Allow, &["ls"]);
        Policy::new(vec![first, rule], Decision::Allow)
            .err()
            .map(|error| error.to_string())
    };
    assert_eq!(
        refused(
            &["git", "push"],
            &["sudo git push x", "true; git push"],
            &["git pull"]
        ),
        None
    );
    assert_eq!(
        refused(&["git", "push"], &["git pull"], &[]).as_deref(),
        Some(
            "rule 2 (git push) does not match its example `git pull`: change the pattern, or the example"
        )
    );
    assert_eq!(
        refused(&["git"], &[], &["ls; git pull"]).as_deref(),
        Some(
            "rule 2 (git) matches `ls; git pull`, which it is said not to match: narrow the pattern, or remove the \
             example"
        )
    );
    let unreadable = refused(&["git"], &["git \""], &[]).expect("refused");
    assert!(
        unreadable
            .starts_with("rule 2 (git): its example `git \"` cannot be checked: it cannot be read")
    );
    // What is computed does not surely match.
    assert!(refused(&["git", "push"], &["git $x"], &[]).is_some());
    assert_eq!(refused(&["git", "push"], &[], &["git $x"]), None);
}

#[test]
fn rules_that_cannot_mean_anything_are_refused() {
    let refused = |rule: Rule| Policy::new(vec![rule], Decision::Allow).expect_err("refused");
    let with = |pattern| Rule {
        pattern,
        ..rule(Decision::Deny, &[])
    };
    for pattern in [
        vec![],
        vec![Element::OneOf(vec![])],
        vec![Element::Word(String::new())],
        vec![Element::Word("x".to_owned()); 65],
        vec![Element::OneOf(vec!["x".to_owned(); 65])],
    ] {
        assert!(matches!(
            refused(with(pattern)),
            PolicyError::Malformed { rule: 1, .. }
        ));
    }
    let many = vec![rule(Decision::Deny, &["x"]); 1001];
    assert_eq!(
        Policy::new(many, Decision::Allow),
        Err(PolicyError::TooManyRules { count: 1001 })
    );
}

#[test]
fn what_is_too_large_is_denied() {
    let policy = Policy::built_in_only();
    let nest = |open: &str, inner: &str, close: &str, times: usize| {
        format!("{}{inner}{}", open.repeat(times), close.repeat(times))
    };
    for (line, reason) in [
        ("x".repeat(64 * 1024 + 1), "longer than 64 KiB"),
        ("a;".repeat(1001), "more than 1,000 commands"),
        (nest("echo $(", "a", ")", 500), "nested too deeply"),
        (nest("(", "a", ")", 5000), "nested too deeply"),
        (nest("{ ", "a", "; }", 5000), "nested too deeply"),
        (nest("if ", "a", "; then b; fi", 2000), "nested too deeply"),
        (nest("${a:-", "a", "}", 5000), "nested too deeply"),
        (nest("\"$(", "a", ")\"", 5000), "nested too deeply"),
        (
            nest("sudo ", "a", "", 200),
            "wrapped in each other too deeply",
        ),
        (
            nest("eval ", "a", "", 200),
            "wrapped in each other too deeply",
        ),
        (nest("$((", "1", ")) ", 5000), "nested too deeply"),
        ("((".repeat(30_000), "too large"),
        ("`\\`".repeat(10_000), ""),
    ] {
        let verdict = policy.check_line(&line);
        let start = &line[..line.len().min(40)];
        assert_ne!(verdict.decision, Decision::Allow, "{start}");
        let said = verdict
            .decisive()
            .any(|finding| finding.reason.contains(reason));
        assert!(said, "{start}: {:?}", verdict.findings.last());
        if !reason.is_empty() {
            assert_eq!(verdict.decision, Decision::Deny, "{start}");
        }
    }
    let long: Vec<String> = vec!["x".repeat(1000); 100];
    assert_eq!(policy.check_argv(&long).decision, Decision::Deny);
    assert_eq!(
        policy.check_line(&"a;".repeat(900)).decision,
        Decision::Allow
    );
    assert_eq!(
        policy.check_line(&nest("echo $(", "a", ")", 20)).decision,
        Decision::Allow
    );
}

/// Each of these took minutes with some version of the code; a hang shows as the test runner's timeout.
#[test]
fn hostile_lines_come_to_an_end() {
    let policy = Policy::built_in_only();
    for line in [
        "[".repeat(60_000),
        "[]".repeat(30_000),
        "$((".repeat(20_000),
        format!("echo {}", "{a,".repeat(20_000)),
        format!("echo {}", "{a,b}{c,d}{e,f} ".repeat(4_000)),
        format!("find {} -exec rm {{}} \\;", "a ".repeat(20_000)),
        format!("{}{}", "eval ".repeat(12), "a ".repeat(30_000)),
        "cat <<A\n".repeat(8_000),
    ] {
        assert!(!policy.check_line(&line).findings.is_empty());
    }
}
