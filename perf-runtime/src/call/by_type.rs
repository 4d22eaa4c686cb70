//! `by_type`: a row for every type that a generic function runs with.
//!
//! A static in a generic function is one for all its types, so the sites of the types are made at their first call and found
//! through a hash table that only grows: one list per bucket, prepended to without a lock.

use std::ptr;

use crate::process::registration;
use crate::process::site::Site;
use crate::process::state;
use crate::sync::StaticCell;

const BUCKETS: usize = 512;

static TABLE: [StaticCell<Entry>; BUCKETS] = [const { StaticCell::none() }; BUCKETS];

/// Entries that were found last, by the addresses of the function and of the name: most calls need one look.
static FOUND: [StaticCell<Entry>; BUCKETS] = [const { StaticCell::none() }; BUCKETS];

#[derive(Debug)]
struct Entry {
    generic: &'static Site,
    type_name: &'static str,
    site: &'static Site,
    next: Option<&'static Entry>,
}

/// The site's row for one type.
#[inline]
pub fn typed(generic: &'static Site, type_name: &'static str) -> &'static Site {
    if state::is_off() { generic } else { look_up(generic, type_name) }
}

#[inline(never)]
fn look_up(generic: &'static Site, type_name: &'static str) -> &'static Site {
    let found = &FOUND[hint(generic, type_name)];
    match found.get() {
        Some(entry) if entry.is_of(generic, type_name) => entry.site,
        _ => search(found, generic, type_name),
    }
}

/// Sites are aligned to words, and names are not aligned.
#[inline(always)]
fn hint(generic: &'static Site, type_name: &'static str) -> usize {
    ((ptr::from_ref(generic).addr() >> 4) ^ type_name.as_ptr().addr()) % BUCKETS
}

#[cold]
fn search(found: &StaticCell<Entry>, generic: &'static Site, type_name: &'static str) -> &'static Site {
    // One name may stand at several addresses, each with an entry; the contents are compared only where none is found.
    let bucket = &TABLE[hash(generic) as usize % BUCKETS];
    match list(bucket.get()).find(|entry| entry.is_of(generic, type_name)) {
        Some(entry) => {
            found.set(Some(entry));
            entry.site
        }
        None => add(bucket, generic, type_name),
    }
}

impl Entry {
    #[inline(always)]
    fn is_of(&self, generic: &'static Site, type_name: &'static str) -> bool {
        ptr::eq(self.generic, generic) && ptr::eq(self.type_name, type_name)
    }
}

/// Sites are statics of some tens of bytes: the multiplication spreads their addresses.
fn hash(generic: &'static Site) -> u64 {
    (ptr::from_ref(generic).addr() as u64).wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 32
}

fn list(newest: Option<&'static Entry>) -> impl Iterator<Item = &'static Entry> {
    std::iter::successors(newest, |entry| entry.next)
}

#[cold]
#[inline(never)]
fn add(bucket: &StaticCell<Entry>, generic: &'static Site, type_name: &'static str) -> &'static Site {
    loop {
        let newest = bucket.get();
        let same = list(newest).find(|entry| ptr::eq(entry.generic, generic) && entry.type_name == type_name);
        let site = same.map_or_else(|| registration::keep(generic.for_type(type_name)), |entry| entry.site);
        let entry = Box::leak(Box::new(Entry { generic, type_name, site, next: newest }));
        if bucket.replace(newest, entry) {
            return site;
        }
        // Another thread was first: what was made here is left behind, once per race.
    }
}
