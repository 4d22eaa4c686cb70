//! The rows of spans: one for each place in the program where spans are made.
//!
//! `tracing` describes such a place by metadata that live for ever, so their address finds the row, without a lock.

use std::ptr;

use tracing_core::Metadata;

use crate::call::named::{NameSet, Place};
use crate::process::site::{Kind, Site};
use crate::sync::StaticCell;

/// Spans come from the code of the program and its libraries. Programs that make such places at run time are bounded too.
static SPANS: NameSet = NameSet::new(Kind::Span, 10_000, "other spans");

const BUCKETS: usize = 512;

static TABLE: [StaticCell<Entry>; BUCKETS] = [const { StaticCell::none() }; BUCKETS];

#[derive(Debug)]
struct Entry {
    metadata: &'static Metadata<'static>,
    site: &'static Site,
    next: Option<&'static Entry>,
}

/// The row of the spans that are made in a place.
pub(super) fn of(metadata: &'static Metadata<'static>) -> &'static Site {
    // Metadata are statics of more than a hundred bytes.
    let bucket = &TABLE[(ptr::from_ref(metadata).addr() >> 6) % BUCKETS];
    loop {
        let newest = bucket.get();
        if let Some(entry) = list(newest).find(|entry| ptr::eq(entry.metadata, metadata)) {
            return entry.site;
        }
        let entry = Box::leak(Box::new(Entry { metadata, site: named(metadata), next: newest }));
        if bucket.replace(newest, entry) {
            return entry.site;
        }
        // Another thread was first: what was made here is left behind, once per race.
    }
}

fn list(newest: Option<&'static Entry>) -> impl Iterator<Item = &'static Entry> {
    std::iter::successors(newest, |entry| entry.next)
}

#[cold]
fn named(metadata: &'static Metadata<'static>) -> &'static Site {
    let place = Place {
        module: metadata.module_path().unwrap_or_default(),
        file: metadata.file().unwrap_or_default(),
        line: metadata.line().unwrap_or_default(),
    };
    SPANS.site(&format!("{}::{}", metadata.target(), metadata.name()), place)
}
