//! The life of one resource: who initialises it, who waits, what is given to whom, and how it ends.
//!
//! An access that finds no value locks the resource's [`Control`] and either becomes the one who initialises ([`Run`]), or
//! waits for the one who does, or gets the error of an initialisation that failed a moment ago and must rest. The initialiser
//! runs without any lock. A [`Run`] that is dropped before its end, as that of a cancelled task is, wakes all who wait, and
//! one of them begins anew.
//!
//! Lock order: control, then graph, then figures. No code of the user runs under any of them.

mod operate;
mod run;

use std::future::{self, Future};
use std::panic::{self, AssertUnwindSafe};
use std::sync::atomic::{AtomicU8, Ordering};
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::task::{Poll, Waker};
use std::time::Instant;

use self::run::Run;
use super::declaration::{Declaration, Initialise};
use super::error::{ResourceError, panic_text};
use super::figures::{Shape, Shared, now_ns};
use super::fork;
use super::graph::{self, RunId, Wait};
use super::held::{Claimed, GIVEN_MODULUS, Held, Lease, Owner, Vacant};
use crate::process::message;
use perf_report::ResourceState;

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
        Ok(Found::Begun(Run::begin(self, id, by, began)))
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
