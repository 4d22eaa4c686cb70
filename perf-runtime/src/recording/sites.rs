//! The list of sites: what a recording keeps of each annotated place. See [`layout::site`](perf_report::recording::layout::site).

use perf_report::recording::layout::{header, site};
use perf_report::{Kind, Timing};

use super::allocator::Recording;
use super::memory::Words;
use super::slot::Slot;

/// The description of a site that a recording keeps.
#[derive(Clone, Copy, Debug)]
pub(crate) struct SiteText<'a> {
    pub(crate) kind: Kind,
    pub(crate) timing: Timing,
    pub(crate) line: u32,
    pub(crate) name: &'a str,
    pub(crate) module: &'a str,
    pub(crate) file: &'a str,
    pub(crate) budgets: &'a str,
    /// How many names it stands for; 0 if it has one of its own.
    pub(crate) names: u64,
}

impl Recording {
    /// Number of registered sites.
    pub(crate) fn sites(&self) -> usize {
        self.header().twins().load_acquire(header::SITES) as usize
    }

    /// Adds a site, and returns its id. `None` when the recording is full.
    pub(crate) fn add_site(&self, text: &SiteText<'_>) -> Option<usize> {
        let strings = [text.name, text.module, text.file, text.budgets];
        let len = site::STRINGS + strings.iter().map(|string| string.len().div_ceil(8)).sum::<usize>();
        let record = self.allocate(len)?;
        record.set(site::KIND, text.kind.code());
        record.set(site::TIMING, text.timing.code());
        record.set(site::LINE, u64::from(text.line));
        record.set(site::NAMES, text.names);
        let mut place = record.at(site::STRINGS);
        for (string, field) in
            strings.into_iter().zip([site::NAME_BYTES, site::MODULE_BYTES, site::FILE_BYTES, site::BUDGET_BYTES])
        {
            record.set(field, string.len() as u64);
            place.write_text(string);
            place = place.at(string.len().div_ceil(8));
        }
        loop {
            let before = self.sites();
            let id = before + 1;
            let (chunk, entry) = site::locate(id);
            // Before the id is taken: no reader may find an id without a chunk when there is no room for one.
            let list = self.site_chunk(chunk)?;
            if self.header().twins().replace(header::SITES, before as u64, id as u64) {
                self.header().fetch_max(header::SITES, id as u64);
                list.twins().set_block(entry, Some(record));
                list.publish(entry, self.offset(record) as u64);
                return Some(id);
            }
        }
    }

    /// Notes for how many names a site stands.
    #[cfg(feature = "names")]
    pub(crate) fn set_names(&self, id: usize, names: u64) {
        let (chunk, entry) = site::locate(id);
        let list = self.header().twins().block_acquire(header::SITE_DIRECTORY + chunk);
        if let Some(record) = list.and_then(|list| list.twins().block_acquire(entry)) {
            record.fetch_max(site::NAMES, names);
        }
    }

    /// A chunk of the list of sites, made if need be.
    fn site_chunk(&self, chunk: usize) -> Option<Words> {
        if chunk >= site::CHUNKS {
            return None;
        }
        let (header, entry) = (self.header(), header::SITE_DIRECTORY + chunk);
        if header.twins().block_acquire(entry).is_none() {
            let fresh = self.allocate(site::FIRST_CHUNK << chunk)?;
            // Whoever loses the race leaves a chunk unused.
            header.twins().replace_block(entry, None, fresh);
        }
        let list = header.twins().block_acquire(entry)?;
        // By all, so that it is done before anybody's site is found through it.
        header.publish(entry, self.offset(list) as u64);
        Some(list)
    }

    /// The site of a slot, if it is one of this recording.
    #[inline]
    pub(crate) fn site_of(&self, slot: Slot) -> Option<usize> {
        Some(slot).filter(|slot| self.contains(slot.0)).map(Slot::site).filter(|&site| site != 0)
    }
}
