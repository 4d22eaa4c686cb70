//! What is done with resources of whatever type: all at once, by the clock, at the end, and after a fork.

use std::panic::{self, AssertUnwindSafe};
use std::time::{Duration, Instant};

use super::{Core, Short};
use crate::resource::error::{ResourceError, panic_text};
use crate::resource::figures::Shared;
use crate::resource::graph;
use crate::resource::held::Owner;
use crate::resource::registry;
use perf_report::{ResourceState, TeardownOutcome};

impl<T: Send + Sync, S: Short<T>> registry::Operate for Core<T, S> {
    fn shared(&'static self) -> &'static Shared {
        &self.shared
    }

    fn state(&self) -> ResourceState {
        Core::state(self)
    }

    fn warm(&'static self) -> Result<(), ResourceError> {
        self.obtain().map(drop)
    }

    fn warm_async(&'static self) -> registry::Warming {
        Box::pin(async { self.obtain_async().await.map(drop) })
    }

    fn evict(&'static self) -> Option<usize> {
        Core::evict(self)
    }

    fn evict_scope(&'static self, scope: u64) {
        self.evict_if(|_, current| current.scope == scope);
    }

    fn sweep(&'static self) -> Option<usize> {
        let rules = &self.declaration.rules;
        let unhealthy = self.is_healthy() == Some(false);
        self.evict_if(|control, current| {
            let over = |limit: Option<Duration>, since: Instant| limit.is_some_and(|limit| since.elapsed() >= limit);
            let (out, _) = current.held.counts();
            unhealthy
                || over(rules.max_age, current.since)
                || out == 0 && over(rules.idle, control.last_use.unwrap_or(current.since))
        })
    }

    fn idle(&'static self) -> Option<Duration> {
        let mut control = self.lock();
        self.count(&mut control);
        let current = control.value.as_ref()?;
        let (out, _) = current.held.counts();
        (self.shared.shape.evictable && out == 0)
            .then(|| control.last_use.map_or(Duration::ZERO, |last| last.elapsed()))
    }

    fn count(&self) {
        Core::count(self, &mut self.lock());
    }

    fn is_healthy(&'static self) -> Option<bool> {
        Core::is_healthy(self)
    }

    fn set_short(&self, open: bool) {
        self.short.set_open(open);
    }

    fn restore(&'static self, id: u64) {
        Core::restore(self, id);
    }

    fn is_up(&self) -> bool {
        let control = self.lock();
        control.value.as_ref().is_some_and(|current| !current.inherited) && !control.torn_down
    }

    fn shut_down(&'static self) -> Result<TeardownOutcome, String> {
        let lease = {
            let mut control = self.lock();
            control.torn_down = true;
            self.shared.change(|figures| figures.state = ResourceState::ShutDown);
            control.value.as_ref().and_then(|current| current.held.lease())
        };
        let mut outcome = Ok(TeardownOutcome::Done);
        if let (Some(hook), Some(lease)) = (self.declaration.on_shutdown, &lease)
            && let Err(payload) = panic::catch_unwind(AssertUnwindSafe(|| hook(lease)))
        {
            outcome = Err(panic_text(&*payload).to_owned());
        }
        if self.shared.shape.evictable {
            drop(lease);
            let mut control = self.lock();
            let taken = self.take(&mut control, false);
            self.shared.change(|figures| {
                figures.weight = 0;
                figures.state = ResourceState::ShutDown;
            });
            drop(control);
            match taken {
                Some((Some(claimed), _)) => self.dispose(claimed),
                Some((None, _)) if outcome.is_ok() => outcome = Ok(TeardownOutcome::Leased),
                _ => {}
            }
        }
        outcome
    }

    fn hold(&'static self) -> Box<dyn std::any::Any> {
        Box::new(self.lock())
    }

    fn after_fork(&'static self) {
        self.shared.forget_record();
        let mut control = self.lock();
        // Forgotten, not dropped: they belong to executors whose threads are not here.
        std::mem::forget(std::mem::take(&mut control.wakers));
        if let Some(current) = &mut control.value {
            current.inherited = true;
        }
        if control.run.is_some_and(|run| !graph::is_running(run)) {
            control.run = None;
            if control.value.is_none() {
                self.shared.change(|figures| figures.state = ResourceState::Declared);
            }
        }
    }
}
