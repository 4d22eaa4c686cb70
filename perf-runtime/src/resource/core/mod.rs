//! The life of one resource: who initialises it, who waits, what is given to whom, and how it ends.
//!
//! An access that finds no value locks the resource ([`guarded`] is what the lock guards) and either becomes the one who
//! initialises ([`initialisation`]), or waits for the one who does, or gets the error of an initialisation that failed a moment
//! ago and must rest. The initialiser runs without any lock. An [`Initialisation`] that is dropped before its end, as that of a
//! cancelled task is, wakes all who wait, and one of them begins anew. [`values`] lie in cells until their last lease has ended;
//! [`hooks`] are the user's code; [`replacement`]s are for tests; and [`erased`] is all of it without the type of the value.
//!
//! Lock order: the resource, then graph, then metrics. No code of the user runs under any of them.

mod erased;
mod guarded;
mod hooks;
mod initialisation;
mod replacement;
mod run;
mod values;
mod waiters;

use std::future::{self, Future};
use std::sync::atomic::AtomicU8;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::task::Poll;
use std::time::Instant;

use perf_report::ResourceState;

use self::guarded::Guarded;
use self::initialisation::Initialisation;
use self::run::Run;
use self::waiters::Waiters;
use super::declaration::{Declaration, Initialise};
use super::error::ResourceError;
use super::fast_path::FastPath;
use super::fork;
use super::graph::{self, InitId, Wait};
use super::info::{ResourceInfo, ResourceKind, now_ns};
use super::lease_cell::Lease;

/// A resource, whatever the accessors that it has.
pub(crate) struct ResourceCore<T: Send + Sync + 'static, F> {
    declaration: Declaration<T>,
    pub(crate) info: ResourceInfo,
    pub(crate) fast_path: F,
    guarded: Mutex<Guarded<T>>,
    changed: Condvar,
    /// Tasks that wait for an initialisation that they do not drive.
    waiters: Waiters,
    /// The options that panicked, as a sum of [`hooks::Hook`].
    broken: AtomicU8,
}

/// A task's place among those who wait, which it leaves when it gives up.
struct Place<'c> {
    waiters: &'c Waiters,
    id: u64,
}

impl Drop for Place<'_> {
    fn drop(&mut self) {
        self.waiters.remove(self.id);
    }
}

/// The state that an access finds.
enum Found<T: Send + Sync + 'static, F: FastPath<T> + 'static> {
    /// A value.
    Value(Lease<T>),
    /// Somebody is initialising: wait for that.
    Busy { generation: u64, wait: Wait },
    /// Nobody is: this initialises.
    Begun(Initialisation<T, F>),
    /// An async initialisation, perhaps begun for this access: drive it.
    Running { run: Arc<Run>, generation: u64, wait: Wait, begun: bool },
}

impl<T: Send + Sync, F: FastPath<T>> ResourceCore<T, F> {
    pub(crate) const fn new(declaration: Declaration<T>, fast_path: F, evictable: bool) -> Self {
        let asynchronous = matches!(declaration.initialise, Initialise::Async(_));
        ResourceCore {
            info: ResourceInfo::new(declaration.rules, ResourceKind { evictable, asynchronous }),
            declaration,
            fast_path,
            guarded: Mutex::new(Guarded::new()),
            changed: Condvar::new(),
            waiters: Waiters::new(),
            broken: AtomicU8::new(0),
        }
    }

    fn lock(&self) -> MutexGuard<'_, Guarded<T>> {
        self.guarded.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A lease of the value, which is made if need be; waits by blocking the thread.
    pub(crate) fn obtain(&'static self) -> Result<Lease<T>, ResourceError> {
        self.access_blocking(false)
    }

    /// As [`obtain`](Self::obtain), with a value that is made from now on.
    pub(crate) fn reload(&'static self) -> Result<Lease<T>, ResourceError> {
        self.access_blocking(true)
    }

    fn access_blocking(&'static self, anew: bool) -> Result<Lease<T>, ResourceError> {
        loop {
            match self.find(graph::current(), anew)? {
                Found::Value(lease) => return Ok(lease),
                Found::Begun(initialisation) => return initialisation.run_blocking(),
                Found::Busy { generation, wait } => {
                    self.wait_blocking(generation, anew)?;
                    drop(wait);
                }
                Found::Running { .. } => return Err(ResourceError::Async { resource: self.info.name() }),
            }
        }
    }

