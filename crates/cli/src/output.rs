//! What commands print: tables for people, JSON for programs.
#![expect(clippy::print_stdout, reason = "printing is what it is for")]

use clap::ValueEnum;
use serde::Serialize;

/// The form of the output.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ValueEnum)]
pub(crate) enum Output {
    /// For people.
    #[default]
    Table,
    /// For programs: what the API answered.
    Json,
}

impl Output {
    /// Prints rows below a heading, or the value as JSON.
    pub(crate) fn table<T: Serialize>(
        self,
        value: &T,
        heading: &[&str],
        rows: &[Vec<String>],
    ) -> anyhow::Result<()> {
        match self {
            Self::Json => println!("{}", serde_json::to_string_pretty(value)?),
            Self::Table => print!("{}", render(heading, rows)),
        }
        Ok(())
    }

    /// Prints lines for people; as JSON there are none.
    pub(crate) fn lines(self, lines: &[String]) {
        if let Self::Table = self {
            for line in lines {
                println!("{line}");
            }
        }
    }

    /// Prints a value on a line of its own, as JSON; for people nothing.
    pub(crate) fn json_line(self, value: &impl Serialize) {
        if let Self::Json = self
            && let Ok(line) = serde_json::to_string(value)
        {
            println!("{line}");
        }
    }

    /// Prints a sentence, or the value as JSON.
    pub(crate) fn line<T: Serialize>(self, value: &T, sentence: &str) -> anyhow::Result<()> {
        match self {
            Self::Json => println!("{}", serde_json::to_string_pretty(value)?),
            Self::Table => println!("{sentence}"),
        }
        Ok(())
    }
}

/// Columns as wide as their widest cell, two spaces apart. Control characters are shown as `�`: a
/// name must not command the terminal.
fn render(heading: &[&str], rows: &[Vec<String>]) -> String {
    let clean = |cell: &str| -> String {
        cell.chars()
            .map(|c| if c.is_control() { '\u{fffd}' } else { c })
            .collect()
    };
    let mut table = vec![
        heading
            .iter()
            .map(|cell| cell.to_uppercase())
            .collect::<Vec<_>>(),
    ];
    table.extend(
        rows.iter()
            .map(|row| row.iter().map(|cell| clean(cell)).collect()),
    );
    let width = |column: usize| {
        table
            .iter()
            .filter_map(|row| row.get(column))
            .map(|cell| cell.chars().count())
            .max()
    };
    let widths: Vec<_> = (0..heading.len())
        .map(|column| width(column).unwrap_or(0))
        .collect();
    let mut text = String::new();
    for row in &table {
        for (cell, width) in row.iter().zip(&widths) {
            let padding = width + 2 - cell.chars().count();
            text.push_str(cell);
            text.extend(std::iter::repeat_n(' ', padding));
        }
        text.truncate(text.trim_end_matches(' ').len());
        text.push('\n');
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_line_up_and_nothing_commands_the_terminal() {
        let rows = vec![
            vec!["a".to_owned(), "running".to_owned()],
            vec!["long\u{1b}[2J".to_owned(), "stopped".to_owned()],
        ];
        assert_eq!(
            render(&["name", "state"], &rows),
            "NAME      STATE\na         running\nlong\u{fffd}[2J  stopped\n"
        );
    }
}
