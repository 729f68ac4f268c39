//! Fork bombs: functions that start themselves faster than they end.

use std::collections::{BTreeMap, BTreeSet};

use crate::expansion::arguments;
use crate::shell::{Command, Compound, Function, Part, Script, Word};

/// How a function calls others.
#[derive(Debug, Default)]
struct Calls {
    /// Every command that it names.
    all: BTreeSet<String>,
    /// Those that it starts and does not wait for, or several of which it starts at once.
    multiplying: BTreeSet<String>,
}

/// The name of a function in the script that multiplies itself, directly or by way of others.
pub(crate) fn find(script: &Script) -> Option<String> {
    let mut functions = BTreeMap::new();
    collect(script, &mut functions);
    functions
        .iter()
        .find(|(name, calls)| {
            let cycle = |callee: &String| callee == *name || reaches(&functions, callee, name);
            calls.multiplying.iter().any(cycle)
        })
        .map(|(name, _)| name.clone())
}

fn reaches(functions: &BTreeMap<String, Calls>, from: &str, to: &str) -> bool {
    let mut seen = BTreeSet::new();
    let mut waiting = vec![from];
    while let Some(name) = waiting.pop() {
        if name == to {
            return true;
        }
        if seen.insert(name)
            && let Some(calls) = functions.get(name)
        {
            waiting.extend(calls.all.iter().map(String::as_str));
        }
    }
    false
}

/// Notes every function of the script, also those inside others.
fn collect(script: &Script, functions: &mut BTreeMap<String, Calls>) {
    for pipeline in &script.pipelines {
        for command in &pipeline.commands {
            match command {
                Command::Function(Function { name, body }) => {
                    let calls = functions.entry(name.clone()).or_default();
                    note_compound(body, false, calls);
                    collect_bodies(body, functions);
                }
                Command::Compound(compound) => collect_bodies(compound, functions),
                Command::Simple(_) => {}
            }
        }
    }
}

fn collect_bodies(compound: &Compound, functions: &mut BTreeMap<String, Calls>) {
    for body in &compound.bodies {
        collect(body, functions);
    }
}

fn note(script: &Script, multiplying: bool, calls: &mut Calls) {
    for pipeline in &script.pipelines {
        let multiplying = multiplying || pipeline.background;
        let mut named = Vec::new();
        for command in &pipeline.commands {
            match command {
                Command::Simple(simple) => {
                    named.extend(simple.words.first().and_then(name_of));
                    for word in &simple.words {
                        note_word(word, multiplying, calls);
                    }
                }
                Command::Compound(compound) => note_compound(compound, multiplying, calls),
                Command::Function(_) => {}
            }
        }
        for name in &named {
            let at_once = named.iter().filter(|other| *other == name).count();
            if multiplying || at_once > 1 {
                calls.multiplying.insert(name.clone());
            }
            calls.all.insert(name.clone());
        }
    }
}

fn note_compound(compound: &Compound, multiplying: bool, calls: &mut Calls) {
    for body in &compound.bodies {
        note(body, multiplying, calls);
    }
    for word in &compound.words {
        note_word(word, multiplying, calls);
    }
}

fn note_word(word: &Word, multiplying: bool, calls: &mut Calls) {
    for part in &word.0 {
        match part {
            Part::Substitution { script, .. } => note(script, multiplying, calls),
            Part::Expansion { inner, .. } => note_word(inner, multiplying, calls),
            Part::Text { .. } => {}
        }
    }
}

fn name_of(word: &Word) -> Option<String> {
    let arguments = arguments(word, false);
    Some(arguments.first()?.known()?.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::shell::{Dialect, read};

    #[test]
    fn fork_bombs_are_found_and_recursion_is_not() {
        for (line, bomb) in [
            (":(){ :|:& };:", true),
            ("bomb() { bomb | bomb & }; bomb", true),
            ("f() { f & f; }; f", true),
            ("function f { (f &) ; f; }; f", true),
            ("a() { b | b; }; b() { a; }; a", true),
            ("f() { while true; do f & done; }; f", true),
            ("f() { echo `f & f`; }", true),
            ("f() { f; }", false),
            ("walk() { ls | while read x; do walk $x; done; }", false),
            ("fact() { echo $(( $1 * $(fact $(($1 - 1))) )); }", false),
            ("f() { sleep 1 & }; f & f", false),
        ] {
            let reading = read(line, Dialect::Bash, 0);
            assert_eq!(reading.fault, None, "{line}");
            assert_eq!(find(&reading.script).is_some(), bomb, "{line}");
        }
    }
}
