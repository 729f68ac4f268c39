//! Options as getopt reads them.

use crate::argument::Argument;

/// The options and operands of a command.
#[derive(Debug, Default)]
pub(crate) struct Options<'a> {
    short: Vec<char>,
    long: Vec<&'a str>,
    /// What is no option: files, hosts.
    pub(crate) operands: Vec<&'a Argument>,
    /// Whether an argument that is not known may be an option.
    pub(crate) uncertain: bool,
}

impl<'a> Options<'a> {
    /// Sorts arguments (without the command's name). `short_values` and `long_values` are the options that take their
    /// value from the next argument. Options may follow operands, as GNU programs have it.
    pub(crate) fn read(
        arguments: &'a [Argument],
        short_values: &str,
        long_values: &[&str],
    ) -> Self {
        let mut options = Self::default();
        let mut rest = arguments.iter();
        while let Some(argument) = rest.next() {
            let Some(text) = argument.known().filter(|text| text.len() > 1) else {
                options.uncertain |= argument.could_be_option();
                options.operands.push(argument);
                continue;
            };
            if text == "--" {
                options.operands.extend(rest.by_ref());
            } else if let Some(long) = text.strip_prefix("--") {
                let (name, value) = long
                    .split_once('=')
                    .map_or((long, None), |(n, v)| (n, Some(v)));
                options.long.push(name);
                if value.is_none() && long_values.contains(&name) {
                    rest.next();
                }
            } else if let Some(cluster) = text.strip_prefix('-') {
                let mut letters = cluster.chars();
                while let Some(letter) = letters.next() {
                    options.short.push(letter);
                    if short_values.contains(letter) {
                        if letters.next().is_none() {
                            rest.next();
                        }
                        break;
                    }
                }
            } else {
                options.operands.push(argument);
            }
        }
        options
    }

    /// Whether one of these letters is given.
    pub(crate) fn has_short(&self, letters: &str) -> bool {
        self.short.iter().any(|given| letters.contains(*given))
    }

    /// Whether the long option is given, be it shortened as GNU programs permit.
    pub(crate) fn has_long(&self, name: &str) -> bool {
        self.long
            .iter()
            .any(|given| !given.is_empty() && name.starts_with(given))
    }
}
