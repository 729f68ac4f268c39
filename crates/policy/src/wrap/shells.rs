//! Shells, and what else takes a line of shell text; interpreters of other languages, which cannot be looked into.

use super::{Inner, Unwrapped};
use crate::argument::Argument;

/// `sh -c line`, `sh file`, `sh` reading its input.
pub(super) fn shell(outer: &[Argument], unwrapped: &mut Unwrapped) {
    let mut index = 1;
    let mut line = false;
    let mut input = false;
    while let Some(argument) = outer.get(index) {
        if argument.many || argument.known().is_none() && argument.could_be_option() {
            unwrapped
                .firmly_opaque("the script that the shell is to run is known only when it runs");
            return;
        }
        let text = argument.text.as_str();
        if text == "--" || text == "-" {
            index += 1;
            break;
        }
        if let Some(long) = text.strip_prefix("--") {
            if matches!(long, "rcfile" | "init-file") {
                unwrapped.opaque("the shell first runs a file of its own");
                index += 1;
            }
            index += 1;
            continue;
        }
        // `+o` options end like `-o` ones; `-c` may stand among others.
        let Some(cluster) = text.strip_prefix(['-', '+']).filter(|c| !c.is_empty()) else {
            break;
        };
        line |= text.starts_with('-') && cluster.contains('c');
        input |= cluster.contains('s');
        index += 1 + cluster.matches(['o', 'O']).count();
    }
    match outer.get(index) {
        Some(text) if line => {
            unwrapped.transparent = true;
            unwrapped.inner.push(Inner::Line {
                text: text.clone(),
                index,
            });
            positional(outer, index + 1, unwrapped);
        }
        Some(file) if !input => script_file(file, unwrapped),
        None if line => {}
        _ => unwrapped.inner.push(Inner::Input),
    }
}

/// `sh -c '"$@"' sh rm -rf /`: the arguments after the line may well be a command.
fn positional(outer: &[Argument], index: usize, unwrapped: &mut Unwrapped) {
    let line = &outer[index - 1].text;
    if line.contains('$') || line.contains(crate::argument::UNKNOWN) {
        for start in [index, index + 1] {
            unwrapped.possible(outer, start);
        }
    }
}

fn script_file(file: &Argument, unwrapped: &mut Unwrapped) {
    match file.known() {
        Some("/dev/stdin" | "/dev/fd/0" | "/proc/self/fd/0") => unwrapped.inner.push(Inner::Input),
        Some(_) => {}
        None => {
            unwrapped
                .firmly_opaque("the script that the shell is to run is known only when it runs");
        }
    }
}

/// `source file`.
pub(super) fn source(outer: &[Argument], unwrapped: &mut Unwrapped) {
    if let Some(file) = outer.get(1) {
        script_file(file, unwrapped);
    }
}

/// `alias name=line`.
pub(super) fn alias(outer: &[Argument], unwrapped: &mut Unwrapped) {
    for (index, argument) in outer.iter().enumerate().skip(1) {
        if let Some((_, line)) = argument.text.split_once('=') {
            unwrapped.inner.push(Inner::Line {
                text: Argument::exact(line),
                index,
            });
        }
    }
}

/// `trap line signal…`.
pub(super) fn trap(outer: &[Argument], unwrapped: &mut Unwrapped) {
    let place = outer
        .iter()
        .skip(1)
        .position(|argument| !argument.text.starts_with('-'));
    if let Some(index) = place.map(|place| place + 1)
        && outer.len() > index + 1
    {
        unwrapped.inner.push(Inner::Line {
            text: outer[index].clone(),
            index,
        });
    }
}

