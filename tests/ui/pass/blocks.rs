//! `profile_block!` is as if its block stood alone: values, `return`, `?`, `break` and `continue`.
#![forbid(unsafe_code)]
#![deny(warnings)]

use perf_runtime::profile_block;

fn value() -> u32 {
    profile_block!("value", { 1 + 1 })
}

fn returns(early: bool) -> u32 {
    profile_block!("return", {
        if early {
            return 1;
        }
    });
    2
}

fn fails(text: &str) -> Result<u32, std::num::ParseIntError> {
    let n = profile_block!("parse", { text.parse::<u32>()? });
    Ok(n + 1)
}

fn breaks() -> u32 {
    let mut sum = 0;
    let found = 'outer: loop {
        for n in 0.. {
            profile_block!("loop", {
                if n % 2 == 0 {
                    continue;
                }
                sum += n;
                if n > 6 {
                    break 'outer sum;
                }
            });
        }
    };
    found
}

fn nested() -> u32 {
    profile_block!("outside", {
        let a = profile_block!("first", { 1 });
        let b = profile_block!("second", { 2 });
        a + b
    })
}

fn never() -> u32 {
    profile_block!("never", { return 3 })
}

fn unit() {
    profile_block!("unit", {});
}

/// A block may make what waits, as long as it does not wait itself.
fn waits_later() -> u32 {
    let future = profile_block!("waits later", {
        async fn function(n: u32) -> u32 {
            std::future::ready(n).await
        }
        let closure = async |n| function(n).await;
        let braced = async move |n: u32| -> u32 { closure(n).await };
        let awaited = 4;
        async move { braced(awaited).await }
    });
    let mut future = std::pin::pin!(future);
    let mut context = std::task::Context::from_waker(std::task::Waker::noop());
    match future.as_mut().poll(&mut context) {
        std::task::Poll::Ready(value) => value,
        std::task::Poll::Pending => 0,
    }
}

fn main() {
    assert_eq!((value(), returns(true), returns(false)), (2, 1, 2));
    assert_eq!(fails("4"), Ok(5));
    assert!(fails("x").is_err());
    assert_eq!((breaks(), nested(), never()), (16, 3, 3));
    unit();
    assert_eq!(waits_later(), 4);
}
