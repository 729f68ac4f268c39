//! Which program a start of the daemon becomes.

use std::ffi::OsString;
use std::fs;
use std::io;
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

use super::programs::{Choice, FileMark, Programs};
use super::role::Role;
use crate::Clock;
use crate::daemon::is_running;

/// A program on probation that was started so often and did not become healthy is given up.
const STARTS_MAX: u32 = 3;

/// How long a daemon that was killed, and what it was trying out, may take to let go of the data directory.
const LET_GO_WITHIN: Duration = Duration::from_secs(1);

/// The running program, as it was when it began.
#[derive(Debug, Clone)]
pub struct Own {
    pub(super) file: FileMark,
}

impl Own {
    /// This one. To be called early: its file may be replaced at any time.
    ///
    /// # Errors
    /// When it cannot be found out.
    pub fn find() -> io::Result<Self> {
        let file = FileMark::of_running(&std::env::current_exe()?)?;
        Ok(Self { file })
    }

    /// Its SHA-256: known of those that were received, read of the one that was installed.
    pub(super) fn sha256(&self, programs: &Programs) -> io::Result<String> {
        match programs.name_of(self.file.path()) {
            Some(name) => Ok(name),
            None => programs.installed(&self.file),
        }
    }
}

/// Becomes the program that was chosen for the data directory. Comes back where that is this one: nothing
/// else was chosen, it cannot be started, or it was tried often enough. `arguments` are this start's own.
pub fn become_chosen(data_dir: &Path, own: &Own, clock: &Clock, arguments: &[OsString]) {
    let since = Instant::now();
    while is_running(data_dir) {
        if since.elapsed() > LET_GO_WITHIN {
            // This start will fail, and say why.
            return;
        }
        std::thread::sleep(Duration::from_millis(10));
    }
    let programs = Programs::in_data(data_dir);
    while let Some(program) = next(&programs, own, clock) {
        tracing::info!(program = %program.display(), "going on as the program that was chosen");
        let error = command(&program, arguments, Role::Chosen).exec();
        let Some(choice) = programs.choice() else {
            return;
        };
        let reason = format!("The new program cannot be started: {error}.");
        if !give_up(&programs, &choice, reason, clock) {
            return;
        }
    }
}

/// The same start with another program.
pub(super) fn command(program: &Path, arguments: &[OsString], role: Role) -> Command {
    let mut command = Command::new(program);
    command.args(arguments).args(["--role", role.text()]);
    command
}

/// The chosen program's file, if it is not this one; counts its starts while it is on probation.
fn next(programs: &Programs, own: &Own, clock: &Clock) -> Option<PathBuf> {
    loop {
        let mut choice = programs.choice()?;
        if choice.instead_of != own.file {
            let reason = "Another program was installed on the server.";
            tracing::info!("{reason}");
            settle(programs, &choice, reason.to_owned(), clock);
            if let Err(error) = programs.choose_installed() {
                tracing::warn!(%error, "the choice before could not be removed");
            }
            return None;
        }
        let failed = match (&mut choice.probation, programs.file(&choice.program)) {
            (_, None) => "The new program's file is missing.".to_owned(),
            (Some(probation), _) if probation.starts >= STARTS_MAX => {
                format!(
                    "The new program was started {STARTS_MAX} times and did not become healthy."
                )
            }
            (Some(probation), Some(file)) => {
                probation.starts += 1;
                if let Err(error) = programs.choose(&choice) {
                    tracing::warn!(%error, "the start could not be counted");
                }
                return Some(file);
            }
            (None, Some(file)) => return Some(file),
        };
        if !give_up(programs, &choice, failed, clock) {
            return None;
        }
    }
}

/// Goes back to the program of before. False when that cannot be written down.
fn give_up(programs: &Programs, choice: &Choice, reason: String, clock: &Clock) -> bool {
    tracing::error!(reason, "going back to the program of before");
    settle(programs, choice, reason, clock);
    programs
        .go_back(choice)
        .inspect_err(|error| tracing::error!(%error, "it could not be noted"))
        .is_ok()
}

