//! The metrics of a process as a whole.

use super::{
    Source,
    family::{Families, Family, Value},
    labels::Labels,
};
use crate::{
    State,
    monitor::{Metric, Unit},
};

pub(super) fn collect<'a>(source: &Source<'a>, labels: &Labels, families: &mut Families<'a>) {
    let (snapshot, process) = (source.snapshot, &source.snapshot.process);
    families.add(Family::ExporterFolded, labels, None, source.shown.folded() as u64);
    families.add(Family::ExporterDamages, labels, None, source.damages);
    for (state, name) in [(State::Running, "running"), (State::Closed, "closed"), (State::Killed, "killed")] {
        families.add(Family::ProcessState, labels, Some(("state", name)), process.state == state);
    }
    families.add(Family::ProcessStart, labels, None, Value::Ns(process.started_unix_ns));
    families.add(Family::ProcessRecorded, labels, None, Value::Ns(process.recorded_ns));
    families.add(Family::ProcessThreads, labels, None, process.threads);
    families.add(Family::ProcessInFlight, labels, None, snapshot.in_flight.len() as u64);
    families.add(Family::ProcessMeasuring, labels, None, Value::Ns(snapshot.overhead.measuring_ns));
    let losses = &snapshot.losses;
    for (calls, missing) in [
        (losses.lost_calls, "everything"),
        (losses.overflow_calls, "function"),
        (losses.unbucketed_calls, "duration"),
        (losses.unattributed_calls, "caller"),
        (losses.deep_calls, "self_time"),
    ] {
        families.add(Family::ProcessLost, labels, Some(("missing", missing)), calls);
    }
    if let Some(heap) = snapshot.heap {
        families.add(Family::HeapLive, labels, None, heap.live_bytes);
        families.add(Family::HeapPeak, labels, None, heap.peak_bytes);
        families.add(Family::HeapAllocated, labels, None, heap.allocated_bytes);
        families.add(Family::HeapAllocations, labels, None, heap.allocations);
        families.add(Family::HeapFrees, labels, None, heap.frees);
    }
    // The monitor's last sample is not the present: after the end there is no memory in use.
    if process.state != State::Running {
        return;
    }
    for series in snapshot.monitor.iter().flat_map(|monitor| &monitor.series) {
        if let Some(last) = series.last() {
            let value = match series.metric.unit() {
                Unit::Ppm => Value::Real(last as f64 / 1e6),
                Unit::Nanoseconds => Value::Ns(last),
                Unit::Bytes | Unit::BytesPerSecond | Unit::Count | Unit::PerSecond => Value::Count(last),
            };
            families.add(family_of(series.metric), labels, None, value);
        }
    }
}

const fn family_of(metric: Metric) -> Family {
    match metric {
        Metric::Rss => Family::MonitorRss,
        Metric::PeakRss => Family::MonitorPeakRss,
        Metric::Virtual => Family::MonitorVirtual,
        Metric::Private => Family::MonitorPrivate,
        Metric::Shared => Family::MonitorShared,
        Metric::Heap => Family::MonitorHeap,
        Metric::Cgroup => Family::MonitorCgroup,
        Metric::Cpu => Family::MonitorCpu,
        Metric::CpuUser => Family::MonitorCpuUser,
        Metric::CpuSystem => Family::MonitorCpuSystem,
        Metric::Threads => Family::MonitorThreads,
        Metric::Files => Family::MonitorFiles,
        Metric::Faults => Family::MonitorFaults,
        Metric::MajorFaults => Family::MonitorMajorFaults,
        Metric::Switches => Family::MonitorSwitches,
        Metric::Preemptions => Family::MonitorPreemptions,
        Metric::Read => Family::MonitorRead,
        Metric::Written => Family::MonitorWritten,
        Metric::MemoryPressure => Family::MonitorMemoryPressure,
        Metric::CpuPressure => Family::MonitorCpuPressure,
        Metric::TokioWorkers => Family::TokioWorkers,
        Metric::TokioTasks => Family::TokioTasks,
        Metric::TokioQueue => Family::TokioQueue,
        Metric::TokioBusy => Family::TokioBusy,
        Metric::TokioBusiest => Family::TokioBusiest,
        Metric::TokioParks => Family::TokioParks,
    }
}
