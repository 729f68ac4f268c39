//! A valid request for each operation: one that, once authorized, comes to something else than 401,
//! 403 or 404.

use serde_json::{Value, json};

use atelier_testkit::PASSWORD;

/// A request, its path aside.
#[derive(Debug, Clone, Default)]
pub(super) struct Sample {
    /// `?` and the query, or nothing.
    pub(super) query: &'static str,
    /// The body.
    pub(super) body: Body,
    /// It asks for a WebSocket.
    pub(super) websocket: bool,
    /// It ends the session that it comes with.
    pub(super) ends_session: bool,
    /// The workspace that it is about.
    pub(super) workspace: Target,
}

/// Which workspace an operation is tried at.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) enum Target {
    /// The one that all others are tried at.
    #[default]
    Kept,
    /// One that can be done without.
    Fresh,
    /// One that was deleted.
    Deleted,
}

#[derive(Debug, Clone, Default)]
pub(super) enum Body {
    #[default]
    None,
    Json(Value),
    Bytes(&'static str),
}

fn plain() -> Sample {
    Sample::default()
}

fn query(query: &'static str) -> Sample {
    Sample { query, ..plain() }
}

fn json_body(body: Value) -> Sample {
    Sample {
        body: Body::Json(body),
        ..plain()
    }
}

fn websocket(query: &'static str) -> Sample {
    Sample {
        query,
        websocket: true,
        ..plain()
    }
}

/// The sample of an operation; absent for one that nobody has written a sample for.
pub(super) fn sample(stem: &str) -> Option<Sample> {
    // Those of the machine itself are shaped like those of a workspace.
    let stem = stem.strip_prefix("machine_").unwrap_or(stem);
    let sample = match stem {
        "info_view"
        | "account_view"
        | "session_list"
        | "token_list"
        | "preference_list"
        | "preference_view"
        | "preference_delete"
        | "organization_list"
        | "organization_view"
        | "member_list"
        | "audit_event_list"
        | "job_list"
        | "job_view"
        | "node_list"
        | "node_view"
        | "node_connection_list"
        | "node_telemetry_view"
        | "workspace_telemetry_view"
        | "node_token_list"
        | "template_list"
        | "workspace_list"
        | "workspace_view"
        | "workspace_status"
        | "terminal_list"
        | "terminal_view"
        | "terminal_command_list"
        | "terminal_command_search"
        | "recording_list"
        | "recording_view"
        | "recording_read"
        | "terminal_share_list"
        | "process_list"
        | "process_view"
        | "port_list"
        | "language_list"
        | "vscode_view"
        | "vscode_start"
        | "vscode_stop"
        | "vscode_delete"
        | "vscode_open"
        | "repository_list"
        | "repository_refresh" => plain(),
        // The server is set up: 409.
        "setup_complete" => json_body(json!({
            "token": "used", "email": "a@b.c", "name": "A", "password": PASSWORD,
        })),
        "session_create" => Sample {
            ends_session: true,
            ..json_body(json!({ "email": "viewer@example.org", "password": PASSWORD }))
        },
        "session_delete" => Sample {
            ends_session: true,
            ..plain()
        },
        "account_update" | "organization_update" | "workspace_update" => {
            json_body(json!({ "name": "renamed" }))
        }
        "node_update" => json_body(json!({ "labels": { "sample": "yes" } })),
        // The embedded one can be neither: 409.
        "node_delete" | "node_revoke" => plain(),
        // No WebSocket: 400.
        "node_tunnel" => plain(),
        "node_job_list" | "node_job_view" | "node_job_cancel" | "node_job_approve"
        | "node_job_refuse" | "node_job_retry" | "node_run_list" | "node_run_output" => plain(),
        // No server has it: 422.
        "node_job_create" => json_body(json!({ "command": "true", "labels": { "no": "such" } })),
        "schedule_list" | "schedule_view" | "schedule_run" | "schedule_delete" => plain(),
        "schedule_create" => json_body(json!({
            "name": "sample", "cron": "0 0 * * *",
            "job": { "command": "true", "labels": { "no": "such" } },
        })),
        "schedule_update" => json_body(json!({ "enabled": false })),
        "schedule_preview" => query("?cron=0%200%20*%20*%20*"),
        "node_rollout_list"
        | "node_rollout_view"
        | "node_rollout_pause"
        | "node_rollout_resume"
        | "node_rollout_abort"
        | "node_rollout_node_list" => plain(),
        // No server has it: 422.
        "node_rollout_create" => json_body(json!({ "labels": { "no": "such" } })),
        "node_token_create" => json_body(json!({ "name": "sample" })),
        "node_token_delete" => plain(),
        // Not the current one: 422, and all can go on signing in.
        "password_update" => json_body(json!({ "current": "x", "new": "eleven quiet otters" })),
        "session_revoke" | "token_delete" => plain(),
        "token_create" => json_body(json!({ "name": "sample", "expires_in_days": 1 })),
        // Without the version that was seen: 428.
        "preference_update" => json_body(json!({ "value": { "fontSize": 13 } })),
        // The address is taken: 409.
        "member_create" => json_body(json!({
            "email": "viewer@example.org", "name": "V", "role": "viewer", "password": PASSWORD,
        })),
        "member_update" => json_body(json!({ "role": "member" })),
        // The member owns workspaces: 409.
        "member_delete" => plain(),
        "job_cancel" => plain(),
        "workspace_create" => json_body(json!({
            "name": "sample", "source": { "kind": "template", "template": "empty" },
        })),
        "workspace_delete" => Sample {
            workspace: Target::Fresh,
            ..plain()
        },
        "workspace_restore" => Sample {
            workspace: Target::Deleted,
            ..plain()
        },
        "workspace_start"
        | "workspace_stop"
        | "workspace_restart"
        | "workspace_cancel"
        | "terminal_delete"
        | "process_delete"
        | "recording_create"
        | "recording_stop"
        | "recording_delete"
        | "terminal_share_revoke" => plain(),
        "terminal_share_create" => json_body(json!({ "access": "read" })),
        // No token: 400.
        "share_open" => json_body(json!({})),
        "share_attach" | "workspace_bridge" => websocket(""),
        "port_watch" => websocket(""),
        "port_update" => json_body(json!({ "name": "web" })),
        "port_open" => json_body(json!({})),
        "terminal_create" => json_body(json!({})),
        "terminal_update" => json_body(json!({ "cols": 80, "rows": 24 })),
        "terminal_signal" | "process_signal" => json_body(json!({ "signal": "INT" })),
        "process_create" => json_body(json!({ "command": ["true"] })),
        "process_input" => Sample {
            body: Body::Bytes("input"),
            ..plain()
        },
        "process_output" => query("?stream=stdout"),
        "file_list" | "file_view" => query("?path="),
        "language_attach" => websocket(""),
        "language_view" | "language_log" => query("?root="),
        // No version: 422, and nothing is installed.
        "vscode_install" => query("?version=newest"),
        // No root of the workspace: 422, and nothing is installed.
        "language_install" | "language_restart" | "language_stop" => query("?root=..%2Foutside"),
        _ if stem.starts_with("git_") => return git(stem),
        "file_read" => query("?path=a"),
        "file_delete" => query("?path=a"),
        "file_write" => Sample {
            body: Body::Bytes("content"),
            ..query("?path=a")
        },
        // No files: 400.
        "file_batch" => Sample {
            body: Body::Bytes("no parts"),
            ..query("?files=1")
        },
        "file_upload_create" | "file_upload_finish" => query("?path=a"),
        "file_upload_view" | "file_upload_delete" => plain(),
        "file_upload_append" => Sample {
            body: Body::Bytes("part"),
            ..plain()
        },
        "directory_create" => json_body(json!({ "path": "a" })),
        "search_text" => json_body(json!({ "pattern": { "query": "a" } })),
        "search_names" => json_body(json!({ "query": "a" })),
        "search_replace" => json_body(json!({
            "pattern": { "query": "a" }, "replacement": "b", "files": [],
        })),
        // There is none: 409.
        "search_undo" => json_body(json!({ "replacement": "repl_00000000000000000000000000" })),
        "file_move" | "file_copy" => json_body(json!({ "from": "a", "to": "b" })),
        "file_transfer" => json_body(json!({ "kind": "move", "paths": ["a"], "to": "b" })),
        "file_archive" => query("?path=a"),
        "file_trash" => json_body(json!({ "paths": ["a"] })),
        "trash_restore" => json_body(json!({ "ids": [] })),
        "trash_list" | "trash_delete" | "trash_empty" => plain(),
        "file_mode_update" => json_body(json!({ "path": "a", "mode": 0o644 })),
        "event_stream"
        | "terminal_attach"
        | "process_attach"
        | "node_telemetry_follow"
        | "workspace_telemetry_follow" => websocket(""),
        "file_watch" => websocket("?path="),
        _ => return None,
    };
    Some(sample)
}

/// The workspaces of this test hold no repository: what is valid comes to 404 from the agent, which is not what
/// somebody without the right is told. So each of these is not quite valid, and comes to 422 or 400.
fn git(stem: &str) -> Option<Sample> {
    let outside = "/nowhere";
    let body = |rest: Value| {
        let mut body = json!({ "path": outside });
        let all = body.as_object_mut().expect("an object");
        all.extend(rest.as_object().expect("an object").clone());
        json_body(body)
    };
    let sample = match stem {
        // A person's own.
        "git_credential_list" | "git_credential_delete" => plain(),
        "git_credential_create" => json_body(json!({
            "url": "https://git.example.org", "username": "ada", "secret": "s3cret", "replace": true,
        })),
        "git_credential_update" => json_body(json!({ "secret": "new-s3cret" })),
        "git_run_list" | "git_ssh_key_list" => plain(),
        "git_known_host_list" => query("?host=*"),
        "git_ssh_key_create" => json_body(json!({ "name": "../a" })),
        "git_ssh_key_delete" => json_body(json!({})),
        "git_known_host_create" => {
            json_body(json!({ "host": "*", "key_type": "ssh-ed25519", "key": "a" }))
        }
        "git_known_host_delete" => json_body(json!({})),
        "git_status" | "git_draft" | "git_reference_list" | "git_log" | "git_stash_list"
        | "git_remote_list" | "git_submodule_list" | "git_worktree_list" | "git_identity_view" => {
            query("?path=/nowhere")
        }
        "git_diff" | "git_blame" => query("?path=/nowhere&file=a"),
        "git_content" => query("?path=/nowhere&file=a&source=head"),
        "git_commit_view" => query("?path=/nowhere&commit=HEAD"),
        "git_stage" | "git_unstage" | "git_discard" => body(json!({ "all": true })),
        "git_discard_undo" => body(json!({ "undo": { "files": [], "trash": [] } })),
        "git_commit" => body(json!({ "message": "m" })),
        "git_resolve" => body(json!({ "files": ["a"], "with": "ours" })),
        "git_branch_create" | "git_branch_switch" | "git_branch_delete" | "git_tag_create"
        | "git_tag_delete" | "git_remote_remove" | "git_remote_update" => {
            body(json!({ "name": "a" }))
        }
        "git_branch_rename" => body(json!({ "name": "a", "new_name": "b" })),
        "git_remote_add" => body(json!({ "name": "a", "url": "https://example.org/a" })),
        "git_stash_push" | "git_fetch" | "git_pull" | "git_push" | "git_submodule_update" => {
            body(json!({}))
        }
        "git_stash_apply" | "git_stash_pop" | "git_stash_drop" => {
            body(json!({ "index": 0, "id": "abcd" }))
        }
        "git_clone" => body(json!({ "url": "https://example.org/a" })),
        "git_merge" => body(json!({ "reference": "a" })),
        "git_rebase" => body(json!({ "onto": "a" })),
        "git_proceed" => body(json!({ "step": "abort" })),
        "git_cherry_pick" | "git_revert" => body(json!({ "commits": ["abcd"] })),
        "git_reset" => body(json!({ "commit": "HEAD", "mode": "soft" })),
        "git_worktree_add" => body(json!({ "directory": "a", "branch": "a" })),
        "git_worktree_remove" => body(json!({ "directory": "a" })),
        "git_identity_update" => body(json!({ "scope": "local", "name": "", "email": "" })),
        _ => return None,
    };
    Some(sample)
}
