//! Commands that run a command for each thing they find or read.

use super::{Inner, Unwrapped};
use crate::argument::{Argument, UNKNOWN};
use crate::builtin::{find_filters, find_starts};

/// In how many places `find` may begin; its commands are decided for each.
const STARTS_MAX: usize = 32;

/// `find … -exec command {} ;`, and `-execdir`, `-ok`, `-okdir`; `fd -x`.
pub(super) fn find(outer: &[Argument], unwrapped: &mut Unwrapped) {
    let starts: Vec<&Argument> = find_starts(&outer[1..]).collect();
    let filters = find_filters(&outer[1..]);
    if starts.len() > STARTS_MAX {
        unwrapped.firmly_opaque("find begins in too many places to be checked");
    }
    let links = outer[1..]
        .iter()
        .take_while(|argument| matches!(argument.text.as_str(), "-H" | "-L" | "-P"));
    let first = 1 + links.count();
    let mut index = 1;
    while let Some(argument) = outer.get(index) {
        index += 1;
        let text = argument.text.as_str();
        // The value of a test (`-name "$x"`) and a place to begin are no options.
        let value = outer[index - 2].text.starts_with('-') && !argument.many;
        if index > first + 1 && text.starts_with(UNKNOWN) && !value {
            unwrapped.opaque(
                "an argument of find is known only when it runs; it could be -exec or -delete",
            );
            continue;
        }
        if !matches!(
            text,
            "-exec" | "-execdir" | "-ok" | "-okdir" | "-x" | "-X" | "--exec" | "--exec-batch"
        ) {
            continue;
        }
        let command = &outer[index..];
        let end = command
            .iter()
            .enumerate()
            .position(|(i, argument)| {
                let before = i.checked_sub(1).and_then(|before| command.get(before));
                argument.text == ";"
                    || (argument.text == "+" && before.is_some_and(|before| before.text == "{}"))
            })
            .unwrap_or(command.len());
        // `{}` is each place where the search begins, unless that is filtered out, and each path below it.
        let mut places: Vec<String> = Vec::new();
        for start in starts.iter().take(STARTS_MAX) {
            if !filters {
                places.push(start.text.clone());
            }
            places.push(format!("{}{UNKNOWN}", start.text));
        }
        if places.is_empty() {
            places.push(format!(".{UNKNOWN}"));
        }
        for place in places {
            let filled_in = command[..end].iter().map(|argument| Argument {
                text: argument.text.replace("{}", &place),
                many: argument.many,
            });
            unwrapped.inner.push(Inner::Command {
                arguments: filled_in.collect(),
                index,
            });
        }
        index += end;
    }
}

/// `xargs [options] command`: what it reads is appended, or put in place of a word.
pub(super) fn xargs(outer: &[Argument], unwrapped: &mut Unwrapped) {
    let values = "IJLnPEsadRS";
    let long_values = [
        "max-lines",
        "max-args",
        "max-procs",
        "arg-file",
        "delimiter",
        "max-chars",
        "replace",
        "process-slot-var",
    ];
    let mut replaced: Option<String> = None;
    let mut index = 1;
    while let Some(argument) = outer.get(index) {
        let text = argument.text.as_str();
        if text == "--" {
            index += 1;
            break;
        }
        if let Some(long) = text.strip_prefix("--") {
            let (name, value) = long
                .split_once('=')
                .map_or((long, None), |(n, v)| (n, Some(v)));
            if "replace".starts_with(name) {
                replaced = Some(value.unwrap_or("{}").to_owned());
            }
            // Long options with an optional value never take it from the next argument.
            let optional = ["max-lines", "replace", "eof"].contains(&name);
            let takes = long_values.iter().any(|option| option.starts_with(name));
            index += 1 + usize::from(takes && value.is_none() && !optional);
            continue;
        }
        let Some(cluster) = text.strip_prefix('-').filter(|c| !c.is_empty()) else {
            break;
        };
        let value = cluster
            .char_indices()
            .find(|(_, letter)| values.contains(*letter));
        if let Some(place) = cluster.find('i') {
            let word = &cluster[place + 1..];
            replaced = Some(if word.is_empty() { "{}" } else { word }.to_owned());
        }
        index += 1;
        if let Some((place, letter)) = value {
            let attached = &cluster[place + 1..];
            let word = if attached.is_empty() {
                index += 1;
                outer.get(index - 1).map(|argument| argument.text.clone())
            } else {
                Some(attached.to_owned())
            };
            if letter == 'I' || letter == 'J' {
                replaced = word;
            }
        }
    }
    let Some(command) = outer.get(index..).filter(|rest| !rest.is_empty()) else {
        return;
    };
    let mut arguments = command.to_vec();
    if let Some(word) = replaced.filter(|word| !word.is_empty()) {
        for argument in &mut arguments {
            argument.text = argument.text.replace(&word, &UNKNOWN.to_string());
        }
    } else {
        arguments.push(Argument {
            many: true,
            ..Argument::unknown()
        });
    }
    unwrapped.inner.push(Inner::Command { arguments, index });
}

/// GNU parallel: a line for a shell, with replacement strings of its own.
pub(super) fn parallel(outer: &[Argument], unwrapped: &mut Unwrapped) {
    let values = "jnNILSaPdEsX";
    let mut index = 1;
    while let Some(argument) = outer.get(index) {
        let Some(option) = argument.text.strip_prefix('-') else {
            break;
        };
        let in_next = option.len() == 1 && values.contains(option);
        index += 1 + usize::from(in_next);
    }
    let end = outer
        .iter()
        .position(|argument| matches!(argument.text.as_str(), ":::" | "::::" | ":::+" | "::::+"))
        .unwrap_or(outer.len());
    let given = outer.len() > end;
    let line: Vec<&str> = outer
        .get(index..end)
        .unwrap_or_default()
        .iter()
        .map(|argument| argument.text.as_str())
        .collect();
    let mut line = line.join(" ");
    if line.is_empty() {
        // Without a command, what it reads are the commands.
        if given {
            for argument in &outer[end + 1..] {
                let text = argument.clone();
                unwrapped.inner.push(Inner::Line { text, index: end });
            }
        } else {
            unwrapped.inner.push(Inner::Input);
        }
        return;
    }
    // What is put in is appended unless `{}` says where.
    let unknown = UNKNOWN.to_string();
    if line.contains('{') {
        for form in ["{}", "{.}", "{/}", "{//}", "{/.}", "{#}", "{%}"] {
            line = line.replace(form, &unknown);
        }
    } else {
        line.push(' ');
        line.push_str(&unknown);
    }
    unwrapped.inner.push(Inner::Line {
        text: Argument::exact(line),
        index,
    });
}
