//! Who is compared, one file each.
//!
//! A contender instruments the same functions in its own way ([`crate::workload`]) and says how it is started, what has to
//! stand around every thousand calls, and how everything it does in the background is brought to an end.

mod adaptive;
mod bare;
mod exact;
mod fastrace;
mod hotpath;
mod instant;
mod metrics;
mod off;
mod prometheus;
mod puffin;
mod rdtsc;
mod registry;
mod spans;
mod tracing_timing;

pub use exact::{first_call, start as start_recording};

use crate::workload::Blocks;

/// One way to time a function.
pub struct Contender {
    /// On the command line and between the processes.
    pub name: &'static str,
    /// In the table.
    pub title: &'static str,
    /// Its packages, whose versions stand below the table.
    pub packages: &'static [&'static str],
    /// Its part in the comparison.
    pub role: Role,
    /// Whether what it keeps grows with the number of calls.
    pub grows: bool,
    /// Sets it up, as its documentation recommends for a whole program. The value that it returns ends all work in the background,
    /// so that its processor time belongs to the calls that caused it.
    pub start: fn() -> Drain,
    /// Wraps a block of a thousand calls: a frame, a root span.
    pub around: fn(&mut dyn FnMut()),
    /// The instrumented functions.
    pub blocks: Blocks,
    /// Whether it recorded as many calls as were made. Of ours only: the peers' own tests see to theirs.
    pub verify: fn(u64) -> Result<(), String>,
}

/// Finishes the work in the background.
pub type Drain = Box<dyn FnOnce()>;

/// The part of a contender in the comparison.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Role {
    /// The call without any timing, which is subtracted from all others.
    Bare,
    /// The cost of reading a clock twice and doing nothing with it.
    Clock,
    /// This project.
    Ours,
    /// Another project.
    Peer,
    /// Another project's part that some contenders stand on, which does not time anything.
    Foundation,
}

/// All contenders, in the order of the table.
pub static ALL: [Contender; 14] = [
    bare::CONTENDER,
    rdtsc::CONTENDER,
    instant::CONTENDER,
    exact::CONTENDER,
    adaptive::CONTENDER,
    off::CONTENDER,
    hotpath::CONTENDER,
    fastrace::CONTENDER,
    puffin::CONTENDER,
    prometheus::CONTENDER,
    metrics::CONTENDER,
    tracing_timing::CONTENDER,
    registry::CONTENDER,
    spans::CONTENDER,
];

/// The contender of that name.
pub fn find(name: &str) -> Option<&'static Contender> {
    ALL.iter().find(|contender| contender.name == name)
}

/// For contenders that need nothing set up.
fn nothing_to_start() -> Drain {
    Box::new(|| ())
}

/// For contenders whose records are not ours to check.
fn nothing_to_verify(_calls: u64) -> Result<(), String> {
    Ok(())
}

/// For contenders that need nothing around their calls.
fn nothing_around(block: &mut dyn FnMut()) {
    block();
}
