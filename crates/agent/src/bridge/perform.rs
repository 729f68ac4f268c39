//! Doing what a client asks for.

use std::sync::Arc;

use atelier_api::agent::bridge::{
    BridgeMessage, BridgeRequest, FILE_MAX_BYTES, FOLLOWED_MAX, LIST_MAX, READ_MAX_BYTES,
    WATCHES_MAX,
};
use atelier_api::agent::files::{FileListQuery, FileWatchQuery};
use atelier_api::agent::processes::ProcessCreate;
use atelier_api::agent::terminals::{TerminalCreate, TerminalUpdate};
use atelier_api::ids::{ProcessId, TerminalId};
use tokio_util::task::AbortOnDropHandle;

use super::Bridge;
use super::connection::{Connection, Late};
use super::session::Session;
use crate::AgentError;
use crate::files::{Files, Precondition};

/// The answer to what was not done.
pub(super) fn failed(id: u64, error: &AgentError) -> BridgeMessage {
    BridgeMessage::Error {
        id: Some(id),
        problem: error.problem().clone(),
    }
}

impl Connection {
    /// Does what is done once for its id.
    pub(super) fn once(&mut self, session: &Arc<Session>, id: u64, request: BridgeRequest) {
        self.awaited.push(id);
        if let Err(error) = self.begin(session, id, request) {
            session.finish(id, &failed(id, &error));
        }
    }

    fn begin(
        &mut self,
        session: &Arc<Session>,
        id: u64,
        request: BridgeRequest,
    ) -> Result<(), AgentError> {
        match request {
            BridgeRequest::CreateTerminal {
                name,
                command,
                cwd,
                env,
                cols,
                rows,
                ..
            } => {
                self.room_to_follow()?;
                let terminal = self.bridge.terminals.create(TerminalCreate {
                    name,
                    command,
                    cwd,
                    env,
                    cols,
                    rows,
                    ..TerminalCreate::default()
                })?;
                let (terminal_id, answer) =
                    (terminal.id, BridgeMessage::TerminalCreated { id, terminal });
                session.finish(id, &answer);
                self.follow_terminal(terminal_id, Some(0)).map(drop)
            }
            BridgeRequest::RunCommand {
                command,
                cwd,
                env,
                timeout_ms,
                ..
            } => {
                self.room_to_follow()?;
                let process = self.bridge.processes.create(ProcessCreate {
                    command,
                    cwd,
                    env,
                    stdin: false,
                    timeout_ms,
                })?;
                let (process_id, answer) =
                    (process.id, BridgeMessage::ProcessStarted { id, process });
                session.finish(id, &answer);
                self.follow_process(process_id, [0, 0]).map(drop)
            }
            BridgeRequest::TerminalInput { terminal, data, .. } => {
                session.type_in(&self.bridge.terminals, id, terminal, data.0)
            }
            BridgeRequest::StopProcess {
                process, signal, ..
            } => {
                self.bridge.processes.stop(process, signal.as_deref())?;
                session.finish(id, &BridgeMessage::Done { id });
                Ok(())
            }
            BridgeRequest::CloseTerminal { terminal, .. } => {
                let terminals = Arc::clone(&self.bridge.terminals);
                session.work(id, async move {
                    match terminals.delete(terminal).await {
                        Ok(()) => BridgeMessage::Done { id },
                        Err(error) => failed(id, &error),
                    }
                });
                Ok(())
            }
            BridgeRequest::WriteFile {
                root,
                path,
                data,
                if_match,
                if_absent,
                ..
            } => {
                let precondition = precondition(if_match, if_absent)?;
                if data.0.len() > FILE_MAX_BYTES {
                    return Err(AgentError::too_large(format!(
                        "A message writes at most {FILE_MAX_BYTES} bytes. Write larger files by PUT \
                         …/files/content."
                    )));
                }
                let files = Arc::clone(&self.bridge.files);
                session.work(id, async move {
                    match files.put(root, &path, data.0, precondition).await {
                        Ok(entry) => BridgeMessage::FileWritten { id, entry },
                        Err(error) => failed(id, &error),
                    }
                });
                Ok(())
            }
            _ => Err(AgentError::malformed("The message is not known here.")),
        }
    }

