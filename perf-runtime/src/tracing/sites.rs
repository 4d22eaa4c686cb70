//! The rows of spans: one for each place in the program where spans are made.
//!
//! `tracing` describes such a place by metadata that live for ever, so their address finds the row, without a lock.

use std::ptr;

use tracing_core::Metadata;

use crate::call::named::{NameSet, Place};
use crate::process::site::{Kind, Site};
use crate::sync::StaticList;

/// Spans come from the code of the program and its libraries. Programs that make such places at run time are bounded too.
static SPANS: NameSet = NameSet::new(Kind::Span, 10_000, "other spans");

const BUCKETS: usize = 512;

static TABLE: [StaticList<Entry>; BUCKETS] = [const { StaticList::empty() }; BUCKETS];

#[derive(Clone, Copy, Debug)]
struct Entry {
    metadata: &'static Metadata<'static>,
    site: &'static Site,
}

/// The row of the spans that are made in a place.
pub(super) fn of(metadata: &'static Metadata<'static>) -> &'static Site {
    // Metadata are statics of more than a hundred bytes.
    let bucket = &TABLE[(ptr::from_ref(metadata).addr() >> 6) % BUCKETS];
    let is_its = |entry: &Entry| ptr::eq(entry.metadata, metadata);
    bucket.find_or_add(is_its, || Entry { metadata, site: named(metadata) }).site
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
