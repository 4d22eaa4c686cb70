//! Sites that are made at run time: one for each place at which a program makes locks, channels, or what else it waits for.
//!
//! There are as many as there are such places in the source, however many locks are made there. They are found through a hash table that
//! only grows: one list per bucket, prepended to without a lock. A lock that is used often keeps its site.
#![allow(dead_code, reason = "each wrapper is a feature of its own, and uses a part of this")]

use super::registration;
use super::site::{Description, Kind, Site, Timing};
use crate::sync::StaticList;

const BUCKETS: usize = 256;

static TABLE: [StaticList<Entry>; BUCKETS] = [const { StaticList::empty() }; BUCKETS];

/// A place in the source at which something is made, and what is made there: all that tells a row from others.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Declaration {
    pub(crate) kind: Kind,
    pub(crate) timing: Timing,
    /// The name that the program gives it, or that of its type.
    pub(crate) name: &'static str,
    /// Tells apart the rows of what has several.
    pub(crate) part: &'static str,
    /// Path of the module, if it is known.
    pub(crate) module: &'static str,
    pub(crate) file: &'static str,
    pub(crate) line: u32,
    pub(crate) column: u32,
}

#[derive(Clone, Copy, Debug)]
struct Entry {
    declaration: Declaration,
    site: &'static Site,
}

/// The site of a declaration. If there is none yet, it is made; `name` is what reports call it.
pub(crate) fn site(declaration: &Declaration, name: impl FnOnce() -> String) -> &'static Site {
    let made = || Entry { declaration: *declaration, site: make(declaration, name()) };
    TABLE[declaration.bucket()].find_or_add(|entry| entry.declaration == *declaration, made).site
}

/// The sites of all declarations so far.
pub(crate) fn all() -> impl Iterator<Item = &'static Site> {
    TABLE.iter().flat_map(StaticList::iter).map(|entry| entry.site)
}

impl Declaration {
    /// By the lengths of the texts alone: a line has few declarations.
    fn bucket(&self) -> usize {
        let parts = [self.line as usize, self.column as usize, self.name.len(), self.part.len(), self.file.len()];
        let mut hash = self.kind.code();
        for part in parts {
            hash = (hash.rotate_left(5) ^ part as u64).wrapping_mul(0x9e37_79b9_7f4a_7c15);
        }
        (hash >> 32) as usize % BUCKETS
    }
}

#[cold]
fn make(&Declaration { kind, timing, module, file, line, .. }: &Declaration, name: String) -> &'static Site {
    let name: &'static str = name.leak();
    let description = Description { kind, timing, name: Some(name), path: || "", module, file, line, budgets: "" };
    registration::keep(Site::new(description))
}
