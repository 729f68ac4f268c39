-- Commands that people run on servers, and their runs, one for each server.

-- `approval`: none, awaiting, approved or refused. `spec`: JSON, with the variables.
CREATE TABLE node_jobs (
    id TEXT PRIMARY KEY,
    organization_id TEXT NOT NULL REFERENCES organizations (id) ON DELETE CASCADE,
    idempotency_key TEXT,
    spec TEXT NOT NULL,
    approval TEXT NOT NULL,
    reason TEXT,
    created_by TEXT NOT NULL,
    created_by_name TEXT NOT NULL,
    decided_by_name TEXT,
    created_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL,
    concurrency BIGINT NOT NULL,
    cancelled BIGINT NOT NULL
);
CREATE INDEX node_jobs_by_organization ON node_jobs (organization_id, id);
CREATE UNIQUE INDEX node_jobs_by_key ON node_jobs (organization_id, idempotency_key)
WHERE idempotency_key IS NOT NULL;

-- `execution_id`: by which the server knows the attempt. `acknowledged`: it has said that it does.
CREATE TABLE node_runs (
    id TEXT PRIMARY KEY,
    node_job_id TEXT NOT NULL REFERENCES node_jobs (id) ON DELETE CASCADE,
    node_id TEXT NOT NULL REFERENCES nodes (id) ON DELETE CASCADE,
    state TEXT NOT NULL,
    reason TEXT,
    priority BIGINT NOT NULL,
    attempt BIGINT NOT NULL,
    execution_id TEXT NOT NULL,
    acknowledged BIGINT NOT NULL,
    expires_at BIGINT NOT NULL,
    started_at BIGINT,
    finished_at BIGINT,
    exit_status TEXT,
    output_start BIGINT NOT NULL,
    output_end BIGINT NOT NULL
);
CREATE INDEX node_runs_by_job ON node_runs (node_job_id, id);
CREATE INDEX node_runs_by_node ON node_runs (node_id);
CREATE INDEX node_runs_by_state ON node_runs (node_job_id, state);
CREATE INDEX node_runs_queued ON node_runs (node_id, priority DESC, id) WHERE state = 'queued';
CREATE INDEX node_runs_running ON node_runs (node_id) WHERE state = 'running';
CREATE INDEX node_runs_expiring ON node_runs (expires_at) WHERE state IN ('queued', 'held');

-- Base64: what a command prints need not be text.
CREATE TABLE node_run_outputs (
    node_run_id TEXT PRIMARY KEY REFERENCES node_runs (id) ON DELETE CASCADE,
    content TEXT NOT NULL
);
