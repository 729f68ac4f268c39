//! Who is there, as the control plane lists them.

use std::collections::BTreeSet;

use atelier_api::Page;
use atelier_api::ids::NodeId;
use atelier_api::v1::nodes::Node;

use crate::control_plane::ControlPlane;

/// All that it says are online.
pub(super) async fn online(server: &ControlPlane) -> anyhow::Result<BTreeSet<NodeId>> {
    let path = format!(
        "/organizations/{}/nodes?state=online&limit=200",
        server.organization
    );
    let mut ids = BTreeSet::new();
    let mut cursor = String::new();
    loop {
        let page: Page<Node> = server.get(&format!("{path}{cursor}")).await?;
        ids.extend(page.items.iter().map(|node| node.id));
        let Some(next) = page.next_cursor else {
            return Ok(ids);
        };
        cursor = format!("&cursor={next}");
    }
}
