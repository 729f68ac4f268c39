//! The program that Git runs to ask the agent something (see `helper`): this one, under another name.

use std::ffi::OsStr;
use std::io::{Read as _, Write as _};
use std::net::Shutdown;
use std::os::unix::net::UnixStream;
use std::path::PathBuf;
use std::process::ExitCode;

/// The name under which it asks for credentials.
pub(super) const ASKPASS: &str = "atelier-git-askpass";

/// The name under which it edits a file.
pub(super) const EDITOR: &str = "atelier-git-editor";

/// The name under which `ssh` tells it what key a host presents: why it does, the host, the key's type, the key.
pub(super) const HOST: &str = "atelier-git-host";

/// The agent's socket, beside it.
pub(super) const SOCKET: &str = "socket";

/// Does what Git wants, if that is what this program was started for: its name says so. To be called first
/// of all in `main`.
pub fn git_helper() -> Option<ExitCode> {
    let mut arguments = std::env::args_os();
    let program = PathBuf::from(arguments.next()?);
    let role = [ASKPASS, EDITOR, HOST]
        .into_iter()
        .find(|role| program.file_name() == Some(OsStr::new(role)))?;
    let mut question = arguments.next().unwrap_or_default();
    if role == HOST {
        // Before it connects, `ssh` asks which types of keys are known.
        if question != "HOSTNAME" {
            return Some(ExitCode::SUCCESS);
        }
        for argument in arguments {
            question.push(" ");
            question.push(argument);
        }
    }
    let ask = || -> std::io::Result<Option<Vec<u8>>> {
        let mut stream = UnixStream::connect(program.with_file_name(SOCKET))?;
        stream.write_all(role.as_bytes())?;
        stream.write_all(b"\0")?;
        stream.write_all(question.as_encoded_bytes())?;
        stream.shutdown(Shutdown::Write)?;
        let mut answer = Vec::new();
        stream.read_to_end(&mut answer)?;
        Ok(answer.strip_prefix(b"+").map(<[u8]>::to_vec))
    };
    let Ok(Some(answer)) = ask() else {
        return Some(ExitCode::FAILURE);
    };
    if role == ASKPASS {
        let mut output = std::io::stdout();
        let written = output
            .write_all(&answer)
            .and_then(|()| output.write_all(b"\n"));
        if written.is_err() {
            return Some(ExitCode::FAILURE);
        }
    }
    Some(ExitCode::SUCCESS)
}
