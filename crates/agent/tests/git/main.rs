//! Git over the agent's API, against a real Git server.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod changes;
mod clone;
mod history;
mod odd;
mod rebase;
mod redirect;
mod remotes;
mod scan;
// The one Git server of all tests. The test kit as a whole depends on the control plane, for which
// the agent's tests should not have to wait.
#[expect(unreachable_pub, reason = "it is public in the test kit")]
#[path = "../../../testkit/src/git_server.rs"]
mod server;
mod ssh;
#[expect(unreachable_pub, reason = "it is public in the test kit")]
#[path = "../../../testkit/src/ssh_server.rs"]
mod ssh_server;
mod status;
mod support;

// By which name the SSH server knows it.
use server as git_server;
