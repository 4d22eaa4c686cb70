//! An alert: its rule, and a ring of the last times that it was raised.

/// Absolute offset of the next older alert.
pub const NEXT: usize = 0;
/// Number of its [`Unit`](crate::monitor::Unit).
pub const UNIT: usize = 1;
/// How often it was raised.
///
/// The last time is in the ring's entry `(RAISED - 1) % EVENTS`.
pub const RAISED: usize = 2;
/// Notifications that were dropped.
pub const DROPPED: usize = 3;
/// Length of the rule in bytes.
pub const RULE_BYTES: usize = 4;
/// Why it can't be raised: the number of its [`Impossible`](crate::monitor::Impossible) plus 1, or 0.
pub const IMPOSSIBLE: usize = 5;
/// The ring.
pub const RING: usize = 8;
/// Entries of the ring.
pub const EVENTS: usize = 16;
/// Start of the rule, after the ring.
pub const RULE: usize = RING + EVENTS * event::LEN;

/// An entry of the ring.
pub mod event {
    /// When it was raised.
    pub const AT: usize = 0;
    /// When it was cleared; 0 if it was not.
    pub const CLEARED: usize = 1;
    /// The value that raised it: the bits of an `f64`.
    pub const VALUE: usize = 2;
    /// The worst value: the bits of an `f64`.
    pub const WORST: usize = 3;
    /// Actions that were begun. The first few have a place.
    pub const ACTIONS: usize = 4;
    /// The actions.
    pub const ACTION: usize = 5;
    /// Places for actions.
    pub const ACTION_COUNT: usize = 4;
    /// Length of an entry.
    pub const LEN: usize = ACTION + ACTION_COUNT * super::action::LEN + 3;
}

/// A place for an action.
pub mod action {
    /// Number of its [`ActionKind`](crate::monitor::ActionKind).
    pub const KIND: usize = 0;
    /// When it began.
    pub const AT: usize = 1;
    /// How long it took, in ns, plus 1; 0 while it runs.
    pub const TOOK: usize = 2;
    /// Whether it was of use.
    pub const DONE: usize = 3;
    /// Resident memory before, in bytes, or [`NONE`](super::super::monitor::NONE).
    pub const BEFORE: usize = 4;
    /// Resident memory after.
    pub const AFTER: usize = 5;
    /// Bytes that it says it gave back.
    pub const FREED: usize = 6;
    /// Length of a place.
    pub const LEN: usize = 7;
}
