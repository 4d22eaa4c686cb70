//! The rules and the metrics of a resource, whatever the type of its value.
//!
//! The metrics are kept here, behind a mutex that only initialisations, evictions and sweeps take. After each change they are
//! copied to the resource's record in the recording, if there is one; so a killed process still tells, and resources are
//! managed just the same when nothing is recorded.

use std::ptr;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};

use perf_report::recording::layout::{header, resource};
use perf_report::{ResourceState, TeardownOutcome};

use crate::platform::time;
use crate::process::{registration, state};
use crate::recording::{BlockCell, Recording};

use super::rules::Rules;

/// The part of a resource that does not depend on the type of its value.
pub struct ResourceInfo {
    pub(crate) rules: Rules,
    pub(crate) kind: ResourceKind,
    name: OnceLock<Arc<str>>,
    metrics: Mutex<Metrics>,
    /// The record in the recording.
    record: BlockCell,
}

/// The kind of a resource.
#[derive(Clone, Copy, Debug)]
pub(crate) struct ResourceKind {
    pub(crate) evictable: bool,
    pub(crate) asynchronous: bool,
}

/// The metrics. Times are readings of the system's monotonic clock in ns, 0 for never.
#[derive(Debug)]
pub(crate) struct Metrics {
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
    pub(crate) on: &'static ResourceInfo,
    pub(crate) declared: bool,
    pub(crate) learnt: bool,
}

impl std::fmt::Debug for Dependency {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str(self.on.name_text())
    }
}

