//! The rows of tasks, by their names.

use std::cell::Cell;
use std::ptr;

use crate::call::named::{MOST_NAMES, NameSet, Place};
use crate::process::site::{Kind, Site};

/// Names come from the program; the row of those beyond the limit says how many they are.
static TASKS: NameSet = NameSet::new(Kind::Future, MOST_NAMES, "other tasks");

/// Names whose rows a thread remembers.
const REMEMBERED: usize = 32;

thread_local! {
    /// By the address of a name: it lives for ever, so it is the same name each time.
    static LATEST: [Cell<Option<(&'static str, &'static Site)>>; REMEMBERED] = const { [const { Cell::new(None) }; REMEMBERED] };
}

/// The row of a name.
pub(super) fn of(name: &'static str) -> &'static Site {
    // Literals lie close together.
    let place = name.as_ptr().addr() / 4 % REMEMBERED;
    let known = LATEST.try_with(|latest| latest[place].get()).ok().flatten();
    match known {
        Some((same, site)) if ptr::eq(same, name) => site,
        _ => {
            let site = TASKS.site(name, Place::default());
            // Not while the thread ends.
            let _ = LATEST.try_with(|latest| latest[place].set(Some((name, site))));
            site
        }
    }
}

/// The row of all names that have none of their own.
pub(super) fn shared() -> &'static Site {
    TASKS.shared_site()
}

#[cfg(all(test, not(loom)))]
mod tests {
    use super::*;

    #[test]
    fn names_that_share_a_place_or_an_address_have_rows_of_their_own() {
        let text: &'static str = (0..100).map(|number| format!("task {number:02} ")).collect::<String>().leak();
        // The same address and another length; another address with the same place.
        let (one, longer, far) = (&text[..7], &text[..15], &text[REMEMBERED * 4..][..7]);
        for _ in 0..2 {
            for name in [one, longer, far] {
                assert_eq!(of(name).report_name(), name);
            }
        }
        // Equal names have one row, wherever they stand.
        let copy: &'static str = one.to_owned().leak();
        assert!(ptr::eq(of(one), of(copy)) && !ptr::eq(of(one), of(longer)));
    }
}
