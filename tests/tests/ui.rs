//! What the compiler says to every wrong use, and what it accepts. `TRYBUILD=overwrite` writes the expected messages anew.

#[test]
fn ui() {
    let cases = trybuild::TestCases::new();
    cases.compile_fail("ui/fail/*.rs");
    cases.pass("ui/pass/*.rs");
}
