//! Attributes of an item that decide whether it can be annotated.

use syn::Attribute;

use super::left::Left;
use crate::command::sources::{is_test_function, named, only_for_tests, words};

/// Attributes whose function is called in a way of their own. The last segment of the path decides.
const CALLED_OTHERWISE: [&str; 20] = [
    "alloc_error_handler",
    "bridge",
    "const_fn",
    "ctor",
    "dtor",
    "entry",
    "exception",
    "global_allocator",
    "interrupt",
    "kernel",
    "lang",
    "panic_handler",
    "pre_init",
    "proc_macro",
    "proc_macro_attribute",
    "proc_macro_derive",
    "proof",
    "start",
    "used",
    "exported_macro",
];

/// Whether an item may be left out of the build.
pub(super) fn is_conditional(attributes: &[Attribute]) -> bool {
    named(attributes).iter().any(|(name, _)| name == "cfg")
}

/// Why the attributes of a function forbid another, if they do.
pub(super) fn forbidding<'a>(attributes: impl IntoIterator<Item = &'a Attribute>) -> Option<Left> {
    for (name, tokens) in named(attributes) {
        match name.as_str() {
            "naked" => return Some(Left::Naked),
            name if is_test_function(name) => return Some(Left::Test),
            name if CALLED_OTHERWISE.contains(&name) || name.starts_with("rustc_") => {
                return Some(Left::Attribute(name.to_owned()));
            }
            // `rustversion::attr(since(1.60), const)` makes a `const fn`.
            "attr" if words(&tokens).iter().any(|word| word == "const") => return Some(Left::Const),
            _ => {}
        }
    }
    None
}

/// Whether an attribute is `#[lazy_resource]`.
pub(super) fn is_resource<'a>(attributes: impl IntoIterator<Item = &'a Attribute>) -> bool {
    named(attributes).iter().any(|(name, _)| name == "lazy_resource")
}

/// Whether an attribute is `#[profile]`, by whichever path, or one that a `cfg_attr` brings.
pub(super) fn profiled<'a>(attributes: impl IntoIterator<Item = &'a Attribute>) -> bool {
    named(attributes).iter().any(|(name, _)| name == "profile")
}

/// Whether the author of a function asks for it to be inlined everywhere.
pub(super) fn inlined_always<'a>(attributes: impl IntoIterator<Item = &'a Attribute>) -> bool {
    named(attributes).iter().any(|(name, tokens)| name == "inline" && words(tokens).iter().any(|word| word == "always"))
}

/// Whether an item is there for tests alone, or derived.
pub(super) fn left_out<'a>(attributes: impl IntoIterator<Item = &'a Attribute>) -> Option<Left> {
    for (name, tokens) in named(attributes) {
        match name.as_str() {
            "cfg" if only_for_tests(&tokens) => return Some(Left::Test),
            "automatically_derived" => return Some(Left::Generated),
            "bridge" => return Some(Left::Attribute(name)),
            _ => {}
        }
    }
    None
}
