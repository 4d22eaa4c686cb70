//! Starts the example programs, checks what they print, and checks their reports against what is known of their input.

mod concordance;
mod page_cache;
mod pipeline;
mod pressure;
mod run;
mod service;
mod wordindex;
