//! What of a bridge passes (decision 0018): each request of a client is authorized as the operation of
//! the API that does the same, and recorded as that is, before it reaches the agent.
//!
//! What the agent says passes unread.

use atelier_api::agent::bridge::{BridgeHead, BridgeMessage, BridgeRequest, REQUEST_MAX_BYTES};
use atelier_api::agent::files::Root;
use atelier_api::ids::WorkspaceId;
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::{Value, json};

use super::service;
use crate::authz::Action;
use crate::ctx::Ctx;
use crate::error::{Chain, Error, Result};

/// Decides over the requests of one connection.
#[derive(Debug)]
pub(super) struct Gate {
    pub(super) ctx: Ctx,
    pub(super) workspace: WorkspaceId,
}

impl Gate {
    /// Whether a request passes; if not, what its client is answered.
    pub(super) async fn judge(&self, message: &str) -> Result<(), String> {
        if message.len() > REQUEST_MAX_BYTES {
            let head: BridgeHead = serde_json::from_str(message).unwrap_or_default();
            let detail = format!(
                "A message holds at most {REQUEST_MAX_BYTES} bytes. Write large files by PUT …/files/content."
            );
            return Err(refusal(head.id, Error::too_large(detail)));
        }
        let request: BridgeRequest = serde_json::from_str(message).map_err(|error| {
            let head: BridgeHead = serde_json::from_str(message).unwrap_or_default();
            let detail = format!("The message cannot be understood: {error}.");
            refusal(head.id, Error::malformed(detail))
        })?;
        let id = request.id();
        self.admit(&request)
            .await
            .map_err(|error| refusal(id, error))
    }

    async fn admit(&self, request: &BridgeRequest) -> Result<()> {
        let Asked { actions, recorded } = asked(request)?;
        let mut organization = None;
        // All before anything is recorded: what is refused was not done.
        for action in actions {
            let placement = service::placed_running(&self.ctx, *action, self.workspace).await?;
            organization = Some(placement.organization);
        }
        if let (Some(organization), Some(details)) = (organization, recorded) {
            self.ctx
                .audit(organization, actions[0], &self.workspace, details)
                .await?;
        }
        Ok(())
    }
}

fn refusal(id: Option<u64>, error: Error) -> String {
    if error.problem().status >= 500 {
        tracing::error!(error = %Chain(&error), "a bridge's request was not passed on");
    }
    let problem = error.into_problem();
    let message = BridgeMessage::Error { id, problem };
    serde_json::to_string(&message).expect("a message is plain data")
}

/// What a request comes to.
struct Asked {
    /// All of these the actor must be allowed to do; the first is the one that is recorded.
    actions: &'static [Action],
    /// What the audit log holds of it; nothing of what only reads, or is a terminal's keys.
    recorded: Option<Value>,
}

fn asked(request: &BridgeRequest) -> Result<Asked> {
    use Action as A;
    use BridgeRequest as R;
    let (actions, recorded): (&'static [Action], Option<Value>) = match request {
        // What opening was authorized for.
        R::Hello { .. } | R::Ping { .. } => (&[A::WorkspaceBridge], None),
        R::CreateTerminal {
            name, command, cwd, ..
        } => {
            let mut details = json!({});
            let command = Some(command.clone()).filter(|command| !command.is_empty());
            set(&mut details, "command", command);
            set(&mut details, "name", name.as_deref());
            set(&mut details, "cwd", cwd.as_deref());
            (&[A::TerminalCreate, A::TerminalAttach], Some(details))
        }
        R::AttachTerminal {
            terminal, offset, ..
        } => {
            let query = offset.map_or_else(String::new, |offset| format!("offset={offset}"));
            let details = json!({ "terminal": terminal, "query": query });
            (&[A::TerminalAttach], Some(details))
        }
        R::DetachTerminal { .. }
        | R::TerminalInput { .. }
        | R::TerminalResize { .. }
        | R::AckTerminal { .. } => (&[A::TerminalAttach], None),
        R::CloseTerminal { terminal, .. } => {
            let details = json!({ "terminal": terminal, "query": "" });
            (&[A::TerminalDelete], Some(details))
        }
        R::RunCommand {
            command,
            cwd,
            timeout_ms,
            ..
        } => {
            let mut details = json!({ "command": command });
            set(&mut details, "cwd", cwd.as_deref());
            set(&mut details, "timeout_ms", *timeout_ms);
            (&[A::ProcessCreate, A::ProcessAttach], Some(details))
        }
        R::AttachProcess {
            process,
            stdout,
            stderr,
            ..
        } => {
            let query = format!("stdout={stdout}&stderr={stderr}");
            let details = json!({ "process": process, "query": query });
            (&[A::ProcessAttach], Some(details))
        }
        R::DetachProcess { .. } | R::AckProcess { .. } => (&[A::ProcessAttach], None),
        R::StopProcess {
            process, signal, ..
        } => {
            let signal = signal.as_deref().unwrap_or("SIGTERM");
            let details = json!({ "process": process, "signal": signal });
            (&[A::ProcessSignal], Some(details))
        }
        R::ListProcesses { .. } => (&[A::ProcessList], None),
        R::ReadFile { .. } => (&[A::FileRead], None),
        R::WriteFile { root, path, .. } => {
            let root = match root {
                Root::Workspace => "workspace",
                Root::Home => "home",
                Root::System => "system",
            };
            let path = utf8_percent_encode(path, NON_ALPHANUMERIC);
            let details = json!({ "query": format!("root={root}&path={path}") });
            (&[A::FileWrite], Some(details))
        }
        R::ListFiles { .. } => (&[A::FileList], None),
        R::WatchFiles { .. } | R::UnwatchFiles { .. } => (&[A::FileWatch], None),
        _ => return Err(Error::malformed("The message is not known here.")),
    };
    Ok(Asked { actions, recorded })
}

fn set(details: &mut Value, name: &str, value: Option<impl Into<Value>>) {
    if let Some(value) = value {
        details[name] = value.into();
    }
}
