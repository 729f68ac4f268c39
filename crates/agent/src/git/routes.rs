//! The routes below `/v1/git`.

use std::convert::Infallible;
use std::sync::Arc;

use atelier_api::agent::files::Root;
use atelier_api::agent::git::{
    GitBlame, GitBlameQuery, GitBranchCreate, GitBranchDelete, GitBranchRename, GitBranchSwitch,
    GitChange, GitClone, GitCommitCreate, GitCommitDetail, GitCommitDraft, GitCommitQuery,
    GitCommitted, GitContent, GitContentQuery, GitDiffQuery, GitDiscardUndo, GitDiscarded, GitDone,
    GitFetch, GitFileDiff, GitFoundList, GitIdentity, GitIdentityUpdate, GitLog, GitLogQuery,
    GitMerge, GitPick, GitProceed, GitPull, GitPush, GitQuery, GitRebase, GitReferenceList,
    GitReferenceQuery, GitRemoteAdd, GitRemoteList, GitRemoteRemove, GitRemoteUpdate, GitReset,
    GitResolve, GitRestored, GitRunList, GitStashChange, GitStashList, GitStashPush, GitStatus,
    GitStatusQuery, GitSubmoduleList, GitSubmoduleUpdate, GitTagCreate, GitTagDelete,
    GitWorktreeAdd, GitWorktreeList, GitWorktreeRemove,
};
use axum::Router;
use axum::body::Body;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use futures_util::{Stream, StreamExt as _};
use http::header;
use serde::Serialize;

use super::clone::{Cloner, clone};
use super::journal::Journal;
use super::program::Git;
use super::repository::{Repositories, Repository};
use super::ssh::{Ssh, routes as ssh_routes};
use super::status::status;
use super::writers::Writers;
use super::{changes, history, operations, references, remotes, scan, stash, trees};
use crate::files::{Roots, parse_path};
use crate::http::{Json, Query};
use crate::{AgentError, Config};

type RepositoriesState = State<Arc<Repositories>>;

type Answer<T> = Result<Json<T>, AgentError>;

/// The routes below `/v1/git`.
pub(crate) fn routes(config: &Arc<Config>) -> Router {
    let ssh = Arc::new(Ssh::new(config));
    let repositories = Repositories {
        git: Arc::new(Git::new(config)),
        roots: Roots::new(config),
        workspace: config.workspace.clone(),
        journal: Journal::default(),
        writers: Writers::default(),
        ssh: Arc::clone(&ssh),
        helper: config.helper.clone(),
    };
    Router::new()
        .route("/v1/git/clone", post(git_clone))
        .route("/v1/git/status", get(git_status))
        .route("/v1/git/repositories", get(git_repository_list))
        .route("/v1/git/runs", get(git_run_list))
        .route("/v1/git/diff", get(git_diff))
        .route("/v1/git/content", get(git_content))
        .route("/v1/git/draft", get(git_draft))
        .route("/v1/git/references", get(git_reference_list))
        .route("/v1/git/log", get(git_log))
        .route("/v1/git/commit", get(git_commit_view).post(git_commit))
        .route("/v1/git/blame", get(git_blame))
        .route("/v1/git/stashes", get(git_stash_list))
        .route("/v1/git/remotes", get(git_remote_list))
        .route("/v1/git/submodules", get(git_submodule_list))
        .route("/v1/git/worktrees", get(git_worktree_list))
        .route(
            "/v1/git/identity",
            get(git_identity_view).post(git_identity_update),
        )
        .route("/v1/git/stage", post(git_stage))
        .route("/v1/git/unstage", post(git_unstage))
        .route("/v1/git/discard", post(git_discard))
        .route("/v1/git/discard/undo", post(git_discard_undo))
        .route("/v1/git/resolve", post(git_resolve))
        .route("/v1/git/branches/create", post(git_branch_create))
        .route("/v1/git/branches/switch", post(git_branch_switch))
        .route("/v1/git/branches/rename", post(git_branch_rename))
        .route("/v1/git/branches/delete", post(git_branch_delete))
        .route("/v1/git/tags/create", post(git_tag_create))
        .route("/v1/git/tags/delete", post(git_tag_delete))
        .route("/v1/git/stashes/push", post(git_stash_push))
        .route("/v1/git/stashes/apply", post(git_stash_apply))
        .route("/v1/git/stashes/pop", post(git_stash_pop))
        .route("/v1/git/stashes/drop", post(git_stash_drop))
        .route("/v1/git/remotes/add", post(git_remote_add))
        .route("/v1/git/remotes/update", post(git_remote_update))
        .route("/v1/git/remotes/remove", post(git_remote_remove))
        .route("/v1/git/merge", post(git_merge))
        .route("/v1/git/cherry-pick", post(git_cherry_pick))
        .route("/v1/git/revert", post(git_revert))
        .route("/v1/git/reset", post(git_reset))
        .route("/v1/git/worktrees/add", post(git_worktree_add))
        .route("/v1/git/worktrees/remove", post(git_worktree_remove))
        .route("/v1/git/fetch", post(git_fetch))
        .route("/v1/git/pull", post(git_pull))
        .route("/v1/git/push", post(git_push))
        .route("/v1/git/rebase", post(git_rebase))
        .route("/v1/git/proceed", post(git_proceed))
        .route("/v1/git/submodules/update", post(git_submodule_update))
        .with_state(Arc::new(repositories))
        .merge(ssh_routes(ssh))
}

