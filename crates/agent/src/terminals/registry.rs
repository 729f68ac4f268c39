//! All terminals of the workspace.

use std::path::Path;
use std::sync::Arc;

use atelier_api::agent::commands::{COMMANDS_LIMIT, COMMANDS_MAX, TerminalCommand};
use atelier_api::agent::terminals::{
    self as wire, TERMINALS_MAX, TerminalColor, TerminalCreate, TerminalIcon, TerminalUpdate,
};
use atelier_api::ids::TerminalId;
use parking_lot::Mutex;

use super::core::Label;
use super::screen::Size;
use super::shell::Scripts;
use super::terminal::{Start, Terminal};
use crate::launch::Launch;
use crate::{AgentError, Config};

/// A terminal's size when the caller names none: that of the VT100.
const DEFAULT_SIZE: Size = Size { cols: 80, rows: 24 };

/// The longest name, in characters.
const NAME_MAX_CHARS: usize = 100;

/// The terminals, oldest first.
pub(crate) struct Terminals {
    config: Arc<Config>,
    scripts: Scripts,
    all: Mutex<Vec<Arc<Terminal>>>,
}

impl Terminals {
    /// No terminals yet.
    pub(crate) fn new(config: Arc<Config>) -> Self {
        Self {
            scripts: Scripts::beside(&config.socket),
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

    pub(crate) fn create(&self, create: TerminalCreate) -> Result<wire::Terminal, AgentError> {
        let config = &self.config;
        let name = create.name.map(checked_name).transpose()?;
        let color = create.color.map(checked_color).transpose()?;
        let icon = create.icon.map(checked_icon).transpose()?;
        let size = Size::clamped(
            create.cols.unwrap_or(DEFAULT_SIZE.cols),
            create.rows.unwrap_or(DEFAULT_SIZE.rows),
        );
        let mut login = create.command.is_empty();
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

        let command = launch.command.clone();
        let integration = self.scripts.integrate(&mut launch, &mut login);

        let mut all = self.all.lock();
        if all.len() >= TERMINALS_MAX {
            return Err(AgentError::limit_reached(format!(
                "The workspace holds {TERMINALS_MAX} terminals already, which is the most it may. \
                 Close one that is not needed, then try again."
            )));
        }
        let label = Label {
            name: name.unwrap_or_else(|| free_name(&all)),
            color: color.unwrap_or_default(),
            icon: icon.unwrap_or_default(),
        };
        let terminal = Terminal::start(Start {
            launch,
            login,
            command,
            integration,
            label,
            size,
            ring_bytes: config.ring_bytes,
        })?;
        all.push(terminal.clone());
        Ok(terminal.view())
    }

    pub(crate) fn update(
        &self,
        id: TerminalId,
        update: TerminalUpdate,
    ) -> Result<wire::Terminal, AgentError> {
        let terminal = self.get(id)?;
        let name = update.name.map(checked_name).transpose()?;
        let color = update.color.map(checked_color).transpose()?;
        let icon = update.icon.map(checked_icon).transpose()?;
        let size = {
            let mut core = terminal.core();
            let label = &mut core.label;
            label.name = name.unwrap_or_else(|| label.name.clone());
            label.color = color.unwrap_or(label.color);
            label.icon = icon.unwrap_or(label.icon);
            Size::clamped(
                update.cols.unwrap_or(core.size.cols),
                update.rows.unwrap_or(core.size.rows),
            )
        };
        terminal.resize(size);
        Ok(terminal.view())
    }

    /// The commands of all terminals that hold every word of `query`, newest first; with `distinct`, each
    /// command line once.
    pub(super) fn search(
        &self,
        query: &str,
        distinct: bool,
        limit: Option<u32>,
    ) -> Result<Vec<TerminalCommand>, AgentError> {
        let limit = checked_limit(limit)?;
        let words: Vec<String> = query.split_whitespace().map(str::to_lowercase).collect();
        let all = self.all.lock().clone();
        let mut found: Vec<_> = all
            .iter()
            .flat_map(|terminal| {
                let fits = |entry: &super::commands::Entry| {
                    let text = entry.text.to_lowercase();
                    words.iter().all(|word| text.contains(word))
                };
                terminal.commands(fits, COMMANDS_MAX)
            })
            .collect();
        found.sort_by_key(|command| std::cmp::Reverse(command.started_at));
        if distinct {
            let mut seen = std::collections::HashSet::new();
            found.retain(|command| seen.insert(command.text.clone()));
        }
        found.truncate(limit);
        Ok(found)
    }

    pub(crate) async fn delete(&self, id: TerminalId) -> Result<(), AgentError> {
        let terminal = self.get(id)?;
        self.all.lock().retain(|other| other.id != id);
        terminal.kill().await;
        Ok(())
    }
}

/// How many commands are asked for.
pub(super) fn checked_limit(limit: Option<u32>) -> Result<usize, AgentError> {
    let limit = limit.unwrap_or(COMMANDS_LIMIT) as usize;
    if limit == 0 || limit > COMMANDS_MAX {
        return Err(AgentError::invalid(
            "limit",
            format!("An answer holds 1 to {COMMANDS_MAX} commands."),
        ));
    }
    Ok(limit)
}

fn checked_color(color: TerminalColor) -> Result<TerminalColor, AgentError> {
    match color {
        TerminalColor::Other => Err(AgentError::invalid("color", "There is no such colour.")),
        color => Ok(color),
    }
}

fn checked_icon(icon: TerminalIcon) -> Result<TerminalIcon, AgentError> {
    match icon {
        TerminalIcon::Other => Err(AgentError::invalid("icon", "There is no such picture.")),
        icon => Ok(icon),
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
        .map(|terminal| terminal.core().label.name.clone())
        .collect();
    (1..=taken.len() + 1)
        .map(|number| format!("Terminal {number}"))
        .find(|name| !taken.contains(name))
        .expect("there is one number more than there are names")
}
