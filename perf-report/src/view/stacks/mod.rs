//! Whole stacks in the formats of other tools, as a page, and as text: each a function from a [`StackProfile`].
//!
//! Each format escapes names for itself; before that all of them show what acts on a terminal or hides text as its escape.

pub(crate) mod folded;
pub(crate) mod notes;
pub(crate) mod pprof;
pub(crate) mod speedscope;
pub(crate) mod svg;
pub(crate) mod text;

pub(crate) use crate::data::profile::{StackProfile, ThreadState, Weights};

use super::text::escape;

/// The title of a profile: whose stacks these are.
pub(crate) fn title(profile: &StackProfile) -> String {
    let program = if profile.program.is_empty() { "unnamed program".into() } else { escape(&profile.program) };
    if profile.pid == 0 { program } else { format!("{program}, pid {}", profile.pid) }
}
