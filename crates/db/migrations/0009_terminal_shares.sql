-- Links by which a terminal is shared. Of a link's secret only the SHA-256 is kept.
CREATE TABLE terminal_shares (
    id TEXT PRIMARY KEY,
    organization_id TEXT NOT NULL REFERENCES organizations (id) ON DELETE CASCADE,
    workspace_id TEXT NOT NULL REFERENCES workspaces (id) ON DELETE CASCADE,
    terminal_id TEXT NOT NULL,
    token_hash TEXT NOT NULL UNIQUE,
    access TEXT NOT NULL,
    created_by TEXT NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
    created_by_name TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL,
    revoked_at BIGINT,
    last_used_at BIGINT,
    uses BIGINT NOT NULL
);
CREATE INDEX terminal_shares_by_terminal ON terminal_shares (workspace_id, terminal_id, id);
