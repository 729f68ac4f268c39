-- When the lines to servers went up and down. `sequence`: from 1 for each server, so that the order does not
-- hang on a clock. `reason`: why it went down, in words; nothing when it went up.
CREATE TABLE node_connections (
    node_id TEXT NOT NULL REFERENCES nodes (id) ON DELETE CASCADE,
    sequence BIGINT NOT NULL,
    at BIGINT NOT NULL,
    online BIGINT NOT NULL,
    reason TEXT,
    PRIMARY KEY (node_id, sequence)
);
