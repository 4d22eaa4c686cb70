#![doc = include_str!("../../docs/locks.md")]

// The modules are named as the libraries whose locks they have, so this file writes `::std`.
mod meter;
#[cfg(feature = "sync-parking-lot")]
pub mod parking_lot;
pub mod std;
#[cfg(feature = "sync-tokio")]
pub mod tokio;
