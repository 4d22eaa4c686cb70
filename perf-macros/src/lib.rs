//! The attributes of `perf-runtime`; use them from there.
//!
//! This crate turns tokens into tokens and knows nothing of measurements. An attribute is a folder and a stage is a
//! file: `options` reads what stands in the attribute, `item` reads the item below it, `check` finds everything that is
//! wrong with the two together, and `expand` writes the result and cannot fail. An expansion calls
//! `perf_runtime::__private` and nothing else.
#![cfg_attr(not(test), warn(clippy::unwrap_used))]

use proc_macro::TokenStream;

mod block;
#[cfg(feature = "enabled")]
mod duration;
mod edition;
#[cfg(feature = "enabled")]
mod errors;
#[cfg(feature = "enabled")]
mod expression;
#[cfg(feature = "enabled")]
mod item;
#[cfg(feature = "resources")]
mod lazy_resource;
#[cfg(feature = "enabled")]
mod options;
#[cfg(feature = "enabled")]
mod profile;
#[cfg(feature = "enabled")]
mod runtime;
#[cfg(feature = "enabled")]
mod tokens;

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

/// Documented where it is re-exported, in `perf-runtime`.
#[cfg(feature = "resources")]
#[proc_macro_attribute]
pub fn lazy_resource(options: TokenStream, item: TokenStream) -> TokenStream {
    lazy_resource::attribute(options.into(), item.into()).into()
}

/// Documented where it is re-exported, in `perf-runtime`.
#[cfg(not(feature = "resources"))]
#[proc_macro_attribute]
pub fn lazy_resource(_options: TokenStream, _item: TokenStream) -> TokenStream {
    let error = "::core::compile_error! { \"`#[lazy_resource]` needs the feature `resources` of perf-runtime, which is one of \
                 its default features: unlike `#[profile]` it cannot vanish, because it changes the type of its static\" }";
    error.parse().unwrap_or_default()
}

/// The part of `profile_block!` that `macro_rules!` can't do: an error on every `.await` in the block.
#[doc(hidden)]
#[proc_macro]
pub fn refuse_await(block: TokenStream) -> TokenStream {
    block::refuse_await(block)
}
