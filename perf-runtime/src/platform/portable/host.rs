//! The name of the machine.

pub(crate) use perf_report::machine::host as name;