/// `su [options] [user] [-c line]`, `runuser -u user command`.
pub(super) fn su(outer: &[Argument], unwrapped: &mut Unwrapped) {
    let mut index = 1;
    let mut as_user = false;
    while let Some(argument) = outer.get(index) {
        let text = argument.text.as_str();
        let long = text.strip_prefix("--");
        let cluster = text.strip_prefix('-').filter(|_| long.is_none());
        let line = match long {
            Some(long) => long
                .strip_prefix("command=")
                .or_else(|| long.strip_prefix("session-command="))
                .map(str::to_owned)
                .map(Some)
                .or_else(|| {
                    ["command", "session-command"]
                        .contains(&long)
                        .then_some(None)
                }),
            None => cluster.and_then(|cluster| {
                let place = cluster.find('c')?;
                let attached = cluster[place + 1..].to_owned();
                Some((!attached.is_empty()).then_some(attached))
            }),
        };
        if let Some(attached) = line {
            let text = match attached {
                Some(text) => Some(Argument::exact(text)),
                None => outer.get(index + 1).cloned(),
            };
            let index = index + 1;
            unwrapped
                .inner
                .extend(text.map(|text| Inner::Line { text, index }));
            return;
        }
        as_user |= cluster.is_some_and(|cluster| cluster.ends_with('u')) || long == Some("user");
        let value = cluster.is_some_and(|cluster| cluster.ends_with(['u', 'g', 'G', 's', 'w']))
            || matches!(long, Some("user" | "group" | "supp-group" | "shell"));
        index += 1 + usize::from(value);
        if as_user
            && outer
                .get(index)
                .is_some_and(|next| !next.text.starts_with('-'))
        {
            unwrapped.command(outer, index);
            return;
        }
        if as_user && text == "--" {
            unwrapped.command(outer, index);
            return;
        }
    }
    unwrapped.inner.push(Inner::Input);
}

/// `script [-c line] [file]`.
pub(super) fn script(outer: &[Argument], unwrapped: &mut Unwrapped) {
    for (index, argument) in outer.iter().enumerate().skip(1) {
        let text = argument.text.as_str();
        let attached = text.strip_prefix("--command=");
        let cluster = text.strip_prefix('-').filter(|rest| !rest.starts_with('-'));
        let place =
            cluster.and_then(|cluster| cluster.find('c').map(|place| &cluster[place + 1..]));
        let line = match (attached, place) {
            (Some(line), _) => Argument::exact(line),
            (None, Some(rest)) if !rest.is_empty() => Argument::exact(rest),
            (None, Some(_)) => outer
                .get(index + 1)
                .cloned()
                .unwrap_or_else(Argument::unknown),
            _ if text == "--command" => outer
                .get(index + 1)
                .cloned()
                .unwrap_or_else(Argument::unknown),
            _ => continue,
        };
        unwrapped.inner.push(Inner::Line {
            text: line,
            index: index + 1,
        });
        return;
    }
}

/// `flock [options] file command…` or `flock file -c line`.
pub(super) fn flock(outer: &[Argument], unwrapped: &mut Unwrapped) {
    unwrapped.transparent = true;
    let mut index = 1;
    while let Some(argument) = outer.get(index)
        && argument.text.starts_with('-')
    {
        let value = matches!(
            argument.text.as_str(),
            "-w" | "-E" | "--timeout" | "--wait" | "--conflict-exit-code"
        );
        index += 1 + usize::from(value);
    }
    index += 1;
    match outer.get(index).map(|argument| argument.text.as_str()) {
        Some("-c" | "--command") => {
            if let Some(text) = outer.get(index + 1).cloned() {
                let index = index + 1;
                unwrapped.inner.push(Inner::Line { text, index });
            }
        }
        _ => unwrapped.command(outer, index),
    }
}

/// `export name=value`.
pub(super) fn declares(outer: &[Argument], unwrapped: &mut Unwrapped) {
    for argument in &outer[1..] {
        if let Some((name, _)) = argument.text.split_once('=') {
            let name = name.trim_end_matches('+').to_owned();
            unwrapped.inner.push(Inner::Assignment(name));
        }
    }
}

