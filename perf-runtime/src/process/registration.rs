//! Registration: which id a site has in the process's recording.

use std::time::{Duration, Instant};

use super::site::{Registered, Site};
use super::state::recording;
use crate::recording::{Recording, SiteText};
use crate::sync::{Ordering, StaticCell, yield_now};

/// A function that adds records of its own to a recording, unless they are there, and brings them up to date.
pub(crate) type AddRecords = fn(&Recording);

/// That of the part of the runtime that stands above this one and has records. It is handed down before a recording starts: what
/// `inventory` collects may not be there yet, before `main`.
static ADD_RECORDS: StaticCell<AddRecords> = StaticCell::none();

/// Has `add_records` called whenever all is registered.
#[cfg(feature = "resources")]
pub(crate) fn register_also(add_records: &'static AddRecords) {
    ADD_RECORDS.set(Some(add_records));
}

/// Gives every site that `inventory` knows an id, so that those which never run are reported too, and has the part
/// of the runtime that has records of its own add them.
pub(crate) fn register_all() {
    if let Some(recording) = recording() {
        for Registered(site) in inventory::iter::<Registered> {
            register(recording, site);
        }
        if let Some(add_records) = ADD_RECORDS.get() {
            add_records(recording);
        }
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
                timing: site.description.timing,
                line: site.description.line,
                name: &site.report_name(),
                module: site.description.module,
                file: site.description.file,
                budgets: site.description.budgets,
            });
            let id = id.and_then(|id| u32::try_from(id).ok()).unwrap_or(0);
            site.set_id(id);
        }
        Err(Site::BEING_REGISTERED) => wait_for(site),
        Err(_) => {}
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

/// In a forked child: the ids are the parent's.
pub(crate) fn forget_ids() {
    for Registered(site) in inventory::iter::<Registered> {
        site.set_id(0);
    }
}
