//! Exit statuses, and words to the person.

use atelier_api::agent::terminals::ExitStatus;

/// The status that a shell would give: the code, or 128 and the signal's number.
pub(crate) fn of(exit: &ExitStatus) -> i32 {
    exit.code
        .or(exit.signal.map(|signal| 128 + signal))
        .unwrap_or(1)
}

/// Says something beside the output.
#[expect(
    clippy::print_stderr,
    reason = "words to the person stay out of the output"
)]
pub(crate) fn say(text: &str) {
    eprintln!("{text}");
}
