// The server's limits on what is typed in, so that a form can say them before it is sent. The
// server has the last word.

/** Characters of a password: the least and the most (`SetupComplete.password`). */
export const PASSWORD_MIN = 10;
export const PASSWORD_MAX = 1000;

/** Characters of a person's, token's or organization's name (`AccountUpdate.name`). */
export const NAME_MAX = 100;

/** Characters of a workspace's name (`WorkspaceCreate.name`). */
export const WORKSPACE_NAME_MAX = 63;

/** Days for which a token works at most (`TokenCreate.expires_in_days`). */
export const TOKEN_DAYS_MAX = 365;
