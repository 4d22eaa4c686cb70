//! The lints of clippy and rustc that the audit asks for. `docs/audit.md` says why each is here.

use super::finding::{Effect, Severity};

/// A lint, how grave its findings are, and which part of the time around it such a change usually touches.
pub(super) struct Lint {
    pub(super) name: &'static str,
    pub(super) severity: Severity,
    pub(super) effect: Effect,
    pub(super) weight: f64,
}

const fn lint(name: &'static str, severity: Severity, effect: Effect, weight: f64) -> Lint {
    Lint { name, severity, effect, weight }
}

use Effect::{Allocations, Startup, Time, Upkeep, Waits};
use Severity::{High, Low, Medium};

/// All of them; `docs/audit.md` has the same rows.
pub(super) const LINTS: &[Lint] = &[
    // Findings that stop other work, or an executor.
    lint("clippy::await_holding_lock", High, Waits, 0.8),
    lint("clippy::await_holding_refcell_ref", High, Waits, 0.3),
    lint("clippy::significant_drop_in_scrutinee", Medium, Waits, 0.4),
    lint("clippy::significant_drop_tightening", Medium, Waits, 0.3),
    lint("clippy::mutex_atomic", Medium, Time, 0.3),
    lint("clippy::mutex_integer", Medium, Time, 0.3),
    lint("clippy::rc_mutex", Medium, Time, 0.3),
    lint("clippy::waker_clone_wake", Medium, Time, 0.2),
    // Work that a loop repeats.
    lint("clippy::regex_creation_in_loops", High, Time, 0.95),
    lint("clippy::unbuffered_bytes", High, Time, 0.9),
    lint("clippy::naive_bytecount", Medium, Time, 0.6),
    lint("clippy::manual_memcpy", Medium, Time, 0.6),
    lint("clippy::slow_vector_initialization", Medium, Time, 0.5),
    lint("clippy::same_item_push", Medium, Time, 0.4),
    lint("clippy::manual_retain", Medium, Time, 0.4),
    lint("clippy::map_entry", Medium, Time, 0.4),
    lint("clippy::set_contains_or_insert", Medium, Time, 0.4),
    lint("clippy::stable_sort_primitive", Medium, Time, 0.4),
    lint("clippy::linkedlist", Medium, Time, 0.4),
    lint("clippy::needless_range_loop", Low, Time, 0.2),
    lint("clippy::double_ended_iterator_last", Medium, Time, 0.5),
    lint("clippy::iter_nth", Medium, Time, 0.4),
    lint("clippy::bytes_count_to_len", Low, Time, 0.2),
    lint("clippy::chars_last_cmp", Low, Time, 0.2),
    lint("clippy::single_char_pattern", Low, Time, 0.05),
    lint("clippy::cmp_owned", Medium, Allocations, 0.5),
    // Allocations.
    lint("clippy::needless_collect", Medium, Allocations, 0.7),
    lint("clippy::format_collect", Medium, Allocations, 0.7),
    lint("clippy::format_push_string", Medium, Allocations, 0.6),
    lint("clippy::redundant_clone", Medium, Allocations, 0.6),
    lint("clippy::unnecessary_to_owned", Medium, Allocations, 0.6),
    lint("clippy::implicit_clone", Low, Allocations, 0.05),
    lint("clippy::iter_overeager_cloned", Medium, Allocations, 0.5),
    lint("clippy::redundant_iter_cloned", Medium, Allocations, 0.5),
    lint("clippy::assigning_clones", Low, Allocations, 0.3),
    lint("clippy::to_string_in_format_args", Medium, Allocations, 0.5),
    lint("clippy::format_in_format_args", Medium, Allocations, 0.5),
    lint("clippy::useless_format", Low, Allocations, 0.4),
    lint("clippy::manual_str_repeat", Low, Allocations, 0.4),
    lint("clippy::useless_vec", Low, Allocations, 0.3),
    lint("clippy::vec_init_then_push", Low, Allocations, 0.3),
    lint("clippy::extend_with_drain", Low, Allocations, 0.3),
    lint("clippy::iter_with_drain", Low, Allocations, 0.2),
    lint("clippy::drain_collect", Low, Allocations, 0.3),
    lint("clippy::expect_fun_call", Medium, Allocations, 0.5),
    lint("clippy::or_fun_call", Low, Allocations, 0.2),
    lint("clippy::unnecessary_join", Low, Allocations, 0.4),
    lint("clippy::collapsible_str_replace", Medium, Allocations, 0.5),
    lint("clippy::box_collection", Low, Allocations, 0.2),
    lint("clippy::vec_box", Medium, Allocations, 0.4),
    lint("clippy::boxed_local", Low, Allocations, 0.3),
    lint("clippy::unnecessary_box_returns", Low, Allocations, 0.3),
    lint("clippy::redundant_allocation", Medium, Allocations, 0.3),
    lint("clippy::rc_buffer", Low, Allocations, 0.2),
    // Bytes that are moved.
    lint("clippy::large_enum_variant", Medium, Time, 0.2),
    lint("clippy::large_futures", Medium, Time, 0.3),
    lint("clippy::large_types_passed_by_value", Medium, Time, 0.3),
    lint("clippy::large_stack_arrays", Low, Time, 0.2),
    lint("clippy::large_const_arrays", Medium, Time, 0.3),
    lint("clippy::result_large_err", Low, Time, 0.1),
    // The start of the program.
    lint("clippy::non_std_lazy_statics", Low, Startup, 0.05),
    lint("clippy::missing_const_for_thread_local", Low, Time, 0.1),
    lint("clippy::large_include_file", Low, Startup, 0.1),
    // Code that is hard to change.
    lint("clippy::too_many_lines", Low, Upkeep, 0.0),
    lint("clippy::wildcard_imports", Low, Upkeep, 0.0),
    lint("clippy::enum_glob_use", Low, Upkeep, 0.0),
    lint("clippy::unused_async", Low, Upkeep, 0.0),
    // The compiler's own.
    lint("rustc::unconditional_recursion", High, Time, 0.5),
    lint("rustc::let_underscore_lock", High, Waits, 0.3),
    lint("rustc::unused_must_use", Medium, Upkeep, 0.0),
    lint("rustc::unused_allocation", Low, Allocations, 0.3),
    lint("rustc::dead_code", Low, Upkeep, 0.0),
];

