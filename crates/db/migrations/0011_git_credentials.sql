-- Who people are at Git hosts. `sealed` is the password or token, encrypted for this row by the server's master key.
CREATE TABLE git_credentials (
    id TEXT PRIMARY KEY,
    account_id TEXT NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
    url TEXT NOT NULL,
    username TEXT NOT NULL,
    sealed TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL,
    expires_at BIGINT,
    last_used_at BIGINT,
    refused_at BIGINT,
    UNIQUE (account_id, url, username)
);
