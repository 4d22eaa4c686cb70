//! As [`tokio::sync::mpsc`].
//!
//! A permit counts as a message sent. Messages that are received through `poll_recv` are counted, and the waits for it are not seen.

mod bounded;
mod by_path;
mod originals;
mod unbounded;

pub use ::tokio::sync::mpsc::{Permit, PermitIterator, error};
pub use bounded::{OwnedPermit, Receiver, Sender, WeakSender, channel};
pub use unbounded::{UnboundedReceiver, UnboundedSender, WeakUnboundedSender, unbounded_channel};
