//! The sources of the audited crates, as the checks read them.
//!
//! A file is parsed once. `items` lists its functions, statics and types with their lines, which findings and the functions of a
//! profile are looked up in; `calls` lists the calls in it, with what surrounds them: loops, async code, paths of errors, tests.
//! `modules` finds the files of a crate.

pub(super) mod calls;
mod cold;
mod items;
mod modules;

use std::{fs, path::Path};

use proc_macro2::Span;

pub(super) use calls::{Call, CallKind};
pub(super) use items::{Item, ItemKind};
pub(super) use modules::files_of;

use super::finding::Place;
use crate::command::sources::Imports;

/// An item: a file, and a place among its items.
pub(super) type ItemId = (usize, usize);

/// A source file.
pub(super) struct SourceFile {
    /// Path below the workspace's root, with `/` between its parts.
    pub(super) path: String,
    pub(super) text: String,
    pub(super) syntax: syn::File,
    pub(super) items: Vec<Item>,
    pub(super) calls: Vec<Call>,
    pub(super) imports: Imports,
    /// Name of the crate, and whether the file is the first of a program.
    pub(super) crate_name: String,
    /// Other crates that have the file too, such as a program beside its library.
    pub(super) also_of: Vec<String>,
    /// Path of its module, from the crate's name on.
    pub(super) module: String,
    pub(super) is_root: bool,
    lines: Lines,
}

impl SourceFile {
    /// Reads a file; the module path begins with the crate's name. The error says why it cannot be read.
    fn read(absolute: &Path, path: String, module: &[String], is_root: bool) -> Result<SourceFile, String> {
        let text = fs::read_to_string(absolute).map_err(|error| format!("{path}: cannot be read: {error}"))?;
        let syntax = syn::parse_file(&text).map_err(|error| {
            format!("{path}:{}: the checks cannot read this file: {error}", error.span().start().line)
        })?;
        let lines = Lines::of(&text);
        let imports = Imports::of(&syntax);
        let items = items::of(&syntax, module);
        let mut file = SourceFile {
            path,
            text,
            syntax,
            items,
            calls: Vec::new(),
            imports,
            crate_name: module.first().cloned().unwrap_or_default(),
            also_of: Vec::new(),
            module: module.join("::"),
            is_root,
            lines,
        };
        file.calls = calls::of(&file);
        Ok(file)
    }

    /// The crates that have the file.
    pub(super) fn crates(&self) -> impl Iterator<Item = &str> {
        std::iter::once(&self.crate_name).chain(&self.also_of).map(String::as_str)
    }

    /// The place of a span.
    pub(super) fn place(&self, span: Span) -> Place {
        self.place_between(span, span)
    }

    /// The place from the beginning of a span to the end of another.
    pub(super) fn place_between(&self, from: Span, to: Span) -> Place {
        let (start, end) = (from.start(), to.end());
        let byte = |at: proc_macro2::LineColumn| self.lines.byte(&self.text, at.line, at.column);
        let first = byte(start);
        Place {
            file: self.path.clone(),
            line: start.line,
            column: start.column + 1,
            end_line: end.line,
            end_column: end.column + 1,
            bytes: first..byte(end).max(first),
        }
    }

    /// The place of a whole line, without the blanks around it.
    pub(super) fn line_place(&self, line: usize) -> Place {
        let text = self.line(line);
        let blanks = text.chars().take_while(|letter| letter.is_whitespace()).count();
        let letters = text.trim_end().chars().count().max(blanks);
        Place {
            file: self.path.clone(),
            line,
            column: blanks + 1,
            end_line: line,
            end_column: letters + 1,
            bytes: self.lines.byte(&self.text, line, blanks)..self.lines.byte(&self.text, line, letters),
        }
    }

    /// The text of a line, counted from 1; empty beyond the end.
    pub(super) fn line(&self, line: usize) -> &str {
        self.text.lines().nth(line.saturating_sub(1)).unwrap_or_default()
    }

    /// Whether something is called in a line at each turn of a loop.
    pub(super) fn is_in_loop(&self, line: usize) -> bool {
        self.calls.iter().any(|call| call.place.line == line && call.loops > 0)
    }

    /// The innermost item around a line, of those that a condition holds for.
    pub(super) fn innermost(&self, line: usize, holds: impl Fn(&Item) -> bool) -> Option<usize> {
        let around = self.items.iter().enumerate().filter(|(_, item)| item.lines.contains(&line) && holds(item));
        around.min_by_key(|(_, item)| item.lines.end() - item.lines.start()).map(|(index, _)| index)
    }

    /// Whether a comment `perf: allow(CHECK)` covers a place: on its line or the one above, or so at the item around it, or in the
    /// lines before the file's first item.
    pub(super) fn allows(&self, check: &str, place: &Place) -> bool {
        let name = check.trim_start_matches("perf::");
        let says = |line: usize| {
            let comment =
                self.line(line).split_once("// perf: allow(").or(self.line(line).split_once("//! perf: allow("));
            let names = comment.and_then(|(_, names)| names.split_once(')')).map(|(names, _)| names);
            names.is_some_and(|names| names.split(',').any(|allowed| allowed.trim() == name))
        };
        let is_alone = |line: usize| self.line(line).trim_start().starts_with("//");
        let covers = |line: usize| says(line) || (line > 1 && is_alone(line - 1) && says(line - 1));
        let first_item = self.items.iter().map(|item| *item.lines.start()).min().unwrap_or(usize::MAX);
        let head = self.text.lines().count().min(first_item.saturating_sub(1));
        covers(place.line)
            || self.items.iter().any(|item| item.lines.contains(&place.line) && covers(*item.lines.start()))
            || (1..=head).any(|line| self.line(line).trim_start().starts_with("//!") && says(line))
    }
}

/// Where the lines of a text begin.
struct Lines(Vec<usize>);

impl Lines {
    fn of(text: &str) -> Lines {
        let breaks = text.bytes().enumerate().filter(|(_, byte)| *byte == b'\n').map(|(at, _)| at + 1);
        Lines(std::iter::once(0).chain(breaks).collect())
    }

    /// The byte of a line (from 1) and a column (from 0, in characters).
    fn byte(&self, text: &str, line: usize, column: usize) -> usize {
        let start = self.0.get(line.saturating_sub(1)).copied().unwrap_or(text.len());
        let rest = &text[start..];
        start + rest.char_indices().nth(column).map_or(rest.len(), |(at, _)| at)
    }
}
