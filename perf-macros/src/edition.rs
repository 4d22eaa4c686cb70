//! The edition of the crate that is compiled.

/// Whether the compiler, in whose process this runs, was told to compile edition 2015, or told no edition, which means
/// the same.
///
/// No span tells its edition. Without arguments of a compiler, as in an editor's server for macros, the answer is true.
pub(crate) fn is_2015() -> bool {
    let mut arguments = std::env::args().skip_while(|argument| !argument.starts_with("--edition"));
    match arguments.next().as_deref() {
        None => true,
        Some("--edition") => arguments.next().as_deref() == Some("2015"),
        Some(edition) => edition == "--edition=2015",
    }
}
