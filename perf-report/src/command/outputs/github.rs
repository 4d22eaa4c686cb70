//! Annotations of GitHub, as workflow commands: `::error file=src/main.rs,line=7,title=…::message`.

use super::{Findings, Status};
use crate::view::text::escape;

/// The findings that somebody must look at, and the errors, a line each. GitHub shows ten errors and ten warnings a step.
pub(super) fn write(findings: &Findings) -> String {
    let title = format!("perf-report {}", findings.command);
    let mut out = String::new();
    for error in &findings.errors {
        out += &format!("::error title={}::{}\n", property(&title), data(error));
    }
    for case in findings.alarms() {
        let level = if case.status == Status::Failed { "error" } else { "warning" };
        let place = case.place.as_ref().map(|place| format!("file={},line={},", property(&place.file), place.line));
        out += &format!(
            "::{level} {}title={}::{}\n",
            place.unwrap_or_default(),
            property(&format!("{title}: {}", case.function)),
            data(&case.message)
        );
    }
    out
}

/// A message: what would end it is escaped, and what would act on a terminal.
fn data(text: &str) -> String {
    let lines = text.split('\n').map(|line| escape(line).replace('%', "%25"));
    lines.collect::<Vec<_>>().join("%0A")
}

/// A property: also what would end it.
fn property(text: &str) -> String {
    data(text).replace(':', "%3A").replace(',', "%2C")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_name_ends_a_command_or_begins_another() {
        assert_eq!(property("a::b<c, d>\n::error::x"), "a%3A%3Ab<c%2C d>%0A%3A%3Aerror%3A%3Ax");
        assert_eq!(data("100 %\r\n::warning::\u{1b}x"), r"100 %25\r%0A::warning::\u{1b}x");
    }
}
