//! Asking for a recording and its reports, and the course of events from the first ask to the end.
//!
//! A process can be asked in three ways: by its [`environment`], by a session in code ([`builder`]), and by the [`switch`]. All
//! three become [`settings`], and [`lifecycle`] does what these say: it starts the recording, installs the hooks, and is there
//! when the process forks. [`startup`] asks the environment before `main`. [`attendant`] has the threads that run beside the
//! program. [`shutdown`] has the reports written once ([`writing`]), whether the session's guard is dropped, the process exits, or a
//! signal ends it. [`trace`] is the window of a session.
//!
//! No folder below knows this one: whoever must call up from there is given a function.
//!
//! The following must never happen: reports that are written twice; an end that waits for somebody who waits for the end; a child that
//! reports for its parent; an exit status that is not the program's own.

mod attendant;
mod builder;
mod environment;
mod lifecycle;
mod misspelt;
mod settings;
mod shutdown;
mod startup;
mod switch;
mod trace;
mod writing;

pub use builder::{Session, SessionBuilder, session};
pub use switch::{disable, enable, is_enabled};
pub use trace::TraceWindow;
