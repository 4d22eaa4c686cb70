//! What is known of a resource whatever the type of its value: its rules, and its figures.
//!
//! The figures are kept here, behind a mutex that only initialisations, evictions and sweeps take. After each change they are
//! copied to the resource's record in the recording, if there is one; so a killed process still tells, and resources are
//! managed just the same when nothing is recorded.

use std::ptr;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};

use perf_report::recording::layout::{header, resource};
use perf_report::{ResourceState, TeardownOutcome};

use crate::platform::time;
use crate::process::{registration, state};
use crate::recording::Recording;

use super::declaration::Rules;

/// The part of a resource that does not depend on the type of its value.
pub struct Shared {
    pub(crate) rules: Rules,
    pub(crate) shape: Shape,
    name: OnceLock<Arc<str>>,
    figures: Mutex<Figures>,
    /// Absolute offset of the record in the recording; 0 while there is none.
    record: AtomicUsize,
}

/// What kind of resource it is.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Shape {
    pub(crate) evictable: bool,
    pub(crate) asynchronous: bool,
}

/// The figures. Times are readings of the system's monotonic clock in ns, 0 for never.
#[derive(Debug)]
pub(crate) struct Figures {
    pub(crate) state: ResourceState,
    pub(crate) initialisations: u64,
    pub(crate) failures: u64,
    /// Accesses that waited for an initialisation.
    pub(crate) waited: u64,
    pub(crate) first_use: u64,
    /// How long the first successful initialisation took, pauses between attempts included.
    pub(crate) first_init_ns: u64,
    pub(crate) last_init_ns: u64,
    pub(crate) accesses: u64,
    pub(crate) leases: u64,
    pub(crate) weight: u64,
    pub(crate) last_use: u64,
    pub(crate) evictions: u64,
    pub(crate) freed: u64,
    pub(crate) teardown_ns: u64,
    /// How its teardown went, if it came to that.
    pub(crate) teardown: Option<TeardownOutcome>,
    /// Position of its last initialisation in the order of all; 0 for never.
    pub(crate) order: u64,
    pub(crate) healthy: Option<bool>,
    pub(crate) dependencies: Vec<Dependency>,
}

/// A resource that another one's initialiser uses.
#[derive(Clone, Copy)]
pub(crate) struct Dependency {
    pub(crate) on: &'static Shared,
    pub(crate) declared: bool,
    pub(crate) learnt: bool,
}

impl std::fmt::Debug for Dependency {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str(&self.on.name())
    }
}

impl Shared {
    pub(crate) const fn new(rules: Rules, shape: Shape) -> Self {
        Shared {
            rules,
            shape,
            name: OnceLock::new(),
            figures: Mutex::new(Figures {
                state: ResourceState::Declared,
                initialisations: 0,
                failures: 0,
                waited: 0,
                first_use: 0,
                first_init_ns: 0,
                last_init_ns: 0,
                accesses: 0,
                leases: 0,
                weight: 0,
                last_use: 0,
                evictions: 0,
                freed: 0,
                teardown_ns: 0,
                teardown: None,
                order: 0,
                healthy: None,
                dependencies: Vec::new(),
            }),
            record: AtomicUsize::new(0),
        }
    }

    /// What the reports and errors call it.
    pub(crate) fn name(&self) -> Arc<str> {
        self.name.get_or_init(|| Arc::from(self.rules.site.report_name())).clone()
    }

    fn lock(&self) -> MutexGuard<'_, Figures> {
        self.figures.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Reads figures.
    pub(crate) fn read<R>(&self, f: impl FnOnce(&Figures) -> R) -> R {
        f(&self.lock())
    }

    /// Changes figures, in the recording too.
    pub(crate) fn change<R>(&self, f: impl FnOnce(&mut Figures) -> R) -> R {
        let mut figures = self.lock();
        let result = f(&mut figures);
        if let Some(recording) = state::recording() {
            self.copy_to(recording, &figures);
        }
        result
    }

    /// Notes that the initialiser uses `on`.
    pub(crate) fn learn_dependency(&self, on: &'static Shared) {
        let known = |dependency: &Dependency| ptr::eq(dependency.on, on);
        if self.read(|figures| figures.dependencies.iter().any(|d| known(d) && d.learnt)) {
            return;
        }
        self.change(|figures| match figures.dependencies.iter_mut().find(|dependency| known(dependency)) {
            Some(dependency) => dependency.learnt = true,
            None => figures.dependencies.push(Dependency { on, declared: false, learnt: true }),
        });
    }

