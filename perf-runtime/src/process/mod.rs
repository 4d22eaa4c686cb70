//! The things that a process has one of: the switch, the recording, the list of sites, the reports.
//!
//! [`state`] is the switch and the recording, which every call asks for. The attributes leave a static [`site`] at each annotated
//! place; [`registration`] gives it its id; [`declarations`] makes the sites of what a program waits for. [`snapshot`] copies the figures, a [`report`] is a view of them and the place it goes
//! to, and a [`recording_file`] keeps the recording itself; both are [`new_file`]s, named by a [`file_name`]. If the recording file is cut,
//! there is a [`renewal`]. A [`stack_sampler`] looks at the threads, if somebody wants it; a
//! [`trace_window`] is opened for the environment, an alert, or whoever asks the [`trace_listener`]. [`message`] is what the runtime says on
//! standard error, [`deadline`] how long it may take when everything ends.
//!
//! The path of a call, resources and monitor stand above and come here; what starts and ends it all ([`crate::session`])
//! stands above those.
//!
//! The following must never happen: a site with two ids; a file half written under its name, or over what another process has written; a
//! message that panics.

pub(crate) mod age;
pub(crate) mod deadline;
#[cfg(feature = "waits")]
pub(crate) mod declarations;
pub(crate) mod file_name;
pub(crate) mod message;
pub(crate) mod new_file;
pub(crate) mod recording_file;
pub(crate) mod registration;
pub(crate) mod renewal;
pub(crate) mod report;
pub(crate) mod site;
pub(crate) mod snapshot;
pub(crate) mod stack_sampler;
pub(crate) mod state;
pub(crate) mod trace_listener;
pub(crate) mod trace_window;
#[cfg(feature = "waits")]
pub(crate) mod type_names;
