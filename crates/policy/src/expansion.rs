//! From words to arguments: braces, tildes, word splitting and patterns, as far as they are known beforehand.

use crate::argument::{Argument, HOME, ONE, STAR, UNKNOWN};
use crate::shell::{Part, Word};

/// How many arguments braces may make of one word; what makes more is taken as not known.
const BRACES_MAX: usize = 64;

/// A character of a word, or what stands for several.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Atom {
    /// A character, and whether it is quoted.
    Char(char, bool),
    /// A value that is not known; unquoted it may be split into several.
    Value { quoted: bool },
    /// The value of `HOME`.
    Home,
    /// The value of `IFS`, unquoted: it ends a word.
    Split,
}

/// The arguments that the word becomes.
pub(crate) fn arguments(word: &Word, braces: bool) -> Vec<Argument> {
    let atoms = atoms(word);
    let mut expanded = Vec::new();
    if braces {
        if !expand_braces(&atoms, &mut expanded) {
            return vec![Argument {
                text: UNKNOWN.to_string(),
                many: true,
            }];
        }
    } else {
        expanded.push(atoms);
    }
    expanded.iter().flat_map(|atoms| split(atoms)).collect()
}

/// The one argument that the word becomes where the shell neither splits nor expands braces: an assignment's value,
/// a here-string.
pub(crate) fn value(word: &Word) -> Argument {
    let mut text = String::new();
    for atom in atoms(word) {
        match atom {
            Atom::Char(character, _) => text.push(character),
            Atom::Value { .. } => text.push(UNKNOWN),
            Atom::Home => text.push(HOME),
            Atom::Split => text.push(' '),
        }
    }
    Argument::exact(text)
}

fn atoms(word: &Word) -> Vec<Atom> {
    let mut atoms = Vec::new();
    for part in &word.0 {
        match part {
            Part::Text { text, quoted } => {
                atoms.extend(text.chars().map(|character| Atom::Char(character, *quoted)));
            }
            Part::Expansion {
                name,
                plain,
                quoted,
                ..
            } => atoms.push(match name.as_str() {
                "HOME" if *plain => Atom::Home,
                "IFS" if !quoted => Atom::Split,
                // These become several arguments even when quoted.
                "@" => Atom::Value { quoted: false },
                _ => Atom::Value {
                    quoted: *quoted && (*plain || !may_be_list(part)),
                },
            }),
            Part::Substitution {
                quoted, process, ..
            } => atoms.push(Atom::Value {
                quoted: *quoted || *process,
            }),
        }
    }
    atoms
}

/// Whether a quoted expansion may become several arguments: `"${a[@]}"`, `"${!x}"`.
fn may_be_list(part: &Part) -> bool {
    let Part::Expansion { inner, .. } = part else {
        return false;
    };
    inner
        .0
        .iter()
        .any(|part| matches!(part, Part::Text { text, .. } if text.contains('@')))
}

/// Writes every alternative of the braces; false if there are too many.
fn expand_braces(atoms: &[Atom], expanded: &mut Vec<Vec<Atom>>) -> bool {
    let mut waiting = vec![(atoms.to_vec(), 0)];
    while let Some((atoms, from)) = waiting.pop() {
        if expanded.len() + waiting.len() > BRACES_MAX {
            return false;
        }
        match next_braces(&atoms, from) {
            None => expanded.push(atoms),
            Some(Braces::Sequence) => return false,
            Some(Braces::List {
                open,
                close,
                commas,
            }) => {
                if commas.len() >= BRACES_MAX {
                    return false;
                }
                let mut ends = commas;
                ends.push(close);
                let starts: Vec<usize> = std::iter::once(open)
                    .chain(ends.iter().copied())
                    .take(ends.len())
                    .collect();
                // Backwards, so that the first is taken from the stack first.
                for (start, end) in starts.into_iter().zip(ends).rev() {
                    let mut alternative = atoms[..open].to_vec();
                    alternative.extend(&atoms[start + 1..end]);
                    alternative.extend(&atoms[close + 1..]);
                    waiting.push((alternative, open));
                }
            }
        }
    }
    true
}

enum Braces {
    List {
        open: usize,
        close: usize,
        commas: Vec<usize>,
    },
    /// `{1..9}`: counting it out is not worth while.
    Sequence,
}

fn next_braces(atoms: &[Atom], from: usize) -> Option<Braces> {
    // Open braces with the commas inside them; the outermost that closes and has commas is expanded first.
    let is = |atom: &Atom, character| *atom == Atom::Char(character, false);
    let mut found: Option<Braces> = None;
    let mut found_open = usize::MAX;
    let mut stack: Vec<(usize, Vec<usize>)> = Vec::new();
    for (i, atom) in atoms.iter().enumerate().skip(from) {
        if is(atom, '{') {
            stack.push((i, Vec::new()));
        } else if is(atom, ',') {
            if let Some((_, commas)) = stack.last_mut() {
                commas.push(i);
            }
        } else if is(atom, '}')
            && let Some((open, commas)) = stack.pop()
        {
            let dots = atoms[open..i]
                .windows(2)
                .any(|pair| is(&pair[0], '.') && is(&pair[1], '.'));
            if !commas.is_empty() && open < found_open {
                found_open = open;
                found = Some(Braces::List {
                    open,
                    close: i,
                    commas,
                });
            } else if commas.is_empty() && dots && open < found_open {
                found_open = open;
                found = Some(Braces::Sequence);
            }
        }
    }
    found
}

