//! An initialisation: its attempts, the pauses between them, and what comes of it.

use std::future;
use std::panic::{self, AssertUnwindSafe};
use std::sync::{Arc, Weak};
use std::task::Poll;
use std::time::{Duration, Instant};

use perf_report::{ResourceState, TeardownOutcome};

use super::ResourceCore;
use super::guarded::{CurrentValue, Guarded};
use super::hooks::Hook;
use crate::call::future::Profiled;
use crate::call::guard;
use crate::resource::declaration::{Initialise, Initialising, Made};
use crate::resource::error::{Cause, ResourceError, panic_text};
use crate::resource::fast_path::FastPath;
use crate::resource::graph::{self, InitId};
use crate::resource::info::{next_order, now_ns};
use crate::resource::lease_cell::{Disposer, Lease};
use crate::resource::{housekeeping, scope, sweeper, teardown};

/// An initialisation in progress.
pub(crate) struct Initialisation<T: Send + Sync + 'static, F: FastPath<T> + 'static> {
    core: &'static ResourceCore<T, F>,
    id: InitId,
    by: InitId,
    began: u64,
    ended: bool,
}

/// A future of the user's that is dropped as part of the initialisation too: its destructors may use resources.
struct Within<F> {
    id: InitId,
    future: Option<F>,
}

impl<F> Drop for Within<F> {
    fn drop(&mut self) {
        graph::within(self.id, || drop(self.future.take()));
    }
}

/// Why an attempt gave no value.
enum Failure {
    Error(Cause),
    Panic(Arc<str>),
    Timeout(Duration),
}

impl<T: Send + Sync, F: FastPath<T>> Initialisation<T, F> {
    pub(super) fn begin(core: &'static ResourceCore<T, F>, id: InitId, by: InitId, began: u64) -> Self {
        Initialisation { core, id, by, began, ended: false }
    }

    /// Makes the value, blocking the thread.
    pub(super) fn run_blocking(self) -> Result<Lease<T>, ResourceError> {
        let mut attempts = 0;
        loop {
            attempts += 1;
            let outcome = graph::within(self.id, || match self.core.declaration.initialise {
                Initialise::Blocking(initialise) => self.attempt_blocking(initialise),
                Initialise::Async(_) => Err(Failure::Panic(Arc::from("it is async and was asked for by a thread"))),
            });
            match self.judge(outcome, attempts) {
                Ok(value) => return Ok(self.succeed(value)),
                Err((error, None)) => return Err(self.fail(error)),
                Err((_, Some(pause))) => std::thread::sleep(pause),
            }
        }
    }

    fn attempt_blocking(&self, initialise: fn() -> Made<T>) -> Result<Box<T>, Failure> {
        let made = panic::catch_unwind(AssertUnwindSafe(|| {
            let _call = guard::enter(self.core.declaration.rules.site);
            initialise()
        }));
        Failure::of(made)
    }

    /// Makes the value, as a task.
    pub(super) async fn run_async(self) -> Result<Lease<T>, ResourceError> {
        // A run that all gave up goes on where it stood: callers in a hurry must not make more attempts than `retry` allows.
        let (mut attempts, next_attempt) = {
            let guarded = self.core.lock();
            (guarded.attempts, guarded.next_attempt)
        };
        if let Some(next) = next_attempt {
            housekeeping::sleep(next.saturating_duration_since(Instant::now())).await;
        }
        loop {
            attempts += 1;
            let outcome = match self.core.declaration.initialise {
                Initialise::Async(initialise) => self.attempt_async(initialise).await,
                Initialise::Blocking(initialise) => graph::within(self.id, || self.attempt_blocking(initialise)),
            };
            match self.judge(outcome, attempts) {
                Ok(value) => return Ok(self.succeed(value)),
                Err((error, None)) => return Err(self.fail(error)),
                Err((_, Some(pause))) => {
                    self.note_attempts(attempts, pause);
                    housekeeping::sleep(pause).await;
                }
            }
        }
    }

    fn note_attempts(&self, attempts: u32, pause: Duration) {
        let mut guarded = self.core.lock();
        guarded.attempts = attempts;
        guarded.next_attempt = Instant::now().checked_add(pause);
    }

