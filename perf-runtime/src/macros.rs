//! The macros that are written with `macro_rules!`.

/// Every attribute: a static site with a given name, in the scope it stands in, and its registration.
///
/// A program has a site for each annotated function, so a site costs its build as little as may be: a call with few arguments is
/// checked sooner than a structure with all fields, and that of a function without options has the fewest.
#[doc(hidden)]
#[macro_export]
macro_rules! __perf_site {
    ($site:ident, Function, Exact, ::core::option::Option::None, $line:expr, "") => {
        struct __PerfHere;
        static $site: $crate::__private::Site =
            $crate::__private::Site::function::<__PerfHere>(::core::module_path!(), ::core::file!(), $line);
        $crate::__private::inventory::submit! { $crate::__private::Registered(&$site) }
    };
    ($site:ident, $kind:ident, $timing:ident, $name:expr, $line:expr, $budgets:expr) => {
        struct __PerfHere;
        static $site: $crate::__private::Site = $crate::__private::Site::new($crate::__private::Description {
            kind: $crate::__private::Kind::$kind,
            timing: $crate::__private::Timing::$timing,
            name: $name,
            path: $crate::__private::type_name::<__PerfHere>,
            module: ::core::module_path!(),
            file: ::core::file!(),
            line: $line,
            budgets: $budgets,
        });
        $crate::__private::inventory::submit! { $crate::__private::Registered(&$site) }
    };
}

/// `#[lazy_resource]`: registration of a static.
#[cfg(feature = "resources")]
#[doc(hidden)]
#[macro_export]
macro_rules! __perf_resource {
    ($resource:ident) => {
        $crate::__private::inventory::submit! { $crate::__private::RegisteredResource(&$resource) }
    };
}

/// Times a block, which the reports show under a label.
///
/// The value of the block is the value of the macro; `return`, `break`, `continue` and `?` inside it act on the
/// surrounding code as they would without it.
///
/// ```
/// use perf_runtime::profile_block;
///
/// fn total(words: &[&str]) -> usize {
///     profile_block!("sum of lengths", { words.iter().map(|word| word.len()).sum() })
/// }
/// assert_eq!(total(&["a", "bc"]), 3);
/// ```
///
/// # Limits
///
/// The block must not wait: `.await` inside it is a compile error. While a block waits, its thread runs other tasks,
/// and their calls would be counted as calls of the block. Time the waiting code as a future instead, with
/// [`profile_future!`](crate::profile_future):
///
/// ```compile_fail
/// # use perf_runtime::profile_block;
/// async fn page() -> String {
///     profile_block!("fetch", { fetch("page").await })
/// }
/// # async fn fetch(_: &str) -> String { String::new() }
/// ```
///
/// ```
/// # use perf_runtime::profile_future;
/// async fn page() -> String {
///     profile_future!("fetch", async { fetch("page").await }).await
/// }
/// # async fn fetch(_: &str) -> String { String::new() }
/// # drop(page());
/// ```
///
/// The check sees the tokens of the block, not an `.await` that another macro adds, such as `tokio::join!` or
/// `tokio::select!`. Keep these macros out of the block too: calls would still be counted right, but callers and self
/// times would be wrong.
#[macro_export]
macro_rules! profile_block {
    ($label:literal, $body:block) => {{
        $crate::__private::site!(__PERF_SITE, Block, Exact, ::core::option::Option::Some($label), ::core::line!(), "");
        $crate::__private::refuse_await! { $body }
        let __perf_guard = $crate::__private::enter(&__PERF_SITE);
        $body
    }};
}

/// Times a future, which the reports show under a label.
///
/// The future is timed as `#[profile]` times an async function: its polls, the time in them, and the time from its first poll
/// to its end. Nothing is recorded before the first poll, except that a future which is dropped without one counts as never polled.
///
/// ```
/// # fn main() {
/// use perf_runtime::profile_future;
///
/// async fn answer() -> u32 {
///     profile_future!("thinking", async { 42 }).await
/// }
/// # let _ = answer();
/// # }
/// ```
#[macro_export]
macro_rules! profile_future {
    ($label:literal, $future:expr $(,)?) => {{
        $crate::__private::site!(__PERF_SITE, Future, Exact, ::core::option::Option::Some($label), ::core::line!(), "");
        $crate::__private::future(&__PERF_SITE, $future)
    }};
}
