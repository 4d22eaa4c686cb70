//! The functions that are timed, written once and instrumented by every contender in its own way.
//!
//! [`simple!`] and [`shapes!`] take an attribute and an entry statement, and define functions of the same bodies with
//! them. All are `#[inline(never)]`, so that the difference to the bare contender is the instrumentation alone. Work is
//! done in blocks of a thousand calls, because some contenders want a frame or a root span around so many.

use clap::ValueEnum;

/// How the calls of a block relate to one another.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, ValueEnum)]
pub enum Shape {
    /// One function, called again and again.
    Simple,
    /// A function that calls two others.
    Nested,
    /// 256 functions in turn.
    Rotation,
    /// One function whose duration varies from call to call, so that its calls fall into many buckets.
    Varying,
}

impl Shape {
    /// Its name in the table.
    pub fn title(self) -> &'static str {
        match self {
            Shape::Simple => "one function",
            Shape::Nested => "caller, 2 callees",
            Shape::Rotation => "256 functions",
            Shape::Varying => "varying body",
        }
    }

    /// Timed calls in one block.
    pub fn calls_per_block(self) -> u64 {
        match self {
            Shape::Nested => 3 * NESTED_PER_BLOCK,
            Shape::Simple | Shape::Rotation | Shape::Varying => CALLS_PER_BLOCK,
        }
    }
}

/// Makes the calls of one block, starting from a seed; the result keeps them from being optimised away.
pub type Block = fn(u64) -> u64;

/// A contender's blocks; those of the harder shapes only where they are compared.
#[derive(Clone, Copy)]
pub struct Blocks {
    /// [`Shape::Simple`].
    pub simple: Block,
    /// The other shapes.
    pub shapes: Option<Shapes>,
}

/// The blocks of the harder shapes.
#[derive(Clone, Copy)]
pub struct Shapes {
    /// [`Shape::Nested`].
    pub nested: Block,
    /// [`Shape::Rotation`].
    pub rotation: Block,
    /// [`Shape::Varying`].
    pub varying: Block,
}

impl Blocks {
    /// The block of a shape.
    pub fn of(&self, shape: Shape) -> Option<Block> {
        match shape {
            Shape::Simple => Some(self.simple),
            Shape::Nested => self.shapes.map(|shapes| shapes.nested),
            Shape::Rotation => self.shapes.map(|shapes| shapes.rotation),
            Shape::Varying => self.shapes.map(|shapes| shapes.varying),
        }
    }
}

/// Calls in a block, except of [`Shape::Nested`].
pub const CALLS_PER_BLOCK: u64 = 1000;
/// Calls of the outer function in a block of [`Shape::Nested`]; each makes two more.
pub const NESTED_PER_BLOCK: u64 = 333;
/// The functions multiply by an odd constant, so that the value passed on never degenerates.
pub const MULTIPLIER: u64 = 0x9E37_79B9_7F4A_7C15;

/// The next state of a xorshift generator.
#[inline]
pub fn xorshift(mut x: u64) -> u64 {
    x ^= x << 13;
    x ^= x >> 7;
    x ^ (x << 17)
}

/// Defines `simple`, and the function it calls, with an attribute and an entry statement.
macro_rules! simple {
    ([$($attribute:tt)*] [$($entry:tt)*]) => {
        $($attribute)*
        #[inline(never)]
        fn step(x: u64) -> u64 {
            $($entry)*
            std::hint::black_box(x.wrapping_mul($crate::workload::MULTIPLIER))
        }

        fn simple(seed: u64) -> u64 {
            (0..$crate::workload::CALLS_PER_BLOCK).fold(seed, |x, _| step(x))
        }
    };
}

/// Defines `SHAPES`, and the functions behind it, with an attribute and an entry statement.
macro_rules! shapes {
    ($attribute:tt $entry:tt) => {
        const SHAPES: $crate::workload::Shapes =
            $crate::workload::Shapes { nested: nested::block, rotation: rotation::block, varying: varying::block };

        mod nested {
            $crate::workload::nested! { $attribute $entry }
        }
        mod rotation {
            $crate::workload::rotation! { $attribute $entry }
        }
        mod varying {
            $crate::workload::varying! { $attribute $entry }
        }
    };
}

macro_rules! nested {
    ([$($attribute:tt)*] [$($entry:tt)*]) => {
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
}

macro_rules! varying {
    ([$($attribute:tt)*] [$($entry:tt)*]) => {
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

pub(crate) use {nested, rotation, shapes, simple, varying};

#[cfg(test)]
mod tests {
    use super::Shape;
    use crate::contenders::{ALL, find};

    #[test]
    fn all_contenders_do_the_same_work() {
        let bare = find("bare").unwrap();
        for contender in &ALL {
            for shape in [Shape::Simple, Shape::Nested, Shape::Rotation, Shape::Varying] {
                let Some(block) = contender.blocks.of(shape) else { continue };
                assert_eq!(block(7), bare.blocks.of(shape).unwrap()(7), "{}, {}", contender.title, shape.title());
            }
        }
    }
}
