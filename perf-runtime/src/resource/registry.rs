//! The list of all resources, which `inventory` collects from the expansions.

use super::erased::{ErasedResource, Managed};
use crate::process::registration::Records;
use crate::recording::Recording;

/// A registration, which `inventory` collects.
#[derive(Clone, Copy)]
pub struct RegisteredResource(pub &'static dyn Managed);

inventory::collect!(RegisteredResource);

/// All resources.
pub(crate) fn all() -> impl Iterator<Item = &'static dyn ErasedResource> {
    inventory::iter::<RegisteredResource>.into_iter().map(|resource| resource.0.erased())
}

/// Opens or closes the fast paths to all of them.
pub(crate) fn set_fast_paths(open: bool) {
    all().for_each(|resource| resource.set_fast_path(open));
}

/// Gives all resources a record in a recording, and their metrics as they are.
pub(crate) fn register_all(recording: &Recording, records: Records) {
    let is_there = |resource: &&'static dyn ErasedResource| resource.info().is_registered(recording);
    for resource in all().filter(|resource| records == Records::All || !is_there(resource)) {
        resource.declare_dependencies();
        resource.info().register(recording);
        resource.count_leases();
    }
}

/// In a forked child: the records are in its parent's recording.
pub(crate) fn forget_records() {
    all().for_each(|resource| resource.info().forget_record());
}
