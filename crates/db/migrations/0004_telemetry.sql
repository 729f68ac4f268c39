-- What servers measured of themselves (decision 0010).

-- A span of measurements, from `start_at` on: 10 minutes as they were taken (`resolution_s` 10), an
-- hour by the minute (60), a day by the hour (3600). `content`: the bytes of a block, in base64.
CREATE TABLE node_telemetry (
    node_id TEXT NOT NULL REFERENCES nodes (id) ON DELETE CASCADE,
    resolution_s BIGINT NOT NULL,
    start_at BIGINT NOT NULL,
    content TEXT NOT NULL,
    PRIMARY KEY (node_id, resolution_s, start_at)
);
CREATE INDEX node_telemetry_by_age ON node_telemetry (resolution_s, start_at);

-- How far a server's measurements have been taken over, by its own clock, which is ahead of ours by
-- `offset_ms`. `gaps`: JSON, what an outage left out and is still to be asked for.
CREATE TABLE node_telemetry_tracks (
    node_id TEXT PRIMARY KEY REFERENCES nodes (id) ON DELETE CASCADE,
    head_at BIGINT,
    offset_ms BIGINT NOT NULL,
    gaps TEXT NOT NULL
);
