//! Arguments that several commands have.

use clap::ValueEnum;

/// When to use colours.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum Color {
    /// On a terminal, unless NO_COLOR is set.
    Auto,
    /// Also in files and pipes.
    Always,
    /// Nowhere.
    Never,
}

impl Color {
    /// Whether to use colours, if the output was detected to show them or not.
    pub(super) fn or_detected(self, detected: bool) -> bool {
        match self {
            Color::Auto => detected,
            Color::Always => true,
            Color::Never => false,
        }
    }
}

/// Reads a number of rows or levels; 0 would show nothing.
pub(super) fn at_least_one(text: &str) -> Result<usize, String> {
    match text.parse() {
        Ok(0) => Err("0 would show nothing; write 1 or more, or leave the option out to show all".into()),
        Ok(number) => Ok(number),
        Err(_) => Err("write a whole number above 0".into()),
    }
}
