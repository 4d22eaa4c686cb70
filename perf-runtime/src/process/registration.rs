//! Registration: which id a site has in the process's recording.

use std::time::{Duration, Instant};

use super::site::{Registered, Site, Timing};
use super::state::recording;
use crate::recording::{Recording, SiteText};
use crate::sync::{Ordering, StaticCell, yield_now};

/// A function that adds records of its own to a recording, unless they are there.
pub(crate) type AddRecords = fn(&Recording, Records);

/// Which records are looked after.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Records {
    /// Those that are not there yet.
    ///
    /// For the others no lock is taken: threads of ours come here at any time, and a clone of the process, of which nobody tells us, would
    /// find a lock that one of them has taken for ever.
    Missing,
    /// All of them: those that are there are brought up to date.
    All,
}

/// That of the part of the runtime that stands above this one and has records. It is handed down before a recording starts: what
/// `inventory` collects may not be there yet, before `main`.
static ADD_RECORDS: StaticCell<AddRecords> = StaticCell::none();

/// Has `add_records` called whenever all is registered.
#[cfg(feature = "resources")]
pub(crate) fn register_also(add_records: &'static AddRecords) {
    ADD_RECORDS.set(Some(add_records));
}

/// Gives every site that `inventory` knows an id, so that those which never run are reported too, and has the part
/// of the runtime that has records of its own add them and bring them up to date.
pub(crate) fn register_all() {
    register_all_of(Records::All);
}

/// As [`register_all`], without touching what is there already.
pub(crate) fn register_missing() {
    register_all_of(Records::Missing);
}

fn register_all_of(records: Records) {
    if let Some(recording) = recording() {
        register_sites(recording);
        if let Some(add_records) = ADD_RECORDS.get() {
            add_records(recording, records);
        }
    }
}

/// Gives every site that `inventory` knows an id in a recording. Low ids are for those whose calls are counted: these have their counters
/// [close together](perf_report::recording::layout::shard::COUNTERS).
pub(crate) fn register_sites(recording: &Recording) {
    for are_exact in [false, true] {
        let sites = inventory::iter::<Registered>.into_iter().map(|registered| registered.0);
        sites
            .filter(|site| (site.description.timing == Timing::Exact) == are_exact)
            .for_each(|site| register(recording, site));
    }
}

/// Gives a site an id in the recording, unless it has one. It keeps 0 when the recording is full.
pub(crate) fn register(recording: &Recording, site: &Site) {
    // Looked at first: an exchange, though it fails, would have the processors pass the site around.
    if site.registered_id().is_some() {
        return;
    }
    match site.id.compare_exchange(0, Site::BEING_REGISTERED, Ordering::Acquire, Ordering::Relaxed) {
        Ok(_) => {
            let id = recording.add_site(&SiteText {
                kind: site.description.kind,
                timing: timing(recording, site),
                line: site.description.line,
                name: &site.report_name(),
                module: site.description.module,
                file: site.description.file,
                budgets: site.description.budgets,
                names: site.names(),
            });
            // Of a recording that was lost meanwhile no id is good.
            let id = id.filter(|_| recording.was_cut().is_none()).and_then(|id| u32::try_from(id).ok());
            site.finish_registration(id.unwrap_or(0));
        }
        Err(Site::BEING_REGISTERED) => wait_for(site),
        Err(_) => {}
    }
}

/// How a site is timed. Futures and waits have their own way, whatever the program's is.
fn timing(recording: &Recording, site: &Site) -> Timing {
    match recording.timing() {
        Some(timing) if site.description.kind.may_be_adaptive() => timing,
        _ => site.description.timing,
    }
}

/// Another thread registers the site, which takes it about a microsecond; but if this is a signal handler that interrupted that
/// very thread, no waiting helps.
fn wait_for(site: &Site) {
    let deadline = Instant::now() + Duration::from_millis(20);
    // Time has no meaning in a model.
    let in_time = || cfg!(all(test, loom)) || Instant::now() < deadline;
    while site.id.load(Ordering::Acquire) == Site::BEING_REGISTERED && in_time() {
        yield_now();
    }
}

/// A site that was made at run time, and the one made before it.
struct Made {
    site: Site,
    older: StaticCell<Made>,
}

/// The newest of the sites that were made at run time.
static NEWEST: StaticCell<Made> = StaticCell::none();

/// Keeps a site that was made at run time.
pub(crate) fn keep(site: Site) -> &'static Site {
    let made = &*Box::leak(Box::new(Made { site, older: StaticCell::none() }));
    loop {
        let older = NEWEST.get();
        made.older.set(older);
        if NEWEST.replace(older, made) {
            return &made.site;
        }
    }
}

/// The sites that were made at run time so far, newest first.
pub(crate) fn made() -> impl Iterator<Item = &'static Site> {
    std::iter::successors(NEWEST.get(), |made| made.older.get()).map(|made| &made.site)
}

/// Takes the ids of all sites: they were those of another recording.
pub(crate) fn forget_ids() {
    for Registered(site) in inventory::iter::<Registered> {
        site.set_id(0);
    }
    made().for_each(|site| site.set_id(0));
}
