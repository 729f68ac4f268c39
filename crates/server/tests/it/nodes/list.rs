//! The list: paged, searched, narrowed to labels and states, with thousands of rows.

use atelier_api::ErrorCode;
use atelier_api::Page;
use atelier_api::ids::{NodeId, OrganizationId, WorkspaceId};
use atelier_api::v1::nodes::{Node, NodeState};
use atelier_api::v1::workspaces::Workspace;
use atelier_db::sqlx::{self, AssertSqlSafe};
use atelier_testkit::TestApp;
use uuid::Uuid;

use super::{all, embedded, nodes_path};

/// One of a fleet.
pub(super) fn number(number: u32) -> NodeId {
    NodeId::from_uuid(Uuid::from_u128(number.into()))
}

/// The values of one row.
fn row(organization: OrganizationId, number: u32) -> String {
    let id = self::number(number);
    let region = if number.is_multiple_of(10) {
        "eu"
    } else {
        "EU-west"
    };
    format!(
        "('{id}', '{organization}', 'Node {number:05}', 'node {number:05}', 0, 1, 'key {number}', \
         '{{\"note\":\"100% \\\"x\\\":\\\"y\\\"\",\"region\":\"{region}\"}}', 5)"
    )
}

/// Rows of servers that have joined and are away: `node 00001`, …; every tenth is in `eu`.
pub(super) async fn fleet(app: &TestApp, organization: OrganizationId, size: u32) {
    let db = app.database().await;
    let mut tx = db.begin().await.unwrap();
    let numbers: Vec<u32> = (1..=size).collect();
    for numbers in numbers.chunks(500) {
        let rows: Vec<_> = numbers
            .iter()
            .map(|number| row(organization, *number))
            .collect();
        let statement = format!(
            "INSERT INTO nodes (id, organization_id, name, name_key, local, created_at, \
             public_key, labels, last_seen_at) VALUES {}",
            rows.join(", ")
        );
        let inserted = sqlx::query(AssertSqlSafe(statement)).execute(&mut *tx);
        inserted.await.unwrap();
    }
    tx.commit().await.unwrap();
    db.close().await;
}

#[tokio::test]
async fn ten_thousand_servers_are_paged_searched_and_narrowed() {
    let app = TestApp::start().await;
    let (organization, viewer) = (app.organization().await, app.viewer().await);
    fleet(&app, organization, 10_000).await;
    let path = nodes_path(organization);

    let everything = all(&viewer, &path, &[("limit", "200")]).await;
    assert_eq!(everything.len(), 10_001, "and the embedded one");
    assert!(everything.is_sorted_by(|a, b| a.id < b.id));
    let away = &everything[4_999];
    assert_eq!(away.name, "Node 05000");
    assert_eq!(away.state, NodeState::Offline);
    assert_eq!(away.last_seen_at.map(|at| at.0), Some(5));
    assert_eq!(away.state_since, away.last_seen_at);
    assert_eq!(away.labels["region"], "eu");

    for (query, expected) in [
        (vec![("search", " NODE 0999")], 10),
        (vec![("search", "Node 10000")], 1),
        (vec![("search", "%")], 0),
        (vec![("search", "' OR 1=1 --")], 0),
        (vec![("label", "region=eu")], 1_000),
        (vec![("label", "region=EU-west"), ("search", "0999")], 10),
        (vec![("label", "region=EU")], 0),
        (vec![("label", "region"), ("search", "0999")], 11),
        (vec![("label", "x=y")], 0),
        (vec![("label", "x")], 0),
        (vec![("label", "region=eu"), ("search", "0050")], 2),
        (vec![("state", "offline")], 10_001),
        (vec![("state", "online")], 0),
        (vec![("state", "offline"), ("label", "region=eu")], 1_000),
    ] {
        let mut query = query;
        query.push(("limit", "200"));
        let found = all(&viewer, &path, &query).await;
        assert_eq!(found.len(), expected, "{query:?}");
    }
}

#[tokio::test]
async fn the_embedded_server_is_there_and_says_what_it_is() {
    let app = TestApp::builder().with_node().start().await;
    let viewer = app.viewer().await;
    let organization = app.organization().await;
    fleet(&app, organization, 3).await;
    let path = nodes_path(organization);
    let online = all(&viewer, &path, &[("state", "online"), ("limit", "1")]).await;
    assert_eq!(online.len(), 1);
    let node = &online[0];
    assert!(node.local && node.info.is_some());
    assert_eq!((&node.last_seen_at, &node.round_trip_us), (&None, &None));
    let offline = all(&viewer, &path, &[("state", "offline"), ("limit", "2")]).await;
    assert_eq!(offline.len(), 3);
    assert!(offline.iter().all(|node| !node.local));
}

