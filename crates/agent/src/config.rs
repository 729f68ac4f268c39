//! What an agent is told when it starts.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use atelier_api::agent::terminals::RING_BYTES;
use atelier_api::agent::uploads::UPLOAD_IDLE_HOURS;
use atelier_api::node::FilesPolicy;

use crate::languages::LanguageLimits;
use crate::terminals::RecordingLimits;
use crate::vscode::VsCodeLimits;

/// Where programs are looked for when the environment does not say.
const DEFAULT_PATH: &str = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

/// The arguments of `atelier agent`.
#[derive(Debug, Clone)]
pub struct AgentArgs {
    /// The Unix socket to serve on.
    pub socket: PathBuf,
    /// The directory of the projects.
    pub workspace: PathBuf,
    /// The workspace user's home.
    pub home: PathBuf,
    /// The workspace's name, for `ATELIER_WORKSPACE`.
    pub name: String,
}

/// An agent's configuration.
#[derive(Debug, Clone)]
pub struct Config {
    /// The Unix socket to serve on.
    pub socket: PathBuf,
    /// The root `workspace`: the projects.
    pub workspace: PathBuf,
    /// The root `home`: the user's home.
    pub home: PathBuf,
    /// The root `system`: `/`, elsewhere only in tests.
    pub system: PathBuf,
    /// The user's login shell.
    pub shell: PathBuf,
    /// The environment that programs inherit; [`Config::environment`] completes it.
    pub env: BTreeMap<String, String>,
    /// The workspace's name, for `ATELIER_WORKSPACE`.
    pub name: String,
    /// How much output a terminal keeps, in bytes.
    pub ring_bytes: usize,
    /// After how long without a byte an upload in parts is given up.
    pub upload_idle: Duration,
    /// How much of terminals may be recorded.
    pub recordings: RecordingLimits,
    /// How much a language server may take.
    pub languages: LanguageLimits,
    /// How much VS Code may take.
    pub vscode: VsCodeLimits,
    /// Set for the agent of a machine itself, outside of any workspace: which of its files may be
    /// reached. The root `workspace` is then the machine's `/`, while terminals begin in `workspace`.
    pub machine: Option<FilesPolicy>,
    /// The program that Git runs to ask the agent for credentials and messages; it calls
    /// [`crate::git_helper`]. The agent's own one, elsewhere only in tests.
    pub helper: PathBuf,
}

impl Config {
    /// The configuration of an agent that inherits the calling process's environment.
    pub fn from_args(args: AgentArgs) -> Self {
        // Variables that are not UTF-8 cannot be shown or sent; they are not passed on.
        let mut env: BTreeMap<String, String> = std::env::vars_os()
            .filter_map(|(key, value)| Some((key.into_string().ok()?, value.into_string().ok()?)))
            .collect();
        let passwd = fs::read_to_string("/etc/passwd").unwrap_or_default();
        let user = User::find(&passwd, rustix::process::getuid().as_raw());
        if let Some(user) = &user {
            env.insert("USER".into(), user.name.clone());
        }
        let shell = user
            .map(|user| user.shell)
            .into_iter()
            .chain(env.get("SHELL").cloned())
            .chain(["/bin/bash".into(), "/bin/sh".into()])
            .map(PathBuf::from)
            .find(|shell| is_login_shell(shell))
            .unwrap_or_else(|| "/bin/sh".into());
        Self {
            socket: args.socket,
            workspace: args.workspace,
            home: args.home,
            system: "/".into(),
            shell,
            env,
            name: args.name,
            ring_bytes: RING_BYTES,
            upload_idle: Duration::from_secs(UPLOAD_IDLE_HOURS * 60 * 60),
            recordings: RecordingLimits::default(),
            languages: LanguageLimits::default(),
            vscode: VsCodeLimits::default(),
            machine: None,
            helper: std::env::current_exe().unwrap_or_default(),
        }
    }

    /// The whole environment of a program in the workspace.
    pub fn environment(&self) -> BTreeMap<String, String> {
        let mut env = self.env.clone();
        env.entry("PATH".into())
            .or_insert_with(|| DEFAULT_PATH.into());
        env.entry("LANG".into()).or_insert_with(|| "C.UTF-8".into());
        let user = env
            .entry("USER".into())
            .or_insert_with(|| "atelier".into())
            .clone();
        env.insert("LOGNAME".into(), user);
        env.insert("HOME".into(), self.home.to_string_lossy().into_owned());
        env.insert("SHELL".into(), self.shell.to_string_lossy().into_owned());
        if self.machine.is_none() {
            env.insert("ATELIER_WORKSPACE".into(), self.name.clone());
        }
        env
    }
}

/// A line of `/etc/passwd`.
struct User {
    name: String,
    shell: String,
}

impl User {
    fn find(passwd: &str, uid: u32) -> Option<Self> {
        passwd.lines().find_map(|line| {
            let fields: Vec<&str> = line.split(':').collect();
            let [name, _, id, _, _, _, shell] = fields[..] else {
                return None;
            };
            (id.parse() == Ok(uid)).then(|| Self {
                name: name.into(),
                shell: shell.into(),
            })
        })
    }
}

/// Whether a person can work in it: accounts of services have `nologin` or `false`.
fn is_login_shell(shell: &Path) -> bool {
    let name = shell.file_name().unwrap_or_default();
    shell.is_absolute() && name != "nologin" && name != "false" && shell.is_file()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_user_is_found_by_uid() {
        let passwd =
            "root:x:0:0:root:/root:/bin/bash\nbroken\nada:x:1001:1001:Ada,,,:/home/ada:/bin/zsh\n";
        let user = User::find(passwd, 1001).expect("listed");
        assert_eq!(
            (user.name.as_str(), user.shell.as_str()),
            ("ada", "/bin/zsh")
        );
        assert!(User::find(passwd, 7).is_none());
    }

    #[test]
    fn service_accounts_get_another_shell() {
        assert!(is_login_shell(Path::new("/bin/sh")));
        assert!(!is_login_shell(Path::new("/usr/sbin/nologin")));
        assert!(!is_login_shell(Path::new("/bin/false")));
        assert!(!is_login_shell(Path::new("bash")));
    }
}
