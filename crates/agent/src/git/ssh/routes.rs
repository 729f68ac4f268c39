//! The routes below `/v1/git/ssh`.

use std::sync::Arc;

use atelier_api::agent::git::{
    GitKnownHost, GitKnownHostCreate, GitKnownHostDelete, GitKnownHostList, GitKnownHostQuery,
    GitSshKey, GitSshKeyCreate, GitSshKeyDelete, GitSshKeyList,
};
use axum::Router;
use axum::extract::State;
use axum::routing::{get, post};

use super::Ssh;
use crate::AgentError;
use crate::http::{Json, Query};

type SshState = State<Arc<Ssh>>;

type Answer<T> = Result<Json<T>, AgentError>;

/// The routes below `/v1/git/ssh`.
pub(in crate::git) fn routes(ssh: Arc<Ssh>) -> Router {
    Router::new()
        .route("/v1/git/ssh/keys", get(git_ssh_key_list))
        .route("/v1/git/ssh/keys/create", post(git_ssh_key_create))
        .route("/v1/git/ssh/keys/delete", post(git_ssh_key_delete))
        .route("/v1/git/ssh/hosts", get(git_known_host_list))
        .route("/v1/git/ssh/hosts/create", post(git_known_host_create))
        .route("/v1/git/ssh/hosts/delete", post(git_known_host_delete))
        .with_state(ssh)
}

async fn git_ssh_key_list(State(ssh): SshState) -> Answer<GitSshKeyList> {
    ssh.keys().await.map(Json)
}

async fn git_ssh_key_create(
    State(ssh): SshState,
    Json(request): Json<GitSshKeyCreate>,
) -> Answer<GitSshKey> {
    ssh.create_key(request).await.map(Json)
}

async fn git_ssh_key_delete(
    State(ssh): SshState,
    Json(request): Json<GitSshKeyDelete>,
) -> Answer<GitSshKeyList> {
    ssh.delete_key(request).await.map(Json)
}

async fn git_known_host_list(
    State(ssh): SshState,
    Query(query): Query<GitKnownHostQuery>,
) -> Answer<GitKnownHostList> {
    ssh.hosts(query).await.map(Json)
}

async fn git_known_host_create(
    State(ssh): SshState,
    Json(request): Json<GitKnownHostCreate>,
) -> Answer<GitKnownHost> {
    ssh.trust(request).await.map(Json)
}

async fn git_known_host_delete(
    State(ssh): SshState,
    Json(request): Json<GitKnownHostDelete>,
) -> Answer<GitKnownHostList> {
    ssh.forget(request).await.map(Json)
}
