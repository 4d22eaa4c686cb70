//! A chain of annotated async functions, near the depth at which the compiler gives up, and sent between threads. Bare, it may
//! be 7 functions longer. With a coroutine more per function, 14 would be the end.

use std::future::{Future, ready};
use std::pin::pin;
use std::task::{Context, Poll, Waker};

use perf_runtime::profile;

macro_rules! chain {
    ($first:ident $(, $next:ident of $before:ident)*) => {
        #[profile]
        async fn $first(text: String) -> usize {
            ready(()).await;
            text.len()
        }
        $(
            #[profile]
            async fn $next(text: String) -> usize {
                $before(text).await
            }
        )*
    };
}

chain! {
    f1, f2 of f1, f3 of f2, f4 of f3, f5 of f4, f6 of f5, f7 of f6, f8 of f7, f9 of f8, f10 of f9, f11 of f10, f12 of f11,
    f13 of f12, f14 of f13, f15 of f14, f16 of f15, f17 of f16, f18 of f17, f19 of f18, f20 of f19, f21 of f20, f22 of f21,
    f23 of f22, f24 of f23
}

fn send<F: Future + Send>(future: F) -> F {
    future
}

fn main() {
    let future = pin!(send(f24("twelve chars".to_owned())));
    assert_eq!(future.poll(&mut Context::from_waker(Waker::noop())), Poll::Ready(12));
}
