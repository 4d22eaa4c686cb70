//! Roughly how long the calls of the standard library take that sources make most, in ns, and how often loops turn.
//!
//! These are orders of magnitude: they tell a field access from a search and a search from a system call.

/// A call that nothing is known about.
pub(super) const UNKNOWN: f64 = 6.0;

/// Turns of a `for` or `while`, of which a source does not say how many there will be.
pub(super) const TURNS: f64 = 16.0;

/// Turns of a `for` that looks for something.
pub(super) const SEARCHED: f64 = 3.0;

/// Turns of a `loop`, which often only tries again.
pub(super) const TRIES: f64 = 2.0;

/// How often a branch is taken that ends in an error or a panic.
pub(super) const RARELY: f64 = 0.02;

/// How often a block goes on behind `if … { return … }` and the like.
pub(super) const GOES_ON: f64 = 0.8;

/// How often a function goes on that could say at once that nothing applies.
pub(super) const APPLIES: f64 = 0.1;

/// A wait for something that others do.
pub(super) const WAIT: f64 = 1_000.0;

/// A write to something of which nothing is known, such as a type parameter: mostly a copy into a buffer.
pub(super) const BUFFERED: f64 = 20.0;

/// A whole value that is read or written.
pub(super) const WHOLE: f64 = 500.0;

const TINY: &[&str] = &[
    "Err",
    "None",
    "Ok",
    "Some",
    "abs",
    "add",
    "and",
    "and_then",
    "as_bytes",
    "as_deref",
    "as_deref_mut",
    "as_mut",
    "as_mut_ptr",
    "as_mut_slice",
    "as_path",
    "as_ptr",
    "as_ref",
    "as_slice",
    "as_str",
    "borrow",
    "borrow_mut",
    "bytes",
    "capacity",
    "chars",
    "char_indices",
    "checked_add",
    "checked_mul",
    "checked_sub",
    "clear",
    "cloned",
    "cmp",
    "copied",
    "count_ones",
    "default",
    "deref",
    "deref_mut",
    "drain",
    "drop",
    "end",
    "enumerate",
    "eq",
    "err",
    "expect",
    "filter",
    "first",
    "fmt",
    "from",
    "get",
    "get_mut",
    "get_or_insert_with",
    "get_unchecked",
    "get_unchecked_mut",
    "into",
    "into_inner",
    "into_iter",
    "is_ascii_digit",
    "is_empty",
    "is_err",
    "is_none",
    "is_ok",
    "is_some",
    "is_some_and",
    "is_none_or",
    "is_null",
    "iter",
    "iter_mut",
    "kind",
    "last",
    "leading_zeros",
    "len",
    "load",
    "map",
    "map_err",
    "map_or",
    "map_or_else",
    "max",
    "min",
    "new",
    "next",
    "next_back",
    "ok",
    "ok_or",
    "ok_or_else",
    "or",
    "or_else",
    "peek",
    "peekable",
    "pop",
    "push",
    "rev",
    "replace",
    "saturating_add",
    "saturating_sub",
    "set",
    "size_hint",
    "size_of",
    "skip",
    "split_at",
    "start",
    "step_by",
    "store",
    "sub",
    "swap",
    "take",
    "to_le_bytes",
    "trailing_zeros",
    "transmute",
    "truncate",
    "try_from",
    "try_into",
    "unwrap",
    "unwrap_or",
    "unwrap_or_default",
    "unwrap_or_else",
    "unwrap_unchecked",
    "windows",
    "with",
    "wrapping_add",
    "wrapping_mul",
    "wrapping_sub",
    "write_str",
    "zip",
];

const ALLOCATING: &[&str] = &[
    "append",
    "boxed",
    "clone",
    "contains_key",
    "entry",
    "extend_from_slice",
    "fetch_add",
    "hash",
    "insert",
    "into_boxed_slice",
    "lock",
    "push_str",
    "reserve",
    "resize",
    "remove",
    "to_owned",
    "to_string",
    "to_vec",
    "try_lock",
    "with_capacity",
];

