//! The rows of statements and pools.

use std::cell::Cell;
use std::hash::{DefaultHasher, Hash, Hasher};

use super::statement::without_values;
use crate::call::named::{MOST_NAMES, NameSet, Place};
use crate::process::site::{Kind, Site};
use crate::process::state;

static STATEMENTS: NameSet = NameSet::new(Kind::Query, MOST_NAMES, "other statements");
static POOLS: NameSet = NameSet::new(Kind::Query, MOST_NAMES, "other pools");

/// Statements whose rows a thread remembers.
const REMEMBERED: usize = 64;

thread_local! {
    /// By the hash of a statement as it was run, values included, so that most are not cut into tokens each time.
    static LATEST: [Cell<Option<(u64, &'static Site)>>; REMEMBERED] = const { [const { Cell::new(None) }; REMEMBERED] };
}

/// The hash of a statement as it is run.
pub(super) fn hash(statement: &str) -> u64 {
    let mut hasher = DefaultHasher::new();
    statement.hash(&mut hasher);
    hasher.finish()
}

/// The row of a statement.
pub(super) fn of_statement(statement: &str) -> &'static Site {
    of_hashed(statement, hash(statement))
}

/// As [`of_statement`], for whoever has the hash.
pub(super) fn of_hashed(statement: &str, hash: u64) -> &'static Site {
    let place = hash as usize % REMEMBERED;
    let known = LATEST.try_with(|latest| latest[place].get()).ok().flatten();
    match known {
        Some((same, site)) if same == hash => site,
        _ => {
            let site = STATEMENTS.site(&without_values(statement), Place::default());
            // Not while the thread ends.
            let _ = LATEST.try_with(|latest| latest[place].set(Some((hash, site))));
            site
        }
    }
}

/// The row of a statement whose future is made now. While nothing is recorded it is the shared one, so that the statement is not looked at;
/// should recording begin before the first poll, the query is found there.
pub(super) fn of_future(statement: &str) -> &'static Site {
    if state::is_off() { STATEMENTS.shared_site() } else { of_statement(statement) }
}

/// The row of a pool, for a future that is made now.
pub(super) fn of_pool_future(name: &str) -> &'static Site {
    if state::is_off() { POOLS.shared_site() } else { of_pool(name) }
}

/// The row of the waits for a connection of a pool.
pub(super) fn of_pool(name: &str) -> &'static Site {
    POOLS.site(&format!("pool {name}"), Place::default())
}

/// The row of those that failed.
pub(super) fn of_failed(name: &str) -> &'static Site {
    POOLS.site(&format!("pool {name}, failed"), Place::default())
}
