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

fn main() {
    assert_eq!((value(), returns(true), returns(false)), (2, 1, 2));
    assert_eq!(fails("4"), Ok(5));
    assert!(fails("x").is_err());
    assert_eq!((breaks(), nested(), never()), (16, 3, 3));
    unit();
}