#[tokio::test]
async fn what_cannot_be_listed_is_refused_and_foreign_servers_do_not_exist() {
    let app = TestApp::start().await;
    let owner = app.owner().await;
    let path = nodes_path(app.organization().await);
    for (name, value, code) in [
        ("limit", "0", ErrorCode::Invalid),
        ("limit", "201", ErrorCode::Invalid),
        ("limit", "many", ErrorCode::Malformed),
        ("cursor", "' OR 1=1 --", ErrorCode::Invalid),
        ("label", "Region=eu", ErrorCode::Invalid),
        ("label", "=eu", ErrorCode::Invalid),
        ("state", "asleep", ErrorCode::Malformed),
        ("search", &"x".repeat(300), ErrorCode::Invalid),
        ("surch", "x", ErrorCode::Malformed),
    ] {
        let answer = owner.get(&path).query(&[(name, value)]).send().await;
        answer.problem(code);
    }
    let outsider = app.outsider().await;
    outsider
        .get(&path)
        .send()
        .await
        .problem(ErrorCode::NotFound);
    let elsewhere = outsider.account().memberships[0].organization_id;
    let own: Page<Node> = outsider.get(&nodes_path(elsewhere)).send().await.ok();
    assert_eq!(own.items, []);
}

/// Puts stopped workspaces into the database: `on` a server, with these numbers, deleted or not.
async fn workspaces(app: &TestApp, on: NodeId, numbers: std::ops::Range<u32>, deleted: bool) {
    let organization = app.organization().await;
    let owner = app.owner().await.account().id;
    let db = app.database().await;
    let mut tx = db.begin().await.unwrap();
    for number in numbers {
        let id = WorkspaceId::from_uuid(Uuid::from_u128(number.into()));
        let deleted_at = if deleted { "5" } else { "NULL" };
        let statement = format!(
            "INSERT INTO workspaces (id, organization_id, owner_id, name, name_key, node_id, driver, \
             source, state, state_since, steps, limits, generation, cloned, created_at, deleted_at, \
             version) VALUES ('{id}', '{organization}', '{owner}', 'w{number}', 'w{number}', '{on}', \
             'host', '{{\"kind\":\"template\",\"template\":\"empty\"}}', 'stopped', 1, '[]', '{{}}', \
             1, 1, 1, {deleted_at}, 1)"
        );
        let inserted = sqlx::query(AssertSqlSafe(statement)).execute(&mut *tx);
        inserted.await.unwrap();
    }
    tx.commit().await.unwrap();
    db.close().await;
}

#[tokio::test]
async fn rows_that_many_ask_for_at_once_are_each_the_right_one() {
    let app = TestApp::start().await;
    let (organization, owner) = (app.organization().await, app.owner().await);
    fleet(&app, organization, 70).await;
    let asked = (1..=71_u32).map(|number| {
        let id = NodeId::from_uuid(Uuid::from_u128(number.into()));
        let asked = owner.get(&format!("/api/v1/nodes/{id}/machine/terminals"));
        async move {
            let answer = asked.send().await;
            if number == 71 {
                answer.problem(ErrorCode::NotFound);
                return;
            }
            let detail = answer.problem(ErrorCode::NodeOffline).detail;
            assert!(detail.contains(&format!("“Node {number:05}”")), "{detail}");
        }
    });
    futures_util::future::join_all(asked).await;
}

#[tokio::test]
async fn the_workspaces_of_one_server_are_listed_page_by_page() {
    let app = TestApp::start().await;
    let (organization, viewer) = (app.organization().await, app.viewer().await);
    fleet(&app, organization, 2).await;
    let [away, other] = [1_u128, 2].map(|number| NodeId::from_uuid(Uuid::from_u128(number)));
    let here = embedded(&app).await.id;
    workspaces(&app, away, 0..5, false).await;
    workspaces(&app, away, 5..7, true).await;
    workspaces(&app, here, 7..10, false).await;

    let path = format!("/api/v1/organizations/{organization}/workspaces");
    let list = async |node: NodeId, deleted: bool| -> Vec<Workspace> {
        let mut found = Vec::new();
        let mut cursor: Option<String> = None;
        loop {
            let mut query = vec![
                ("node", node.to_string()),
                ("deleted", deleted.to_string()),
                ("limit", "2".to_owned()),
            ];
            query.extend(cursor.map(|cursor| ("cursor", cursor)));
            let page: Page<Workspace> = viewer.get(&path).query(&query).send().await.ok();
            assert!(page.items.len() <= 2);
            found.extend(page.items);
            cursor = page.next_cursor;
            if cursor.is_none() {
                return found;
            }
        }
    };
    let found = list(away, false).await;
    assert_eq!(found.len(), 5);
    assert!(found.iter().all(|workspace| workspace.node_id == away));
    assert!(found.is_sorted_by(|a, b| a.id > b.id), "newest first");
    assert_eq!(list(away, true).await.len(), 2);
    assert_eq!(list(here, false).await.len(), 3);
    assert_eq!(list(other, false).await, []);
    let all: Page<Workspace> = viewer.get(&path).send().await.ok();
    assert_eq!(all.items.len(), 8);
    let nonsense = viewer.get(&format!("{path}?node=berlin")).send().await;
    nonsense.problem(ErrorCode::Malformed);
}
