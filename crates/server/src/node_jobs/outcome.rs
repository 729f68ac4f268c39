//! What an execution's end means for its run.

use atelier_api::ids::ExecutionId;
use atelier_api::node::jobs::{Execution, ExecutionState};
use atelier_api::v1::node_jobs::NodeRunState;

use super::store::runs::RunRow;
use crate::ctx::Ctx;

/// Takes an execution's end over into the run.
pub(super) fn take_over(ctx: &Ctx, run: &mut RunRow, execution: &Execution) {
    let exit = execution.exit.as_ref();
    let (state, reason) = match execution.state {
        ExecutionState::Ended if execution.timed_out => (
            NodeRunState::Failed,
            Some("Its time was over, and it was ended.".to_owned()),
        ),
        ExecutionState::Ended => match exit.map(|exit| (exit.code, exit.signal)) {
            Some((Some(0), _)) => (NodeRunState::Succeeded, None),
            Some((Some(code), _)) => (
                NodeRunState::Failed,
                Some(format!("It ended with the status {code}.")),
            ),
            Some((None, Some(signal))) => (
                NodeRunState::Failed,
                Some(format!("The signal {signal} ended it.")),
            ),
            _ => (NodeRunState::Failed, Some("It ended.".to_owned())),
        },
        ExecutionState::Cancelled => (NodeRunState::Cancelled, execution.detail.clone()),
        ExecutionState::Interrupted => (NodeRunState::Interrupted, execution.detail.clone()),
        _ => (NodeRunState::Failed, execution.detail.clone()),
    };
    end(ctx, run, state, reason);
    run.exit = exit.cloned();
}

/// Ends a run.
pub(super) fn end(ctx: &Ctx, run: &mut RunRow, state: NodeRunState, reason: Option<String>) {
    run.state = state;
    run.reason = reason;
    run.finished_at = Some(ctx.now());
}

/// Puts a failed run back, as an execution that no server has heard of.
pub(super) fn try_again(ctx: &Ctx, run: &mut RunRow) {
    run.state = NodeRunState::Queued;
    run.attempt += 1;
    run.execution = ExecutionId::from_uuid(ctx.next_id());
    run.acknowledged = false;
    run.finished_at = None;
}
