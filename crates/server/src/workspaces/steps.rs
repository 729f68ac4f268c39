//! The step timeline of a start.

use atelier_api::Timestamp;
use atelier_api::v1::workspaces::{StepState, WorkspaceSource, WorkspaceStep, WorkspaceStepKind};

/// A timeline at its beginning.
pub(super) fn begin(source: &WorkspaceSource, cloned: bool, now: Timestamp) -> Vec<WorkspaceStep> {
    let mut kinds = vec![WorkspaceStepKind::Queue, WorkspaceStepKind::Sandbox];
    if matches!(source, WorkspaceSource::Git { .. }) && !cloned {
        kinds.push(WorkspaceStepKind::Clone);
    }
    let pending = |kind| WorkspaceStep {
        kind,
        state: StepState::Pending,
        started_at: None,
        finished_at: None,
        percent: None,
        detail: None,
    };
    let mut steps: Vec<_> = kinds.into_iter().map(pending).collect();
    steps[0].state = StepState::Running;
    steps[0].started_at = Some(now);
    steps
}

/// Ends what runs as done, and begins `kind`.
pub(super) fn enter(steps: &mut [WorkspaceStep], kind: WorkspaceStepKind, now: Timestamp) {
    end(steps, StepState::Done, None, now);
    if let Some(step) = steps.iter_mut().find(|step| step.kind == kind) {
        step.state = StepState::Running;
        step.started_at = Some(now);
        step.finished_at = None;
        step.percent = None;
        step.detail = None;
    }
}

/// Ends what runs.
pub(super) fn end(
    steps: &mut [WorkspaceStep],
    state: StepState,
    detail: Option<&str>,
    now: Timestamp,
) {
    for step in steps
        .iter_mut()
        .filter(|step| step.state == StepState::Running)
    {
        step.state = state;
        step.finished_at = Some(now);
        if let Some(detail) = detail {
            step.detail = Some(detail.to_owned());
        }
    }
}

/// Says how far the running step is.
pub(super) fn progress(steps: &mut [WorkspaceStep], percent: u8, detail: &str) {
    if let Some(step) = steps
        .iter_mut()
        .find(|step| step.state == StepState::Running)
    {
        step.percent = Some(percent.min(100));
        step.detail = Some(detail.chars().take(200).collect());
    }
}
