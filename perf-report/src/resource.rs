//! The plain data of one `#[lazy_resource]`. Durations are whole nanoseconds.

use serde::Serialize;

use crate::recording::layout::resource::{ResourceState, TeardownOutcome};

/// The life of one resource.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "files", derive(serde::Deserialize))]
pub struct Resource {
    /// What the reports call it: the `name` option, or its path (`app::db::POOL`).
    pub name: String,
    /// Index of its initialiser in [`Snapshot::functions`](crate::Snapshot::functions): how long initialisations took, and what of
    /// that was spent in annotated functions.
    pub function: Option<usize>,
    /// Where it stood.
    pub state: ResourceState,
    /// Whether its value can be given up and made anew.
    pub evictable: bool,
    /// Whether its initialiser is async.
    #[serde(rename = "async")]
    pub asynchronous: bool,
    /// Initialisations that gave a value.
    pub initialisations: u64,
    /// Attempts that failed, panicked or took too long.
    pub failures: u64,
    /// Accesses that waited for an initialisation.
    pub waited: u64,
    /// When it was first asked for, since the start of the process as far as that is known; `None` if never.
    pub first_use_ns: Option<u64>,
    /// How long the first initialisation that gave a value took, pauses between attempts included.
    pub first_init_ns: u64,
    /// How long the last one took.
    pub last_init_ns: u64,
    /// Leases given. `None` if it gives references, which are not counted: that would cost more than they do.
    pub accesses: Option<u64>,
    /// Leases that were out.
    pub leases: u64,
    /// Bytes that its value held, by its `weight` option.
    pub weight: u64,
    /// How long a value that was there had not been used. `None` if it has none or gives references.
    pub idle_ns: Option<u64>,
    /// Values given up.
    pub evictions: u64,
    /// Bytes that those held.
    pub freed: u64,
    /// How its teardown went; `None` if it had not come to that.
    pub teardown: Option<Teardown>,
    /// Position of its last initialisation in the order of all, from 1; `None` if never.
    pub order: Option<u64>,
    /// What its `health` option said last.
    pub healthy: Option<bool>,
    /// What its initialiser uses.
    pub dependencies: Vec<Dependency>,
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
        }
    }
}

/// The end of a resource.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "files", derive(serde::Deserialize))]
pub struct Teardown {
    /// How it went.
    pub outcome: TeardownOutcome,
    /// How long it took.
    pub ns: u64,
}

/// A resource that the initialiser of another one uses.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "files", derive(serde::Deserialize))]
pub struct Dependency {
    /// Index in [`Snapshot::resources`](crate::Snapshot::resources).
    pub resource: usize,
    /// Whether its attribute names it.
    pub declared: bool,
    /// Whether it was seen to use it.
    pub learnt: bool,
}
