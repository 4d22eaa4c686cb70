//! The macros, giving back what they were given.

/// Returns the value of the block: the feature `enabled` is off.
#[macro_export]
macro_rules! profile_block {
    ($label:literal, $body:block) => {{
        $crate::__private::refuse_await! { $body }
        $body
    }};
}

/// Returns the future: the feature `enabled` is off.
#[macro_export]
macro_rules! profile_future {
    ($label:literal, $future:expr $(,)?) => {
        $future
    };
}