    /// Does what may be done again.
    pub(super) fn at_once(&mut self, request: BridgeRequest) {
        let id = request.id();
        match self.answer(request) {
            Ok(Some(answer)) => self.say(&answer),
            Ok(None) => {}
            Err(error) => self.refuse(id, &error),
        }
    }

    fn answer(&mut self, request: BridgeRequest) -> Result<Option<BridgeMessage>, AgentError> {
        let bridge = Arc::clone(&self.bridge);
        Ok(Some(match request {
            BridgeRequest::Ping { id } => BridgeMessage::Done { id },
            BridgeRequest::AttachTerminal {
                id,
                terminal,
                offset,
            } => {
                self.terminals.retain(|(other, _)| *other != terminal);
                self.room_to_follow()?;
                let terminal = self.follow_terminal(terminal, offset)?;
                BridgeMessage::TerminalAttached { id, terminal }
            }
            BridgeRequest::AttachProcess {
                id,
                process,
                stdout,
                stderr,
            } => {
                self.processes.retain(|(other, _)| *other != process);
                self.room_to_follow()?;
                let (process, [stdout, stderr]) = self.follow_process(process, [stdout, stderr])?;
                BridgeMessage::ProcessAttached {
                    id,
                    process,
                    stdout,
                    stderr,
                }
            }
            BridgeRequest::DetachTerminal { id, terminal } => {
                self.terminals.retain(|(other, _)| *other != terminal);
                BridgeMessage::Done { id }
            }
            BridgeRequest::DetachProcess { id, process } => {
                self.processes.retain(|(other, _)| *other != process);
                BridgeMessage::Done { id }
            }
            BridgeRequest::TerminalResize {
                id,
                terminal,
                cols,
                rows,
            } => {
                let update = TerminalUpdate {
                    cols: Some(cols),
                    rows: Some(rows),
                    ..TerminalUpdate::default()
                };
                bridge.terminals.update(terminal, update)?;
                BridgeMessage::Done { id }
            }
            BridgeRequest::AckTerminal { terminal, offset } => {
                let followed = self.terminals.iter_mut();
                for (_, follow) in followed.filter(|(other, _)| *other == terminal) {
                    follow.acknowledge(offset);
                }
                return Ok(None);
            }
            BridgeRequest::AckProcess {
                process,
                stdout,
                stderr,
            } => {
                let followed = self.processes.iter_mut();
                for (_, follow) in followed.filter(|(other, _)| *other == process) {
                    follow.acknowledge(stdout, stderr);
                }
                return Ok(None);
            }
            BridgeRequest::ListProcesses { id } => BridgeMessage::ProcessList {
                id,
                items: bridge.processes.list(),
            },
            BridgeRequest::ReadFile { .. } | BridgeRequest::ListFiles { .. } => {
                self.reading += 1;
                let late = self.late.clone();
                tokio::spawn(async move {
                    let answer = read(&bridge, request).await;
                    // The client may be gone.
                    let _ = late.send(Late::Read(Box::new(answer))).await;
                });
                return Ok(None);
            }
            BridgeRequest::WatchFiles {
                id,
                root,
                path,
                recursive,
            } => {
                let query = FileWatchQuery {
                    root,
                    path,
                    recursive,
                };
                self.watch(id, query)?;
                return Ok(None);
            }
            BridgeRequest::UnwatchFiles { id, watch } => {
                if self.watches.remove(&watch).is_none() {
                    return Err(AgentError::not_found(format!("There is no watch {watch}.")));
                }
                BridgeMessage::Done { id }
            }
            _ => return Err(AgentError::malformed("The message is not known here.")),
        }))
    }

    fn room_to_follow(&self) -> Result<(), AgentError> {
        if self.terminals.len() + self.processes.len() < FOLLOWED_MAX {
            return Ok(());
        }
        Err(AgentError::limit_reached(format!(
            "This connection follows {FOLLOWED_MAX} terminals and processes, as many as may. Detach from one \
             first."
        )))
    }

