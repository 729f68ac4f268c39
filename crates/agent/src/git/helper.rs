//! What answers Git's questions while a command runs: who to be at a host, what the list of a rebase is, what
//! a commit's message is.
//!
//! Git runs the agent's own program (`helper_program`) under a name in a directory that only this command
//! knows, and that program asks over a socket beside it. So a secret stands in no file, environment or
//! argument, and no shell comes between. It is told only to Git asking for the host that it is meant for.

use std::collections::HashMap;
use std::io;
use std::os::unix::fs::{DirBuilderExt as _, symlink};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use atelier_api::agent::git::{GitCredentials, GitHostKey, GitTodo, GitTodoAction};
use parking_lot::Mutex;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{UnixListener, UnixStream};
use tokio::process::Command;
use tokio::task::JoinHandle;

use super::helper_program::{ASKPASS, EDITOR, HOST, SOCKET};
use super::ssh::{Ssh, fingerprint_of};

/// The longest question, in bytes.
const QUESTION_MAX: u64 = 8 * 1024;

/// How often credentials are told in one command: name and secret, for fetching, submodules and retries.
const ANSWERS_MAX: u32 = 64;

/// How many hosts' keys are kept of one command.
const HOSTS_MAX: usize = 64;

/// New messages of a rebase, by commit; in Git's own directory of the rebase, and gone with it.
const MESSAGES: &str = "rebase-merge/atelier-messages.json";

/// What Git can be told.
#[derive(Debug, Default)]
pub(super) struct Answers {
    pub(super) credentials: Option<GitCredentials>,
    /// The list of an interactive rebase.
    pub(super) todo: Option<Vec<GitTodo>>,
    /// Git's directory; no file outside of it is written.
    pub(super) git_dir: PathBuf,
}

/// Whom Git has asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Wanted {
    pub(super) protocol: String,
    pub(super) host: String,
    pub(super) username: Option<String>,
    /// The repository's path, where Git tells it.
    pub(super) path: Option<String>,
}

/// What a command's questions have told.
#[derive(Debug, Default)]
struct Told {
    wanted: Option<Wanted>,
    presented: Vec<GitHostKey>,
}

/// Answers for as long as it is held.
#[derive(Debug)]
pub(super) struct Helper {
    directory: PathBuf,
    task: JoinHandle<()>,
    told: Arc<Mutex<Told>>,
}

impl Helper {
    pub(super) fn start(program: &Path, answers: Answers) -> io::Result<Self> {
        // No sign in it that a shell would read: Git looks for one in an editor's path.
        let directory = PathBuf::from(format!("/tmp/atelier-git-{:032x}", rand::random::<u128>()));
        std::fs::DirBuilder::new().mode(0o700).create(&directory)?;
        let told = Arc::new(Mutex::new(Told::default()));
        let listen = || {
            symlink(program, directory.join(ASKPASS))?;
            symlink(program, directory.join(EDITOR))?;
            symlink(program, directory.join(HOST))?;
            UnixListener::bind(directory.join(SOCKET))
        };
        let listener = match listen() {
            Ok(listener) => listener,
            Err(error) => {
                let _ = std::fs::remove_dir_all(&directory);
                return Err(error);
            }
        };
        let task = tokio::spawn(answer_all(listener, answers, Arc::clone(&told)));
        Ok(Self {
            directory,
            task,
            told,
        })
    }

    /// Makes a command ask here.
    pub(super) fn attach(&self, command: &mut Command) {
        command
            .env("GIT_ASKPASS", self.directory.join(ASKPASS))
            .env("GIT_EDITOR", self.directory.join(EDITOR))
            .env("GIT_SEQUENCE_EDITOR", self.directory.join(EDITOR));
    }

    /// Makes a command's `ssh` accept known hosts only, offer the keys that are here, and tell what hosts
    /// present.
    pub(super) async fn attach_ssh(&self, command: &mut Command, ssh: &Ssh) {
        if let Some(how) = ssh.command(&self.directory).await {
            command.env("GIT_SSH_COMMAND", how);
        }
    }

