//! Whole-system tests of perf.
