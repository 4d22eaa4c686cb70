//! A resource of any type, as the parts of the system use it: the program, the clock, the teardown, a fork.

use std::any::Any;
use std::panic::{self, AssertUnwindSafe};
use std::sync::Weak;
use std::time::{Duration, Instant};

use perf_report::{ResourceState, TeardownOutcome};

use super::ResourceCore;
use crate::resource::erased::{ErasedResource, Evict, Fork, TearDown, Warming};
use crate::resource::error::{ResourceError, panic_text};
use crate::resource::fast_path::FastPath;
use crate::resource::graph;
use crate::resource::info::ResourceInfo;
use crate::resource::lease_cell::Disposer;

impl<T: Send + Sync, F: FastPath<T>> ErasedResource for ResourceCore<T, F> {
    fn info(&'static self) -> &'static ResourceInfo {
        &self.info
    }

    fn state(&self) -> ResourceState {
        ResourceCore::state(self)
    }

    fn warm(&'static self) -> Result<(), ResourceError> {
        if !self.info.kind.asynchronous {
            return self.obtain().map(drop);
        }
        let lease = self.lock().lease();
        lease.map(drop).ok_or_else(|| ResourceError::Async { resource: self.info.name() })
    }

    fn warm_async(&'static self) -> Warming {
        Box::pin(async { self.obtain_async().await.map(drop) })
    }

    fn declare_dependencies(&'static self) {
        let named = (self.declaration.depends)().iter().map(|managed| managed.erased().info());
        self.info.declare_dependencies(named);
    }

    fn count_leases(&self) {
        ResourceCore::count_leases(self, &mut self.lock());
    }

    fn is_healthy(&'static self) -> Option<bool> {
        ResourceCore::is_healthy(self)
    }

    fn has_health(&self) -> bool {
        self.declaration.health.is_some()
    }

    fn set_fast_path(&self, open: bool) {
        self.fast_path.set_open(open);
    }

    fn restore(&'static self, id: u64) {
        ResourceCore::restore(self, id);
    }
}

impl<T: Send + Sync, F: FastPath<T>> Evict for ResourceCore<T, F> {
    fn evict(&'static self) -> Option<u64> {
        ResourceCore::evict(self)
    }

    fn evict_scope(&'static self, scope: u64) {
        self.evict_if(|_, current| current.scope == scope);
    }

    fn sweep(&'static self, asks: bool) -> Option<u64> {
        let rules = &self.declaration.rules;
        let unhealthy = asks && self.is_healthy() == Some(false);
        self.evict_if(|guarded, current| {
            let over = |limit: Option<Duration>, since: Instant| limit.is_some_and(|limit| since.elapsed() >= limit);
            let (out, _) = current.cell.counts();
            unhealthy
                || over(rules.max_age, current.since)
                || out == 0 && over(rules.idle, guarded.last_use.unwrap_or(current.since))
        })
    }

    fn idle(&'static self) -> Option<Duration> {
        let mut guarded = self.lock();
        self.count_leases(&mut guarded);
        let current = guarded.value.as_ref()?;
        let (out, _) = current.cell.counts();
        (self.info.kind.evictable && out == 0).then(|| guarded.last_use.map_or(Duration::ZERO, |last| last.elapsed()))
    }
}

impl<T: Send + Sync, F: FastPath<T>> TearDown for ResourceCore<T, F> {
    fn is_up(&self) -> bool {
        let guarded = self.lock();
        guarded.value.as_ref().is_some_and(|current| !current.inherited) && !guarded.torn_down
    }

    fn tear_down(&'static self) -> Result<TeardownOutcome, String> {
        let lease = {
            let mut guarded = self.lock();
            guarded.torn_down = true;
            self.info.change(|metrics| metrics.state = ResourceState::ShutDown);
            let current = guarded.value.as_ref().filter(|_| self.declaration.on_shutdown.is_some());
            let lease = current.and_then(|current| current.cell.lease());
            // The hook's is no use of the value.
            if let Some(lease) = &lease
                && let Some(entry) = guarded.cells.iter_mut().find(|entry| lease.is_in(entry.cell))
            {
                entry.counted = entry.counted.wrapping_add(1);
            }
            lease
        };
        let mut outcome = Ok(TeardownOutcome::Done);
        if let (Some(hook), Some(lease)) = (self.declaration.on_shutdown, &lease)
            && let Err(payload) = panic::catch_unwind(AssertUnwindSafe(|| hook(lease)))
        {
            outcome = Err(panic_text(&*payload).to_owned());
        }
        if self.info.kind.evictable {
            drop(lease);
            let mut guarded = self.lock();
            let taken = self.take_value(&mut guarded, false);
            self.info.change(|metrics| {
                metrics.weight = 0;
                metrics.state = ResourceState::ShutDown;
            });
            drop(guarded);
            match taken {
                Some((Some(claimed), _)) => self.dispose(claimed),
                Some((None, _)) if outcome.is_ok() => outcome = Ok(TeardownOutcome::Leased),
                _ => {}
            }
        }
        outcome
    }
}

impl<T: Send + Sync, F: FastPath<T>> Fork for ResourceCore<T, F> {
    fn lock_for_fork(&'static self) -> Box<dyn Any> {
        Box::new((self.lock(), self.waiters.lock()))
    }

    fn after_fork(&'static self) {
        self.info.forget_record();
        self.waiters.forget_all();
        let mut guarded = self.lock();
        if let Some(current) = &mut guarded.value {
            current.inherited = true;
        }
        if guarded.initialisation.is_some_and(|id| !graph::is_running(id)) {
            guarded.initialisation = None;
            guarded.run = Weak::new();
            if guarded.value.is_none() {
                self.info.change(|metrics| metrics.state = ResourceState::Declared);
            }
        }
    }
}
