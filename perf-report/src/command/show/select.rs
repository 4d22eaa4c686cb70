//! From names and patterns on the command line to functions; where there is none of that name, what there is instead.

use std::{error::Error, fmt};

use crate::{Function, Snapshot, command::Show, view::Selection};

/// Names that an error suggests.
const SUGGESTED: usize = 5;

/// How much less alike than the best a name may be to be suggested beside it.
const FARTHER: f64 = 0.2;

/// Why nothing is selected.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum SelectionError {
    /// No function matches the pattern.
    NoMatch {
        /// The pattern.
        pattern: String,
        /// Functions that there are.
        functions: usize,
        /// Names nearest to it.
        nearest: Vec<String>,
    },
    /// Functions match, but none of them ran.
    NeverRan {
        /// The pattern.
        pattern: String,
        /// How many match.
        functions: usize,
    },
    /// There is no function of that name.
    UnknownFunction {
        /// The name.
        name: String,
        /// Functions that there are.
        functions: usize,
        /// Names nearest to it.
        nearest: Vec<String>,
    },
    /// Several names end like that.
    Ambiguous {
        /// The end of their paths.
        name: String,
        /// The names.
        names: Vec<String>,
    },
}

impl fmt::Display for SelectionError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            SelectionError::NoMatch { pattern, functions, nearest } => {
                write!(f, "no function matches {pattern:?}")?;
                suggest(f, *functions, nearest)?;
                match pattern.contains(['*', '?', '[']) {
                    true => Ok(()),
                    false => {
                        write!(f, " (the whole name must match: \"*{}*\" finds it anywhere)", pattern.escape_debug())
                    }
                }
            }
            SelectionError::NeverRan { pattern, functions: 1 } => {
                write!(f, "the function that matches {pattern:?} never ran")
            }
            SelectionError::NeverRan { pattern, functions } => {
                write!(f, "of the {functions} functions that match {pattern:?}, none ran")
            }
            SelectionError::UnknownFunction { name, functions, nearest } => {
                write!(f, "there is no function {name:?}")?;
                suggest(f, *functions, nearest)
            }
            SelectionError::Ambiguous { name, names } => {
                write!(f, "{} functions end in {name:?}; give more of the path: {}", names.len(), listed(names))
            }
        }
    }
}

impl Error for SelectionError {}

fn suggest(f: &mut fmt::Formatter<'_>, functions: usize, nearest: &[String]) -> fmt::Result {
    match (functions, nearest.len()) {
        (0, _) => f.write_str("; the program has no annotated functions"),
        (_, near) if near == functions => write!(f, "; there are {}", listed(nearest)),
        _ => write!(f, "; of {functions}, the nearest: {}", listed(nearest)),
    }
}

/// Names as a list that stays short.
fn listed(names: &[String]) -> String {
    let shown: Vec<String> = names.iter().take(2 * SUGGESTED).map(|name| name.escape_debug().to_string()).collect();
    let more = names.len() - shown.len();
    if more > 0 { format!("{} and {more} more", shown.join(", ")) } else { shown.join(", ") }
}

/// Whether not all functions in their usual form are asked for.
pub(super) fn narrows(show: &Show) -> bool {
    show.sort.is_some() || show.limit.is_some() || show.filter.is_some() || show.columns.is_some()
}

/// The functions that the options ask for.
pub(super) fn selection(show: &Show, snapshot: &Snapshot) -> Result<Selection, SelectionError> {
    let mut selection = Selection { columns: show.columns.clone(), ..Selection::all(snapshot) };
    if let Some(order) = show.sort {
        selection.sort(snapshot, order);
    }
    if let Some(filter) = &show.filter {
        selection.retain(snapshot, |function| filter.matches(&function.name));
        if selection.functions.is_empty() {
            let pattern = filter.to_string();
            let matching = snapshot.functions.iter().filter(|function| filter.matches(&function.name)).count();
            return Err(match matching {
                0 => {
                    let nearest = nearest(snapshot, &pattern.replace(['*', '?', '[', ']'], ""));
                    SelectionError::NoMatch { pattern, functions: snapshot.functions.len(), nearest }
                }
                functions => SelectionError::NeverRan { pattern, functions },
            });
        }
    }
    if let Some(limit) = show.limit {
        selection.limit(limit);
    }
    Ok(selection)
}

/// The functions of a name, or of a path that ends in it.
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
    let mut names: Vec<String> = ending.iter().map(|&index| snapshot.functions[index].name.clone()).collect();
    names.sort();
    names.dedup();
    match names.len() {
        0 => Err(SelectionError::UnknownFunction {
            name: name.to_owned(),
            functions: snapshot.functions.len(),
            nearest: nearest(snapshot, name),
        }),
        1 => Ok(ending),
        _ => Err(SelectionError::Ambiguous { name: name.to_owned(), names }),
    }
}

/// The names most like a text: those that contain it, then those that are spelt or end almost like it.
fn nearest(snapshot: &Snapshot, text: &str) -> Vec<String> {
    let wanted = text.trim_matches(':').to_lowercase();
    let likeness = |name: &str| {
        let name = name.to_lowercase();
        let parts = wanted.split("::").count();
        let ends: Vec<&str> = name.split("::").collect();
        let end = ends[ends.len().saturating_sub(parts)..].join("::");
        let contains = !wanted.is_empty() && name.contains(&wanted);
        f64::from(u8::from(contains)) + strsim::jaro_winkler(&end, &wanted).max(strsim::jaro_winkler(&name, &wanted))
    };
    let mut names: Vec<(f64, &str)> =
        snapshot.functions.iter().map(|function| (likeness(&function.name), function.name.as_str())).collect();
    names.sort_by(|a, b| b.0.total_cmp(&a.0).then(a.1.cmp(b.1)));
    names.dedup_by_key(|name| name.1);
    let best = names.first().map_or(0.0, |name| name.0);
    let near = names.into_iter().take(SUGGESTED).take_while(|name| name.0 >= best - FARTHER);
    near.map(|(_, name)| name.to_owned()).collect()
}
