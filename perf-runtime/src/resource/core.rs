//! The life of one resource: who initialises it, who waits, what is given to whom, and how it ends.
//!
//! An access that finds no value locks the resource's [`Control`] and either becomes the one who initialises ([`Run`]), or
//! waits for the one who does, or gets the error of an initialisation that failed a moment ago and must rest. The initialiser
//! runs without any lock. A [`Run`] that is dropped before its end, as that of a cancelled task is, wakes all who wait, and
//! one of them begins anew.
//!
//! Lock order: control, then graph, then figures. No code of the user runs under any of them.

use std::future::{self, Future};
use std::panic::{self, AssertUnwindSafe};
use std::sync::atomic::{AtomicU8, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::task::{Poll, Waker};
use std::time::{Duration, Instant};

use crate::future::Profiled;
use crate::{__private, message};

use super::declaration::{Declaration, Initialise, Initialising};
use super::error::{Cause, ResourceError, panic_text};
use super::figures::{Shape, Shared, Teardown, now_ns};
use super::graph::{self, RunId, Wait};
use super::held::{Claimed, GIVEN_MODULUS, Held, Lease, Owner, Vacant};
use super::state::ResourceState;
use super::{fork, housekeeping, registry, scope, teardown};

/// The short way to a value, without a lock.
pub(crate) trait Short<T: Send + Sync>: Sync {
    /// What is to be found there from now on; nothing while it is closed.
    fn show(&self, value: Option<&'static Held<T>>, open: bool);
    /// Opens or closes it.
    fn set_open(&self, open: bool);
}

/// A resource, whatever the accessors that it has.
pub(crate) struct Core<T: Send + Sync + 'static, S> {
    declaration: Declaration<T>,
    pub(crate) shared: Shared,
    pub(crate) short: S,
    control: Mutex<Control<T>>,
    changed: Condvar,
    /// The options that panicked, as a sum of [`Asked`].
    broken: AtomicU8,
}

/// The user's code that is asked beside the initialiser.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Asked {
    Drop = 0,
    Weight = 1,
    Health = 2,
    OnInit = 4,
    OnEvict = 8,
}

struct Control<T: Send + Sync + 'static> {
    /// The run that makes a value.
    run: Option<RunId>,
    /// Number of the last initialisation that began.
    series: u64,
    /// The last one that failed, and with what.
    failed: Option<(u64, ResourceError)>,
    /// How often in a row, and until when accesses get that error at once.
    failures_in_a_row: u32,
    rests_until: Option<Instant>,
    value: Option<Current<T>>,
    /// Values of `replace`, the newest last, which stand before `value`.
    replacements: Vec<(u64, &'static Held<T>)>,
    last_replacement: u64,
    places: Vec<Place<T>>,
    vacant: Vec<Vacant<T>>,
    wakers: Vec<Waker>,
    last_use: Option<Instant>,
    torn_down: bool,
}

/// The value.
struct Current<T: Send + Sync + 'static> {
    held: &'static Held<T>,
    since: Instant,
    /// Scope of the thread that made it.
    scope: u64,
    /// Made by a process that this one was forked from.
    inherited: bool,
}

/// What is known of a place of values.
struct Place<T: Send + Sync + 'static> {
    held: &'static Held<T>,
    /// Leases given that are in the figures.
    counted: u64,
    weight: usize,
    /// Whether what its value held counts as freed when it goes.
    evicted: bool,
    /// Whether the hooks are not for its value.
    replacement: bool,
}

/// What an access finds.
pub(crate) enum Found<T: Send + Sync + 'static, S: Short<T> + 'static> {
    /// A value.
    Value(Lease<T>),
    /// Somebody is initialising: wait for that.
    Busy { series: u64, wait: Wait },
    /// Nobody is: initialise.
    Begun(Run<T, S>),
}

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

impl<T: Send + Sync, S: Short<T>> Core<T, S> {
    pub(crate) const fn new(declaration: Declaration<T>, short: S, evictable: bool) -> Self {
        let asynchronous = matches!(declaration.initialise, Initialise::Async(_));
        Core {
            shared: Shared::new(declaration.rules, Shape { evictable, asynchronous }),
            declaration,
            short,
            control: Mutex::new(Control {
                run: None,
                series: 0,
                failed: None,
                failures_in_a_row: 0,
                rests_until: None,
                value: None,
                replacements: Vec::new(),
                last_replacement: 0,
                places: Vec::new(),
                vacant: Vec::new(),
                wakers: Vec::new(),
                last_use: None,
                torn_down: false,
            }),
            changed: Condvar::new(),
            broken: AtomicU8::new(0),
        }
    }

