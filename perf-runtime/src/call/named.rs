//! Names that a program makes at run time (routes, statements, spans): a row for each, up to a limit, and one row for all others.
//!
//! Nothing may grow with what a program is asked to do, so a [`NameSet`] makes at most so many sites, which live for ever. Names that come
//! later share one site, whose record says for about how many of them it stands ([`NameSketch`]).
//!
//! A set is a hash table that only grows: one list per bucket, prepended to without a lock. A name that is there is found without one.

use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::atomic::{AtomicU32, Ordering};

use super::name_sketch::NameSketch;
use crate::process::registration;
use crate::process::site::{Description, Kind, Site, Timing};
use crate::process::state;
use crate::sync::StaticCell;

/// Most names of a kind whose names come from what the program is asked to do.
#[allow(dead_code, reason = "of the wrappers, not every one is compiled")]
pub(crate) const MOST_NAMES: u32 = 1_000;

/// Most bytes of a name that are kept.
const LONGEST: usize = 1_000;

const BUCKETS: usize = 512;

/// Where a name stands in the program, as far as it stands anywhere.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub(crate) struct Place {
    pub(crate) module: &'static str,
    pub(crate) file: &'static str,
    pub(crate) line: u32,
}

/// The sites of one kind that are made at run time.
#[derive(Debug)]
pub(crate) struct NameSet {
    kind: Kind,
    most: u32,
    /// The name of the row for all names that came too late.
    others: &'static str,
    number: AtomicU32,
    table: [StaticCell<Entry>; BUCKETS],
    other_site: StaticCell<Site>,
    sketch: NameSketch,
}

#[derive(Debug)]
struct Entry {
    hash: u64,
    name: &'static str,
    place: Place,
    site: &'static Site,
    next: Option<&'static Entry>,
}

impl NameSet {
    /// A set that makes sites of a kind for `most` names at most.
    pub(crate) const fn new(kind: Kind, most: u32, others: &'static str) -> NameSet {
        NameSet {
            kind,
            most,
            others,
            number: AtomicU32::new(0),
            table: [const { StaticCell::none() }; BUCKETS],
            other_site: StaticCell::none(),
            sketch: NameSketch::new(),
        }
    }

