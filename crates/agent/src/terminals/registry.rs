//! All terminals of the workspace.

use std::path::Path;
use std::sync::Arc;

use atelier_api::agent::terminals::{self as wire, TERMINALS_MAX, TerminalCreate, TerminalUpdate};
use atelier_api::ids::TerminalId;
use parking_lot::Mutex;

use super::screen::Size;
use super::terminal::Terminal;
use crate::launch::Launch;
use crate::{AgentError, Config};

/// A terminal's size when the caller names none: that of the VT100.
const DEFAULT_SIZE: Size = Size { cols: 80, rows: 24 };

/// The longest name, in characters.
const NAME_MAX_CHARS: usize = 100;

/// The terminals, oldest first.
pub(crate) struct Terminals {
    config: Arc<Config>,
    all: Mutex<Vec<Arc<Terminal>>>,
}

impl Terminals {
    /// No terminals yet.
    pub(crate) fn new(config: Arc<Config>) -> Self {
        Self {
            config,
            all: Mutex::new(Vec::new()),
        }
    }

    /// How many are running.
    pub(crate) fn running(&self) -> usize {
        self.all
            .lock()
            .iter()
            .filter(|terminal| terminal.is_running())
            .count()
    }

    /// Ends all of them.
    pub(crate) async fn kill_all(&self) {
        let all = std::mem::take(&mut *self.all.lock());
        futures_util::future::join_all(all.iter().map(|terminal| terminal.kill())).await;
    }

    pub(super) fn list(&self) -> Vec<wire::Terminal> {
        self.all
            .lock()
            .iter()
            .map(|terminal| terminal.view())
            .collect()
    }

    pub(super) fn get(&self, id: TerminalId) -> Result<Arc<Terminal>, AgentError> {
        self.all
            .lock()
            .iter()
            .find(|terminal| terminal.id == id)
            .cloned()
            .ok_or_else(|| AgentError::not_found(format!("There is no terminal {id}.")))
    }

    pub(super) fn create(&self, create: TerminalCreate) -> Result<wire::Terminal, AgentError> {
        let config = &self.config;
        let name = create.name.map(checked_name).transpose()?;
        let size = Size::clamped(
            create.cols.unwrap_or(DEFAULT_SIZE.cols),
            create.rows.unwrap_or(DEFAULT_SIZE.rows),
        );
        let login = create.command.is_empty();
        let command = if login {
            vec![login_shell(&config.shell)]
        } else {
            create.command
        };
        let mut launch = Launch::new(config, command, create.cwd.as_deref(), create.env)?;
        for (name, value) in [("TERM", "xterm-256color"), ("COLORTERM", "truecolor")] {
            launch
                .env
                .entry(name.to_owned())
                .or_insert_with(|| value.to_owned());
        }

        let mut all = self.all.lock();
        if all.len() >= TERMINALS_MAX {
            return Err(AgentError::limit_reached(format!(
                "The workspace holds {TERMINALS_MAX} terminals already, which is the most it may. \
                 Close one that is not needed, then try again."
            )));
        }
        let name = name.unwrap_or_else(|| free_name(&all));
        let terminal = Terminal::start(launch, login, name, size, config.ring_bytes)?;
        all.push(terminal.clone());
        Ok(terminal.view())
    }

    pub(super) fn update(
        &self,
        id: TerminalId,
        update: TerminalUpdate,
    ) -> Result<wire::Terminal, AgentError> {
        let terminal = self.get(id)?;
        let name = update.name.map(checked_name).transpose()?;
        let size = {
            let mut core = terminal.core();
            if let Some(name) = name {
                core.name = name;
            }
            Size::clamped(
                update.cols.unwrap_or(core.size.cols),
                update.rows.unwrap_or(core.size.rows),
            )
        };
        terminal.resize(size);
        Ok(terminal.view())
    }

    pub(super) async fn delete(&self, id: TerminalId) -> Result<(), AgentError> {
        let terminal = self.get(id)?;
        self.all.lock().retain(|other| other.id != id);
        terminal.kill().await;
        Ok(())
    }
}

fn login_shell(shell: &Path) -> String {
    shell.to_string_lossy().into_owned()
}

fn checked_name(name: String) -> Result<String, AgentError> {
    let length = name.chars().count();
    if length == 0 || length > NAME_MAX_CHARS || name.chars().any(char::is_control) {
        return Err(AgentError::invalid(
            "name",
            format!(
                "A name has 1 to {NAME_MAX_CHARS} characters, none of them a control character."
            ),
        ));
    }
    Ok(name)
}

/// The first of `Terminal 1`, `Terminal 2`, … that is free.
fn free_name(all: &[Arc<Terminal>]) -> String {
    let taken: Vec<String> = all
        .iter()
        .map(|terminal| terminal.core().name.clone())
        .collect();
    (1..=taken.len() + 1)
        .map(|number| format!("Terminal {number}"))
        .find(|name| !taken.contains(name))
        .expect("there is one number more than there are names")
}
