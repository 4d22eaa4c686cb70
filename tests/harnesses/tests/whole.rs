//! A second test program.

#[test]
fn thousand() {
    assert_eq!(harnesses::digits(1_000), 13_500);
}
