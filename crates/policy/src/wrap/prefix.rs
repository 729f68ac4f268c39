//! Takes off the wrappers of the table.

use super::table::{Runs, Wrapper};
use super::{Inner, Unwrapped};
use crate::argument::Argument;

/// Takes the wrapper off.
pub(super) fn unwrap(wrapper: &Wrapper, outer: &[Argument], unwrapped: &mut Unwrapped) {
    unwrapped.transparent = wrapper.transparent;
    let name = outer[0].to_string();
    let mut operands = wrapper.operands;
    let mut index = 1;
    let mut options = true;
    while let Some(argument) = outer.get(index) {
        if argument.many || (argument.known().is_none() && argument.could_be_option()) {
            // It may be an option, an operand or the command. If it is one of the first two, the command comes later.
            unwrapped.opaque(format!(
                "an argument of {name} is known only when it runs, so what it runs is not known"
            ));
            unwrapped.possible(outer, index + 1);
            break;
        }
        let text = argument.text.as_str();
        if options && text == "--" {
            options = false;
            index += 1;
        } else if options && text.len() > 1 && text.starts_with('-') {
            match option(wrapper, outer, index, unwrapped) {
                Some(next) => index = next,
                None => return,
            }
        } else if wrapper.assignments && text.contains('=') && !text.starts_with('=') {
            let variable = text.split('=').next().unwrap_or_default();
            unwrapped.inner.push(Inner::Assignment(variable.to_owned()));
            index += 1;
        } else if options && text == "-" && wrapper.assignments {
            // `env -` is `env -i`.
            index += 1;
        } else if operands > 0 {
            operands -= 1;
            index += 1;
        } else {
            break;
        }
    }
    match wrapper.runs {
        Runs::JoinedLine => unwrapped.joined_line(outer, index),
        Runs::Command => unwrapped.command(outer, index),
    }
}

/// Where the next argument stands after the option at `index`; `None` if the option means that nothing is run, or
/// if it has told what is.
fn option(
    wrapper: &Wrapper,
    outer: &[Argument],
    index: usize,
    unwrapped: &mut Unwrapped,
) -> Option<usize> {
    let text = outer[index].text.as_str();
    let name = outer[0].text.rsplit('/').next().unwrap_or_default();
    if let Some(long) = text.strip_prefix("--") {
        let (option, value) = long
            .split_once('=')
            .map_or((long, None), |(o, v)| (o, Some(v)));
        let takes = |candidate: &&&str| candidate.starts_with(option);
        if name == "env" && "split-string".starts_with(option) {
            return split_string(outer, index, value, unwrapped);
        }
        if "chdir".starts_with(option) && option.len() > 2 {
            let directory = value.map(Argument::exact);
            let directory = directory.or_else(|| outer.get(index + 1).cloned());
            unwrapped.inner.extend(directory.map(Inner::Directory));
        }
        let next = wrapper.long_values.iter().any(|o| takes(&o)) && value.is_none();
        return Some(index + 1 + usize::from(next));
    }
    for (i, letter) in text[1..].char_indices() {
        let rest = &text[1 + i + letter.len_utf8()..];
        match (name, letter) {
            // Only says where the command lies.
            ("command", 'v' | 'V') => return None,
            // Edits files, lists rights, or ends a session: nothing is run.
            ("sudo", 'e' | 'l' | 'K' | 'v' | 'V') => return None,
            ("taskset" | "chrt", 'p') => return None,
            ("env", 'S') => {
                let value = (!rest.is_empty()).then_some(rest);
                return split_string(outer, index, value, unwrapped);
            }
            _ => {}
        }
        if matches!((name, letter), ("env", 'C') | ("sudo", 'D')) {
            let directory = match rest {
                "" => outer.get(index + 1).cloned(),
                rest => Some(Argument::exact(rest)),
            };
            unwrapped.inner.extend(directory.map(Inner::Directory));
        }
        if wrapper.short_values.contains(letter) {
            return Some(index + 1 + usize::from(rest.is_empty()));
        }
        if !wrapper.short_flags.contains(letter) {
            unwrapped.opaque(format!("the option -{letter} of {name} is not known here"));
            // It may have a value: the command may come one later.
            unwrapped.possible(outer, index + 2);
            return Some(index + 1);
        }
        if letter.is_ascii_digit() || matches!((name, letter), ("nsenter", _)) {
            // `nice -10`, `nsenter -m/file`: the rest is a value.
            if name == "nice" || rest.starts_with(['/', '=']) {
                return Some(index + 1);
            }
        }
    }
    Some(index + 1)
}

/// `env -S 'a b' c` runs `a b c`; its own quoting is close to the shell's, whose reading is used.
fn split_string(
    outer: &[Argument],
    index: usize,
    value: Option<&str>,
    unwrapped: &mut Unwrapped,
) -> Option<usize> {
    let after = index + 1 + usize::from(value.is_none());
    let first = match value {
        Some(value) => value,
        None => outer.get(index + 1)?.text.as_str(),
    };
    // The line is read as `env …`, so that assignments and options in it are understood.
    let rest = outer.get(after..).unwrap_or_default().iter();
    let mut line = format!("env {first}");
    for argument in rest {
        line.push(' ');
        line.push_str(&argument.text);
    }
    unwrapped.inner.push(Inner::Line {
        text: Argument::exact(line),
        index,
    });
    None
}