    fn lock(&self) -> MutexGuard<'_, Control<T>> {
        self.control.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A lease of the value, which is made if need be; waits by blocking the thread.
    pub(crate) fn obtain(&'static self) -> Result<Lease<T>, ResourceError> {
        self.blocking(false)
    }

    /// As [`obtain`](Self::obtain), with a value that is made from now on.
    pub(crate) fn reload(&'static self) -> Result<Lease<T>, ResourceError> {
        self.blocking(true)
    }

    fn blocking(&'static self, anew: bool) -> Result<Lease<T>, ResourceError> {
        loop {
            match self.find(graph::current(), anew)? {
                Found::Value(lease) => return Ok(lease),
                Found::Begun(run) => return run.blocking(),
                Found::Busy { series, wait } => {
                    self.wait_blocking(series, anew)?;
                    drop(wait);
                }
            }
        }
    }

    /// As [`obtain`](Self::obtain), waiting as a task does.
    pub(crate) async fn obtain_async(&'static self) -> Result<Lease<T>, ResourceError> {
        self.asynchronous(false).await
    }

    /// As [`reload`](Self::reload), waiting as a task does.
    pub(crate) async fn reload_async(&'static self) -> Result<Lease<T>, ResourceError> {
        self.asynchronous(true).await
    }

    async fn asynchronous(&'static self, anew: bool) -> Result<Lease<T>, ResourceError> {
        loop {
            match self.find(graph::current(), anew)? {
                Found::Value(lease) => return Ok(lease),
                Found::Begun(run) => return run.asynchronous().await,
                Found::Busy { series, wait } => {
                    self.wait_async(series, anew).await?;
                    drop(wait);
                }
            }
        }
    }

    /// Looks what there is; if there is nothing, begins to make it. `by` is the run that asks.
    fn find(&'static self, by: RunId, anew: bool) -> Result<Found<T, S>, ResourceError> {
        fork::watch();
        graph::note_dependency(by, &self.shared);
        let mut control = self.lock();
        if !anew && let Some(lease) = control.lease() {
            return Ok(Found::Value(lease));
        }
        if control.run.is_some() {
            let wait = graph::wait(by, &self.shared)?;
            self.shared.change(|figures| figures.waited += 1);
            return Ok(Found::Busy { series: control.series, wait });
        }
        if let (Some(until), Some((_, error))) = (control.rests_until, &control.failed)
            && !anew
            && Instant::now() < until
        {
            return Err(error.clone());
        }
        let id = graph::begin(by, &self.shared);
        control.run = Some(id);
        control.series += 1;
        let began = now_ns();
        let first = control.value.is_none();
        self.shared.change(|figures| {
            if figures.first_use == 0 {
                figures.first_use = began;
            }
            if first {
                figures.state = ResourceState::Initialising;
            }
        });
        drop(control);
        Ok(Found::Begun(Run { core: self, id, by, began, ended: false }))
    }

    /// Waits until an initialisation has ended, and gives its error if that is what came of it.
    fn wait_blocking(&self, series: u64, anew: bool) -> Result<(), ResourceError> {
        let mut control = self.lock();
        while control.is_running(series) {
            control = self.changed.wait(control).unwrap_or_else(PoisonError::into_inner);
        }
        control.outcome(series, anew)
    }

    fn wait_async(&self, series: u64, anew: bool) -> impl Future<Output = Result<(), ResourceError>> {
        future::poll_fn(move |context| {
            let mut control = self.lock();
            if control.is_running(series) {
                if !control.wakers.iter().any(|waker| waker.will_wake(context.waker())) {
                    control.wakers.push(context.waker().clone());
                }
                return Poll::Pending;
            }
            Poll::Ready(control.outcome(series, anew))
        })
    }

