//! What of a workspace is shown on an origin of its own.

use std::fmt;
use std::str::FromStr;

/// An application of a workspace, as addresses name it: a port's number, or `vscode`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Application {
    /// Whatever listens on a port.
    Port(u16),
    /// VS Code, which the agent looks after.
    VsCode,
}

/// It is no application's name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NoApplication;

impl Application {
    const VSCODE: &'static str = "vscode";

    /// The port, if it is one.
    pub const fn port(self) -> Option<u16> {
        match self {
            Self::Port(port) => Some(port),
            Self::VsCode => None,
        }
    }
}

impl fmt::Display for Application {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Port(port) => port.fmt(f),
            Self::VsCode => f.write_str(Self::VSCODE),
        }
    }
}

impl FromStr for Application {
    type Err = NoApplication;

    fn from_str(text: &str) -> Result<Self, NoApplication> {
        if text == Self::VSCODE {
            return Ok(Self::VsCode);
        }
        // One way to write a number, so that one application has one name.
        let canonical = !text.starts_with('0') && text.bytes().all(|byte| byte.is_ascii_digit());
        let port = canonical.then(|| text.parse().ok()).flatten();
        port.map(Self::Port).ok_or(NoApplication)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_application_is_read_as_it_was_written() {
        for application in [
            Application::Port(1),
            Application::Port(65535),
            Application::VsCode,
        ] {
            assert_eq!(application.to_string().parse(), Ok(application));
        }
        for bad in ["", "0", "080", "+80", "65536", "VSCODE", "vscode ", "x"] {
            assert_eq!(bad.parse::<Application>(), Err(NoApplication), "{bad}");
        }
    }
}
