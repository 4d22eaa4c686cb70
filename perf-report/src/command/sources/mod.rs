//! How `annotate` and `audit` read Rust sources: what attributes say of an item, and what a path's first word stands for.

mod attributes;
mod imports;

pub(super) use attributes::{is_test, is_test_function, named, only_for_tests, words};
pub(super) use imports::Imports;
