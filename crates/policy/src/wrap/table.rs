//! Wrappers that are `name [options] [operands] command [arguments]`, as data.

/// A wrapper of that form.
#[derive(Debug)]
pub(super) struct Wrapper {
    names: &'static [&'static str],
    /// Short options whose value is the next argument, if it is not in the same.
    pub(super) short_values: &'static str,
    /// Short options without a value (or with one that must be in the same argument).
    pub(super) short_flags: &'static str,
    /// Long options whose value is the next argument, if there is no `=`.
    pub(super) long_values: &'static [&'static str],
    /// Operands before the command.
    pub(super) operands: usize,
    /// Whether `name=value` may stand before the command.
    pub(super) assignments: bool,
    /// Whether it needs no rule of its own.
    pub(super) transparent: bool,
    /// How the command is passed on.
    pub(super) runs: Runs,
}

/// How a wrapper runs what it is given.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Runs {
    /// As a command.
    Command,
    /// Joined by blanks, as a line of `sh`.
    JoinedLine,
}

const PLAIN: Wrapper = Wrapper {
    names: &[],
    short_values: "",
    short_flags: "",
    long_values: &[],
    operands: 0,
    assignments: false,
    transparent: true,
    runs: Runs::Command,
};

static WRAPPERS: &[Wrapper] = &[
    Wrapper {
        names: &["sudo"],
        short_values: "ughpCcrtTUDRa",
        short_flags: "AbBEeHiKklNnPSsVv",
        long_values: &[
            "user",
            "group",
            "host",
            "prompt",
            "close-from",
            "chdir",
            "chroot",
            "role",
            "type",
            "command-timeout",
            "other-user",
            "auth-type",
            "login-class",
        ],
        assignments: true,
        transparent: false,
        ..PLAIN
    },
    Wrapper {
        names: &["doas"],
        short_values: "uCa",
        short_flags: "Lns",
        transparent: false,
        ..PLAIN
    },
    Wrapper {
        names: &["pkexec"],
        short_flags: "",
        long_values: &["user", "process"],
        transparent: false,
        ..PLAIN
    },
    Wrapper {
        names: &["env"],
        short_values: "uCS",
        short_flags: "i0v",
        long_values: &["unset", "chdir", "split-string"],
        assignments: true,
        ..PLAIN
    },
    Wrapper {
        names: &["nice"],
        short_values: "n",
        short_flags: "0123456789",
        long_values: &["adjustment"],
        ..PLAIN
    },
    Wrapper {
        names: &["ionice"],
        short_values: "cnpPu",
        short_flags: "t",
        long_values: &["class", "classdata", "pid", "pgid", "uid"],
        ..PLAIN
    },
    Wrapper {
        names: &[
            "nohup",
            "unbuffer",
            "dbus-run-session",
            "xvfb-run",
            "fakeroot",
            "catchsegv",
        ],
        short_values: "nsfe",
        short_flags: "padhl",
        long_values: &["server-args", "server-num", "error-file", "auth-file"],
        ..PLAIN
    },
    Wrapper {
        names: &["setsid"],
        short_flags: "cfw",
        ..PLAIN
    },
    Wrapper {
        names: &["stdbuf"],
        short_values: "ioe",
        long_values: &["input", "output", "error"],
        ..PLAIN
    },
    Wrapper {
        names: &["timeout"],
        short_values: "sk",
        short_flags: "vfp",
        long_values: &["signal", "kill-after"],
        operands: 1,
        ..PLAIN
    },
    Wrapper {
        names: &["time"],
        short_values: "fo",
        short_flags: "apvqlh",
        long_values: &["format", "output"],
        ..PLAIN
    },
    Wrapper {
        names: &["chrt"],
        short_values: "TPD",
        short_flags: "abdfioRrmvp",
        long_values: &["sched-runtime", "sched-period", "sched-deadline"],
        operands: 1,
        ..PLAIN
    },
    Wrapper {
        names: &["taskset"],
        short_flags: "acp",
        operands: 1,
        ..PLAIN
    },
    Wrapper {
        names: &["numactl"],
        short_values: "imNpCP",
        short_flags: "asHl",
        long_values: &[
            "interleave",
            "membind",
            "cpunodebind",
            "physcpubind",
            "preferred",
        ],
        ..PLAIN
    },
    Wrapper {
        names: &["prlimit"],
        short_values: "po",
        short_flags: "cdefilmnqrstuvxy",
        long_values: &["pid", "output"],
        ..PLAIN
    },
    Wrapper {
        names: &[
            "setarch",
            "linux32",
            "linux64",
            "i386",
            "x86_64",
            "personality",
        ],
        short_flags: "BFILRSTXZ3v",
        ..PLAIN
    },
    Wrapper {
        names: &["strace", "ltrace"],
        short_values: "abeEIoOpPsSuUX",
        short_flags: "cCdDfFhikNnqrtTvVwxyYzZ",
        ..PLAIN
    },
    Wrapper {
        names: &["valgrind"],
        ..PLAIN
    },
    Wrapper {
        names: &["exec"],
        short_values: "a",
        short_flags: "cl",
        ..PLAIN
    },
    Wrapper {
        names: &["command"],
        short_flags: "pvV",
        ..PLAIN
    },
    Wrapper {
        names: &["builtin", "noglob", "nocorrect"],
        ..PLAIN
    },
    Wrapper {
        names: &["busybox", "toybox"],
        ..PLAIN
    },
    Wrapper {
        names: &["chroot"],
        short_values: "ugG",
        short_flags: "",
        long_values: &["userspec", "groups"],
        operands: 1,
        transparent: false,
        ..PLAIN
    },
    Wrapper {
        names: &["unshare"],
        short_values: "RwSGl",
        short_flags: "imnpuUCTfrc",
        long_values: &[
            "root",
            "wd",
            "setuid",
            "setgid",
            "propagation",
            "setgroups",
            "map-user",
            "map-group",
            "map-users",
            "map-groups",
            "monotonic",
            "boottime",
            "load-interp",
        ],
        transparent: false,
        ..PLAIN
    },
    Wrapper {
        names: &["nsenter"],
        short_values: "tSGNW",
        short_flags: "amuinpCUTrweFZc",
        long_values: &["target", "setuid", "setgid", "net-socket", "wdns"],
        transparent: false,
        ..PLAIN
    },
    Wrapper {
        names: &["setpriv"],
        short_flags: "d",
        long_values: &[
            "ruid",
            "euid",
            "rgid",
            "egid",
            "reuid",
            "regid",
            "groups",
            "inh-caps",
            "ambient-caps",
            "bounding-set",
            "securebits",
            "pdeathsig",
            "selinux-label",
            "apparmor-profile",
            "landlock-access",
            "landlock-rule",
            "seccomp-filter",
            "ptracer",
        ],
        transparent: false,
        ..PLAIN
    },
    Wrapper {
        names: &[
            "gosu",
            "su-exec",
            "setuidgid",
            "chpst",
            "cgexec",
            "lxc-attach",
            "firejail",
        ],
        short_values: "ugne",
        operands: 1,
        transparent: false,
        ..PLAIN
    },
    Wrapper {
        names: &["systemd-run", "systemd-inhibit"],
        short_values: "uptHMED",
        short_flags: "qPdrGSv",
        long_values: &[
            "unit",
            "property",
            "slice",
            "host",
            "machine",
            "description",
            "service-type",
            "uid",
            "gid",
            "nice",
            "working-directory",
            "setenv",
            "on-active",
            "on-boot",
            "on-startup",
            "on-unit-active",
            "on-unit-inactive",
            "on-calendar",
            "timer-property",
            "path-property",
            "socket-property",
            "what",
            "who",
            "why",
            "mode",
            "capsule",
        ],
        transparent: false,
        ..PLAIN
    },
    Wrapper {
        names: &["watch"],
        short_values: "nqs",
        short_flags: "bcdegprtwxCv",
        long_values: &["interval", "equexit", "shotsdir"],
        transparent: false,
        runs: Runs::JoinedLine,
        ..PLAIN
    },
];

/// The wrapper of this name.
pub(super) fn find(name: &str) -> Option<&'static Wrapper> {
    WRAPPERS
        .iter()
        .find(|wrapper| wrapper.names.contains(&name))
}
