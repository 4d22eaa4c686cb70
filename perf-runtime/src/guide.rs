//! Guides: pages about subjects that belong to no single item.
//!
//! The front page of the [crate] lists all pages, those of attributes and modules too.

#[doc = include_str!("../docs/libraries.md")]
pub mod libraries {}

#[doc = include_str!("../docs/processes.md")]
pub mod processes {}

#[doc = include_str!("../docs/trace.md")]
pub mod trace {}

#[doc = include_str!("../docs/platforms.md")]
pub mod platforms {}
