//! The authorization table.

use atelier_api::v1::organizations::Role;

/// Who may do an action.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Rule {
    /// Anybody, signed in or not.
    Public,
    /// Whoever is signed in, to what is their own by nature (their account).
    SignedIn,
    /// By role in the organization that the resource belongs to.
    Role {
        /// The least role for what the actor owns.
        own: Role,
        /// The least role for everything else.
        any: Role,
    },
}

const fn role(own: Role, any: Role) -> Rule {
    Rule::Role { own, any }
}

macro_rules! actions {
    ($($(#[$doc:meta])* $name:ident $stem:literal $rule:expr;)*) => {
        /// An operation, named by its stem: handler, operationId, audit action, metric label.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        pub enum Action {
            $(#[doc = concat!("`", $stem, "`")] $name,)*
        }

        impl Action {
            /// All actions.
            pub const ALL: &'static [Self] = &[$(Self::$name),*];

            /// The stem.
            pub const fn stem(self) -> &'static str {
                match self { $(Self::$name => $stem,)* }
            }

            /// Who may do it.
            pub const fn rule(self) -> Rule {
                match self { $(Self::$name => $rule,)* }
            }
        }
    };
}

use Role::{Admin, Member, Owner, Viewer};
use Rule::{Public, SignedIn};

actions! {
    InfoView "info_view" Public;
    SetupComplete "setup_complete" Public;
    SessionCreate "session_create" Public;
    TemplateList "template_list" SignedIn;

    SessionDelete "session_delete" SignedIn;
    AccountView "account_view" SignedIn;
    AccountUpdate "account_update" SignedIn;
    PasswordUpdate "password_update" SignedIn;
    SessionList "session_list" SignedIn;
    SessionRevoke "session_revoke" SignedIn;
    TokenList "token_list" SignedIn;
    TokenCreate "token_create" SignedIn;
    TokenDelete "token_delete" SignedIn;
    PreferenceList "preference_list" SignedIn;
    PreferenceView "preference_view" SignedIn;
    PreferenceUpdate "preference_update" SignedIn;
    PreferenceDelete "preference_delete" SignedIn;
    GitCredentialList "git_credential_list" SignedIn;
    GitCredentialCreate "git_credential_create" SignedIn;
    GitCredentialUpdate "git_credential_update" SignedIn;
    GitCredentialDelete "git_credential_delete" SignedIn;
    EventStream "event_stream" SignedIn;

    OrganizationList "organization_list" SignedIn;
    OrganizationView "organization_view" role(Viewer, Viewer);
    OrganizationUpdate "organization_update" role(Owner, Owner);
    MemberList "member_list" role(Viewer, Viewer);
    MemberCreate "member_create" role(Admin, Admin);
    MemberUpdate "member_update" role(Admin, Admin);
    MemberDelete "member_delete" role(Admin, Admin);
    AuditEventList "audit_event_list" role(Admin, Admin);

    JobList "job_list" role(Admin, Admin);
    JobView "job_view" role(Admin, Admin);
    JobCancel "job_cancel" role(Admin, Admin);

    NodeList "node_list" role(Viewer, Viewer);
    NodeView "node_view" role(Viewer, Viewer);
    NodeConnectionList "node_connection_list" role(Viewer, Viewer);
    NodeUpdate "node_update" role(Admin, Admin);
    NodeDelete "node_delete" role(Admin, Admin);
    NodeRevoke "node_revoke" role(Admin, Admin);
    NodeTunnel "node_tunnel" Public;
    NodeTelemetryView "node_telemetry_view" role(Viewer, Viewer);
    NodeTelemetryFollow "node_telemetry_follow" role(Viewer, Viewer);
    NodeTokenList "node_token_list" role(Admin, Admin);
    NodeTokenCreate "node_token_create" role(Admin, Admin);
    NodeTokenDelete "node_token_delete" role(Admin, Admin);

    NodeJobList "node_job_list" role(Admin, Admin);
    NodeJobCreate "node_job_create" role(Admin, Admin);
    NodeJobView "node_job_view" role(Admin, Admin);
    NodeJobCancel "node_job_cancel" role(Admin, Admin);
    NodeJobApprove "node_job_approve" role(Admin, Admin);
    NodeJobRefuse "node_job_refuse" role(Admin, Admin);
    NodeJobRetry "node_job_retry" role(Admin, Admin);
    NodeRunList "node_run_list" role(Admin, Admin);
    NodeRunOutput "node_run_output" role(Admin, Admin);

    ScheduleList "schedule_list" role(Admin, Admin);
    ScheduleCreate "schedule_create" role(Admin, Admin);
    ScheduleView "schedule_view" role(Admin, Admin);
    ScheduleUpdate "schedule_update" role(Admin, Admin);
    ScheduleDelete "schedule_delete" role(Admin, Admin);
    ScheduleRun "schedule_run" role(Admin, Admin);
    SchedulePreview "schedule_preview" SignedIn;
    NodeRolloutList "node_rollout_list" role(Admin, Admin);
    NodeRolloutCreate "node_rollout_create" role(Admin, Admin);
    NodeRolloutView "node_rollout_view" role(Admin, Admin);
    NodeRolloutPause "node_rollout_pause" role(Admin, Admin);
    NodeRolloutResume "node_rollout_resume" role(Admin, Admin);
    NodeRolloutAbort "node_rollout_abort" role(Admin, Admin);
    NodeRolloutNodeList "node_rollout_node_list" role(Admin, Admin);

    MachineTerminalList "machine_terminal_list" role(Admin, Admin);
    MachineTerminalCreate "machine_terminal_create" role(Admin, Admin);
    MachineTerminalView "machine_terminal_view" role(Admin, Admin);
    MachineTerminalUpdate "machine_terminal_update" role(Admin, Admin);
    MachineTerminalDelete "machine_terminal_delete" role(Admin, Admin);
    MachineTerminalSignal "machine_terminal_signal" role(Admin, Admin);
    MachineTerminalAttach "machine_terminal_attach" role(Admin, Admin);
    MachineTerminalCommandList "machine_terminal_command_list" role(Admin, Admin);
    MachineTerminalCommandSearch "machine_terminal_command_search" role(Admin, Admin);
    MachineRecordingList "machine_recording_list" role(Admin, Admin);
    MachineRecordingCreate "machine_recording_create" role(Admin, Admin);
    MachineRecordingView "machine_recording_view" role(Admin, Admin);
    MachineRecordingStop "machine_recording_stop" role(Admin, Admin);
    MachineRecordingRead "machine_recording_read" role(Admin, Admin);
    MachineRecordingDelete "machine_recording_delete" role(Admin, Admin);
    MachineFileList "machine_file_list" role(Admin, Admin);
    MachineFileView "machine_file_view" role(Admin, Admin);
    MachineFileRead "machine_file_read" role(Admin, Admin);
    MachineFileWrite "machine_file_write" role(Admin, Admin);
    MachineFileDelete "machine_file_delete" role(Admin, Admin);
    MachineDirectoryCreate "machine_directory_create" role(Admin, Admin);
    MachineFileMove "machine_file_move" role(Admin, Admin);
    MachineFileCopy "machine_file_copy" role(Admin, Admin);
    MachineFileModeUpdate "machine_file_mode_update" role(Admin, Admin);
    MachineFileTransfer "machine_file_transfer" role(Admin, Admin);
    MachineFileArchive "machine_file_archive" role(Admin, Admin);
    MachineFileWatch "machine_file_watch" role(Admin, Admin);
    MachineFileBatch "machine_file_batch" role(Admin, Admin);
    MachineFileUploadCreate "machine_file_upload_create" role(Admin, Admin);
    MachineFileUploadView "machine_file_upload_view" role(Admin, Admin);
    MachineFileUploadAppend "machine_file_upload_append" role(Admin, Admin);
    MachineFileUploadFinish "machine_file_upload_finish" role(Admin, Admin);
    MachineFileUploadDelete "machine_file_upload_delete" role(Admin, Admin);
    MachineProcessList "machine_process_list" role(Admin, Admin);
    MachineProcessCreate "machine_process_create" role(Admin, Admin);
    MachineProcessView "machine_process_view" role(Admin, Admin);
    MachineProcessDelete "machine_process_delete" role(Admin, Admin);
    MachineProcessOutput "machine_process_output" role(Admin, Admin);
    MachineProcessInput "machine_process_input" role(Admin, Admin);
    MachineProcessSignal "machine_process_signal" role(Admin, Admin);
    MachineProcessAttach "machine_process_attach" role(Admin, Admin);

    WorkspaceList "workspace_list" role(Viewer, Viewer);
    WorkspaceView "workspace_view" role(Viewer, Viewer);
    WorkspaceStatus "workspace_status" role(Viewer, Viewer);
    WorkspaceTelemetryView "workspace_telemetry_view" role(Viewer, Viewer);
    WorkspaceTelemetryFollow "workspace_telemetry_follow" role(Viewer, Viewer);
    WorkspaceCreate "workspace_create" role(Member, Member);
    WorkspaceUpdate "workspace_update" role(Member, Admin);
    WorkspaceDelete "workspace_delete" role(Member, Admin);
    WorkspaceRestore "workspace_restore" role(Member, Admin);
    WorkspaceStart "workspace_start" role(Member, Admin);
    WorkspaceStop "workspace_stop" role(Member, Admin);
    WorkspaceRestart "workspace_restart" role(Member, Admin);
    WorkspaceCancel "workspace_cancel" role(Member, Admin);

    WorkspaceBridge "workspace_bridge" role(Member, Admin);

    TerminalList "terminal_list" role(Member, Admin);
    TerminalCreate "terminal_create" role(Member, Admin);
    TerminalView "terminal_view" role(Member, Admin);
    TerminalUpdate "terminal_update" role(Member, Admin);
    TerminalDelete "terminal_delete" role(Member, Admin);
    TerminalSignal "terminal_signal" role(Member, Admin);
    TerminalAttach "terminal_attach" role(Member, Admin);
    TerminalCommandList "terminal_command_list" role(Member, Admin);
    TerminalCommandSearch "terminal_command_search" role(Member, Admin);
    RecordingList "recording_list" role(Member, Admin);
    RecordingCreate "recording_create" role(Member, Admin);
    RecordingView "recording_view" role(Member, Admin);
    RecordingStop "recording_stop" role(Member, Admin);
    RecordingRead "recording_read" role(Member, Admin);
    RecordingDelete "recording_delete" role(Member, Admin);

    TerminalShareList "terminal_share_list" role(Member, Admin);
    TerminalShareCreate "terminal_share_create" role(Member, Admin);
    TerminalShareRevoke "terminal_share_revoke" role(Member, Admin);
    ShareOpen "share_open" Public;
    ShareAttach "share_attach" Public;

    FileList "file_list" role(Member, Admin);
    FileView "file_view" role(Member, Admin);
    FileRead "file_read" role(Member, Admin);
    FileWrite "file_write" role(Member, Admin);
    FileDelete "file_delete" role(Member, Admin);
    DirectoryCreate "directory_create" role(Member, Admin);
    FileMove "file_move" role(Member, Admin);
    FileCopy "file_copy" role(Member, Admin);
    FileModeUpdate "file_mode_update" role(Member, Admin);
    FileTransfer "file_transfer" role(Member, Admin);
    FileArchive "file_archive" role(Member, Admin);
    FileTrash "file_trash" role(Member, Admin);
    TrashList "trash_list" role(Member, Admin);
    TrashRestore "trash_restore" role(Member, Admin);
    TrashDelete "trash_delete" role(Member, Admin);
    TrashEmpty "trash_empty" role(Member, Admin);
    FileWatch "file_watch" role(Member, Admin);
    FileBatch "file_batch" role(Member, Admin);
    FileUploadCreate "file_upload_create" role(Member, Admin);
    FileUploadView "file_upload_view" role(Member, Admin);
    FileUploadAppend "file_upload_append" role(Member, Admin);
    FileUploadFinish "file_upload_finish" role(Member, Admin);
    FileUploadDelete "file_upload_delete" role(Member, Admin);

    ProcessList "process_list" role(Member, Admin);
    ProcessCreate "process_create" role(Member, Admin);
    ProcessView "process_view" role(Member, Admin);
    ProcessDelete "process_delete" role(Member, Admin);
    ProcessOutput "process_output" role(Member, Admin);
    ProcessInput "process_input" role(Member, Admin);
    ProcessSignal "process_signal" role(Member, Admin);
    ProcessAttach "process_attach" role(Member, Admin);

    PortList "port_list" role(Member, Admin);
    PortWatch "port_watch" role(Member, Admin);
    PortUpdate "port_update" role(Member, Admin);
    PortOpen "port_open" role(Viewer, Viewer);

    GitStatus "git_status" role(Member, Admin);
    GitRunList "git_run_list" role(Member, Admin);
    GitDiff "git_diff" role(Member, Admin);
    GitContent "git_content" role(Member, Admin);
    GitDraft "git_draft" role(Member, Admin);
    GitReferenceList "git_reference_list" role(Member, Admin);
    GitLog "git_log" role(Member, Admin);
    GitCommitView "git_commit_view" role(Member, Admin);
    GitBlame "git_blame" role(Member, Admin);
    GitStashList "git_stash_list" role(Member, Admin);
    GitRemoteList "git_remote_list" role(Member, Admin);
    GitSubmoduleList "git_submodule_list" role(Member, Admin);
    GitWorktreeList "git_worktree_list" role(Member, Admin);
    GitIdentityView "git_identity_view" role(Member, Admin);
    GitStage "git_stage" role(Member, Admin);
    GitUnstage "git_unstage" role(Member, Admin);
    GitDiscard "git_discard" role(Member, Admin);
    GitDiscardUndo "git_discard_undo" role(Member, Admin);
    GitCommit "git_commit" role(Member, Admin);
    GitResolve "git_resolve" role(Member, Admin);
    GitBranchCreate "git_branch_create" role(Member, Admin);
    GitBranchSwitch "git_branch_switch" role(Member, Admin);
    GitBranchRename "git_branch_rename" role(Member, Admin);
    GitBranchDelete "git_branch_delete" role(Member, Admin);
    GitTagCreate "git_tag_create" role(Member, Admin);
    GitTagDelete "git_tag_delete" role(Member, Admin);
    GitStashPush "git_stash_push" role(Member, Admin);
    GitStashApply "git_stash_apply" role(Member, Admin);
    GitStashPop "git_stash_pop" role(Member, Admin);
    GitStashDrop "git_stash_drop" role(Member, Admin);
    GitRemoteAdd "git_remote_add" role(Member, Admin);
    GitRemoteUpdate "git_remote_update" role(Member, Admin);
    GitRemoteRemove "git_remote_remove" role(Member, Admin);
    GitMerge "git_merge" role(Member, Admin);
    GitCherryPick "git_cherry_pick" role(Member, Admin);
    GitRevert "git_revert" role(Member, Admin);
    GitReset "git_reset" role(Member, Admin);
    GitWorktreeAdd "git_worktree_add" role(Member, Admin);
    GitWorktreeRemove "git_worktree_remove" role(Member, Admin);
    GitIdentityUpdate "git_identity_update" role(Member, Admin);
    GitSshKeyList "git_ssh_key_list" role(Member, Admin);
    GitSshKeyCreate "git_ssh_key_create" role(Member, Admin);
    GitSshKeyDelete "git_ssh_key_delete" role(Member, Admin);
    GitKnownHostList "git_known_host_list" role(Member, Admin);
    GitKnownHostCreate "git_known_host_create" role(Member, Admin);
    GitKnownHostDelete "git_known_host_delete" role(Member, Admin);
    GitFetch "git_fetch" role(Member, Admin);
    GitPull "git_pull" role(Member, Admin);
    GitPush "git_push" role(Member, Admin);
    GitRebase "git_rebase" role(Member, Admin);
    GitProceed "git_proceed" role(Member, Admin);
    GitSubmoduleUpdate "git_submodule_update" role(Member, Admin);

    GitClone "git_clone" role(Member, Admin);

    RepositoryList "repository_list" role(Member, Member);
    RepositoryRefresh "repository_refresh" role(Member, Member);

    LanguageList "language_list" role(Member, Admin);
    LanguageView "language_view" role(Member, Admin);
    LanguageLog "language_log" role(Member, Admin);
    LanguageRestart "language_restart" role(Member, Admin);
    LanguageStop "language_stop" role(Member, Admin);
    LanguageInstall "language_install" role(Member, Admin);
    LanguageAttach "language_attach" role(Member, Admin);

    VscodeView "vscode_view" role(Member, Admin);
    VscodeInstall "vscode_install" role(Member, Admin);
    VscodeStart "vscode_start" role(Member, Admin);
    VscodeStop "vscode_stop" role(Member, Admin);
    VscodeDelete "vscode_delete" role(Member, Admin);
    VscodeOpen "vscode_open" role(Member, Admin);

    SearchText "search_text" role(Member, Admin);
    SearchReplace "search_replace" role(Member, Admin);
    SearchUndo "search_undo" role(Member, Admin);
    SearchNames "search_names" role(Member, Admin);
}
