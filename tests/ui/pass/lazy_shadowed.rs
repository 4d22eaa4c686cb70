//! The expansion names nothing but by its full path.
#![allow(dead_code, non_camel_case_types)]

mod std {}
mod core {}
struct Option;
struct Some;
struct Ok;
struct Box;
struct Send;
struct String;
macro_rules! panic {
    () => {};
}

#[::perf_runtime::lazy_resource(
    name = "shadowed",
    depends(LEASED),
    retry(times = 2, backoff = "1ms", max = "1s"),
    weight = |_| 4,
    on_init = |_| {},
    on_shutdown = |_| {},
    health = |_| true,
    warm
)]
/// Documented.
pub(crate) static KEPT: ::core::result::Result<u32, ::std::num::ParseIntError> = "1".parse();

#[::perf_runtime::lazy_resource(evict(idle = "1s", max_age = "1h"), weight = 8, on_evict = |_| {})]
static LEASED: &str = "text";

#[::perf_runtime::lazy_resource(timeout = "1s")]
static ASYNC: u32 = async move { 1 };

struct Holder;

impl Holder {
    #[::perf_runtime::lazy_resource]
    /// In an impl.
    #[inline]
    pub fn shared() -> ::std::vec::Vec<&str> {
        ::std::vec!["a"]
    }
}

#[::perf_runtime::lazy_resource(evict)]
async fn cache() -> ::std::io::Result<u8> {
    ::core::result::Result::Ok(1)
}

macro_rules! declare {
    ($name:ident: $type:ty = $value:expr) => {
        #[::perf_runtime::lazy_resource]
        static $name: $type = $value;
    };
}
declare!(FROM_A_MACRO: u32 = 5);
declare!(ASYNC_FROM_A_MACRO: u32 = async { 6 });

fn main() {
    assert_eq!(*KEPT.try_get().unwrap(), 1);
    assert_eq!(LEASED.lease().len(), 4);
    assert_eq!(Holder::shared().len(), 1);
    assert_eq!(*FROM_A_MACRO, 5);
    let _ = (ASYNC.get(), cache(), ASYNC_FROM_A_MACRO.get());
}
