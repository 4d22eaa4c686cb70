//! Our message for every wrong use, to the letter, and the uses that are accepted. `TRYBUILD=overwrite` writes the
//! expected messages anew.
//!
//! Nothing here is in the compiler's own words, which differ from one compiler to the next: wrong uses that the
//! compiler finds are in `fixtures/misuse`.

#[test]
fn ui() {
    let cases = trybuild::TestCases::new();
    cases.compile_fail("fail/*.rs");
    cases.pass("pass/*.rs");
}
