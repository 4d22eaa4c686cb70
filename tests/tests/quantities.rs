//! The attributes read durations by a copy of the report's grammar, because they depend on no other crate. Both are
//! tested by the same table, of which each package carries a copy.

#[test]
fn the_attributes_and_the_report_are_tested_by_the_same_table() {
    let attributes = include_str!("../../perf-macros/tests/quantities.txt");
    let report = include_str!("../../perf-report/tests/quantities.txt");
    assert_eq!(attributes, report, "copy perf-report/tests/quantities.txt to perf-macros/tests");
}
