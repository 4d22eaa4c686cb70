//! Values that stand in for a resource's own, for tests.

use std::ptr;

use super::ResourceCore;
use crate::resource::fast_path::FastPath;
use crate::resource::lease_cell::Disposer;

impl<T: Send + Sync, F: FastPath<T>> ResourceCore<T, F> {
    /// Has `value` found in place of the resource's own until [`Self::restore`].
    pub(crate) fn replace(&'static self, value: T) -> u64 {
        let value = Box::new(value);
        let mut guarded = self.lock();
        let vacant = guarded.vacant.pop();
        let cell = self.put_value(&mut guarded, vacant, value, 0);
        if let Some(entry) = guarded.cells.iter_mut().find(|entry| ptr::eq(entry.cell, cell)) {
            entry.replacement = true;
        }
        guarded.last_replacement += 1;
        let id = guarded.last_replacement;
        guarded.replacements.push((id, cell));
        self.show_value(&guarded);
        id
    }

    /// Ends a replacement.
    pub(crate) fn restore(&'static self, id: u64) {
        let mut guarded = self.lock();
        let Some(place) = guarded.replacements.iter().position(|replacement| replacement.0 == id) else { return };
        let (_, cell) = guarded.replacements.remove(place);
        self.show_value(&guarded);
        let claimed = cell.retire();
        drop(guarded);
        if let Some(claimed) = claimed {
            self.dispose(claimed);
        }
    }
}
