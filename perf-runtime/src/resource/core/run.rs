//! An initialisation: its attempts, the pauses between them, and what comes of it.

use std::future;
use std::panic::{self, AssertUnwindSafe};
use std::sync::Arc;
use std::task::{Poll, Waker};
use std::time::{Duration, Instant};

use super::{Asked, Control, Core, Current, Short};
use crate::call::future::Profiled;
use crate::call::guard;
use crate::resource::declaration::{Initialise, Initialising, Rules};
use crate::resource::error::{Cause, ResourceError, panic_text};
use crate::resource::figures::now_ns;
use crate::resource::graph::{self, RunId};
use crate::resource::held::{Lease, Owner};
use crate::resource::{housekeeping, registry, scope, teardown};
use perf_report::{ResourceState, TeardownOutcome};

/// An initialisation in progress.
pub(crate) struct Run<T: Send + Sync + 'static, S: Short<T> + 'static> {
    core: &'static Core<T, S>,
    id: RunId,
    by: RunId,
    began: u64,
    ended: bool,
}

/// Why an attempt gave no value.
enum Failure {
    Error(Cause),
    Panic(Arc<str>),
    Timeout(Duration),
}

impl<T: Send + Sync, S: Short<T>> Run<T, S> {
    pub(super) fn begin(core: &'static Core<T, S>, id: RunId, by: RunId, began: u64) -> Self {
        Run { core, id, by, began, ended: false }
    }

    /// Makes the value, blocking the thread.
    pub(super) fn blocking(self) -> Result<Lease<T>, ResourceError> {
        let mut attempts = 0;
        loop {
            attempts += 1;
            let outcome = graph::within(self.id, || match self.core.declaration.initialise {
                Initialise::Blocking(initialise) => self.attempt(initialise),
                Initialise::Async(_) => Err(Failure::Panic(Arc::from("it is async and was asked for by a thread"))),
            });
            match self.judge(outcome, attempts) {
                Ok(value) => return Ok(self.succeed(value)),
                Err((error, None)) => return Err(self.fail(error)),
                Err((_, Some(pause))) => std::thread::sleep(pause),
            }
        }
    }

    fn attempt(&self, initialise: fn() -> Result<T, Cause>) -> Result<T, Failure> {
        let made = panic::catch_unwind(AssertUnwindSafe(|| {
            let _call = guard::enter(self.core.declaration.rules.site);
            initialise()
        }));
        Failure::of(made)
    }

    /// Makes the value, as a task.
    pub(super) async fn asynchronous(self) -> Result<Lease<T>, ResourceError> {
        let mut attempts = 0;
        loop {
            attempts += 1;
            let outcome = match self.core.declaration.initialise {
                Initialise::Async(initialise) => self.attempt_async(initialise).await,
                Initialise::Blocking(initialise) => graph::within(self.id, || self.attempt(initialise)),
            };
            match self.judge(outcome, attempts) {
                Ok(value) => return Ok(self.succeed(value)),
                Err((error, None)) => return Err(self.fail(error)),
                Err((_, Some(pause))) => housekeeping::sleep(pause).await,
            }
        }
    }

    async fn attempt_async(&self, initialise: fn() -> Initialising<T>) -> Result<T, Failure> {
        let rules = &self.core.declaration.rules;
        let mut timer = rules.timeout.map(|limit| (limit, housekeeping::sleep(limit)));
        // Made by the first poll, within the run.
        let mut making = None;
        future::poll_fn(move |context| {
            let polled = graph::within(self.id, || {
                panic::catch_unwind(AssertUnwindSafe(|| {
                    let making = making.get_or_insert_with(|| Box::pin(Profiled::new(rules.site, initialise())));
                    making.as_mut().poll(context)
                }))
            });
            let made = match polled {
                Ok(Poll::Ready(made)) => Ok(made),
                Err(payload) => Err(payload),
                Ok(Poll::Pending) => {
                    let Some((limit, timer)) = &mut timer else { return Poll::Pending };
                    return timer.poll(context).map(|()| Err(Failure::Timeout(*limit)));
                }
            };
            Poll::Ready(Failure::of(made))
        })
        .await
    }

    /// What comes after an attempt: the value, or an error and the pause before the next one.
    fn judge(&self, outcome: Result<T, Failure>, attempts: u32) -> Result<T, (ResourceError, Option<Duration>)> {
        outcome.map_err(|failure| {
            self.core.shared.change(|figures| figures.failures += 1);
            let resource = self.core.shared.name();
            let error = match failure {
                Failure::Error(cause) => ResourceError::Failed { resource, cause, attempts },
                Failure::Panic(message) => ResourceError::Panicked { resource, message, attempts },
                Failure::Timeout(limit) => ResourceError::TimedOut { resource, limit, attempts },
            };
            let rules = &self.core.declaration.rules;
            (error, (attempts <= rules.retries).then(|| rules.pause(attempts - 1)))
        })
    }