impl ResourceInfo {
    pub(crate) const fn new(rules: Rules, kind: ResourceKind) -> Self {
        ResourceInfo {
            rules,
            kind,
            name: OnceLock::new(),
            metrics: Mutex::new(Metrics {
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
            record: BlockCell::none(),
        }
    }

    /// The resource's name in reports and errors.
    pub(crate) fn name(&self) -> Arc<str> {
        Arc::clone(self.shared_name())
    }

    /// As [`name`](Self::name), for those who only read it.
    pub(crate) fn name_text(&self) -> &str {
        self.shared_name()
    }

    fn shared_name(&self) -> &Arc<str> {
        self.name.get_or_init(|| Arc::from(self.rules.site.report_name()))
    }

    fn lock(&self) -> MutexGuard<'_, Metrics> {
        self.metrics.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Reads metrics.
    pub(crate) fn read<R>(&self, f: impl FnOnce(&Metrics) -> R) -> R {
        f(&self.lock())
    }

    /// Changes metrics, in the recording too.
    pub(crate) fn change<R>(&self, f: impl FnOnce(&mut Metrics) -> R) -> R {
        let mut metrics = self.lock();
        let result = f(&mut metrics);
        if let Some(recording) = state::recording() {
            self.copy_to(recording, &metrics);
        }
        result
    }

    /// Notes that the initialiser uses `on`.
    pub(crate) fn learn_dependency(&self, on: &'static ResourceInfo) {
        let known = |dependency: &Dependency| ptr::eq(dependency.on, on);
        if self.read(|metrics| metrics.dependencies.iter().any(|d| known(d) && d.learnt)) {
            return;
        }
        self.change(|metrics| match metrics.dependencies.iter_mut().find(|dependency| known(dependency)) {
            Some(dependency) => dependency.learnt = true,
            None => metrics.dependencies.push(Dependency { on, declared: false, learnt: true }),
        });
    }

    /// Whether it has its record in a recording.
    pub(crate) fn is_registered(&self, recording: &Recording) -> bool {
        self.record.get(recording).is_some()
    }

    /// Takes over the dependencies that its attribute names.
    pub(crate) fn declare_dependencies(&self, named: impl Iterator<Item = &'static ResourceInfo>) {
        let mut metrics = self.lock();
        for on in named {
            if !metrics.dependencies.iter().any(|known| ptr::eq(known.on, on)) && !ptr::eq(on, self) {
                metrics.dependencies.push(Dependency { on, declared: true, learnt: false });
            }
        }
    }

    /// Gives the resource its record in a recording, unless it has one or the recording is full.
    pub(crate) fn register(&self, recording: &Recording) {
        let metrics = self.lock();
        if self.record.get(recording).is_none() {
            registration::register(recording, self.rules.site);
            let Some(site) = self.rules.site.registered_id() else { return };
            let Some(record) = recording.allocate(resource::LEN) else { return };
            record.set(resource::SITE, site as u64);
            let flags = [(self.kind.evictable, resource::EVICTABLE), (self.kind.asynchronous, resource::ASYNC)];
            record.set(resource::FLAGS, flags.into_iter().filter(|flag| flag.0).map(|flag| flag.1).sum());
            recording.push(header::RESOURCES, record, resource::NEXT);
            self.record.set(Some(record));
        }
        self.copy_to(recording, &metrics);
    }

    /// Before a fork: keeps other threads from the metrics until what this returns is dropped.
    pub(crate) fn lock_for_fork(&'static self) -> Box<dyn std::any::Any> {
        Box::new(self.lock())
    }

    /// In a forked child: the recording is the parent's.
    pub(crate) fn forget_record(&self) {
        self.record.set(None);
    }

    fn copy_to(&self, recording: &Recording, metrics: &Metrics) {
        let Some(record) = self.record.get(recording) else { return };
        for (word, value) in [
            (resource::STATE, metrics.state.code()),
            (resource::INITIALISATIONS, metrics.initialisations),
            (resource::FAILURES, metrics.failures),
            (resource::WAITED, metrics.waited),
            (resource::FIRST_USE, metrics.first_use),
            (resource::FIRST_INIT_NS, metrics.first_init_ns),
            (resource::LAST_INIT_NS, metrics.last_init_ns),
            (resource::ACCESSES, metrics.accesses),
            (resource::LEASES, metrics.leases),
            (resource::WEIGHT, metrics.weight),
            (resource::LAST_USE, metrics.last_use),
            (resource::EVICTIONS, metrics.evictions),
            (resource::FREED, metrics.freed),
            (resource::TEARDOWN_NS, metrics.teardown_ns),
            (resource::TEARDOWN, metrics.teardown.map_or(resource::TEARDOWN_NOT_YET, TeardownOutcome::code)),
            (resource::ORDER, metrics.order),
            (
                resource::HEALTH,
                metrics.healthy.map_or(resource::HEALTH_UNKNOWN, |healthy| {
                    if healthy { resource::HEALTHY } else { resource::UNHEALTHY }
                }),
            ),
        ] {
            record.set(word, value);
        }
        let listed = metrics.dependencies.iter().filter_map(|dependency| {
            let site = dependency.on.rules.site.registered_id()? as u64;
            let how = [(dependency.declared, resource::DECLARED), (dependency.learnt, resource::LEARNT)];
            Some(site | how.into_iter().filter(|how| how.0).map(|how| how.1).sum::<u64>())
        });
        for (word, dependency) in listed.take(resource::DEPENDENCY_COUNT).enumerate() {
            record.set(resource::DEPENDENCIES + word, dependency);
        }
        let more = metrics.dependencies.len().saturating_sub(resource::DEPENDENCY_COUNT);
        record.set(resource::MORE_DEPENDENCIES, more as u64);
    }
}

/// The system's monotonic clock, never 0.
pub(crate) fn now_ns() -> u64 {
    time::monotonic_ns().max(1)
}

/// The next position in the order of initialisations.
pub(crate) fn next_order() -> u64 {
    LAST_ORDER.fetch_add(1, Ordering::Relaxed) + 1
}

/// The last position given.
pub(crate) fn last_order() -> u64 {
    LAST_ORDER.load(Ordering::Relaxed)
}

static LAST_ORDER: AtomicU64 = AtomicU64::new(0);
