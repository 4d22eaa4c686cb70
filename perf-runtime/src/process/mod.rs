//! Whatever a process has one of: the switch, the recording, the list of its sites, the ways to tell of them.
//!
//! [`state`] is the switch and the recording, which every call asks for. The attributes leave a static [`site`] at each annotated
//! place; [`registration`] gives it its id. [`snapshot`] copies the figures, a [`report`] is a view of them and the place it goes
//! to, and a [`recording_file`] keeps the recording itself. [`message`] is what the runtime says on standard error.
//!
//! The path of a call, resources and monitor stand above and come here; what starts and ends it all ([`crate::session`])
//! stands above those.
//!
//! What must never happen: a site with two ids; a file half written under its name; a message that panics.

pub(crate) mod age;
pub(crate) mod file_name;
pub(crate) mod message;
pub(crate) mod recording_file;
pub(crate) mod registration;
pub(crate) mod report;
pub(crate) mod site;
pub(crate) mod snapshot;
pub(crate) mod state;