/// Splits at `IFS`, and makes an argument of each piece.
fn split(atoms: &[Atom]) -> Vec<Argument> {
    if !atoms.contains(&Atom::Split) {
        return vec![argument(atoms)];
    }
    atoms
        .split(|atom| *atom == Atom::Split)
        .filter(|piece| !piece.is_empty())
        .map(argument)
        .collect()
}

fn argument(atoms: &[Atom]) -> Argument {
    let mut text = String::new();
    let mut many = false;
    // How many atoms the last `]` and what follows it are; no bracket closes after it.
    let close = atoms
        .iter()
        .rev()
        .position(|atom| *atom == Atom::Char(']', false));
    let closes = |rest: &[Atom]| close.is_some_and(|after| rest.len() > after);
    let mut rest = tilde(atoms, &mut text);
    while let Some((atom, after)) = rest.split_first() {
        rest = after;
        match atom {
            Atom::Char('*', false) => text.push(STAR),
            Atom::Char('?', false) => text.push(ONE),
            Atom::Char('[', false) => match closes(rest).then(|| bracket_end(rest)).flatten() {
                Some(end) => {
                    text.push(ONE);
                    rest = &rest[end + 1..];
                }
                None => text.push('['),
            },
            Atom::Char(character, _) => text.push(*character),
            Atom::Value { quoted } => {
                text.push(UNKNOWN);
                many |= !quoted;
            }
            Atom::Home => text.push(HOME),
            Atom::Split => {}
        }
    }
    Argument { text, many }
}

/// Where a bracket expression ends, if it does; its first character may be a `]`.
fn bracket_end(atoms: &[Atom]) -> Option<usize> {
    let negated = matches!(atoms.first(), Some(Atom::Char('!' | '^', false)));
    let start = usize::from(negated) + 1;
    (start..atoms.len()).find(|i| atoms[*i] == Atom::Char(']', false))
}

/// Takes a tilde prefix; returns what follows.
fn tilde<'a>(atoms: &'a [Atom], text: &mut String) -> &'a [Atom] {
    let Some((Atom::Char('~', false), after)) = atoms.split_first() else {
        return atoms;
    };
    let end = after
        .iter()
        .position(|atom| matches!(atom, Atom::Char('/', _)))
        .unwrap_or(after.len());
    let mut user = String::new();
    for atom in &after[..end] {
        match atom {
            Atom::Char(character, false) => user.push(*character),
            // Quoted or computed, it is no user's name, and the tilde stays.
            _ => return atoms,
        }
    }
    match user.as_str() {
        "" => text.push(HOME),
        "root" => text.push_str("/root"),
        _ => text.push(UNKNOWN),
    }
    &after[end..]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::shell::{Command, Dialect, read};

    fn expand(line: &str) -> Vec<String> {
        let reading = read(line, Dialect::Bash, 0);
        assert_eq!(reading.fault, None, "{line}");
        let Command::Simple(simple) = &reading.script.pipelines[0].commands[0] else {
            panic!("not simple: {line}");
        };
        let all = simple.words.iter().flat_map(|word| arguments(word, true));
        all.map(|argument| format!("{argument:?}").replace('"', ""))
            .collect()
    }

    #[test]
    fn words_become_arguments() {
        for (line, expected) in [
            ("rm -rf /", "rm -rf /"),
            ("r\"m\" '-rf' \\/", "rm -rf /"),
            ("{rm,-rf,/}", "rm -rf /"),
            ("a{b,c{d,e}}f", "abf acdf acef"),
            ("a{b}c {} {,x} '{a,b}'", "a{b}c {}  x {a,b}"),
            ("{a,b}{c,d}", "ac ad bc bd"),
            ("rm${IFS}-rf$IFS/", "rm -rf /"),
            ("$'r\\x6d' $'\\162m'", "rm rm"),
            ("~ ~/x ~root '~' \"~\" ~bob/x", "~ ~/x /root ~ ~ …/x"),
            ("$HOME \"$HOME/x\" ${HOME:-/}", "~ ~/x …+"),
            ("$x \"$x\" \"$@\" \"${a[@]}\" a$x/b", "…+ … …+ …+ a…/b+"),
            ("*.c a?b [abc]d '*'", "*.c a?b ?d *"),
            ("{1..3}", "…+"),
            ("'' \"\"", " "),
            ("<(true) `x`", "… …+"),
        ] {
            assert_eq!(expand(line).join(" "), expected, "{line}");
        }
    }

    #[test]
    fn too_many_braces_are_not_counted_out() {
        assert_eq!(expand(&"{a,b}".repeat(30)), ["…+"]);
        assert_eq!(expand(&format!("{{{}}}", "a,".repeat(500))), ["…+"]);
    }
}
