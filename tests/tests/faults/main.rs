//! Faults: real processes go wrong in every way that the design names, and what they leave is looked at.
//!
//! | fault | test |
//! |---|---|
mod child;

mod endings;
mod views;
