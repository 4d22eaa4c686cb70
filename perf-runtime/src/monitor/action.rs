//! Actions: an alert has them done when it is raised.

use std::fmt;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use perf_report::monitor::Unit;

use super::event::AlertEvent;
use super::units::exact;

/// An action that the monitor takes when it raises an alert.
#[derive(Clone)]
pub(crate) enum Action {
    Evict,
    Trim,
    Snapshot(PathBuf),
    Trace(Duration, PathBuf),
    Call(NamedFunction),
}

/// A function of the program's own, with the name it has in reports.
#[derive(Clone)]
pub(crate) struct NamedFunction {
    pub(crate) name: String,
    pub(crate) function: Arc<dyn Fn(&AlertEvent) + Send + Sync>,
}

impl PartialEq for Action {
    fn eq(&self, other: &Self) -> bool {
        match (self, other) {
            (Action::Evict, Action::Evict) | (Action::Trim, Action::Trim) => true,
            (Action::Snapshot(a), Action::Snapshot(b)) => a == b,
            (Action::Trace(length, a), Action::Trace(other, b)) => (length, a) == (other, b),
            (Action::Call(a), Action::Call(b)) => a.name == b.name && Arc::ptr_eq(&a.function, &b.function),
            _ => false,
        }
    }
}

impl fmt::Debug for Action {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{self}")
    }
}

impl fmt::Display for Action {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Action::Evict => formatter.write_str("evict"),
            Action::Trim => formatter.write_str("trim"),
            Action::Snapshot(path) => write!(formatter, "snapshot {}", path.display()),
            Action::Trace(length, path) => {
                let length = exact(length.as_nanos() as f64, Unit::Nanoseconds);
                write!(formatter, "trace {length} {}", path.display())
            }
            Action::Call(call) => write!(formatter, "call {}", call.name),
        }
    }
}
