//! Starts the example programs, checks what they print, and checks their reports against what is known of their input.

mod concordance;
mod pipeline;
mod run;
mod service;
mod wordindex;