async fn git_clone(
    State(repositories): RepositoriesState,
    Json(request): Json<GitClone>,
) -> Result<Response, AgentError> {
    let path = parse_path(&request.path)?;
    let root = repositories.roots.get(Root::Workspace)?;
    Ok(lines(clone(
        Cloner {
            git: Arc::clone(&repositories.git),
            ssh: Arc::clone(&repositories.ssh),
            helper: repositories.helper.clone(),
        },
        root,
        path,
        request,
    )))
}

/// Lines of JSON, one for each event.
fn lines<T: Serialize>(events: impl Stream<Item = T> + Send + 'static) -> Response {
    let lines = events.map(|event| {
        let mut line = serde_json::to_vec(&event).expect("an event is plain data");
        line.push(b'\n');
        Ok::<_, Infallible>(line)
    });
    let headers = [(header::CONTENT_TYPE, "application/x-ndjson")];
    (headers, Body::from_stream(lines)).into_response()
}

async fn git_status(
    State(repositories): RepositoriesState,
    Query(query): Query<GitStatusQuery>,
) -> Answer<GitStatus> {
    let repository = Repository::open(&repositories, &query.path).await?;
    status(&repository).await.map(Json)
}

async fn git_repository_list(State(repositories): RepositoriesState) -> Answer<GitFoundList> {
    scan::scan(&repositories).await.map(Json)
}

async fn git_run_list(State(repositories): RepositoriesState) -> Json<GitRunList> {
    Json(repositories.journal.list())
}

async fn git_diff(
    State(repositories): RepositoriesState,
    Query(query): Query<GitDiffQuery>,
) -> Answer<GitFileDiff> {
    let repository = Repository::open(&repositories, &query.path).await?;
    changes::diff(&repository, &query).await.map(Json)
}

async fn git_content(
    State(repositories): RepositoriesState,
    Query(query): Query<GitContentQuery>,
) -> Answer<GitContent> {
    let repository = Repository::open(&repositories, &query.path).await?;
    changes::content(&repository, &query).await.map(Json)
}

async fn git_draft(
    State(repositories): RepositoriesState,
    Query(query): Query<GitQuery>,
) -> Answer<GitCommitDraft> {
    let repository = Repository::open(&repositories, &query.path).await?;
    changes::draft(&repository).await.map(Json)
}

async fn git_reference_list(
    State(repositories): RepositoriesState,
    Query(query): Query<GitReferenceQuery>,
) -> Answer<GitReferenceList> {
    let repository = Repository::open(&repositories, &query.path).await?;
    references::list(&repository, &query).await.map(Json)
}

async fn git_log(
    State(repositories): RepositoriesState,
    Query(query): Query<GitLogQuery>,
) -> Answer<GitLog> {
    let repository = Repository::open(&repositories, &query.path).await?;
    history::log(&repository, &query).await.map(Json)
}

async fn git_commit_view(
    State(repositories): RepositoriesState,
    Query(query): Query<GitCommitQuery>,
) -> Answer<GitCommitDetail> {
    let repository = Repository::open(&repositories, &query.path).await?;
    history::view(&repository, &query).await.map(Json)
}

async fn git_blame(
    State(repositories): RepositoriesState,
    Query(query): Query<GitBlameQuery>,
) -> Answer<GitBlame> {
    let repository = Repository::open(&repositories, &query.path).await?;
    history::blame(&repository, &query).await.map(Json)
}

async fn git_stash_list(
    State(repositories): RepositoriesState,
    Query(query): Query<GitQuery>,
) -> Answer<GitStashList> {
    let repository = Repository::open(&repositories, &query.path).await?;
    stash::list(&repository).await.map(Json)
}

async fn git_remote_list(
    State(repositories): RepositoriesState,
    Query(query): Query<GitQuery>,
) -> Answer<GitRemoteList> {
    let repository = Repository::open(&repositories, &query.path).await?;
    remotes::list(&repository).await.map(Json)
}

async fn git_submodule_list(
    State(repositories): RepositoriesState,
    Query(query): Query<GitQuery>,
) -> Answer<GitSubmoduleList> {
    let repository = Repository::open(&repositories, &query.path).await?;
    trees::submodules(&repository).await.map(Json)
}