    async fn attempt_async(&self, initialise: fn() -> Initialising<T>) -> Result<Box<T>, Failure> {
        let rules = &self.core.declaration.rules;
        let mut timer = rules.timeout.map(|limit| (limit, housekeeping::sleep(limit)));
        // Made by the first poll, within the run.
        let mut making = Within { id: self.id, future: None };
        future::poll_fn(move |context| {
            // The whole of it is captured, not a field, so that it is dropped as a whole.
            let making = &mut making;
            let polled = graph::within(self.id, || {
                panic::catch_unwind(AssertUnwindSafe(|| {
                    let making =
                        making.future.get_or_insert_with(|| Box::pin(Profiled::apart(rules.site, initialise())));
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

    /// Judges an attempt: a value, or an error and the pause before the next attempt.
    fn judge(
        &self,
        outcome: Result<Box<T>, Failure>,
        attempts: u32,
    ) -> Result<Box<T>, (ResourceError, Option<Duration>)> {
        outcome.map_err(|failure| {
            self.core.info.change(|metrics| metrics.failures += 1);
            let resource = self.core.info.name();
            let error = match failure {
                Failure::Error(cause) => ResourceError::Failed { resource, cause, attempts },
                Failure::Panic(message) => ResourceError::Panicked { resource, message, attempts },
                Failure::Timeout(limit) => ResourceError::TimedOut { resource, limit, attempts },
            };
            let rules = &self.core.declaration.rules;
            (error, (attempts <= rules.retries).then(|| rules.pause(attempts - 1)))
        })
    }

    fn succeed(mut self, value: Box<T>) -> Lease<T> {
        let core = self.core;
        let declaration = &core.declaration;
        // Within the initialisation, as all code of the user before its end: who asks for the resource there gets an error.
        let weight = graph::within(self.id, || {
            let weight = declaration.weight.and_then(|weight| core.ask_hook(Hook::Weight, || weight(&value) as u64));
            declaration.on_init.and_then(|hook| core.ask_hook(Hook::OnInit, || hook(&value)));
            weight.unwrap_or(0)
        });
        let mut guarded = core.lock();
        let old = core.take_value(&mut guarded, false).and_then(|old| old.0);
        let vacant = guarded.vacant.pop();
        let cell = core.put_value(&mut guarded, vacant, value, weight);
        let now = Instant::now();
        guarded.value = Some(CurrentValue { cell, since: now, scope: scope::current(), inherited: false });
        guarded.forget_attempts();
        guarded.failed = None;
        guarded.failures_in_a_row = 0;
        guarded.rests_until = None;
        guarded.last_use = Some(now);
        guarded.torn_down = false;
        let order = next_order();
        let init_ns = now_ns().saturating_sub(self.began);
        core.info.change(|metrics| {
            metrics.state = ResourceState::Ready;
            metrics.initialisations += 1;
            if metrics.first_init_ns == 0 {
                metrics.first_init_ns = init_ns;
            }
            metrics.last_init_ns = init_ns;
            metrics.weight = weight;
            metrics.last_use = now_ns();
            metrics.order = order;
            metrics.healthy = None;
            if metrics.teardown != Some(TeardownOutcome::GivenUp) {
                metrics.teardown = None;
            }
        });
        let lease = cell.lease();
        self.end_initialisation(&mut guarded);
        core.show_value(&guarded);
        drop(guarded);
        self.wake_waiters();
        if let Some(old) = old {
            core.dispose(old);
        }
        teardown::at_exit();
        if core.info.kind.evictable || declaration.health.is_some() {
            sweeper::watch(core);
        }
        lease.unwrap_or_else(|| unreachable!("a value is alive until it is retired, which takes the lock"))
    }

    fn fail(mut self, error: ResourceError) -> ResourceError {
        let core = self.core;
        let rules = &core.declaration.rules;
        let mut guarded = core.lock();
        guarded.forget_attempts();
        if rules.backoff > Duration::ZERO {
            let pause = rules.pause(rules.retries.saturating_add(guarded.failures_in_a_row));
            guarded.rests_until = Instant::now().checked_add(pause);
        }
        guarded.failures_in_a_row = guarded.failures_in_a_row.saturating_add(1);
        guarded.failed = Some((guarded.generation, error.clone()));
        let had_value = guarded.value.is_some();
        core.info.change(|metrics| {
            metrics.state = if had_value { ResourceState::Ready } else { ResourceState::Failed };
        });
        self.end_initialisation(&mut guarded);
        drop(guarded);
        self.wake_waiters();
        error
    }

    fn end_initialisation(&mut self, guarded: &mut Guarded<T>) {
        self.ended = true;
        guarded.initialisation = None;
        guarded.run = Weak::new();
        graph::end_initialisation(self.by, self.id);
    }

    fn wake_waiters(&self) {
        self.core.changed.notify_all();
        self.core.waiters.wake_all();
    }
}

impl<T: Send + Sync, F: FastPath<T>> Drop for Initialisation<T, F> {
    fn drop(&mut self) {
        if self.ended {
            return;
        }
        // Cancelled: somebody else may begin.
        let core = self.core;
        let mut guarded = core.lock();
        let state = match (&guarded.value, &guarded.failed) {
            (Some(_), _) => ResourceState::Ready,
            (None, Some(_)) => ResourceState::Failed,
            (None, None) => ResourceState::Declared,
        };
        core.info.change(|metrics| metrics.state = state);
        self.end_initialisation(&mut guarded);
        drop(guarded);
        self.wake_waiters();
    }
}

impl Failure {
    fn of<T>(made: std::thread::Result<Made<T>>) -> Result<Box<T>, Failure> {
        match made {
            Ok(Ok(value)) => Ok(value),
            Ok(Err(cause)) => Err(Failure::Error(cause)),
            Err(payload) => Err(Failure::Panic(Arc::from(panic_text(&*payload)))),
        }
    }
}
