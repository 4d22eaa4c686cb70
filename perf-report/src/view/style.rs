//! How wide and how colourful a view may be.

use std::{
    env,
    io::{self, IsTerminal},
};

/// The abilities of the place where a view is shown.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Style {
    /// Columns that a line may take; `None` for as many as it needs.
    pub width: Option<usize>,
    /// Whether escape sequences for bold and colours are understood.
    pub color: bool,
}

/// The streams a view can go to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Stream {
    /// Standard output.
    Stdout,
    /// Standard error.
    Stderr,
}

impl Style {
    /// Neither a limit nor colours: for files.
    #[must_use]
    pub const fn plain() -> Style {
        Style { width: None, color: false }
    }

    /// The same with lines of at most so many columns.
    #[must_use]
    pub const fn with_width(self, columns: usize) -> Style {
        Style { width: Some(columns), ..self }
    }

    /// The same with or without colours.
    #[must_use]
    pub const fn with_color(self, color: bool) -> Style {
        Style { color, ..self }
    }

    /// Detects what suits a stream: a terminal's colours and width, or else [`plain`](Style::plain).
    ///
    /// The width comes from `COLUMNS`, or from the system where the feature `command` is enabled; without it,
    /// [`for_stream`](Style::for_stream) takes a width that the program found out itself. `NO_COLOR` (if not empty) and
    /// `TERM=dumb` forbid colours.
    #[must_use]
    pub fn detect(stream: Stream) -> Style {
        #[cfg(feature = "command")]
        let size = match stream {
            Stream::Stdout => terminal_size::terminal_size_of(io::stdout()),
            Stream::Stderr => terminal_size::terminal_size_of(io::stderr()),
        };
        #[cfg(feature = "command")]
        let columns = size.map(|(terminal_size::Width(columns), _)| columns);
        #[cfg(not(feature = "command"))]
        let columns = None;
        Style::for_stream(stream, columns)
    }

    /// The style for a stream whose terminal, if it is one, has this many columns.
    ///
    /// `COLUMNS` overrides the width; `NO_COLOR` (if not empty) and `TERM=dumb` forbid colours.
    #[must_use]
    pub fn for_stream(stream: Stream, columns: Option<u16>) -> Style {
        let terminal = match stream {
            Stream::Stdout => io::stdout().is_terminal(),
            Stream::Stderr => io::stderr().is_terminal(),
        };
        Style::decide(terminal, columns, |name| env::var(name).ok())
    }

    fn decide(terminal: bool, columns: Option<u16>, variable: impl Fn(&str) -> Option<String>) -> Style {
        let forced = variable("COLUMNS").and_then(|columns| columns.parse().ok());
        let measured = columns.filter(|_| terminal).map(usize::from);
        let no_color = variable("NO_COLOR").is_some_and(|value| !value.is_empty());
        let dumb = variable("TERM").is_some_and(|term| term == "dumb");
        // A terminal that does not tell its size (a serial line) says 0.
        Style { width: forced.or(measured).filter(|&columns| columns > 0), color: terminal && !no_color && !dumb }
    }

    fn paint(&self, code: &str, text: &str) -> String {
        if self.color && !text.is_empty() { format!("\x1b[{code}m{text}\x1b[0m") } else { text.to_owned() }
    }

    pub(crate) fn bold(&self, text: &str) -> String {
        self.paint("1", text)
    }

    pub(super) fn dim(&self, text: &str) -> String {
        self.paint("2", text)
    }

    pub(super) fn warm(&self, text: &str) -> String {
        self.paint("33", text)
    }

    pub(super) fn hot(&self, text: &str) -> String {
        self.paint("1;31", text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn terminals_and_the_environment_decide() {
        let style = |terminal, columns, variables: &[(&str, &str)]| {
            Style::decide(terminal, columns, |name| {
                variables.iter().find(|variable| variable.0 == name).map(|variable| variable.1.to_owned())
            })
        };
        let of = |width, color| Style { width, color };
        assert_eq!(style(true, Some(100), &[]), of(Some(100), true));
        assert_eq!(style(true, Some(100), &[("NO_COLOR", "1")]), of(Some(100), false));
        assert_eq!(style(true, Some(100), &[("NO_COLOR", "")]), of(Some(100), true));
        assert_eq!(style(true, Some(0), &[("TERM", "dumb")]), of(None, false));
        assert_eq!(style(true, Some(100), &[("COLUMNS", "60")]), of(Some(60), true));
        assert_eq!(style(true, Some(100), &[("COLUMNS", "wide")]), of(Some(100), true));
        assert_eq!(style(false, Some(100), &[]), Style::plain());
        assert_eq!(style(false, None, &[("COLUMNS", "60")]), of(Some(60), false));
    }
}
