//! The harder shapes, as macros.

/// Defines `SHAPES`, and the functions behind it, with an attribute and an entry statement.
///
/// `by_type` is the attribute of a generic function. `future` is that of an async function and `block` the macro around a block: a
/// contender without them has no such shapes.
macro_rules! shapes {
    ($attribute:tt $entry:tt by_type $by_type:tt $(future $future:tt block $block:tt)?) => {
        const SHAPES: &[($crate::workload::Shape, $crate::workload::Block)] = &[
            ($crate::workload::Shape::Turns, turns::block),
            ($crate::workload::Shape::ByType, by_type::block),
            ($crate::workload::Shape::Nested, nested::block),
            ($crate::workload::Shape::Rotation, rotation::block),
            ($crate::workload::Shape::Varying, varying::block),
            ($crate::workload::Shape::Recursion, recursion::block),
            $(
                ($crate::workload::Shape::Ready, $crate::workload::one_shape!(@of $future ready)),
                ($crate::workload::Shape::Block, $crate::workload::one_shape!(@of $block blocks)),
            )?
        ];

        mod turns {
            $crate::workload::one_shape! { turns $attribute $entry }
        }
        mod by_type {
            $crate::workload::one_shape! { by_type $by_type $entry }
        }
        mod nested {
            $crate::workload::one_shape! { nested $attribute $entry }
        }
        mod rotation {
            $crate::workload::rotation! { $attribute $entry }
        }
        mod varying {
            $crate::workload::one_shape! { varying $attribute $entry }
        }
        mod recursion {
            $crate::workload::one_shape! { recursion $attribute $entry }
        }
        $(
            mod ready {
                $crate::workload::one_shape! { ready $future $entry }
            }
            mod blocks {
                $crate::workload::one_shape! { blocks $block $entry }
            }
        )?
    };
}

/// Defines `block`, which makes the calls of one shape, and the functions behind it.
macro_rules! one_shape {
    (@of $given:tt $module:ident) => { $module::block };

    (turns [$($attribute:tt)*] [$($entry:tt)*]) => {
        $($attribute)*
        #[inline(never)]
        fn left(x: u64) -> u64 {
            $($entry)*
            callee(x.rotate_left(1))
        }

        $($attribute)*
        #[inline(never)]
        fn right(x: u64) -> u64 {
            $($entry)*
            callee(x.rotate_left(2))
        }

        $($attribute)*
        #[inline(never)]
        fn callee(x: u64) -> u64 {
            $($entry)*
            std::hint::black_box(x.wrapping_mul($crate::workload::MULTIPLIER))
        }

        pub(super) fn block(seed: u64) -> u64 {
            (0..$crate::workload::TURNS_PER_BLOCK).fold(seed, |x, _| right(left(x)))
        }
    };

    (by_type [$($attribute:tt)*] [$($entry:tt)*]) => {
        $($attribute)*
        #[inline(never)]
        fn work<T: $crate::workload::Step>(x: u64) -> u64 {
            $($entry)*
            T::step(x)
        }

        pub(super) fn block(seed: u64) -> u64 {
            use $crate::workload::{Add, Multiply};
            (0..$crate::workload::CALLS_PER_BLOCK / 2).fold(seed, |x, _| work::<Add>(work::<Multiply>(x)))
        }
    };

    (blocks [$($around:tt)*] [$($entry:tt)*]) => {
        #[inline(never)]
        fn work(x: u64) -> u64 {
            $($around)*!("work", {
                $($entry)*
                std::hint::black_box(x.wrapping_mul($crate::workload::MULTIPLIER))
            })
        }

        pub(super) fn block(seed: u64) -> u64 {
            (0..$crate::workload::CALLS_PER_BLOCK).fold(seed, |x, _| work(x))
        }
    };

    (nested [$($attribute:tt)*] [$($entry:tt)*]) => {
        $($attribute)*
        #[inline(never)]
        fn caller(x: u64) -> u64 {
            $($entry)*
            right(left(x))
        }

        $($attribute)*
        #[inline(never)]
        fn left(x: u64) -> u64 {
            $($entry)*
            std::hint::black_box(x.wrapping_mul($crate::workload::MULTIPLIER))
        }

        $($attribute)*
        #[inline(never)]
        fn right(x: u64) -> u64 {
            $($entry)*
            std::hint::black_box(x.wrapping_add($crate::workload::MULTIPLIER))
        }

        pub(super) fn block(seed: u64) -> u64 {
            (0..$crate::workload::NESTED_PER_BLOCK).fold(seed, |x, _| caller(x))
        }
    };

    (varying [$($attribute:tt)*] [$($entry:tt)*]) => {
        $($attribute)*
        #[inline(never)]
        fn work(x: u64) -> u64 {
            $($entry)*
            let rounds = x >> 58;
            for round in 0..rounds {
                std::hint::black_box(round);
            }
            $crate::workload::xorshift(x)
        }

        pub(super) fn block(seed: u64) -> u64 {
            (0..$crate::workload::CALLS_PER_BLOCK).fold(seed | 1, |x, _| work(x))
        }
    };

    // Each half goes through a `black_box`: otherwise the compiler turns one of the two calls into a loop where nothing is timed.
    (recursion [$($attribute:tt)*] [$($entry:tt)*]) => {
        $($attribute)*
        #[inline(never)]
        fn fibonacci(n: u64) -> u64 {
            $($entry)*
            if n < 2 {
                n
            } else {
                std::hint::black_box(fibonacci(n - 1)) + std::hint::black_box(fibonacci(n - 2))
            }
        }

        pub(super) fn block(seed: u64) -> u64 {
            seed ^ fibonacci(std::hint::black_box($crate::workload::FIBONACCI))
        }
    };

    (ready [$($attribute:tt)*] [$($entry:tt)*]) => {
        $($attribute)*
        async fn work(x: u64) -> u64 {
            $($entry)*
            std::hint::black_box(x.wrapping_mul($crate::workload::MULTIPLIER))
        }

        #[inline(never)]
        fn run(x: u64) -> u64 {
            $crate::workload::ready(work(x))
        }

        pub(super) fn block(seed: u64) -> u64 {
            (0..$crate::workload::CALLS_PER_BLOCK).fold(seed, |x, _| run(x))
        }
    };
}

