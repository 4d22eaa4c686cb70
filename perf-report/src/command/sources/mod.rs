//! How `annotate` and `audit` read Rust sources: what attributes say of an item, in which files the modules of a file lie, and what
//! a path's first word stands for.

mod attributes;
mod imports;
mod modules;

pub(super) use attributes::{is_test, is_test_function, named, only_for_tests, words};
pub(super) use imports::Imports;
pub(super) use modules::{Declared, declared};
