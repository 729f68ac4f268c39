-- Servers that join (docs/decisions/0008). The embedded node has no key and never connects.

ALTER TABLE nodes ADD COLUMN name_key TEXT NOT NULL DEFAULT '';
UPDATE nodes SET name_key = lower(name);
-- Ed25519, base64; absent for the embedded node and for one that was revoked.
ALTER TABLE nodes ADD COLUMN public_key TEXT;
-- A JSON object of texts, its keys sorted, without spaces: it is searched as text.
ALTER TABLE nodes ADD COLUMN labels TEXT NOT NULL DEFAULT '{}';
ALTER TABLE nodes ADD COLUMN draining BIGINT NOT NULL DEFAULT 0;
ALTER TABLE nodes ADD COLUMN revoked BIGINT NOT NULL DEFAULT 0;
ALTER TABLE nodes ADD COLUMN last_seen_at BIGINT;
ALTER TABLE nodes ADD COLUMN address TEXT;
ALTER TABLE nodes ADD COLUMN machine TEXT;
ALTER TABLE nodes ADD COLUMN warning TEXT;

DROP INDEX nodes_by_organization;
CREATE INDEX nodes_by_organization ON nodes (organization_id, id);
CREATE UNIQUE INDEX nodes_by_name ON nodes (organization_id, name_key);
CREATE UNIQUE INDEX nodes_by_public_key ON nodes (public_key) WHERE public_key IS NOT NULL;

-- `rejoins`: the server that joins again with it. `used_by`: the server that has joined with it.
CREATE TABLE node_join_tokens (
    id TEXT PRIMARY KEY,
    organization_id TEXT NOT NULL REFERENCES organizations (id) ON DELETE CASCADE,
    secret_hash TEXT NOT NULL UNIQUE,
    name TEXT,
    labels TEXT NOT NULL,
    rejoins TEXT REFERENCES nodes (id) ON DELETE CASCADE,
    created_by TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL,
    used_by TEXT REFERENCES nodes (id) ON DELETE CASCADE,
    used_at BIGINT
);
CREATE INDEX node_join_tokens_by_organization ON node_join_tokens (organization_id, id);
CREATE INDEX node_join_tokens_by_rejoins ON node_join_tokens (rejoins) WHERE rejoins IS NOT NULL;
CREATE INDEX node_join_tokens_by_used_by ON node_join_tokens (used_by) WHERE used_by IS NOT NULL;
