//! Events: news for whoever watches, published after the commit, over `GET /api/v1/events`.

use atelier_api::Timestamp;
use atelier_api::ids::OrganizationId;
use atelier_api::v1::events::EventBody;

/// The in-process bus. Cheap to clone.
#[derive(Debug, Clone, Default)]
pub struct Bus {}

impl Bus {
    /// Tells the news to all subscribers. Never blocks: who falls behind is told so.
    pub fn publish(&self, _at: Timestamp, _organization: OrganizationId, _body: EventBody) {}
}