/// The macro around a block of contenders whose entry statement does all.
macro_rules! bare_block {
    ($label:literal, $body:block) => {
        $body
    };
}

/// 16 modules of 16 functions: no two have the same body, or the compiler would merge them.
macro_rules! rotation {
    ($attribute:tt $entry:tt) => {
        $crate::workload::rotation! { $attribute $entry
            m0 0, m1 1, m2 2, m3 3, m4 4, m5 5, m6 6, m7 7, m8 8, m9 9, ma 10, mb 11, mc 12, md 13, me 14, mf 15
        }
    };
    ($attribute:tt $entry:tt $($module:ident $high:literal),*) => {
        $(
            mod $module {
                $crate::workload::rotation! { @functions $attribute $entry $high
                    f0 0, f1 1, f2 2, f3 3, f4 4, f5 5, f6 6, f7 7, f8 8, f9 9, fa 10, fb 11, fc 12, fd 13, fe 14, ff 15
                }
            }
        )*

        static FUNCTIONS: [[fn(u64) -> u64; 16]; 16] = [$($module::FUNCTIONS),*];

        pub(super) fn block(seed: u64) -> u64 {
            FUNCTIONS.as_flattened().iter().cycle().take($crate::workload::CALLS_PER_BLOCK as usize).fold(seed, |x, f| f(x))
        }
    };
    (@functions $attribute:tt $entry:tt $high:literal $($function:ident $low:literal),*) => {
        pub(super) const FUNCTIONS: [fn(u64) -> u64; 16] = [$($function),*];
        $( $crate::workload::rotation! { @function $attribute $entry $high $function $low } )*
    };
    (@function [$($attribute:tt)*] [$($entry:tt)*] $high:literal $function:ident $low:literal) => {
        $($attribute)*
        #[inline(never)]
        fn $function(x: u64) -> u64 {
            $($entry)*
            std::hint::black_box(x.wrapping_mul($crate::workload::MULTIPLIER + 2 * (16 * $high + $low)))
        }
    };
}

pub(crate) use {bare_block, one_shape, rotation, shapes};
