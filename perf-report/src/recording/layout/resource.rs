//! A resource record: the life of one `#[lazy_resource]`.
//!
//! Times are readings of the system's monotonic clock in ns, 0 for never.

/// Absolute offset of the next older record.
pub const NEXT: usize = 0;
/// Site of its initialiser, whose name is the resource's.
pub const SITE: usize = 1;
/// Sum of [`EVICTABLE`] and [`ASYNC`], as they hold.
pub const FLAGS: usize = 2;
/// One of the `STATE_` numbers.
pub const STATE: usize = 3;
/// Initialisations that gave a value.
pub const INITIALISATIONS: usize = 4;
/// Attempts that failed, panicked or took too long.
pub const FAILURES: usize = 5;
/// Accesses that waited for an initialisation.
pub const WAITED: usize = 6;
/// When it was first asked for.
pub const FIRST_USE: usize = 7;
/// How long the first initialisation that gave a value took in ns.
pub const FIRST_INIT_NS: usize = 8;
/// How long the last initialisation that gave a value took in ns.
pub const LAST_INIT_NS: usize = 9;
/// Leases given, if it is evictable.
pub const ACCESSES: usize = 10;
/// Leases out.
pub const LEASES: usize = 11;
/// Bytes that its value holds, by the `weight` option.
pub const WEIGHT: usize = 12;
/// When it was last seen to be used.
pub const LAST_USE: usize = 13;
/// Values given up.
pub const EVICTIONS: usize = 14;
/// Bytes that those held.
pub const FREED: usize = 15;
/// How long its teardown took in ns.
pub const TEARDOWN_NS: usize = 16;
/// One of the `TEARDOWN_` numbers.
pub const TEARDOWN: usize = 17;
/// Position of its last initialisation in the order of all, from 1.
pub const ORDER: usize = 18;
/// [`HEALTH_UNKNOWN`], [`HEALTHY`] or [`UNHEALTHY`].
pub const HEALTH: usize = 19;
/// Dependencies that had no room in the list.
pub const MORE_DEPENDENCIES: usize = 20;
/// The dependencies: site of a resource, plus [`DECLARED`] and [`LEARNT`].
///
/// 0 where there is none.
pub const DEPENDENCIES: usize = 24;
/// Room for dependencies.
pub const DEPENDENCY_COUNT: usize = 24;
/// Length of a record.
pub const LEN: usize = DEPENDENCIES + DEPENDENCY_COUNT;

/// [`FLAGS`]: its value may be given up and made anew.
pub const EVICTABLE: u64 = 1;
/// [`FLAGS`]: its initialiser is async.
pub const ASYNC: u64 = 2;

/// [`STATE`]: never asked for.
pub const STATE_DECLARED: u64 = 0;
/// [`STATE`]: the initialiser runs.
pub const STATE_INITIALISING: u64 = 1;
/// [`STATE`]: the value is there.
pub const STATE_READY: u64 = 2;
/// [`STATE`]: the last initialisation failed.
pub const STATE_FAILED: u64 = 3;
/// [`STATE`]: the value was given up.
pub const STATE_EVICTED: u64 = 4;
/// [`STATE`]: torn down.
pub const STATE_SHUT_DOWN: u64 = 5;

/// [`TEARDOWN`]: it has not come to that.
pub const TEARDOWN_NOT_YET: u64 = 0;
/// [`TEARDOWN`]: done.
pub const TEARDOWN_DONE: u64 = 1;
/// [`TEARDOWN`]: the hook or the drop panicked.
pub const TEARDOWN_PANICKED: u64 = 2;
/// [`TEARDOWN`]: it took longer than its limit and was left behind.
pub const TEARDOWN_GIVEN_UP: u64 = 3;
/// [`TEARDOWN`]: done, but leases were out, which keep the value.
pub const TEARDOWN_LEASED: u64 = 4;

/// [`HEALTH`]: never asked.
pub const HEALTH_UNKNOWN: u64 = 0;
/// [`HEALTH`]: the `health` option said yes.
pub const HEALTHY: u64 = 1;
/// [`HEALTH`]: the `health` option said no.
pub const UNHEALTHY: u64 = 2;

/// [`DEPENDENCIES`]: named by the attribute.
pub const DECLARED: u64 = 1 << 32;
/// [`DEPENDENCIES`]: seen when the initialiser ran.
pub const LEARNT: u64 = 1 << 33;
