//! The coverage test of authorization: every operation of the API, as everybody.
//!
//! It reads the API's own description. An operation without a row in the authorization table, a
//! row without an operation, and an operation without a sample request all fail.

mod fixtures;
mod samples;

use std::collections::BTreeSet;

use atelier_api::Problem;
use atelier_api::v1::organizations::Role;
use atelier_server::authz::{Action, Rule};
use atelier_testkit::TestResponse;
use http::Method;

use fixtures::{Fixtures, Person};
use samples::sample;

/// An operation of the API.
#[derive(Debug, Clone)]
struct Operation {
    stem: String,
    method: Method,
    path: String,
}

/// What changes something and is not audited: it touches nobody but the person (decision 0013), or only reads
/// once more what is there.
const NOT_AUDITED: &[&str] = &[
    "preference_update",
    "preference_delete",
    "repository_refresh",
];

/// How an answer stands to authorization.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Verdict {
    /// 401.
    Unauthenticated,
    /// 403.
    Forbidden,
    /// 404.
    Hidden,
    /// Whatever the operation then came to.
    Allowed,
}

fn operations() -> Vec<Operation> {
    let description = serde_json::to_value(atelier_server::openapi());
    let description = description.expect("the description is JSON");
    let paths = description["paths"].as_object();
    let mut operations = Vec::new();
    for (path, item) in paths.expect("the description has paths") {
        for (method, operation) in item.as_object().into_iter().flatten() {
            let Some(stem) = operation["operationId"].as_str() else {
                continue; // What stands beside the methods: parameters, a summary.
            };
            operations.push(Operation {
                stem: stem.to_owned(),
                method: method.to_uppercase().parse().expect("keys are methods"),
                path: path.clone(),
            });
        }
    }
    operations
}

fn verdict(status: u16) -> Verdict {
    match status {
        401 => Verdict::Unauthenticated,
        403 => Verdict::Forbidden,
        404 => Verdict::Hidden,
        _ => Verdict::Allowed,
    }
}

/// What the table says of this person.
fn expected(rule: Rule, person: Person) -> Verdict {
    let Rule::Role { own, any } = rule else {
        return match (rule, person) {
            (Rule::SignedIn, Person::Anonymous) => Verdict::Unauthenticated,
            _ => Verdict::Allowed,
        };
    };
    let by_role = |role: Role, needed: Role| {
        if role >= needed {
            Verdict::Allowed
        } else {
            Verdict::Forbidden
        }
    };
    match person {
        Person::Anonymous => Verdict::Unauthenticated,
        Person::Outsider => Verdict::Hidden,
        Person::Viewer => by_role(Role::Viewer, any),
        Person::MemberOfOwn => by_role(Role::Member, own),
        Person::MemberOfForeign => by_role(Role::Member, any),
        Person::Admin => by_role(Role::Admin, any),
        Person::Owner => by_role(Role::Owner, any),
    }
}

#[test]
fn operations_and_rows_of_the_table_are_the_same() {
    let operations: Vec<String> = operations().into_iter().map(|it| it.stem).collect();
    let unique: BTreeSet<&str> = operations.iter().map(String::as_str).collect();
    assert_eq!(
        unique.len(),
        operations.len(),
        "an operationId is used twice"
    );
    let rows: BTreeSet<&str> = Action::ALL.iter().map(|action| action.stem()).collect();
    let without_row: Vec<_> = unique.difference(&rows).collect();
    let without_operation: Vec<_> = rows.difference(&unique).collect();
    assert!(
        without_row.is_empty(),
        "operations without a row in authz/table.rs: {without_row:?}"
    );
    assert!(
        without_operation.is_empty(),
        "rows of authz/table.rs without an operation: {without_operation:?}"
    );
}

#[test]
fn every_operation_has_a_sample() {
    let without: Vec<_> = operations()
        .into_iter()
        .filter(|operation| sample(&operation.stem).is_none())
        .map(|operation| operation.stem)
        .collect();
    assert!(
        without.is_empty(),
        "operations without a sample request in tests/it/authz/samples.rs: {without:?}"
    );
}

#[tokio::test]
async fn every_operation_answers_everybody_as_the_table_says() {
    let fixtures = Fixtures::make().await;
    let mut wrong = Vec::new();
    let mut changed = BTreeSet::new();
    for operation in operations() {
        let Some(action) = Action::ALL
            .iter()
            .find(|action| action.stem() == operation.stem)
        else {
            continue; // The test above names it.
        };
        for person in Person::ALL {
            let answer = fixtures.drive(&operation, person).await;
            let expected = expected(action.rule(), person);
            if answer.status.is_success() && !operation.method.is_safe() {
                changed.insert(action.stem());
            }
            if verdict(answer.status.as_u16()) != expected {
                wrong.push(format!(
                    "{} as {person:?}: expected {expected:?}, but {answer}",
                    operation.stem
                ));
            }
        }
    }
    assert!(
        wrong.is_empty(),
        "{} answers differ from authz/table.rs:\n{}",
        wrong.len(),
        wrong.join("\n")
    );

    // Whoever changed something stands in the audit log.
    let audited = fixtures.audited_actions().await;
    let silent: Vec<_> = changed
        .iter()
        .filter(|stem| !audited.contains(**stem) && !NOT_AUDITED.contains(stem))
        .collect();
    assert!(
        silent.is_empty(),
        "changes that are not audited: {silent:?}"
    );
    assert!(
        changed.len() > 10,
        "the samples change too little: {changed:?}"
    );
}

/// Whoever is not in the organization gets the very same answer for what is there and for what is
/// not.
#[tokio::test]
async fn strangers_cannot_tell_what_exists() {
    let fixtures = Fixtures::make().await;
    let mut told = Vec::new();
    for operation in operations() {
        let action = Action::ALL
            .iter()
            .find(|action| action.stem() == operation.stem);
        if !matches!(action.map(|action| action.rule()), Some(Rule::Role { .. })) {
            continue;
        }
        for person in [Person::Outsider, Person::Anonymous] {
            let there = fixtures.drive(&operation, person).await;
            let absent = fixtures.drive_at_nothing(&operation, person).await;
            let said = |answer: &TestResponse| {
                let problem: Problem = serde_json::from_slice(&answer.body).expect("a problem");
                (problem.code, problem.detail)
            };
            if said(&there) != said(&absent) {
                told.push(format!("{person:?}: {there} / {absent}"));
            }
        }
    }
    assert!(
        told.is_empty(),
        "{} differ:\n{}",
        told.len(),
        told.join("\n")
    );
}