    /// As [`obtain`](Self::obtain), waiting as a task does.
    pub(crate) async fn obtain_async(&'static self) -> Result<Lease<T>, ResourceError> {
        self.access_async(false).await
    }

    /// As [`reload`](Self::reload), waiting as a task does.
    pub(crate) async fn reload_async(&'static self) -> Result<Lease<T>, ResourceError> {
        self.access_async(true).await
    }

    async fn access_async(&'static self, mut anew: bool) -> Result<Lease<T>, ResourceError> {
        loop {
            match self.find(graph::current(), anew)? {
                Found::Value(lease) => return Ok(lease),
                // In this one poll, as everything that blocks: nobody else could drive it.
                Found::Begun(initialisation) => return initialisation.run_blocking(),
                Found::Busy { generation, wait } => {
                    self.wait_async(generation, anew).await?;
                    drop(wait);
                }
                Found::Running { run, generation, wait, begun } => {
                    run.drive().await;
                    drop(wait);
                    anew &= !begun;
                    self.lock().outcome(generation, anew)?;
                }
            }
        }
    }

    /// Looks what there is; if there is nothing, begins to make it. `by` is the initialisation that asks.
    fn find(&'static self, by: InitId, anew: bool) -> Result<Found<T, F>, ResourceError> {
        fork::watch_forks();
        graph::note_dependency(by, &self.info);
        let mut guarded = self.lock();
        if !anew && let Some(lease) = guarded.lease() {
            return Ok(Found::Value(lease));
        }
        if guarded.initialisation.is_some() {
            let wait = graph::begin_wait(by, &self.info)?;
            self.info.change(|metrics| metrics.waited += 1);
            let generation = guarded.generation;
            // There is none for one that blocks, and for one that is just being dropped.
            return Ok(match guarded.run.upgrade() {
                Some(run) => Found::Running { run, generation, wait, begun: false },
                None => Found::Busy { generation, wait },
            });
        }
        if let (Some(until), Some((_, error))) = (guarded.rests_until, &guarded.failed)
            && !anew
            && Instant::now() < until
        {
            return Err(error.clone());
        }
        // Whoever begins an async one is but one of those who wait for it.
        let begun_by = if self.info.kind.asynchronous { 0 } else { by };
        let id = graph::begin_initialisation(begun_by, &self.info);
        guarded.initialisation = Some(id);
        guarded.generation += 1;
        let began = now_ns();
        let first = guarded.value.is_none();
        self.info.change(|metrics| {
            if metrics.first_use == 0 {
                metrics.first_use = began;
            }
            if first {
                metrics.state = ResourceState::Initialising;
            }
        });
        let initialisation = Initialisation::begin(self, id, begun_by, began);
        if !self.info.kind.asynchronous {
            return Ok(Found::Begun(initialisation));
        }
        let wait = graph::begin_wait(by, &self.info)
            .unwrap_or_else(|_| unreachable!("an initialisation that just began waits for nobody"));
        let run = Run::new(async move { drop(initialisation.run_async().await) });
        guarded.run = Arc::downgrade(&run);
        Ok(Found::Running { run, generation: guarded.generation, wait, begun: true })
    }

    /// Waits until an initialisation has ended, and gives its error if that is what came of it.
    fn wait_blocking(&self, generation: u64, anew: bool) -> Result<(), ResourceError> {
        let mut guarded = self.lock();
        while guarded.is_running(generation) {
            guarded = self.changed.wait(guarded).unwrap_or_else(PoisonError::into_inner);
        }
        guarded.outcome(generation, anew)
    }

    fn wait_async(&self, generation: u64, anew: bool) -> impl Future<Output = Result<(), ResourceError>> {
        let place = Place { waiters: &self.waiters, id: waiters::next_id() };
        future::poll_fn(move |context| {
            // Before the look, so that no wake-up is lost between the two.
            place.waiters.insert(place.id, context.waker());
            let guarded = self.lock();
            if guarded.is_running(generation) {
                return Poll::Pending;
            }
            Poll::Ready(guarded.outcome(generation, anew))
        })
    }

    /// Where it stands in its life.
    pub(crate) fn state(&self) -> ResourceState {
        let guarded = self.lock();
        match guarded.current() {
            Some(_) if guarded.torn_down && guarded.replacements.is_empty() => ResourceState::ShutDown,
            Some(_) => ResourceState::Ready,
            None => self.info.read(|metrics| metrics.state),
        }
    }
}
