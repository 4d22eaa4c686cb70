//! The part of the caller's environment that a child gets.

use std::ffi::OsStr;

/// Variables that a child keeps: the paths of programs and libraries, and the options of tools that watch the child.
const KEPT: [&str; 5] = ["PATH", "LD_LIBRARY_PATH", "LLVM_PROFILE_FILE", "ASAN_OPTIONS", "UBSAN_OPTIONS"];

/// Variables that every child gets.
pub(crate) const GIVEN: [(&str, &str); 3] = [("LC_ALL", "C.UTF-8"), ("TERM", "dumb"), ("TZ", "UTC")];

/// Variables that a tool of the build does not get: flags that would have it build something else, and the caller's job server, whose
/// descriptors it does not get either.
const NOT_FOR_TOOLS: [&str; 11] = [
    "CARGO_BUILD_TARGET",
    "CARGO_ENCODED_RUSTFLAGS",
    "CARGO_MAKEFLAGS",
    "CARGO_TARGET_DIR",
    "COLUMNS",
    "LS_COLORS",
    "MAKEFLAGS",
    "MFLAGS",
    "NO_COLOR",
    "RUSTDOCFLAGS",
    "RUSTFLAGS",
];

pub(crate) fn is_kept(variable: &OsStr) -> bool {
    KEPT.iter().any(|kept| variable == *kept)
}

pub(crate) fn is_for_tools(variable: &OsStr) -> bool {
    let name = variable.to_string_lossy();
    let of_this_package =
        name.starts_with("CARGO_PKG_") || name.starts_with("CARGO_BIN_") || name == "CARGO_MANIFEST_DIR";
    !(is_wish(&name) || of_this_package || NOT_FOR_TOOLS.contains(&&*name))
}

/// Whether a variable asks perf for something.
#[must_use]
pub fn is_wish(name: &str) -> bool {
    name.starts_with("PERF_")
}
