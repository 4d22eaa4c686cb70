//! The plain data of one `#[lazy_resource]`. Durations are whole nanoseconds.

use serde::Serialize;

use crate::recording::layout::resource::{ResourceState, TeardownOutcome};

/// One `#[lazy_resource]` over the life of the process.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "files", derive(serde::Deserialize))]
#[non_exhaustive]
pub struct Resource {
    /// Its name in reports: the `name` option, or its path (`app::db::POOL`).
    pub name: String,
    /// Index of its initialiser in [`Snapshot::functions`](crate::Snapshot::functions).
    ///
    /// That function tells how long initialisations took, and how much of it was spent in annotated functions.
    pub function: Option<usize>,
    /// Its state.
    pub state: ResourceState,
    /// Whether its value can be evicted and made again.
    pub evictable: bool,
    /// Whether its initialiser is async.
    #[serde(rename = "async")]
    pub asynchronous: bool,
    /// Successful initialisations.
    pub initialisations: u64,
    /// Attempts that failed, panicked or timed out.
    pub failures: u64,
    /// Accesses that waited for an initialisation.
    pub waited: u64,
    /// Time of its first access, since the process started if that is known.
    ///
    /// `None` if it was never accessed.
    pub first_use_ns: Option<u64>,
    /// Duration of the first successful initialisation.
    ///
    /// Pauses between attempts are included.
    pub first_init_ns: u64,
    /// Duration of the last successful initialisation.
    pub last_init_ns: u64,
    /// Leases given; `None` if it gives references.
    ///
    /// Accesses by reference are not counted: counting would cost more than the access.
    pub accesses: Option<u64>,
    /// Leases that were out.
    pub leases: u64,
    /// Size of its value in bytes, by its `weight` option.
    pub weight: u64,
    /// Time since its value was last used.
    ///
    /// `None` if it has no value or gives references.
    pub idle_ns: Option<u64>,
    /// Evictions of its value.
    pub evictions: u64,
    /// Bytes that the evicted values held.
    pub freed: u64,
    /// Its teardown; `None` if there was none yet.
    pub teardown: Option<Teardown>,
    /// Place of its last initialisation in the order of all, from 1.
    ///
    /// `None` if it was never initialised.
    pub order: Option<u64>,
    /// The last result of its `health` option.
    pub healthy: Option<bool>,
    /// The resources that its initialiser uses.
    pub dependencies: Vec<Dependency>,
    /// Dependencies beyond those for which a recording has room.
    #[serde(default)]
    pub more_dependencies: u64,
}

impl Resource {
    /// A resource of this name that was never used.
    #[must_use]
    pub fn new(name: impl Into<String>) -> Self {
        Resource {
            name: name.into(),
            function: None,
            state: ResourceState::Declared,
            evictable: false,
            asynchronous: false,
            initialisations: 0,
            failures: 0,
            waited: 0,
            first_use_ns: None,
            first_init_ns: 0,
            last_init_ns: 0,
            accesses: None,
            leases: 0,
            weight: 0,
            idle_ns: None,
            evictions: 0,
            freed: 0,
            teardown: None,
            order: None,
            healthy: None,
            dependencies: Vec::new(),
            more_dependencies: 0,
        }
    }
}

/// The teardown of a resource.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "files", derive(serde::Deserialize))]
#[non_exhaustive]
pub struct Teardown {
    /// Its outcome.
    pub outcome: TeardownOutcome,
    /// How long it took.
    pub ns: u64,
}

impl Teardown {
    /// A teardown that ended like this after so many nanoseconds.
    #[must_use]
    pub const fn new(outcome: TeardownOutcome, ns: u64) -> Self {
        Teardown { outcome, ns }
    }
}

/// A resource that another one's initialiser uses.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "files", derive(serde::Deserialize))]
#[non_exhaustive]
pub struct Dependency {
    /// Index in [`Snapshot::resources`](crate::Snapshot::resources).
    pub resource: usize,
    /// Whether the attribute names it.
    pub declared: bool,
    /// Whether an initialisation was seen to use it.
    pub learnt: bool,
}

impl Dependency {
    /// A dependency that an attribute names.
    #[must_use]
    pub const fn declared(resource: usize) -> Self {
        Dependency { resource, declared: true, learnt: false }
    }

    /// A dependency that was seen at run time.
    #[must_use]
    pub const fn learnt(resource: usize) -> Self {
        Dependency { resource, declared: false, learnt: true }
    }
}
