//! The local terminal in raw mode.

use rustix::termios::{OptionalActions, Termios, isatty, tcgetattr, tcsetattr};

/// While it lives, keys come through at once and unchanged; dropped, the terminal is as before.
#[derive(Debug)]
pub(crate) struct RawMode {
    before: Termios,
}

impl RawMode {
    /// Enters it.
    pub(crate) fn enter() -> std::io::Result<Self> {
        let stdin = std::io::stdin();
        if !isatty(&stdin) {
            return Err(std::io::Error::other("standard input is no terminal"));
        }
        let before = tcgetattr(&stdin)?;
        let mut raw = before.clone();
        raw.make_raw();
        tcsetattr(&stdin, OptionalActions::Now, &raw)?;
        Ok(Self { before })
    }
}

impl Drop for RawMode {
    fn drop(&mut self) {
        if let Err(error) = tcsetattr(std::io::stdin(), OptionalActions::Now, &self.before) {
            tracing::warn!(%error, "the terminal could not be put back; run `reset`");
        }
    }
}
