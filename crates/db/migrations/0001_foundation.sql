-- The common subset of SQLite and PostgreSQL. Ids are TypeID text, times are UTC milliseconds,
-- booleans are 0 or 1, JSON is text.

CREATE TABLE server (
    id BIGINT PRIMARY KEY CHECK (id = 1),
    created_at BIGINT NOT NULL,
    setup_token_hash TEXT,
    setup_completed_at BIGINT
);

CREATE TABLE accounts (
    id TEXT PRIMARY KEY,
    email TEXT NOT NULL,
    email_key TEXT NOT NULL UNIQUE,
    name TEXT NOT NULL,
    password_hash TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL
);

CREATE TABLE sessions (
    id TEXT PRIMARY KEY,
    account_id TEXT NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
    secret_hash TEXT NOT NULL UNIQUE,
    created_at BIGINT NOT NULL,
    last_used_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL,
    address TEXT NOT NULL,
    user_agent TEXT NOT NULL
);
CREATE INDEX sessions_by_account ON sessions (account_id, created_at);

CREATE TABLE tokens (
    id TEXT PRIMARY KEY,
    account_id TEXT NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
    name TEXT NOT NULL,
    hint TEXT NOT NULL,
    secret_hash TEXT NOT NULL UNIQUE,
    created_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL,
    last_used_at BIGINT
);
CREATE INDEX tokens_by_account ON tokens (account_id, created_at);

CREATE TABLE organizations (
    id TEXT PRIMARY KEY,
    name TEXT NOT NULL,
    created_at BIGINT NOT NULL
);

CREATE TABLE members (
    organization_id TEXT NOT NULL REFERENCES organizations (id) ON DELETE CASCADE,
    account_id TEXT NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
    role TEXT NOT NULL CHECK (role IN ('viewer', 'member', 'admin', 'owner')),
    joined_at BIGINT NOT NULL,
    PRIMARY KEY (organization_id, account_id)
);
CREATE INDEX members_by_account ON members (account_id);

CREATE TABLE nodes (
    id TEXT PRIMARY KEY,
    organization_id TEXT NOT NULL REFERENCES organizations (id) ON DELETE CASCADE,
    name TEXT NOT NULL,
    local BIGINT NOT NULL,
    created_at BIGINT NOT NULL,
    info TEXT
);
CREATE INDEX nodes_by_organization ON nodes (organization_id, name);

CREATE TABLE workspaces (
    id TEXT PRIMARY KEY,
    organization_id TEXT NOT NULL REFERENCES organizations (id),
    owner_id TEXT NOT NULL REFERENCES accounts (id),
    name TEXT NOT NULL,
    name_key TEXT NOT NULL,
    node_id TEXT NOT NULL REFERENCES nodes (id),
    driver TEXT NOT NULL,
    source TEXT NOT NULL,
    state TEXT NOT NULL,
    state_since BIGINT NOT NULL,
    state_reason TEXT,
    steps TEXT NOT NULL,
    limits TEXT NOT NULL,
    generation BIGINT NOT NULL,
    cloned BIGINT NOT NULL,
    created_at BIGINT NOT NULL,
    deleted_at BIGINT,
    version BIGINT NOT NULL
);
CREATE UNIQUE INDEX workspaces_by_name ON workspaces (organization_id, name_key)
WHERE deleted_at IS NULL;
CREATE INDEX workspaces_by_organization ON workspaces (organization_id, id);
CREATE INDEX workspaces_by_node ON workspaces (node_id);

-- States: delayed (not before run_at), queued (due), running, and the ends: succeeded, failed,
-- cancelled, expired. `ending` is set once it is decided how a job ends without success; it stays
-- unfinished until its `ended` hook has run. See crates/server/src/jobs.
CREATE TABLE jobs (
    id TEXT PRIMARY KEY,
    organization_id TEXT,
    kind TEXT NOT NULL,
    subject TEXT,
    payload TEXT NOT NULL,
    state TEXT NOT NULL,
    reason TEXT,
    priority BIGINT NOT NULL,
    attempts BIGINT NOT NULL,
    attempts_max BIGINT NOT NULL,
    timeout_ms BIGINT NOT NULL,
    idempotency_key TEXT,
    serial_key TEXT,
    created_at BIGINT NOT NULL,
    run_at BIGINT NOT NULL,
    delay_ms BIGINT NOT NULL,
    expires_at BIGINT,
    started_at BIGINT,
    finished_at BIGINT,
    lease_owner TEXT,
    lease_until BIGINT,
    cancel_requested BIGINT NOT NULL,
    ending TEXT,
    ending_attempts BIGINT NOT NULL,
    ending_error TEXT
);
CREATE UNIQUE INDEX jobs_by_idempotency_key ON jobs (kind, idempotency_key)
WHERE idempotency_key IS NOT NULL;
CREATE INDEX jobs_queued ON jobs (priority DESC, id) WHERE state = 'queued';
CREATE INDEX jobs_delayed ON jobs (run_at) WHERE state = 'delayed';
CREATE INDEX jobs_expiring ON jobs (expires_at) WHERE expires_at IS NOT NULL;
CREATE INDEX jobs_running ON jobs (lease_until) WHERE state = 'running';
CREATE INDEX jobs_serial ON jobs (serial_key) WHERE serial_key IS NOT NULL AND state = 'running';
CREATE INDEX jobs_by_organization ON jobs (organization_id, id);
CREATE INDEX jobs_finished ON jobs (finished_at) WHERE finished_at IS NOT NULL;

CREATE TABLE audit_events (
    organization_id TEXT NOT NULL,
    sequence BIGINT NOT NULL,
    id TEXT NOT NULL,
    at BIGINT NOT NULL,
    actor TEXT NOT NULL,
    actor_name TEXT NOT NULL,
    action TEXT NOT NULL,
    resource TEXT,
    outcome TEXT NOT NULL,
    details TEXT NOT NULL,
    address TEXT,
    request_id TEXT,
    hash TEXT NOT NULL,
    PRIMARY KEY (organization_id, sequence)
);

-- Where each chain ends, so that events missing at its end are noticed too.
CREATE TABLE audit_heads (
    organization_id TEXT PRIMARY KEY,
    sequence BIGINT NOT NULL,
    hash TEXT NOT NULL
);