/// The lint of a code as the compiler writes it: `clippy::map_entry`, `dead_code`.
pub(super) fn of_code(code: &str) -> Option<&'static Lint> {
    LINTS.iter().find(|lint| lint.name.strip_prefix("rustc::").unwrap_or(lint.name) == code)
}

/// Whether a name is that of a lint of the audit.
pub(super) fn is_known(name: &str) -> bool {
    LINTS.iter().any(|lint| lint.name == name)
}

/// The arguments of clippy's driver that ask for these lints and no others, and let none end the build.
pub(super) fn arguments() -> Vec<String> {
    let mut arguments: Vec<String> = ["--cap-lints", "warn", "-A", "clippy::all"].map(str::to_owned).into();
    for lint in LINTS.iter().filter(|lint| lint.name.starts_with("clippy::")) {
        arguments.extend(["-W".to_owned(), lint.name.to_owned()]);
    }
    arguments
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn the_page_has_a_row_for_each_lint() {
        let page = include_str!("../../../docs/audit.md");
        let rows = page.lines().filter_map(|line| line.strip_prefix("| `"));
        let listed: BTreeSet<&str> = rows
            .filter_map(|row| row.split(" | ").next())
            .flat_map(|cell| cell.split([',', '`', ' ']))
            .filter(|word| word.starts_with("clippy::") || word.starts_with("rustc::"))
            .collect();
        assert_eq!(listed, LINTS.iter().map(|lint| lint.name).collect());
    }

    #[test]
    fn codes_of_the_compiler_are_known_by_their_own_names() {
        assert_eq!(of_code("dead_code").map(|lint| lint.name), Some("rustc::dead_code"));
        assert_eq!(of_code("clippy::map_entry").map(|lint| lint.name), Some("clippy::map_entry"));
        assert!(of_code("map_entry").is_none() && of_code("rustc::dead_code").is_none());
    }
}