fn settle(programs: &Programs, choice: &Choice, reason: String, clock: &Clock) {
    if let Some(probation) = &choice.probation {
        programs.settle(probation.order, Err(reason), clock.now());
    }
}

impl FileMark {
    /// Of this process's program, also when another stands at its path already.
    fn of_running(path: &Path) -> io::Result<Self> {
        Ok(Self::new(path, &fs::metadata("/proc/self/exe")?))
    }
}

#[cfg(test)]
mod tests {
    use atelier_api::Timestamp;
    use atelier_api::ids::NodeUpdateId;
    use atelier_api::node::update::{UpdateReport, UpdateState};

    use super::super::programs::Probation;
    use super::*;

    struct Place {
        folder: tempfile::TempDir,
        programs: Programs,
        own: Own,
        order: NodeUpdateId,
    }

    /// A place with two programs, the second of which is on probation.
    fn place() -> Place {
        let folder = tempfile::tempdir().unwrap();
        let programs = Programs::in_data(folder.path());
        programs.make().unwrap();
        for name in names() {
            fs::write(programs.incoming(), "a program").unwrap();
            programs.keep(&name).unwrap();
        }
        let order: NodeUpdateId = "nodeupd_00000000000000000000000001".parse().unwrap();
        let own = Own::find().unwrap();
        let [before, program] = names();
        let choice = Choice {
            instead_of: own.file.clone(),
            program: program.clone(),
            before: Some(before),
            probation: Some(Probation {
                order,
                starts: 0,
                healthy_within_s: 60,
            }),
        };
        programs.choose(&choice).unwrap();
        let report = UpdateReport {
            id: order,
            sha256: program,
            state: UpdateState::Running,
            reason: None,
            at: Timestamp(1),
        };
        programs.save_report(&report).unwrap();
        Place {
            folder,
            programs,
            own,
            order,
        }
    }

    fn names() -> [String; 2] {
        ["1", "2"].map(|digit| digit.repeat(64))
    }

    impl Place {
        fn next(&self) -> Option<String> {
            let file = next(&self.programs, &self.own, &Clock::system())?;
            self.programs.name_of(&fs::canonicalize(file).unwrap())
        }

        fn reason(&self) -> String {
            let report = self.programs.report().unwrap();
            assert_eq!((report.id, report.state), (self.order, UpdateState::Failed));
            report.reason.unwrap()
        }
    }

    #[test]
    fn a_program_that_never_becomes_healthy_is_given_up_for_the_one_before() {
        let place = place();
        let [before, program] = names();
        for _ in 0..STARTS_MAX {
            assert_eq!(place.next().as_ref(), Some(&program));
        }
        for _ in 0..3 {
            assert_eq!(place.next().as_ref(), Some(&before));
        }
        assert!(place.reason().contains("3 times"));
    }

    #[test]
    fn a_program_that_is_gone_is_given_up_and_the_installed_one_is_the_last_resort() {
        let place = place();
        place.programs.prune(&[&names()[0]]);
        assert_eq!(place.next(), Some(names()[0].clone()));
        place.programs.prune(&[]);
        assert_eq!(place.next(), None);
        assert_eq!(place.programs.choice(), None);
        assert!(place.reason().contains("missing"));
    }

    #[test]
    fn who_installs_another_program_wants_that_one() {
        let place = place();
        let other = place.folder.path().join("other");
        fs::write(&other, "installed later").unwrap();
        let own = Own {
            file: FileMark::new(&other, &fs::metadata(&other).unwrap()),
        };
        assert_eq!(next(&place.programs, &own, &Clock::system()), None);
        assert_eq!(place.programs.choice(), None);
        assert!(place.reason().contains("installed"));
    }
}
