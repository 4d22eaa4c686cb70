//! The functions that names and patterns on the command line select, or the names that come nearest.

use std::{error::Error, fmt};

use super::{Format, ShowArgs};
use crate::{
    Function, Snapshot, View,
    command::{
        nearest::{listed, nearest},
        pattern::Pattern,
    },
    view::Selection,
};

/// Why nothing is selected.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum SelectionError {
    /// No function matches the pattern.
    NoMatch {
        /// The pattern.
        pattern: String,
        /// How many functions the program has.
        functions: usize,
        /// The names nearest to the pattern.
        nearest: Vec<String>,
    },
    /// Functions match, but none of them ran.
    NeverRan {
        /// The pattern.
        pattern: String,
        /// How many match.
        functions: usize,
    },
    /// No function has this name.
    UnknownFunction {
        /// The name.
        name: String,
        /// How many functions the program has.
        functions: usize,
        /// The names nearest to it.
        nearest: Vec<String>,
    },
    /// Several names end like this.
    Ambiguous {
        /// The end of their paths.
        name: String,
        /// Those names.
        names: Vec<String>,
    },
}

impl fmt::Display for SelectionError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            SelectionError::NoMatch { pattern, functions, nearest } => {
                write!(f, "no function matches {pattern:?}")?;
                suggest(f, *functions, nearest)?;
                match Pattern::has_wildcard(pattern) {
                    true => Ok(()),
                    false => write!(f, "; a pattern must match the whole name: write \"*{}*\"", pattern.escape_debug()),
                }
            }
            SelectionError::NeverRan { pattern, functions: 1 } => {
                write!(f, "the function that matches {pattern:?} never ran")
            }
            SelectionError::NeverRan { pattern, functions } => {
                write!(f, "none of the {functions} functions that match {pattern:?} ran")
            }
            SelectionError::UnknownFunction { name, functions, nearest } => {
                write!(f, "no function is called {name:?}")?;
                suggest(f, *functions, nearest)
            }
            SelectionError::Ambiguous { name, names } => {
                write!(f, "{} functions end in {name:?}; write more of the path: {}", names.len(), listed(names))
            }
        }
    }
}

impl Error for SelectionError {}

fn suggest(f: &mut fmt::Formatter<'_>, functions: usize, nearest: &[String]) -> fmt::Result {
    match (functions, nearest.len()) {
        (0, _) => f.write_str("; the program has no annotated function"),
        (_, near) if near == functions => write!(f, "; the program has {}", listed(nearest)),
        _ => write!(f, "; the nearest names: {}", listed(nearest)),
    }
}

/// The functions that the options ask for.
pub(super) fn selection(args: &ShowArgs, snapshot: &Snapshot) -> Result<Selection, SelectionError> {
    let mut selection = Selection { columns: args.columns.clone(), ..Selection::all(snapshot) };
    if let Some(order) = args.sort {
        selection.sort(snapshot, order);
    }
    if let Some(filter) = &args.filter {
        selection.retain(snapshot, |function| filter.matches(&function.name));
        // The table shows futures of which no call has ended too.
        let is_table = args.format == Format::Table && args.tree.is_none() && args.view.contains(&View::Table);
        if selection.functions.is_empty() && (selection.unended.is_empty() || !is_table) {
            let pattern = filter.as_str().to_owned();
            let matching = snapshot.functions.iter().filter(|function| filter.matches(&function.name)).count();
            return Err(match matching {
                0 => {
                    let nearest = nearest(names(snapshot), &pattern);
                    SelectionError::NoMatch { pattern, functions: snapshot.functions.len(), nearest }
                }
                functions => SelectionError::NeverRan { pattern, functions },
            });
        }
    }
    if let Some(limit) = args.limit {
        selection.limit(limit);
    }
    Ok(selection)
}

/// The functions that have this name, or whose path ends in it.
pub(super) fn functions(snapshot: &Snapshot, name: &str) -> Result<Vec<usize>, SelectionError> {
    let with = |condition: &dyn Fn(&Function) -> bool| -> Vec<usize> {
        let functions = snapshot.functions.iter().enumerate();
        functions.filter(|(_, function)| condition(function)).map(|(index, _)| index).collect()
    };
    let named = with(&|function| function.name == name);
    if !named.is_empty() {
        return Ok(named);
    }
    let ending = with(&|function| function.name.strip_suffix(name).is_some_and(|rest| rest.ends_with("::")));
    let mut found: Vec<String> = ending.iter().map(|&index| snapshot.functions[index].name.clone()).collect();
    found.sort();
    found.dedup();
    match found.len() {
        0 => Err(SelectionError::UnknownFunction {
            name: name.to_owned(),
            functions: snapshot.functions.len(),
            nearest: nearest(names(snapshot), name),
        }),
        1 => Ok(ending),
        _ => Err(SelectionError::Ambiguous { name: name.to_owned(), names: found }),
    }
}

fn names(snapshot: &Snapshot) -> impl Iterator<Item = &str> {
    snapshot.functions.iter().map(|function| function.name.as_str())
}