    /// Takes over the dependencies that its attribute names.
    pub(crate) fn declare_dependencies(&self) {
        let mut figures = self.lock();
        for on in (self.rules.depends)().iter().map(|managed| managed.operate().shared()) {
            if !figures.dependencies.iter().any(|known| ptr::eq(known.on, on)) && !ptr::eq(on, self) {
                figures.dependencies.push(Dependency { on, declared: true, learnt: false });
            }
        }
    }

    /// Gives the resource its record in a recording, unless it has one or the recording is full.
    pub(crate) fn register(&self, recording: &Recording) {
        let figures = self.lock();
        if self.record.load(Ordering::Relaxed) == 0 {
            registration::register(recording, self.rules.site);
            let Some(site) = self.rules.site.registered_id() else { return };
            let Some(record) = recording.allocate(resource::LEN) else { return };
            record.set(resource::SITE, site as u64);
            let flags = [(self.shape.evictable, resource::EVICTABLE), (self.shape.asynchronous, resource::ASYNC)];
            record.set(resource::FLAGS, flags.into_iter().filter(|flag| flag.0).map(|flag| flag.1).sum());
            loop {
                let newest = recording.header().load_acquire(header::RESOURCES);
                record.set(resource::NEXT, newest);
                if recording.header().replace(header::RESOURCES, newest, recording.offset(record) as u64) {
                    break;
                }
            }
            self.record.store(recording.offset(record), Ordering::Relaxed);
        }
        self.copy_to(recording, &figures);
    }

    /// Before a fork: no other thread may be at the figures.
    pub(crate) fn hold(&'static self) -> Box<dyn std::any::Any> {
        Box::new(self.lock())
    }

    /// In a forked child: the recording is the parent's.
    pub(crate) fn forget_record(&self) {
        self.record.store(0, Ordering::Relaxed);
    }

    fn copy_to(&self, recording: &Recording, figures: &Figures) {
        let offset = self.record.load(Ordering::Relaxed);
        if offset == 0 {
            return;
        }
        let record = recording.words(offset);
        for (word, value) in [
            (resource::STATE, figures.state.code()),
            (resource::INITIALISATIONS, figures.initialisations),
            (resource::FAILURES, figures.failures),
            (resource::WAITED, figures.waited),
            (resource::FIRST_USE, figures.first_use),
            (resource::FIRST_INIT_NS, figures.first_init_ns),
            (resource::LAST_INIT_NS, figures.last_init_ns),
            (resource::ACCESSES, figures.accesses),
            (resource::LEASES, figures.leases),
            (resource::WEIGHT, figures.weight),
            (resource::LAST_USE, figures.last_use),
            (resource::EVICTIONS, figures.evictions),
            (resource::FREED, figures.freed),
            (resource::TEARDOWN_NS, figures.teardown_ns),
            (resource::TEARDOWN, figures.teardown.map_or(resource::TEARDOWN_NOT_YET, TeardownOutcome::code)),
            (resource::ORDER, figures.order),
            (
                resource::HEALTH,
                figures.healthy.map_or(resource::HEALTH_UNKNOWN, |healthy| {
                    if healthy { resource::HEALTHY } else { resource::UNHEALTHY }
                }),
            ),
        ] {
            record.set(word, value);
        }
        let listed = figures.dependencies.iter().filter_map(|dependency| {
            let site = dependency.on.rules.site.registered_id()? as u64;
            let how = [(dependency.declared, resource::DECLARED), (dependency.learnt, resource::LEARNT)];
            Some(site | how.into_iter().filter(|how| how.0).map(|how| how.1).sum::<u64>())
        });
        for (word, dependency) in listed.take(resource::DEPENDENCY_COUNT).enumerate() {
            record.set(resource::DEPENDENCIES + word, dependency);
        }
        let more = figures.dependencies.len().saturating_sub(resource::DEPENDENCY_COUNT);
        record.set(resource::MORE_DEPENDENCIES, more as u64);
    }
}

/// The system's monotonic clock, never 0.
pub(crate) fn now_ns() -> u64 {
    time::monotonic_ns().max(1)
}
