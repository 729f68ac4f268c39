//! Commands that the shells of terminals have run, as the shells tell of them (shell integration).

use serde::{Deserialize, Serialize};

use crate::Timestamp;
use crate::ids::TerminalId;

/// How many commands are remembered of a terminal; older ones are forgotten.
pub const COMMANDS_MAX: usize = 1000;

/// How many bytes of command lines are remembered of a terminal.
pub const COMMANDS_BYTES_MAX: usize = 1024 * 1024;

/// The longest command line that is remembered, in bytes; a longer one is not.
pub const COMMAND_BYTES_MAX: usize = 8 * 1024;

/// How many commands an answer holds when the caller does not say.
pub const COMMANDS_LIMIT: u32 = 200;

/// A command that a shell has run or runs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct TerminalCommand {
    /// In which terminal.
    pub terminal: TerminalId,
    /// The terminal's name.
    pub terminal_name: String,
    /// Which of the terminal's commands it is, from 1.
    pub number: u64,
    /// The command line, as the shell read it.
    pub text: String,
    /// Where it was run.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub directory: Option<String>,
    /// When it began.
    pub started_at: Timestamp,
    /// When it ended; absent while it runs.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ended_at: Option<Timestamp>,
    /// The exit code; absent while it runs and when the shell did not say.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub exit_code: Option<i32>,
    /// The offset of the first byte of its output.
    pub start_offset: u64,
    /// The offset after the last byte of its output.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub end_offset: Option<u64>,
}

/// Commands, newest first.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct TerminalCommandList {
    /// At most as many as were asked for.
    pub items: Vec<TerminalCommand>,
}

/// Query of a terminal's commands.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::IntoParams), into_params(parameter_in = Query))]
pub struct TerminalCommandListQuery {
    /// How many at most, 1 to 1000; 200 when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub limit: Option<u32>,
    /// Only those before the command of this number.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub before: Option<u64>,
}

/// Query of the search over all terminals.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::IntoParams), into_params(parameter_in = Query))]
pub struct TerminalCommandSearchQuery {
    /// Words that the command line must hold, in any order, in any case; all commands when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub query: Option<String>,
    /// How many at most, 1 to 1000; 200 when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub limit: Option<u32>,
    /// Leaves out a command line that a newer command has, too.
    #[serde(default)]
    pub distinct: bool,
}
