//! Commands that end processes, or the machine.

use super::{Invocation, any, when};
use crate::argument::Argument;
use crate::options::Options;
use crate::path::Certainty;

fn words<'a>(invocation: &Invocation<'a>) -> impl Iterator<Item = &'a str> {
    invocation.arguments.iter().filter_map(Argument::known)
}

/// `kill` of -1 (all) or of 1 (the first), and `killall5`.
pub(super) fn ends_everything(invocation: &Invocation<'_>) -> Certainty {
    match invocation.name {
        "kill" => kills(invocation.arguments),
        "killall5" => Certainty::Yes,
        "killall" | "pkill" => when(words(invocation).any(|word| {
            ["init", "systemd", "^init$", "^systemd$", "."].contains(&word) || word == "-v"
        })),
        _ => Certainty::No,
    }
}

fn kills(arguments: &[Argument]) -> Certainty {
    let mut harmless = false;
    let mut rest = arguments.iter().peekable();
    // The first argument with a dash is the signal, unless it is `--`.
    if let Some(first) = rest.peek()
        && let Some(signal) = first.text.strip_prefix('-')
        && signal != "-"
    {
        rest.next();
        let name = match signal {
            "s" | "n" | "-signal" => rest.next().map(|signal| signal.text.clone()),
            "l" | "L" | "-list" | "-table" => return Certainty::No,
            _ => Some(signal.trim_start_matches("-signal=").to_owned()),
        };
        let name = name.unwrap_or_default().to_uppercase();
        // Signal 0 only asks, and 1 (HUP) makes systemd read its configuration again.
        let name = name.trim_start_matches("SIG");
        harmless = ["0", "HUP", "1"].contains(&name);
    }
    any(rest.map(|target| match target.known() {
        Some("-1") => Certainty::Yes,
        Some("1") if !harmless => Certainty::Yes,
        _ => Certainty::No,
    }))
}

/// `reboot` and its like.
pub(super) fn shuts_down(invocation: &Invocation<'_>) -> Certainty {
    let mut words = words(invocation);
    when(match invocation.name {
        "reboot" | "poweroff" | "halt" | "kexec" => true,
        "shutdown" => !words.any(|word| word == "-c"),
        "init" | "telinit" => words.any(|word| ["0", "1", "6", "s", "S"].contains(&word)),
        "systemctl" => words.any(|word| {
            [
                "poweroff",
                "reboot",
                "halt",
                "kexec",
                "soft-reboot",
                "suspend",
                "hibernate",
                "hybrid-sleep",
                "rescue",
                "emergency",
                "isolate",
                "exit",
            ]
            .contains(&word)
        }),
        "loginctl" => words.any(|word| ["poweroff", "reboot", "halt"].contains(&word)),
        _ => false,
    })
}

/// The daemon's unit and process are named `atelier…`.
fn is_atelier(argument: &Argument) -> bool {
    let name = argument.known().unwrap_or_default();
    name.starts_with("atelier") || name == "^atelier"
}

/// `systemctl stop atelier-node` and its like.
pub(super) fn stops_atelier(invocation: &Invocation<'_>) -> Certainty {
    if !invocation.arguments.iter().any(is_atelier) {
        return Certainty::No;
    }
    let verbs: &[&str] = match invocation.name {
        "killall" | "pkill" => return Certainty::Yes,
        "systemctl" | "service" | "rc-service" | "invoke-rc.d" => &[
            "stop",
            "disable",
            "mask",
            "kill",
            "restart",
            "try-restart",
            "revert",
            "freeze",
            "clean",
        ],
        "update-rc.d" | "rc-update" => &["remove", "disable", "del", "delete"],
        "apt" | "apt-get" | "dpkg" | "dnf" | "yum" | "apk" | "pacman" => &[
            "remove",
            "purge",
            "autoremove",
            "erase",
            "del",
            "-r",
            "-P",
            "-R",
            "--purge",
        ],
        _ => return Certainty::No,
    };
    when(words(invocation).any(|word| verbs.contains(&word)))
}

/// `userdel root`.
pub(super) fn removes_root(invocation: &Invocation<'_>) -> Certainty {
    if !["userdel", "deluser"].contains(&invocation.name) {
        return Certainty::No;
    }
    let options = Options::read(invocation.arguments, "RP", &["root", "prefix"]);
    when(
        options
            .operands
            .iter()
            .any(|user| user.known() == Some("root")),
    )
}
