//! Where the time of your program goes, always.

#[cfg(feature = "enabled")]
mod macros;
#[cfg(feature = "enabled")]
mod shapes;
#[cfg(feature = "enabled")]
mod site;

#[cfg(feature = "enabled")]
#[doc(hidden)]
#[path = "private.rs"]
pub mod __private;

pub use perf_macros::profile;
