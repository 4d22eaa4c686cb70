//! The recording: its layout (shared with the runtime that writes it) and its reader.

pub mod layout;