    /// Whom Git asked for and was not told.
    pub(super) fn wanted(&self) -> Option<Wanted> {
        self.told.lock().wanted.clone()
    }

    /// The keys that hosts have presented, in the order in which they were reached.
    pub(super) fn presented(&self) -> Vec<GitHostKey> {
        self.told.lock().presented.clone()
    }
}

impl Drop for Helper {
    fn drop(&mut self) {
        self.task.abort();
        let _ = std::fs::remove_dir_all(&self.directory);
    }
}

async fn answer_all(listener: UnixListener, answers: Answers, told: Arc<Mutex<Told>>) {
    let mut count = 0;
    while let Ok((stream, _)) = listener.accept().await {
        // One after the other: Git asks so, too.
        let _ = answer(stream, &answers, &told, &mut count).await;
    }
}

async fn answer(
    mut stream: UnixStream,
    answers: &Answers,
    told: &Mutex<Told>,
    count: &mut u32,
) -> io::Result<()> {
    let mut question = String::new();
    (&mut stream)
        .take(QUESTION_MAX)
        .read_to_string(&mut question)
        .await?;
    let answer = match question.split_once('\0') {
        Some((ASKPASS, prompt)) => {
            let answer = tell(prompt, answers, told).filter(|_| *count < ANSWERS_MAX);
            *count += 1;
            answer
        }
        Some((EDITOR, file)) => edit(Path::new(file), answers).map(|()| String::new()),
        Some((HOST, presented)) => {
            note(presented, told);
            Some(String::new())
        }
        _ => None,
    };
    match answer {
        Some(answer) => stream.write_all(format!("+{answer}").as_bytes()).await?,
        None => stream.write_all(b"-").await?,
    }
    stream.shutdown().await
}

/// `Username for 'https://host': ` or `Password for 'https://ada@host': `
fn tell(prompt: &str, answers: &Answers, told: &Mutex<Told>) -> Option<String> {
    let (what, rest) = prompt.split_once(" for '")?;
    let (url, _) = rest.rsplit_once("':")?;
    let (protocol, authority) = url.split_once("://")?;
    let (user, host) = match authority.rsplit_once('@') {
        Some((user, host)) => (Some(user), host),
        None => (None, authority),
    };
    // With `credential.useHttpPath` the path stands behind it.
    let (host, path) = match host.split_once('/') {
        Some((host, path)) => (host, Some(path)),
        None => (host, None),
    };
    let given = answers
        .credentials
        .as_ref()
        .filter(|given| given.protocol == protocol && given.host.eq_ignore_ascii_case(host));
    match (what, given) {
        ("Username", Some(given)) => Some(given.username.clone()),
        ("Password", Some(given)) => Some(given.secret.clone()),
        _ => {
            told.lock().wanted = Some(Wanted {
                protocol: protocol.to_owned(),
                host: host.to_owned(),
                username: user.map(str::to_owned),
                path: path.map(str::to_owned),
            });
            None
        }
    }
}

/// `HOSTNAME [host]:2222 ssh-ed25519 AAAA…`
fn note(text: &str, told: &Mutex<Told>) {
    let parts: Vec<&str> = text.split(' ').collect();
    let ["HOSTNAME", host, key_type, key] = parts[..] else {
        return;
    };
    // Where no authority is known that has signed it, the plain key comes next, which can be trusted.
    if key_type.contains("-cert-v0") {
        return;
    }
    let Some(fingerprint) = fingerprint_of(key_type, key) else {
        return;
    };
    let presented = &mut told.lock().presented;
    let key = GitHostKey {
        host: host.to_owned(),
        key_type: key_type.to_owned(),
        key: key.to_owned(),
        fingerprint,
    };
    if presented.len() < HOSTS_MAX && !presented.contains(&key) {
        presented.push(key);
    }
}