const SCANNING: &[&str] = &[
    "collect",
    "contains",
    "copy_from_slice",
    "count",
    "dedup",
    "extend",
    "find",
    "from_utf8",
    "from_utf8_lossy",
    "fold",
    "join",
    "lines",
    "memchr",
    "memchr2",
    "memchr3",
    "parse",
    "position",
    "product",
    "read_lock",
    "replace_range",
    "retain",
    "rfind",
    "split_whitespace",
    "sum",
    "to_lowercase",
    "to_uppercase",
    "to_string_lossy",
    "trim",
    "for_each",
    "sort",
    "sort_by",
    "sort_by_key",
    "sort_unstable",
    "sort_unstable_by",
    "sort_unstable_by_key",
    "binary_search",
];

const LONG: &[&str] = &[
    "accept",
    "bind",
    "canonicalize",
    "connect",
    "copy",
    "create",
    "create_dir_all",
    "exists",
    "flush",
    "metadata",
    "open",
    "output",
    "read",
    "read_dir",
    "read_exact",
    "read_line",
    "read_link",
    "read_to_end",
    "read_to_string",
    "recv",
    "remove_file",
    "rename",
    "scope",
    "send",
    "sleep",
    "spawn",
    "status",
    "sync_all",
    "wait",
    "wait_with_output",
    "write",
    "write_all",
    "write_fmt",
    "block_on",
];

/// Methods that call a closure for each element.
const PER_ELEMENT: &[&str] = &[
    "all",
    "any",
    "filter_map",
    "flat_map",
    "fold",
    "for_each",
    "inspect",
    "max_by",
    "max_by_key",
    "min_by",
    "min_by_key",
    "partition",
    "position",
    "reduce",
    "retain",
    "scan",
    "skip_while",
    "sort_by",
    "sort_by_cached_key",
    "sort_by_key",
    "sort_unstable_by",
    "sort_unstable_by_key",
    "take_while",
    "try_fold",
    "try_for_each",
];

/// Methods that make an iterator, beside those with `iter`, `split` or `chunks` in their names.
const ITERATORS: &[&str] = &[
    "args",
    "bytes",
    "chars",
    "char_indices",
    "drain",
    "entries",
    "keys",
    "lines",
    "matches",
    "read_dir",
    "values",
    "values_mut",
    "windows",
];

/// Methods that call a closure only when something is missing or wrong.
const WHEN_MISSING: &[&str] = &["map_err", "ok_or_else", "or_else", "unwrap_or_else", "get_or_init", "with_context"];

/// Time of a call of this name, if the standard library has it.
pub(super) fn call(name: &str) -> Option<f64> {
    let among = |names: &[&str]| names.contains(&name);
    match name {
        _ if among(TINY) => Some(0.7),
        _ if among(ALLOCATING) => Some(20.0),
        _ if among(SCANNING) => Some(50.0),
        _ if among(LONG) => Some(WAIT),
        _ => None,
    }
}

/// Whether a method makes an iterator of what is none.
pub(super) fn makes_iterator(method: &str) -> bool {
    method.contains("iter") || method.contains("split") || method.contains("chunks") || ITERATORS.contains(&method)
}

/// How often a method calls the closure that it is given, on an iterator or on something else.
pub(super) fn calls_of_closure(method: &str, on_iterator: bool) -> f64 {
    match method {
        _ if PER_ELEMENT.contains(&method) => TURNS,
        _ if WHEN_MISSING.contains(&method) => RARELY,
        "map" | "filter" | "find" | "for_each" if on_iterator => TURNS,
        _ => 1.0,
    }
}

/// How often a function calls a closure with several parameters: such are for pairs, for sums, and for places in a table. Known
/// functions call it in their own way.
pub(super) fn calls_of_callback(function: &str) -> f64 {
    if call(function).is_some() || WHEN_MISSING.contains(&function) { 1.0 } else { TURNS }
}

/// Time of a macro beside its arguments.
pub(super) fn of_macro(name: &str) -> f64 {
    match name {
        "format" | "write" | "writeln" | "format_args" => 80.0,
        "print" | "println" | "eprint" | "eprintln" | "dbg" => 300.0,
        "vec" => 20.0,
        "panic" | "unreachable" | "todo" | "unimplemented" | "bail" => 0.0,
        "trace" | "debug" | "info" | "warn" | "error" | "log" => 2.0,
        "select" | "join" | "try_join" => WAIT,
        name if name.starts_with("debug_assert") => 0.0,
        name if name.starts_with("assert")
            || matches!(name, "matches" | "cfg" | "line" | "file" | "concat" | "ready") =>
        {
            0.7
        }
        _ => 2.0 * UNKNOWN,
    }
}
