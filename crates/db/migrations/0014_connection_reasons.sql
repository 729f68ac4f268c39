-- Why a line went down, as a kind that is said in everybody's language; nothing when it went up. `silence_ms`: of the
-- kind `silent`. `reason_detail`: of the kind `failed`, what a program said; so stands there what was written before
-- there were kinds.
ALTER TABLE node_connections RENAME COLUMN reason TO reason_detail;
ALTER TABLE node_connections ADD COLUMN reason_kind TEXT;
ALTER TABLE node_connections ADD COLUMN silence_ms BIGINT;
UPDATE node_connections SET reason_kind = 'failed' WHERE online = 0;