async fn git_worktree_list(
    State(repositories): RepositoriesState,
    Query(query): Query<GitQuery>,
) -> Answer<GitWorktreeList> {
    let repository = Repository::open(&repositories, &query.path).await?;
    trees::worktrees(&repository).await.map(Json)
}

async fn git_identity_view(
    State(repositories): RepositoriesState,
    Query(query): Query<GitQuery>,
) -> Answer<GitIdentity> {
    let repository = Repository::open(&repositories, &query.path).await?;
    trees::identity(&repository).await.map(Json)
}

async fn git_stage(
    State(repositories): RepositoriesState,
    Json(request): Json<GitChange>,
) -> Answer<GitDone> {
    let repository = Repository::open(&repositories, &request.path).await?;
    changes::stage(&repository, &request).await.map(Json)
}

async fn git_unstage(
    State(repositories): RepositoriesState,
    Json(request): Json<GitChange>,
) -> Answer<GitDone> {
    let repository = Repository::open(&repositories, &request.path).await?;
    changes::unstage(&repository, &request).await.map(Json)
}

async fn git_discard(
    State(repositories): RepositoriesState,
    Json(request): Json<GitChange>,
) -> Answer<GitDiscarded> {
    let repository = Repository::open(&repositories, &request.path).await?;
    changes::discard(&repository, &request).await.map(Json)
}

async fn git_discard_undo(
    State(repositories): RepositoriesState,
    Json(request): Json<GitDiscardUndo>,
) -> Answer<GitRestored> {
    let repository = Repository::open(&repositories, &request.path).await?;
    changes::restore(&repository, request).await.map(Json)
}

async fn git_commit(
    State(repositories): RepositoriesState,
    Json(request): Json<GitCommitCreate>,
) -> Answer<GitCommitted> {
    let repository = Repository::open(&repositories, &request.path).await?;
    changes::commit(&repository, &request).await.map(Json)
}

async fn git_resolve(
    State(repositories): RepositoriesState,
    Json(request): Json<GitResolve>,
) -> Answer<GitDone> {
    let repository = Repository::open(&repositories, &request.path).await?;
    changes::resolve(&repository, &request).await.map(Json)
}

async fn git_branch_create(
    State(repositories): RepositoriesState,
    Json(request): Json<GitBranchCreate>,
) -> Answer<GitDone> {
    let repository = Repository::open(&repositories, &request.path).await?;
    references::branch_create(&repository, &request)
        .await
        .map(Json)
}

async fn git_branch_switch(
    State(repositories): RepositoriesState,
    Json(request): Json<GitBranchSwitch>,
) -> Answer<GitDone> {
    let repository = Repository::open(&repositories, &request.path).await?;
    references::branch_switch(&repository, &request)
        .await
        .map(Json)
}

async fn git_branch_rename(
    State(repositories): RepositoriesState,
    Json(request): Json<GitBranchRename>,
) -> Answer<GitDone> {
    let repository = Repository::open(&repositories, &request.path).await?;
    references::branch_rename(&repository, &request)
        .await
        .map(Json)
}

async fn git_branch_delete(
    State(repositories): RepositoriesState,
    Json(request): Json<GitBranchDelete>,
) -> Answer<GitDone> {
    let repository = Repository::open(&repositories, &request.path).await?;
    references::branch_delete(&repository, &request)
        .await
        .map(Json)
}

async fn git_tag_create(
    State(repositories): RepositoriesState,
    Json(request): Json<GitTagCreate>,
) -> Answer<GitDone> {
    let repository = Repository::open(&repositories, &request.path).await?;
    references::tag_create(&repository, &request)
        .await
        .map(Json)
}

async fn git_tag_delete(
    State(repositories): RepositoriesState,
    Json(request): Json<GitTagDelete>,
) -> Answer<GitDone> {
    let repository = Repository::open(&repositories, &request.path).await?;
    references::tag_delete(&repository, &request)
        .await
        .map(Json)
}

async fn git_stash_push(
    State(repositories): RepositoriesState,
    Json(request): Json<GitStashPush>,
) -> Answer<GitDone> {
    let repository = Repository::open(&repositories, &request.path).await?;
    stash::push(&repository, &request).await.map(Json)
}

async fn git_stash_apply(
    State(repositories): RepositoriesState,
    Json(request): Json<GitStashChange>,
) -> Answer<GitDone> {
    let repository = Repository::open(&repositories, &request.path).await?;
    stash::take(&repository, "apply", &request).await.map(Json)
}

async fn git_stash_pop(
    State(repositories): RepositoriesState,
    Json(request): Json<GitStashChange>,
) -> Answer<GitDone> {
    let repository = Repository::open(&repositories, &request.path).await?;
    stash::take(&repository, "pop", &request).await.map(Json)
}

