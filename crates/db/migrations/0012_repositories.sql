-- What was last seen of the repositories in workspaces. All of it can be looked at again.
CREATE TABLE repositories (
    workspace_id TEXT NOT NULL REFERENCES workspaces (id) ON DELETE CASCADE,
    path TEXT NOT NULL,
    found TEXT NOT NULL,
    words TEXT NOT NULL,
    committed_at BIGINT NOT NULL,
    PRIMARY KEY (workspace_id, path)
);
CREATE TABLE repository_looks (
    workspace_id TEXT PRIMARY KEY REFERENCES workspaces (id) ON DELETE CASCADE,
    looked_at BIGINT NOT NULL,
    truncated BIGINT NOT NULL
);