/// Writes what is to stand in a file that Git wants edited; leaves it as it is where nothing is.
fn edit(file: &Path, answers: &Answers) -> Option<()> {
    let git_dir = answers.git_dir.canonicalize().ok()?;
    let directory = file.parent()?.canonicalize().ok()?;
    if !directory.starts_with(&git_dir) {
        return None;
    }
    let messages = git_dir.join(MESSAGES);
    if file.file_name()? == "git-rebase-todo" {
        let todo = answers.todo.as_ref()?;
        let by_commit: HashMap<&str, &str> = todo
            .iter()
            .filter_map(|entry| Some((entry.commit.as_str(), entry.message.as_deref()?)))
            .collect();
        let json = serde_json::to_vec(&by_commit).ok()?;
        std::fs::write(&messages, json).ok()?;
        return std::fs::write(file, list(todo)).ok();
    }
    let Ok(json) = std::fs::read(&messages) else {
        return Some(());
    };
    let by_commit: HashMap<String, String> = serde_json::from_slice(&json).ok()?;
    // `reword 0123abcd # subject`: the last line is what is being done.
    let done = std::fs::read_to_string(git_dir.join("rebase-merge/done")).ok()?;
    let current = done.lines().last()?.split(' ').nth(1)?;
    let message = by_commit
        .iter()
        .find(|(commit, _)| commit.starts_with(current) || current.starts_with(commit.as_str()));
    match message {
        Some((_, message)) => std::fs::write(file, message).ok(),
        None => Some(()),
    }
}

/// The list of a rebase as Git reads it.
fn list(todo: &[GitTodo]) -> String {
    let mut list = String::new();
    for entry in todo {
        let verb = match entry.action {
            GitTodoAction::Pick => "pick",
            GitTodoAction::Reword => "reword",
            GitTodoAction::Edit => "edit",
            GitTodoAction::Squash => "squash",
            GitTodoAction::Fixup => "fixup",
            GitTodoAction::Drop => "drop",
        };
        list.push_str(verb);
        list.push(' ');
        list.push_str(&entry.commit);
        list.push('\n');
    }
    if list.is_empty() {
        list.push_str("noop\n");
    }
    list
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answers() -> Answers {
        Answers {
            credentials: Some(GitCredentials {
                protocol: "https".into(),
                host: "example.com:8443".into(),
                username: "ada".into(),
                secret: "s3cret".into(),
            }),
            ..Answers::default()
        }
    }

    #[test]
    fn credentials_are_told_to_their_host_only() {
        let told = Mutex::new(Told::default());
        let ask = |prompt: &str| tell(prompt, &answers(), &told);
        let password = ask("Password for 'https://ada@example.com:8443': ");
        assert_eq!(password.as_deref(), Some("s3cret"));
        assert_eq!(
            ask("Username for 'https://example.com:8443': ").as_deref(),
            Some("ada")
        );
        assert_eq!(told.lock().wanted, None);
        for other in [
            "Password for 'http://ada@example.com:8443': ",
            "Password for 'https://ada@example.com': ",
            "Password for 'https://example.com:8443@evil.example': ",
            "Enter passphrase for key '/home/ada/.ssh/id': ",
            "",
        ] {
            assert_eq!(ask(other), None, "{other}");
        }
        let asked = told.lock().wanted.clone().unwrap();
        assert_eq!(asked.host, "evil.example");
    }

    #[test]
    fn what_hosts_present_is_kept_once_and_only_where_it_is_a_key() {
        let told = Mutex::new(Told::default());
        let key = "AAAAC3NzaC1lZDI1NTE5AAAAIHpeDbRe16hMY0MNE0y+/LU+tUEuN/mUhsupSBOdhn7r";
        for _ in 0..2 {
            note(&format!("HOSTNAME [h]:2 ssh-ed25519 {key}"), &told);
        }
        for other in [
            format!("HOSTNAME h ssh-rsa {key}"),
            format!("ADDRESS h ssh-ed25519 {key}"),
            "HOSTNAME h NONE NONE".into(),
            String::new(),
        ] {
            note(&other, &told);
        }
        let told = told.lock();
        assert_eq!(told.presented.len(), 1, "{told:?}");
        assert_eq!(told.presented[0].host, "[h]:2");
    }
}
