//! Commands that work on whole trees of files.

use super::{Invocation, any, when};
use crate::argument::{Argument, HOME};
use crate::options::Options;
use crate::path::{Certainty, is_vital, normalize};

fn vital(operands: &[&Argument], invocation: &Invocation<'_>) -> Certainty {
    any(operands
        .iter()
        .map(|operand| is_vital(operand, invocation.directory)))
}

/// `rm -r` and `find -delete` of what must not go.
pub(super) fn removes(invocation: &Invocation<'_>) -> Certainty {
    match invocation.name {
        "rm" | "srm" => {
            let options = Options::read(invocation.arguments, "", &[]);
            if options.has_long("no-preserve-root") {
                return Certainty::Yes;
            }
            let recursive = options.has_short("rR") || options.has_long("recursive");
            let target = vital(&options.operands, invocation);
            match (recursive, options.uncertain) {
                (true, _) => target,
                // A computed argument may be the `-r`; `rm "$file"` alone is ordinary.
                (false, true) if target == Certainty::Yes && has_computed(invocation.arguments) => {
                    Certainty::Maybe
                }
                _ => Certainty::No,
            }
        }
        "find" => find_deletes(invocation),
        _ => Certainty::No,
    }
}

fn has_computed(arguments: &[Argument]) -> bool {
    arguments.iter().any(Argument::is_computed)
}

/// Tests of `find` that choose by name, place, age, owner or size.
const FILTERS: [&str; 27] = [
    "-name",
    "-iname",
    "-path",
    "-ipath",
    "-wholename",
    "-regex",
    "-iregex",
    "-lname",
    "-user",
    "-uid",
    "-group",
    "-gid",
    "-size",
    "-empty",
    "-mtime",
    "-mmin",
    "-ctime",
    "-cmin",
    "-atime",
    "-amin",
    "-newer",
    "-perm",
    "-inum",
    "-links",
    "-samefile",
    "-nouser",
    "-nogroup",
];

fn find_deletes(invocation: &Invocation<'_>) -> Certainty {
    let known = |text: &str| invocation.arguments.iter().any(|a| a.known() == Some(text));
    if !known("-delete") {
        return Certainty::No;
    }
    let starts: Vec<&Argument> = find_starts(invocation.arguments).collect();
    let filtered = find_filters(invocation.arguments);
    let found = vital(&starts, invocation);
    if filtered {
        found.min(Certainty::Maybe)
    } else {
        found
    }
}

/// Whether `find` chooses among what it finds.
pub(crate) fn find_filters(arguments: &[Argument]) -> bool {
    let known = arguments.iter().filter_map(Argument::known);
    known.into_iter().any(|text| FILTERS.contains(&text))
}

/// Where `find` begins to search.
pub(crate) fn find_starts(arguments: &[Argument]) -> impl Iterator<Item = &Argument> {
    let options = ["-H", "-L", "-P"];
    arguments
        .iter()
        .skip_while(move |argument| argument.known().is_some_and(|text| options.contains(&text)))
        .take_while(|argument| !argument.text.starts_with(['-', '(', '!']))
}

/// `chmod -R` and `chown -R` of the system; one's own home is one's own affair.
pub(super) fn changes_permissions(invocation: &Invocation<'_>) -> Certainty {
    if !matches!(
        invocation.name,
        "chmod" | "chown" | "chgrp" | "setfacl" | "chattr" | "chcon"
    ) {
        return Certainty::No;
    }
    let options = Options::read(invocation.arguments, "", &[]);
    if !(options.has_short("R") || options.has_long("recursive")) {
        return Certainty::No;
    }
    let system = |operand: &&&Argument| {
        let path = normalize(&operand.text, invocation.directory);
        !path.starts_with(HOME) && !["/home", "/root"].iter().any(|home| path.starts_with(home))
    };
    let operands: Vec<&Argument> = options.operands.iter().filter(system).copied().collect();
    vital(&operands, invocation)
}

/// `mv` of what must stay.
pub(super) fn moves(invocation: &Invocation<'_>) -> Certainty {
    if invocation.name != "mv" {
        return Certainty::No;
    }
    let options = Options::read(invocation.arguments, "tS", &["target-directory", "suffix"]);
    let into = options.has_short("t") || options.has_long("target-directory");
    let sources = match options.operands.split_last() {
        Some((_, sources)) if !into => sources,
        _ => &options.operands,
    };
    // `mv "$file" "$place"` is ordinary; only what is surely vital counts.
    when(vital(sources, invocation) == Certainty::Yes)
}

/// `rsync --delete` onto the system.
pub(super) fn mirrors(invocation: &Invocation<'_>) -> Certainty {
    if invocation.name != "rsync" {
        return Certainty::No;
    }
    let options = Options::read(invocation.arguments, "efTB", &[]);
    let deletes = invocation.arguments.iter().any(|argument| {
        argument.text.starts_with("--del") || argument.known() == Some("--remove-source-files")
    });
    match options.operands.last() {
        Some(target) if deletes => is_vital(target, invocation.directory),
        _ => Certainty::No,
    }
}