async fn git_stash_drop(
    State(repositories): RepositoriesState,
    Json(request): Json<GitStashChange>,
) -> Answer<GitDone> {
    let repository = Repository::open(&repositories, &request.path).await?;
    stash::take(&repository, "drop", &request).await.map(Json)
}

async fn git_remote_add(
    State(repositories): RepositoriesState,
    Json(request): Json<GitRemoteAdd>,
) -> Answer<GitDone> {
    let repository = Repository::open(&repositories, &request.path).await?;
    remotes::add(&repository, &request).await.map(Json)
}

async fn git_remote_update(
    State(repositories): RepositoriesState,
    Json(request): Json<GitRemoteUpdate>,
) -> Answer<GitDone> {
    let repository = Repository::open(&repositories, &request.path).await?;
    remotes::update(&repository, &request).await.map(Json)
}

async fn git_remote_remove(
    State(repositories): RepositoriesState,
    Json(request): Json<GitRemoteRemove>,
) -> Answer<GitDone> {
    let repository = Repository::open(&repositories, &request.path).await?;
    remotes::remove(&repository, &request).await.map(Json)
}

async fn git_merge(
    State(repositories): RepositoriesState,
    Json(request): Json<GitMerge>,
) -> Answer<GitDone> {
    let repository = Repository::open(&repositories, &request.path).await?;
    operations::merge(&repository, &request).await.map(Json)
}

async fn git_cherry_pick(
    State(repositories): RepositoriesState,
    Json(request): Json<GitPick>,
) -> Answer<GitDone> {
    let repository = Repository::open(&repositories, &request.path).await?;
    operations::cherry_pick(&repository, &request)
        .await
        .map(Json)
}

async fn git_revert(
    State(repositories): RepositoriesState,
    Json(request): Json<GitPick>,
) -> Answer<GitDone> {
    let repository = Repository::open(&repositories, &request.path).await?;
    operations::revert(&repository, &request).await.map(Json)
}

async fn git_reset(
    State(repositories): RepositoriesState,
    Json(request): Json<GitReset>,
) -> Answer<GitDone> {
    let repository = Repository::open(&repositories, &request.path).await?;
    operations::reset(&repository, &request).await.map(Json)
}

async fn git_worktree_add(
    State(repositories): RepositoriesState,
    Json(request): Json<GitWorktreeAdd>,
) -> Answer<GitDone> {
    let repository = Repository::open(&repositories, &request.path).await?;
    trees::worktree_add(&repository, &request).await.map(Json)
}

async fn git_worktree_remove(
    State(repositories): RepositoriesState,
    Json(request): Json<GitWorktreeRemove>,
) -> Answer<GitDone> {
    let repository = Repository::open(&repositories, &request.path).await?;
    trees::worktree_remove(&repository, &request)
        .await
        .map(Json)
}

async fn git_identity_update(
    State(repositories): RepositoriesState,
    Json(request): Json<GitIdentityUpdate>,
) -> Answer<GitDone> {
    let repository = Repository::open(&repositories, &request.path).await?;
    trees::identity_update(&repository, &request)
        .await
        .map(Json)
}

async fn git_fetch(
    State(repositories): RepositoriesState,
    Json(request): Json<GitFetch>,
) -> Result<Response, AgentError> {
    let repository = Repository::open(&repositories, &request.path).await?;
    Ok(lines(remotes::fetch(repository, request).await?.run()))
}

async fn git_pull(
    State(repositories): RepositoriesState,
    Json(request): Json<GitPull>,
) -> Result<Response, AgentError> {
    let repository = Repository::open(&repositories, &request.path).await?;
    Ok(lines(remotes::pull(repository, request).await?.run()))
}

async fn git_push(
    State(repositories): RepositoriesState,
    Json(request): Json<GitPush>,
) -> Result<Response, AgentError> {
    let repository = Repository::open(&repositories, &request.path).await?;
    Ok(lines(remotes::push(repository, request).await?.run()))
}

async fn git_rebase(
    State(repositories): RepositoriesState,
    Json(request): Json<GitRebase>,
) -> Result<Response, AgentError> {
    let repository = Repository::open(&repositories, &request.path).await?;
    Ok(lines(operations::rebase(repository, request).await?.run()))
}

async fn git_proceed(
    State(repositories): RepositoriesState,
    Json(request): Json<GitProceed>,
) -> Result<Response, AgentError> {
    let repository = Repository::open(&repositories, &request.path).await?;
    Ok(lines(operations::proceed(repository, request).await?.run()))
}

async fn git_submodule_update(
    State(repositories): RepositoriesState,
    Json(request): Json<GitSubmoduleUpdate>,
) -> Result<Response, AgentError> {
    let repository = Repository::open(&repositories, &request.path).await?;
    Ok(lines(
        trees::submodule_update(repository, request).await?.run(),
    ))
}