    fn follow_terminal(
        &mut self,
        id: TerminalId,
        offset: Option<u64>,
    ) -> Result<atelier_api::agent::terminals::Terminal, AgentError> {
        let wake = Arc::clone(&self.wake);
        let terminals = &self.bridge.terminals;
        let (terminal, follow) = terminals.follow(id, offset, self.who.clone(), wake)?;
        self.terminals.push((id, follow));
        Ok(terminal)
    }

    fn follow_process(
        &mut self,
        id: ProcessId,
        from: [u64; 2],
    ) -> Result<(atelier_api::agent::processes::Process, [u64; 2]), AgentError> {
        let wake = Arc::clone(&self.wake);
        let (process, follow) = self.bridge.processes.follow(id, from, wake)?;
        let offsets = follow.offsets();
        self.processes.push((id, follow));
        Ok((process, offsets))
    }

    fn watch(&mut self, id: u64, query: FileWatchQuery) -> Result<(), AgentError> {
        if self.watches.contains_key(&id) {
            let detail = "Another watch of this connection has this id. Use a new one.";
            return Err(AgentError::invalid("id", detail));
        }
        if self.watches.len() >= WATCHES_MAX {
            return Err(AgentError::limit_reached(format!(
                "This connection watches {WATCHES_MAX} directories, as many as may. End one watch first."
            )));
        }
        let (files, late) = (Arc::clone(&self.bridge.files), self.late.clone());
        let watching = async move {
            let mut subscription = match files.watch(&query).await {
                Ok(subscription) => subscription,
                Err(error) => return late.send(Late::Watching(id, Err(error))).await,
            };
            late.send(Late::Watching(id, Ok(()))).await?;
            while let Some(message) = subscription.next().await {
                late.send(Late::Watched(id, message)).await?;
            }
            Ok(())
        };
        let watching = tokio::spawn(async move {
            // It ends when the connection does.
            let _ = watching.await;
        });
        self.watches.insert(id, AbortOnDropHandle::new(watching));
        Ok(())
    }
}

/// Reads from the disk.
async fn read(bridge: &Bridge, request: BridgeRequest) -> BridgeMessage {
    let id = request.id().unwrap_or_default();
    let answer = match request {
        BridgeRequest::ReadFile {
            root,
            path,
            offset,
            length,
            ..
        } => {
            let length = length.unwrap_or(READ_MAX_BYTES).min(READ_MAX_BYTES);
            let piece = bridge.files.piece(root, &path, offset, length).await;
            piece.map(|piece| BridgeMessage::FileContent {
                id,
                etag: piece.etag,
                size: piece.size,
                offset: piece.offset,
                data: atelier_api::agent::bridge::Base64(piece.bytes.into()),
            })
        }
        BridgeRequest::ListFiles {
            root,
            path,
            cursor,
            limit,
            ..
        } => {
            let limit = limit.unwrap_or(LIST_MAX).clamp(1, LIST_MAX);
            let query = FileListQuery {
                root,
                path,
                cursor,
                limit: Some(limit),
            };
            list(&bridge.files, id, &query, limit as usize).await
        }
        _ => Err(AgentError::malformed("The message is not known here.")),
    };
    answer.unwrap_or_else(|error| failed(id, &error))
}

async fn list(
    files: &Files,
    id: u64,
    query: &FileListQuery,
    limit: usize,
) -> Result<BridgeMessage, AgentError> {
    let page = files.page(query, limit).await?;
    Ok(BridgeMessage::FileList {
        id,
        items: page.items,
        total: page.total,
        next_cursor: page.next_cursor,
    })
}

/// What must stand at the path for a write to happen.
fn precondition(if_match: Option<String>, if_absent: bool) -> Result<Precondition, AgentError> {
    match (if_match, if_absent) {
        (Some(_), true) => Err(AgentError::invalid(
            "if_absent",
            "Either `if_match` or `if_absent`, not both.",
        )),
        (Some(any), false) if any == "*" => Ok(Precondition::Any),
        (Some(etag), false) => Ok(Precondition::Version(vec![etag])),
        (None, true) => Ok(Precondition::Absent),
        (None, false) => Err(AgentError::precondition_required(
            "Say which version the write replaces: `if_match` with the file's etag, `if_absent` for a new \
             file, or `if_match: \"*\"` for whatever is there.",
        )),
    }
}