    fn succeed(mut self, value: T) -> Lease<T> {
        let core = self.core;
        let declaration = &core.declaration;
        let weight = declaration.weight.and_then(|weight| core.ask(Asked::Weight, || weight(&value))).unwrap_or(0);
        if let Some(hook) = declaration.on_init {
            graph::within(self.id, || core.ask(Asked::OnInit, || hook(&value)));
        }
        let mut control = core.lock();
        let old = core.take(&mut control, false).and_then(|old| old.0);
        let place = control.vacant.pop();
        let held = core.put(&mut control, place, value, weight);
        let now = Instant::now();
        control.value = Some(Current { held, since: now, scope: scope::current(), inherited: false });
        control.failed = None;
        control.failures_in_a_row = 0;
        control.rests_until = None;
        control.last_use = Some(now);
        control.torn_down = false;
        let order = registry::next_order();
        let init_ns = now_ns().saturating_sub(self.began);
        core.shared.change(|figures| {
            figures.state = ResourceState::Ready;
            figures.initialisations += 1;
            if figures.first_init_ns == 0 {
                figures.first_init_ns = init_ns;
            }
            figures.last_init_ns = init_ns;
            figures.weight = weight as u64;
            figures.last_use = now_ns();
            figures.order = order;
            figures.healthy = None;
            if figures.teardown != Some(TeardownOutcome::GivenUp) {
                figures.teardown = None;
            }
        });
        let lease = held.lease();
        self.end(&mut control);
        core.show(&control);
        drop(control);
        self.wake();
        if let Some(old) = old {
            core.dispose(old);
        }
        teardown::at_exit();
        if core.shared.shape.evictable {
            housekeeping::sweep(declaration.rules.idle, declaration.rules.max_age);
        }
        lease.unwrap_or_else(|| unreachable!("a value is alive until it is retired, which takes the lock"))
    }

    fn fail(mut self, error: ResourceError) -> ResourceError {
        let core = self.core;
        let rules = &core.declaration.rules;
        let mut control = core.lock();
        if rules.backoff > Duration::ZERO {
            let pause = rules.pause(rules.retries.saturating_add(control.failures_in_a_row));
            control.rests_until = Instant::now().checked_add(pause);
        }
        control.failures_in_a_row = control.failures_in_a_row.saturating_add(1);
        control.failed = Some((control.series, error.clone()));
        let had_value = control.value.is_some();
        core.shared.change(|figures| {
            figures.state = if had_value { ResourceState::Ready } else { ResourceState::Failed };
        });
        self.end(&mut control);
        drop(control);
        self.wake();
        error
    }

    fn end(&mut self, control: &mut Control<T>) {
        self.ended = true;
        control.run = None;
        graph::end(self.by, self.id);
    }

    fn wake(&self) {
        let wakers = std::mem::take(&mut self.core.lock().wakers);
        self.core.changed.notify_all();
        wakers.into_iter().for_each(Waker::wake);
    }
}

impl<T: Send + Sync, S: Short<T>> Drop for Run<T, S> {
    fn drop(&mut self) {
        if self.ended {
            return;
        }
        // Cancelled: somebody else may begin.
        let core = self.core;
        let mut control = core.lock();
        let state = match (&control.value, &control.failed) {
            (Some(_), _) => ResourceState::Ready,
            (None, Some(_)) => ResourceState::Failed,
            (None, None) => ResourceState::Declared,
        };
        core.shared.change(|figures| figures.state = state);
        self.end(&mut control);
        drop(control);
        self.wake();
    }
}

impl Failure {
    fn of<T>(made: std::thread::Result<Result<T, Cause>>) -> Result<T, Failure> {
        match made {
            Ok(Ok(value)) => Ok(value),
            Ok(Err(cause)) => Err(Failure::Error(cause)),
            Err(payload) => Err(Failure::Panic(Arc::from(panic_text(&*payload)))),
        }
    }
}

impl Rules {
    /// The pause after failure number `failure` (from 0): doubled each time, up to the longest, less up to half of it by
    /// chance, so that many processes that failed together do not try again together.
    fn pause(&self, failure: u32) -> Duration {
        let factor = 1_u32.checked_shl(failure).unwrap_or(u32::MAX);
        let whole = self.backoff.saturating_mul(factor).min(self.longest);
        whole - whole.mul_f64(0.5 * registry::random())
    }
}
