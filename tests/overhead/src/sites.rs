//! A thousand annotated functions that are never called, for the cost of starting to record in a large program.

macro_rules! thousand {
    () => { thousand! { @hundreds a b c d e f g h i j } };
    (@hundreds $($name:ident)*) => { $(mod $name { thousand! { @tens a b c d e f g h i j } })* };
    (@tens $($name:ident)*) => { $(mod $name { thousand! { @functions a b c d e f g h i j } })* };
    (@functions $($name:ident)*) => {
        $(
            #[perf_runtime::profile]
            #[expect(dead_code, reason = "a site counts from the start, whether or not it ever runs")]
            fn $name() {}
        )*
    };
}

thousand! {}
