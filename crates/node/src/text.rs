//! Text from untrusted places, made fit to show.

/// The longest text of this kind that is shown, in characters.
const SHOWN_MAX: usize = 400;

/// The text on one line, without control characters, cut to a bearable length.
pub(crate) fn one_line(text: &str) -> String {
    let words: Vec<&str> = text
        .split(|c: char| c.is_control() || c == ' ')
        .filter(|word| !word.is_empty())
        .collect();
    words.join(" ").chars().take(SHOWN_MAX).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn control_characters_and_length_are_tamed() {
        assert_eq!(one_line("a\n\x1b[31mb\0 c\r\n"), "a [31mb c");
        assert_eq!(one_line(&"x".repeat(1000)).len(), 400);
    }
}
