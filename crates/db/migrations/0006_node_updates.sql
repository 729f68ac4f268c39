-- Rollouts: a program given to servers in stages, and each one's part on a server.

-- `state`: running, paused, succeeded, failed or aborted. `next_stage_at`: the pause before the next stage.
CREATE TABLE node_rollouts (
    id TEXT PRIMARY KEY,
    organization_id TEXT NOT NULL REFERENCES organizations (id) ON DELETE CASCADE,
    state TEXT NOT NULL,
    reason TEXT,
    canary BIGINT NOT NULL,
    batch BIGINT NOT NULL,
    pause_s BIGINT NOT NULL,
    wait_for_offline BIGINT NOT NULL,
    healthy_within_s BIGINT NOT NULL,
    next_stage_at BIGINT,
    created_by TEXT NOT NULL,
    created_by_name TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    finished_at BIGINT
);
CREATE INDEX node_rollouts_by_organization ON node_rollouts (organization_id, id);

-- `program`: the SHA-256 of what the server gets. `ordered`: the server may have been told to go over to it.
CREATE TABLE node_updates (
    id TEXT PRIMARY KEY,
    node_rollout_id TEXT NOT NULL REFERENCES node_rollouts (id) ON DELETE CASCADE,
    node_id TEXT NOT NULL REFERENCES nodes (id) ON DELETE CASCADE,
    stage BIGINT NOT NULL,
    state TEXT NOT NULL,
    reason TEXT,
    program TEXT,
    ordered BIGINT NOT NULL,
    started_at BIGINT,
    finished_at BIGINT
);
CREATE INDEX node_updates_by_rollout ON node_updates (node_rollout_id, id);
CREATE INDEX node_updates_by_stage ON node_updates (node_rollout_id, state, stage);
CREATE INDEX node_updates_by_node ON node_updates (node_id);
