//! Files with more lines than a reader keeps in mind.

use syn::{Item, spanned::Spanned};

use super::{Context, Effect, Finding, Severity, finding};
use crate::command::{audit::source::SourceFile, sources::is_test};

pub(super) const NAME: &str = "perf::large_file";

pub(super) fn check(context: &Context<'_>) -> Vec<Finding> {
    let large = context.files.iter().filter_map(|file| {
        let lines = lines(file);
        (lines > context.max_lines && !is_generated(file)).then(|| {
            let message = format!("this file has {lines} lines without its tests; the limit is {}", context.max_lines);
            finding(NAME, (Severity::Low, Effect::Upkeep, 0.0), &file.line_place(1), message)
                .help("move each subject to a module of its own")
        })
    });
    large.collect()
}

/// The lines of a file without its modules of tests.
fn lines(file: &SourceFile) -> usize {
    let tests = file.syntax.items.iter().filter_map(|item| match item {
        Item::Mod(item) if is_test(&item.attrs) => Some(item.span()),
        _ => None,
    });
    let of_tests = tests.map(|span| span.end().line - span.start().line + 1).sum::<usize>();
    file.text.lines().count().saturating_sub(of_tests)
}

/// Whether a program wrote the file, as the first lines say by custom.
fn is_generated(file: &SourceFile) -> bool {
    file.text.lines().take(5).any(|line| {
        line.starts_with("//") && (line.contains("@generated") || line.to_lowercase().contains("do not edit"))
    })
}
