//! The built-in rules on a table of lines: `lines.tsv`.

use atelier_policy::{Decision, Policy};

const LINES: &str = include_str!("lines.tsv");

fn rows() -> impl Iterator<Item = (usize, Decision, String)> {
    let rows = LINES.lines().enumerate();
    rows.filter(|(_, row)| !row.is_empty() && !row.starts_with('#'))
        .map(|(i, row)| {
            let (decision, line) = row
                .split_once('\t')
                .unwrap_or_else(|| panic!("line {}: no tab", i + 1));
            let decision = match decision {
                "allow" => Decision::Allow,
                "ask" => Decision::Ask,
                "deny" => Decision::Deny,
                other => panic!("line {}: {other}", i + 1),
            };
            let escaped = line.replace("\\\\", "\0").replace("\\n", "\n");
            let line = escaped.replace("\\t", "\t").replace('\0', "\\");
            (i + 1, decision, line)
        })
}

#[test]
fn every_line_is_decided_as_the_table_says() {
    let policy = Policy::built_in_only();
    let mut wrong = Vec::new();
    for (number, expected, line) in rows() {
        let verdict = policy.check_line(&line);
        if verdict.decision != expected {
            wrong.push(format!(
                "{number}: {line:?}: {:?}, not {expected:?}: {:?}",
                verdict.decision,
                verdict.decisive().collect::<Vec<_>>()
            ));
        }
    }
    assert!(
        wrong.is_empty(),
        "{} wrong:\n{}",
        wrong.len(),
        wrong.join("\n")
    );
}

#[test]
fn the_table_is_large_and_has_no_row_twice() {
    let mut lines: Vec<String> = rows().map(|(_, _, line)| line).collect();
    let count = lines.len();
    lines.sort();
    lines.dedup();
    assert_eq!(count, lines.len(), "a row stands there twice");
    for decision in [Decision::Allow, Decision::Ask, Decision::Deny] {
        assert!(rows().filter(|row| row.1 == decision).count() > 80);
    }
}

#[test]
fn whatever_is_not_allowed_says_why() {
    let policy = Policy::built_in_only();
    for (number, expected, line) in rows() {
        let verdict = policy.check_line(&line);
        let first = verdict.decisive().next();
        let finding = first.unwrap_or_else(|| panic!("{number}: no finding"));
        assert!(
            !finding.reason.is_empty() && !finding.command.is_empty(),
            "{number}: {finding:?}"
        );
        assert_eq!(
            expected == Decision::Allow,
            finding.decision == Decision::Allow
        );
    }
}
