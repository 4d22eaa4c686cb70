//! The functions that are timed, written once and instrumented by every contender in its own way.
//!
//! [`simple!`] and [`shapes!`] take an attribute and an entry statement, and define functions of the same bodies with
//! them. All are `#[inline(never)]`, so that the difference to the bare contender is the instrumentation alone. Work is
//! done in blocks of a thousand calls, because some contenders want a frame or a root span around so many.

mod shapes;

use clap::ValueEnum;
pub(crate) use shapes::{bare_block, one_shape, rotation, shapes};

/// How the calls of a block relate to one another.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, ValueEnum)]
pub enum Shape {
    /// One function, called again and again.
    Simple,
    /// A function that two others call in turns.
    Turns,
    /// A generic function with a row for each of its types, two of which take turns.
    ByType,
    /// A block within a function.
    Block,
    /// A function that calls two others.
    Nested,
    /// 256 functions in turn.
    Rotation,
    /// One function whose duration varies from call to call, so that its calls fall into many buckets.
    Varying,
    /// Fibonacci's numbers, by a function that calls itself twice.
    Recursion,
    /// An async function that is ready when it is polled first.
    Ready,
}

impl Shape {
    /// Its name in the table.
    pub fn title(self) -> &'static str {
        match self {
            Shape::Simple => "one function",
            Shape::Turns => "two callers in turns",
            Shape::ByType => "names by type",
            Shape::Block => "a block",
            Shape::Nested => "caller, 2 callees",
            Shape::Rotation => "256 functions",
            Shape::Varying => "varying body",
            Shape::Recursion => "recursion",
            Shape::Ready => "future ready at once",
        }
    }

    /// Timed calls in one block.
    pub fn calls_per_block(self) -> u64 {
        match self {
            Shape::Nested => 3 * NESTED_PER_BLOCK,
            Shape::Turns => 4 * TURNS_PER_BLOCK,
            Shape::Recursion => RECURSIVE_CALLS,
            _ => CALLS_PER_BLOCK,
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
    pub shapes: &'static [(Shape, Block)],
}

impl Blocks {
    /// The block of a shape.
    pub fn of(&self, shape: Shape) -> Option<Block> {
        let harder = || self.shapes.iter().find(|(of, _)| *of == shape).map(|(_, block)| *block);
        if shape == Shape::Simple { Some(self.simple) } else { harder() }
    }
}

/// Calls in a block of most shapes.
pub const CALLS_PER_BLOCK: u64 = 1000;
/// Calls of the outer function in a block of [`Shape::Nested`]; each makes two more.
pub const NESTED_PER_BLOCK: u64 = 333;
/// Calls of each caller in a block of [`Shape::Turns`]; each makes one more.
pub const TURNS_PER_BLOCK: u64 = 250;
/// The number of Fibonacci that a block of [`Shape::Recursion`] finds, and the calls that takes.
pub const FIBONACCI: u64 = 13;
const RECURSIVE_CALLS: u64 = 753;
/// The functions multiply by an odd constant, so that the value passed on never degenerates.
pub const MULTIPLIER: u64 = 0x9E37_79B9_7F4A_7C15;

/// The next state of a xorshift generator.
#[inline]
pub fn xorshift(mut x: u64) -> u64 {
    x ^= x << 13;
    x ^= x >> 7;
    x ^ (x << 17)
}

/// Two types for a generic function to run with.
pub trait Step {
    /// Does the function's work.
    fn step(x: u64) -> u64;
}

/// Multiplies.
pub enum Multiply {}
/// Adds.
pub enum Add {}

impl Step for Multiply {
    #[inline(always)]
    fn step(x: u64) -> u64 {
        std::hint::black_box(x.wrapping_mul(MULTIPLIER))
    }
}

impl Step for Add {
    #[inline(always)]
    fn step(x: u64) -> u64 {
        std::hint::black_box(x.wrapping_add(MULTIPLIER))
    }
}

/// The result of a future that is ready when it is polled first.
///
/// # Panics
///
/// The future is not ready.
#[inline(always)]
pub fn ready<T>(future: impl Future<Output = T>) -> T {
    match std::pin::pin!(future).poll(&mut std::task::Context::from_waker(std::task::Waker::noop())) {
        std::task::Poll::Ready(value) => value,
        std::task::Poll::Pending => panic!("the future is ready at once"),
    }
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
pub(crate) use simple;

#[cfg(test)]
mod tests {
    use clap::ValueEnum;

    use super::Shape;
    use crate::contenders::{ALL, find};

    #[test]
    fn all_contenders_do_the_same_work() {
        let bare = find("bare").unwrap();
        for contender in &ALL {
            for &shape in Shape::value_variants() {
                let Some(block) = contender.blocks.of(shape) else { continue };
                assert_eq!(block(7), bare.blocks.of(shape).unwrap()(7), "{}, {}", contender.title, shape.title());
            }
        }
    }

    #[test]
    fn every_shape_is_compared() {
        for name in ["bare", "rdtsc", "exact"] {
            for shape in Shape::value_variants() {
                assert!(find(name).unwrap().blocks.of(*shape).is_some(), "{name}, {}", shape.title());
            }
        }
    }
}
