//! Faults: real processes go wrong in every way that the design names, and what they leave is looked at.
mod child;

mod calls;
mod destinations;
mod endings;
mod forks;
mod interruptions;
mod killed;
mod linking;
mod names;
mod recordings;
mod switches;
mod threads;
mod views;