    /// Puts a value in the place of the last one, with the short way to it.
    fn put(
        &'static self,
        control: &mut Control<T>,
        place: Option<Vacant<T>>,
        value: T,
        weight: usize,
    ) -> &'static Held<T> {
        let held = place.unwrap_or_else(|| Held::leak(self)).fill(value);
        let fresh = Place { held, counted: held.counts().1, weight, evicted: false, replacement: false };
        match control.places.iter_mut().find(|place| std::ptr::eq(place.held, held)) {
            // The leases given of the value before are counted already: the place was counted when it was emptied.
            Some(place) => *place = fresh,
            None => control.places.push(fresh),
        }
        held
    }

    fn show(&self, control: &Control<T>) {
        graph::with_short(|open| self.short.show(control.current(), open));
    }

    /// Takes the value away from those who come later. The hooks and its drop are for the caller, without the lock.
    fn take(&self, control: &mut Control<T>, evicted: bool) -> Option<(Option<Claimed<T>>, usize)> {
        let current = control.value.take()?;
        self.show(control);
        self.count(control);
        let place = control.places.iter_mut().find(|place| std::ptr::eq(place.held, current.held));
        let weight = place.map_or(0, |place| {
            place.evicted = evicted;
            place.weight
        });
        Some((current.held.retire(), weight))
    }

    /// Brings the figures about leases up to date.
    fn count(&self, control: &mut Control<T>) {
        if !self.shared.shape.evictable {
            return;
        }
        let (mut given, mut out) = (0, 0);
        for place in &mut control.places {
            let (leases, count) = place.held.counts();
            given += count.wrapping_sub(place.counted) % GIVEN_MODULUS;
            place.counted = count;
            out += leases;
        }
        if given > 0 || out > 0 {
            control.last_use = Some(Instant::now());
        }
        self.shared.change(|figures| {
            figures.accesses += given;
            figures.leases = out;
            if given > 0 || out > 0 {
                figures.last_use = now_ns();
            }
        });
    }

    /// Gives up the value. `None` if there was none or it may not be.
    fn evict_if(&'static self, may: impl FnOnce(&Control<T>, &Current<T>) -> bool) -> Option<usize> {
        if !self.shared.shape.evictable {
            return None;
        }
        let mut control = self.lock();
        self.count(&mut control);
        let current = control.value.as_ref()?;
        if !control.replacements.is_empty() || !may(&control, current) {
            return None;
        }
        let (claimed, weight) = self.take(&mut control, true)?;
        let running = control.run.is_some();
        self.shared.change(|figures| {
            figures.evictions += 1;
            figures.weight = 0;
            figures.state = if running { ResourceState::Initialising } else { ResourceState::Evicted };
        });
        drop(control);
        if let Some(claimed) = claimed {
            self.dispose(claimed);
        }
        Some(weight)
    }

    pub(crate) fn evict(&'static self) -> Option<usize> {
        self.evict_if(|_, _| true)
    }

    /// Asks a hook or another option. If it panics, that is said, it is not asked again, and nothing else comes of it.
    fn ask<R>(&self, option: Asked, f: impl FnOnce() -> R) -> Option<R> {
        if self.broken.load(Ordering::Relaxed) & option as u8 != 0 {
            return None;
        }
        let answer = panic::catch_unwind(AssertUnwindSafe(f));
        answer
            .inspect_err(|payload| {
                if option != Asked::Drop {
                    self.broken.fetch_or(option as u8, Ordering::Relaxed);
                }
                let (name, text) = (self.shared.name(), panic_text(&**payload));
                message::say(format_args!("{option} of {name} panicked: {text}"));
            })
            .ok()
    }

    pub(crate) fn state(&self) -> ResourceState {
        let control = self.lock();
        match control.current() {
            Some(_) if control.torn_down && control.replacements.is_empty() => ResourceState::ShutDown,
            Some(_) => ResourceState::Ready,
            None => self.shared.read(|figures| figures.state),
        }
    }

    /// Has `value` found in place of the resource's own until [`Self::restore`].
    pub(crate) fn replace(&'static self, value: T) -> u64 {
        let mut control = self.lock();
        let place = control.vacant.pop();
        let held = self.put(&mut control, place, value, 0);
        if let Some(place) = control.places.iter_mut().find(|place| std::ptr::eq(place.held, held)) {
            place.replacement = true;
        }
        control.last_replacement += 1;
        let id = control.last_replacement;
        control.replacements.push((id, held));
        self.show(&control);
        id
    }

    pub(crate) fn restore(&'static self, id: u64) {
        let mut control = self.lock();
        let Some(place) = control.replacements.iter().position(|replacement| replacement.0 == id) else { return };
        let (_, held) = control.replacements.remove(place);
        self.show(&control);
        let claimed = held.retire();
        drop(control);
        if let Some(claimed) = claimed {
            self.dispose(claimed);
        }
    }

    pub(crate) fn is_healthy(&'static self) -> Option<bool> {
        let health = self.declaration.health?;
        let lease = self.lock().lease()?;
        let healthy = self.ask(Asked::Health, || health(&lease));
        self.shared.change(|figures| figures.healthy = healthy);
        healthy
    }
}

