//! Shell integration: bash, zsh and fish are told to mark their prompts and commands in the output
//! (`commands.rs` reads the marks), without touching the user's files.

use std::fs;
use std::io;
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};

use atelier_api::agent::terminals::ShellIntegration;

use crate::launch::Launch;

/// What is laid beside the agent's socket.
const FILES: [(&str, &str); 3] = [
    ("atelier.bash", include_str!("atelier.bash")),
    (".zshenv", include_str!("atelier.zsh")),
    ("atelier.fish", include_str!("atelier.fish")),
];

/// How many random bytes a nonce has. It need only not be guessed by a file that is shown.
const NONCE_BYTES: usize = 12;

/// A shell that can be integrated.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Shell {
    Bash,
    Zsh,
    Fish,
}

impl Shell {
    fn of(program: &str) -> Option<Self> {
        match program.rsplit('/').next()? {
            "bash" => Some(Self::Bash),
            "zsh" => Some(Self::Zsh),
            "fish" => Some(Self::Fish),
            _ => None,
        }
    }

    const fn name(self) -> &'static str {
        match self {
            Self::Bash => "bash",
            Self::Zsh => "zsh",
            Self::Fish => "fish",
        }
    }
}

/// The scripts, laid down when the first shell needs them.
#[derive(Debug)]
pub(super) struct Scripts {
    directory: PathBuf,
}

impl Scripts {
    /// Beside the agent's socket, which only the workspace's user reaches.
    pub(super) fn beside(socket: &Path) -> Self {
        let socket = std::path::absolute(socket).unwrap_or_else(|_| socket.to_owned());
        Self {
            directory: socket.with_file_name("shell"),
        }
    }

    /// Has the shell of a launch, if it is an interactive one that is known, mark its output. `login`
    /// says whether it is started under a login shell's name, and is changed where the script does what
    /// that would.
    pub(super) fn integrate(
        &self,
        launch: &mut Launch,
        login: &mut bool,
    ) -> Option<ShellIntegration> {
        let shell = Shell::of(&launch.command[0])?;
        let arguments = &launch.command[1..];
        if !arguments
            .iter()
            .all(|argument| matches!(argument.as_str(), "-i" | "-l" | "--login"))
        {
            // It runs a script or a command, or was told something that would be in the way.
            return None;
        }
        let asked_for_login = arguments.iter().any(|argument| argument != "-i");
        if let Err(error) = self.lay_down() {
            tracing::warn!(%error, "the shell integration cannot be written; shells go without");
            return None;
        }
        let nonce = hex::encode(rand::random::<[u8; NONCE_BYTES]>());
        let path = |name: &str| self.directory.join(name).to_string_lossy().into_owned();
        match shell {
            Shell::Bash => {
                // A login shell reads no --init-file: the script does what it would have done.
                launch.command.truncate(1);
                launch
                    .command
                    .extend(["--init-file".to_owned(), path("atelier.bash")]);
                if std::mem::take(login) || asked_for_login {
                    launch.env.insert("ATELIER_SHELL_LOGIN".into(), "1".into());
                }
            }
            Shell::Zsh => {
                let own = launch.env.remove("ZDOTDIR").unwrap_or_default();
                launch.env.insert("ATELIER_ZDOTDIR".into(), own);
                let directory = self.directory.to_string_lossy().into_owned();
                launch.env.insert("ZDOTDIR".into(), directory);
            }
            Shell::Fish => {
                let source = format!("source '{}'", path("atelier.fish").replace('\'', r"\'"));
                launch.command.extend(["--init-command".to_owned(), source]);
            }
        }
        launch
            .env
            .insert("ATELIER_SHELL_NONCE".into(), nonce.clone());
        Some(ShellIntegration {
            shell: shell.name().to_owned(),
            nonce,
        })
    }

    fn lay_down(&self) -> io::Result<()> {
        let mut builder = fs::DirBuilder::new();
        match builder.mode(0o700).create(&self.directory) {
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
            other => other?,
        }
        for (name, text) in FILES {
            let path = self.directory.join(name);
            if fs::read(&path).is_ok_and(|there| there == text.as_bytes()) {
                continue;
            }
            let mut options = fs::OpenOptions::new();
            let options = options.write(true).create(true).truncate(true).mode(0o600);
            io::Write::write_all(&mut options.open(path)?, text.as_bytes())?;
        }
        Ok(())
    }
}