/// Interpreters, with the options by which they take program text as an argument.
const INTERPRETERS: [(&str, &[&str]); 16] = [
    ("python", &["-c"]),
    ("pypy", &["-c"]),
    ("perl", &["-e", "-E"]),
    ("ruby", &["-e"]),
    ("node", &["-e", "--eval", "-p", "--print", "-pe"]),
    ("deno", &["eval", "repl"]),
    ("bun", &["-e", "--eval"]),
    ("php", &["-r", "-R", "-B", "-E"]),
    ("lua", &["-e"]),
    ("tclsh", &[]),
    ("osascript", &["-e"]),
    ("Rscript", &["-e"]),
    ("fish", &["-c", "--command", "-C", "--init-command"]),
    ("csh", &["-c"]),
    ("tcsh", &["-c"]),
    ("pwsh", &["-c", "-Command", "-EncodedCommand", "-e"]),
];

/// Commands that interpret program text as their ordinary work; the pieces of text by which that can start commands.
const EMBEDDED: [(&str, &[&str]); 5] = [
    ("awk", &["system", "|\"", "| \"", "|&", "getline"]),
    ("gawk", &["system", "|\"", "| \"", "|&", "getline"]),
    ("mawk", &["system", "|\"", "| \"", "|&", "getline"]),
    ("nawk", &["system", "|\"", "| \"", "|&", "getline"]),
    (
        "tar",
        &[
            "--checkpoint-action",
            "--to-command",
            "--use-compress-program",
            "--rsh-command",
        ],
    ),
];

/// An interpreter that is given program text, or reads it from its input.
pub(super) fn interpreter(name: &str, outer: &[Argument], unwrapped: &mut Unwrapped) {
    let arguments = &outer[1..];
    let stem = name.trim_end_matches(|c: char| c.is_ascii_digit() || c == '.');
    if let Some((_, options)) = INTERPRETERS.iter().find(|(known, _)| *known == stem) {
        // Options end at the program's file; what follows is the program's own.
        let own = arguments
            .iter()
            .take_while(|argument| argument.text.starts_with('-') && argument.text != "-m");
        let text = own.clone().any(|argument| is_given_text(argument, options))
            || arguments
                .first()
                .is_some_and(|verb| options.contains(&verb.text.as_str()));
        let file = arguments.get(own.count());
        if text {
            unwrapped.opaque(format!(
                "{name} is given a program, which cannot be looked into"
            ));
        } else if file.is_none_or(|file| matches!(file.known(), Some("-" | "/dev/stdin") | None))
            && !informs(arguments)
        {
            unwrapped.opaque(format!("{name} reads a program that cannot be looked into"));
        }
    }
    if let Some((_, signs)) = EMBEDDED.iter().find(|(known, _)| *known == name)
        && arguments
            .iter()
            .any(|argument| signs.iter().any(|sign| argument.text.contains(sign)))
    {
        unwrapped.opaque(format!("{name} is given a program that may start commands"));
    }
    if matches!(name, "at" | "batch") {
        unwrapped.inner.push(Inner::Input);
    }
    if name == "crontab"
        && !arguments
            .iter()
            .any(|argument| argument.known() == Some("-l"))
    {
        unwrapped.opaque("it changes which commands are run later");
    }
}

/// Whether the option brings program text: `-c`, `-ne`, `--eval=…`.
fn is_given_text(argument: &Argument, options: &[&str]) -> bool {
    options.iter().any(|option| {
        let cluster = option.len() == 2
            && !argument.text.starts_with("--")
            && argument.text.contains(&option[1..]);
        argument.text == *option || cluster || argument.text.starts_with(&format!("{option}="))
    })
}

fn informs(arguments: &[Argument]) -> bool {
    arguments.iter().any(|argument| {
        matches!(
            argument.known(),
            Some("--version" | "-V" | "-v" | "--help" | "-h" | "-m")
        )
    })
}