    /// The site of a name. Two places in the program with the same name have a site each.
    pub(crate) fn site(&'static self, name: &str, place: Place) -> &'static Site {
        let hash = hash(name, place);
        let bucket = &self.table[hash as usize % BUCKETS];
        let kept = &name[..name.floor_char_boundary(LONGEST)];
        match find(bucket.get(), hash, kept, place) {
            Some(site) => site,
            None => self.add(bucket, hash, kept, place),
        }
    }

    #[cold]
    fn add(&'static self, bucket: &StaticCell<Entry>, hash: u64, name: &str, place: Place) -> &'static Site {
        let mut made: Option<(&'static str, &'static Site)> = None;
        loop {
            let newest = bucket.get();
            if let Some(site) = find(newest, hash, name, place) {
                // Another thread was first. A site made here meanwhile is left behind, once per race.
                return site;
            }
            // Counted once it is there, so that no name is turned away for one that two threads add at once. Threads that add the last ones
            // at once may each go beyond the limit by one.
            if self.number.load(Ordering::Acquire) >= self.most {
                // The last one may be this, which another thread has added since the look above.
                return find(bucket.get(), hash, name, place).unwrap_or_else(|| self.other(hash));
            }
            let (name, site) = *made.get_or_insert_with(|| {
                let name: &'static str = Box::leak(name.into());
                (name, self.make(name, place))
            });
            let entry = Box::leak(Box::new(Entry { hash, name, place, site, next: newest }));
            if bucket.replace(newest, entry) {
                self.number.fetch_add(1, Ordering::AcqRel);
                return site;
            }
        }
    }

    /// The site that names without one share.
    pub(crate) fn shared_site(&'static self) -> &'static Site {
        self.other_site.get().unwrap_or_else(|| {
            let new = self.make(self.others, Place::default());
            if self.other_site.replace(None, new) { new } else { self.other_site.get().unwrap_or(new) }
        })
    }

    /// Counts a name that there is no site for.
    #[cold]
    fn other(&'static self, hash: u64) -> &'static Site {
        let site = self.shared_site();
        if self.sketch.add(hash) {
            let names = self.sketch.estimate();
            site.stand_for(names);
            if let (Some(id), Some(recording)) = (site.registered_id(), state::recording()) {
                recording.set_names(id, names);
            }
        }
        site
    }

    fn make(&self, name: &'static str, Place { module, file, line }: Place) -> &'static Site {
        let description = Description {
            kind: self.kind,
            timing: Timing::Exact,
            name: Some(name),
            path: || "",
            module,
            file,
            line,
            budgets: "",
        };
        registration::keep(Site::new(description))
    }
}

fn hash(name: &str, place: Place) -> u64 {
    let mut hasher = DefaultHasher::new();
    (name, place).hash(&mut hasher);
    hasher.finish()
}

/// Names that are the same as far as they are kept are told apart by their hashes.
fn find(newest: Option<&'static Entry>, hash: u64, name: &str, place: Place) -> Option<&'static Site> {
    let mut entries = std::iter::successors(newest, |entry| entry.next);
    let entry = entries.find(|entry| entry.hash == hash && entry.name == name && entry.place == place)?;
    Some(entry.site)
}

#[cfg(all(test, not(loom)))]
mod tests {
    use std::ptr;
    use std::sync::Barrier;
    use std::thread;

    use super::*;

    fn name(site: &Site) -> String {
        site.report_name().into_owned()
    }

    #[test]
    fn a_name_has_one_site_and_two_places_have_two() {
        static SET: NameSet = NameSet::new(Kind::Function, 10, "others");
        let place = |line| Place { module: "app", file: "app.rs", line };
        let first = SET.site("users", place(1));
        assert!(ptr::eq(first, SET.site(&String::from("users"), place(1))));
        assert!(!ptr::eq(first, SET.site("users", place(2))));
        assert_eq!((name(first), first.description.line), ("users".into(), 1));
    }

    #[test]
    fn names_beyond_the_limit_share_a_row_that_knows_about_how_many_they_are() {
        static SET: NameSet = NameSet::new(Kind::Function, 3, "other names");
        for round in 0..2 {
            for number in 0..500 {
                let site = SET.site(&format!("name {number}"), Place::default());
                let expected = if number < 3 { format!("name {number}") } else { "other names".into() };
                assert_eq!(name(site), expected, "round {round}");
            }
        }
        let names = SET.other_site.get().unwrap().names();
        assert!((470..=525).contains(&names), "497 names are taken for {names}");
        assert_eq!(SET.site("name 1", Place::default()).names(), 0, "a name stands for itself");
    }

    #[test]
    fn long_names_are_cut_and_told_apart() {
        static SET: NameSet = NameSet::new(Kind::Function, 10, "others");
        let long = "ä".repeat(LONGEST);
        let (one, other) = (SET.site(&long, Place::default()), SET.site(&format!("{long}!"), Place::default()));
        assert!(!ptr::eq(one, other));
        assert_eq!(name(one), "ä".repeat(LONGEST / 2));
    }

    #[test]
    fn threads_agree_on_the_sites() {
        const THREADS: usize = 4;
        static SET: NameSet = NameSet::new(Kind::Function, 64, "others");
        let start = Barrier::new(THREADS);
        let sites = |offset: usize| {
            start.wait();
            let mut sites: Vec<(usize, usize)> = (0..64)
                .map(|number| (number + offset) % 64)
                .map(|number| (number, ptr::from_ref(SET.site(&number.to_string(), Place::default())).addr()))
                .collect();
            sites.sort_unstable();
            sites
        };
        let all: Vec<_> = thread::scope(|scope| {
            let threads: Vec<_> = (0..THREADS).map(|thread| scope.spawn(move || sites(thread * 7))).collect();
            threads.into_iter().map(|thread| thread.join().unwrap()).collect()
        });
        assert!(all.iter().all(|sites| *sites == all[0]));
        assert_eq!(SET.number.load(Ordering::Relaxed), 64);
    }
}
