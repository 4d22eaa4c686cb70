//! Whether this process has rights that the user who started it has not.

/// Whether the program runs with more rights than its user. Programs that get such rights by their file are a thing of Unix.
pub(crate) fn is_privileged() -> bool {
    false
}
