//! What of a request makes sense.

use atelier_api::node::update::HEALTHY_WITHIN_S_MAX;
use atelier_api::v1::node_rollouts::NodeRolloutCreate;

use crate::error::{Error, Result};

/// The most servers of one rollout.
pub(super) const NODES_MAX: usize = 10_000;

/// The longest pause between stages: a week.
const PAUSE_S_MAX: u32 = 7 * 24 * 60 * 60;

/// How servers are gone through.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Plan {
    pub(super) canary: u32,
    pub(super) batch: u32,
    pub(super) pause_s: u32,
    pub(super) healthy_within_s: u32,
}

impl Plan {
    pub(super) fn of(request: &NodeRolloutCreate) -> Result<Self> {
        let plan = Self {
            canary: request.canary.unwrap_or(1),
            batch: request.batch.unwrap_or(10),
            pause_s: request.pause_s.unwrap_or(0),
            healthy_within_s: request.healthy_within_s.unwrap_or(60),
        };
        let most = u32::try_from(NODES_MAX).unwrap_or(u32::MAX);
        within("canary", plan.canary, 0, most)?;
        within("batch", plan.batch, 1, most)?;
        within("pause_s", plan.pause_s, 0, PAUSE_S_MAX)?;
        within(
            "healthy_within_s",
            plan.healthy_within_s,
            1,
            HEALTHY_WITHIN_S_MAX,
        )?;
        Ok(plan)
    }

    /// The stage of the server at this place in the order.
    pub(super) fn stage(self, place: usize) -> u32 {
        let place = u32::try_from(place).unwrap_or(u32::MAX);
        match place.checked_sub(self.canary) {
            None => 0,
            Some(after) => 1 + after / self.batch,
        }
    }
}

fn within(field: &str, value: u32, least: u32, most: u32) -> Result<()> {
    if (least..=most).contains(&value) {
        Ok(())
    } else {
        Err(Error::invalid(
            field,
            format!("Give a number from {least} to {most}."),
        ))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_canary_comes_first_and_batches_after_it() {
        let request = NodeRolloutCreate {
            canary: Some(2),
            batch: Some(3),
            ..NodeRolloutCreate::default()
        };
        let plan = Plan::of(&request).unwrap();
        let stages: Vec<_> = (0..9).map(|place| plan.stage(place)).collect();
        assert_eq!(stages, [0, 0, 1, 1, 1, 2, 2, 2, 3]);
        let none = NodeRolloutCreate {
            canary: Some(0),
            batch: Some(2),
            ..request.clone()
        };
        let stages: Vec<_> = (0..3)
            .map(|place| Plan::of(&none).unwrap().stage(place))
            .collect();
        assert_eq!(stages, [1, 1, 2]);
        for bad in [
            NodeRolloutCreate {
                batch: Some(0),
                ..request.clone()
            },
            NodeRolloutCreate {
                pause_s: Some(PAUSE_S_MAX + 1),
                ..request.clone()
            },
            NodeRolloutCreate {
                healthy_within_s: Some(0),
                ..request
            },
        ] {
            assert!(Plan::of(&bad).is_err(), "{bad:?}");
        }
    }
}
