//! The code of the user that a resource asks beside its initialiser.

use std::fmt;
use std::panic::{self, AssertUnwindSafe};
use std::sync::atomic::Ordering;

use super::ResourceCore;
use crate::process::message;
use crate::resource::error::panic_text;
use crate::resource::fast_path::FastPath;
use crate::resource::lease_cell::Lease;

/// A piece of that code.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Hook {
    Drop = 0,
    Weight = 1,
    Health = 2,
    OnInit = 4,
    OnEvict = 8,
}

impl<T: Send + Sync, F: FastPath<T>> ResourceCore<T, F> {
    /// Asks a hook or another option. If it panics, that is said, it is not asked again, and nothing else comes of it.
    pub(super) fn ask_hook<R>(&self, hook: Hook, f: impl FnOnce() -> R) -> Option<R> {
        if self.broken.load(Ordering::Relaxed) & hook as u8 != 0 {
            return None;
        }
        let answer = panic::catch_unwind(AssertUnwindSafe(f));
        answer
            .inspect_err(|payload| {
                if hook != Hook::Drop {
                    self.broken.fetch_or(hook as u8, Ordering::Relaxed);
                }
                let (name, text) = (self.info.name(), panic_text(&**payload));
                message::say(format_args!("{hook} of {name} panicked: {text}"));
            })
            .ok()
    }

    /// A lease that is no use of the value.
    fn lease_for_check(&'static self) -> Option<Lease<T>> {
        let mut guarded = self.lock();
        let lease = guarded.lease()?;
        if let Some(entry) = guarded.cells.iter_mut().find(|entry| lease.is_in(entry.cell)) {
            entry.checks += 1;
            entry.counted = entry.counted.wrapping_add(1);
        }
        Some(lease)
    }

    pub(crate) fn is_healthy(&'static self) -> Option<bool> {
        let health = self.declaration.health?;
        let lease = self.lease_for_check()?;
        let healthy = self.ask_hook(Hook::Health, || health(&lease));
        if let Some(entry) = self.lock().cells.iter_mut().find(|entry| lease.is_in(entry.cell)) {
            entry.checks = entry.checks.saturating_sub(1);
        }
        // Not under the lock: it may be the last one.
        drop(lease);
        self.info.change(|metrics| metrics.healthy = healthy);
        healthy
    }
}

impl fmt::Display for Hook {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Hook::Drop => "the drop of the value",
            Hook::Weight => "weight",
            Hook::Health => "health",
            Hook::OnInit => "on_init",
            Hook::OnEvict => "on_evict",
        })
    }
}