impl std::fmt::Display for Asked {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str(match self {
            Asked::Drop => "the drop of the value",
            Asked::Weight => "weight",
            Asked::Health => "health",
            Asked::OnInit => "on_init",
            Asked::OnEvict => "on_evict",
        })
    }
}

impl<T: Send + Sync, S: Short<T>> Owner<T> for Core<T, S> {
    fn dispose(&'static self, claimed: Claimed<T>) {
        let (weight, evicted, replacement) = {
            let control = self.lock();
            let place = control.places.iter().find(|place| claimed.is_in(place.held));
            place.map_or((0, false, true), |place| (place.weight, place.evicted, place.replacement))
        };
        if let (Some(hook), false) = (self.declaration.on_evict, replacement) {
            self.ask(Asked::OnEvict, || hook(claimed.value()));
        }
        let vacant = self.ask(Asked::Drop, || claimed.drop_value());
        let mut control = self.lock();
        self.count(&mut control);
        control.vacant.extend(vacant);
        if evicted {
            self.shared.change(|figures| figures.freed += weight as u64);
        }
    }
}

impl<T: Send + Sync> Control<T> {
    fn current(&self) -> Option<&'static Held<T>> {
        let replaced = self.replacements.last().map(|replacement| replacement.1);
        replaced.or_else(|| self.value.as_ref().map(|current| current.held))
    }

    fn lease(&self) -> Option<Lease<T>> {
        self.current().and_then(Held::lease)
    }

    fn is_running(&self, series: u64) -> bool {
        self.run.is_some() && self.series == series
    }

    /// What came of an initialisation that one waited for. Who wants a new value looks again whatever came of it.
    fn outcome(&self, series: u64, anew: bool) -> Result<(), ResourceError> {
        match &self.failed {
            Some((failed, error)) if *failed == series && !anew => Err(error.clone()),
            _ => Ok(()),
        }
    }
}

impl<T: Send + Sync, S: Short<T>> Run<T, S> {
    /// Makes the value, blocking the thread.
    fn blocking(self) -> Result<Lease<T>, ResourceError> {
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
            let _call = __private::enter(self.core.declaration.rules.site);
            initialise()
        }));
        Failure::of(made)
    }

    /// Makes the value, as a task.
    async fn asynchronous(self) -> Result<Lease<T>, ResourceError> {
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
            if figures.teardown != Teardown::GivenUp {
                figures.teardown = Teardown::NotYet;
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

    fn shut_down(&'static self) -> Result<Teardown, String> {
        let lease = {
            let mut control = self.lock();
            control.torn_down = true;
            self.shared.change(|figures| figures.state = ResourceState::ShutDown);
            control.value.as_ref().and_then(|current| current.held.lease())
        };
        let mut outcome = Ok(Teardown::Done);
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
                Some((None, _)) if outcome.is_ok() => outcome = Ok(Teardown::Leased),
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

impl super::declaration::Rules {
    /// The pause after failure number `failure` (from 0): doubled each time, up to the longest, less up to half of it by
    /// chance, so that many processes that failed together do not try again together.
    fn pause(&self, failure: u32) -> Duration {
        let factor = 1_u32.checked_shl(failure).unwrap_or(u32::MAX);
        let whole = self.backoff.saturating_mul(factor).min(self.longest);
        whole - whole.mul_f64(0.5 * registry::random())
    }
}
