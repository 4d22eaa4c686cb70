//! The attributes of `perf-runtime`; use them from there.
//!
//! Here tokens become tokens, and nothing is known of numbers. A stage is a file in `profile/`: `options` reads what stands
//! in the attribute, `item` what the attribute stands on, `check` finds everything that is wrong with the two together,
//! `expand` writes the result and cannot fail. What an expansion calls is `perf_runtime::__private`, and nothing else.
#![cfg_attr(not(test), warn(clippy::unwrap_used))]

use proc_macro::TokenStream;

#[cfg(feature = "enabled")]
mod profile;

/// Documented where it is re-exported, in `perf-runtime`.
#[cfg(feature = "enabled")]
#[proc_macro_attribute]
pub fn profile(options: TokenStream, item: TokenStream) -> TokenStream {
    profile::attribute(options.into(), item.into()).into()
}

/// Documented where it is re-exported, in `perf-runtime`.
#[cfg(not(feature = "enabled"))]
#[proc_macro_attribute]
pub fn profile(_options: TokenStream, item: TokenStream) -> TokenStream {
    item
}
