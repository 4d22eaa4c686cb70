//! The metrics there are, and their samples.

use std::borrow::Cow;

use super::labels::Labels;
use crate::Latency;

/// The meaning of a metric's values.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// A sum that only rises.
    Counter,
    /// A value that rises and falls.
    Gauge,
    /// A distribution of durations.
    Histogram,
}

/// The unit of a metric's values; its name ends in it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Unit {
    None,
    Seconds,
    Bytes,
    Ratio,
}

impl Unit {
    /// As names end in it.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Unit::None => "",
            Unit::Seconds => "seconds",
            Unit::Bytes => "bytes",
            Unit::Ratio => "ratio",
        }
    }
}

macro_rules! families {
    ($($name:ident $text:literal $kind:ident $unit:ident $help:literal,)*) => {
        /// A metric.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub(crate) enum Family {
            $(#[doc = $help] $name,)*
        }

        impl Family {
            /// All of them, in the order in which they are written.
            pub(crate) const ALL: &'static [Family] = &[$(Family::$name,)*];

            /// Its name; that of a counter's samples ends in `_total` too.
            pub(crate) const fn name(self) -> &'static str {
                match self { $(Family::$name => $text,)* }
            }

            pub(crate) const fn kind(self) -> Kind {
                match self { $(Family::$name => Kind::$kind,)* }
            }

            pub(crate) const fn unit(self) -> Unit {
                match self { $(Family::$name => Unit::$unit,)* }
            }

            /// Its description, in a sentence.
            pub(crate) const fn help(self) -> &'static str {
                match self { $(Family::$name => $help,)* }
            }
        }
    };
}

families! {
    ExporterFunctionLimit "perf_exporter_functions_limit" Gauge None "Functions that are shown one by one at most, over all processes.",
    ExporterRecordings "perf_exporter_recordings" Gauge None "Recordings that are exported.",
    ExporterUnreadable "perf_exporter_unreadable_recordings" Gauge None "Recordings that could not be read.",
    ExporterLeftOut "perf_exporter_left_out_recordings" Gauge None "Recordings beyond the number that is read.",
    ExporterFolded "perf_exporter_folded_functions" Gauge None "Functions beyond the limit, which are added up as function=\"(other)\".",
    ExporterDamages "perf_exporter_damaged_places" Gauge None "Places of the recording that are damaged and left out.",
    ProcessState "perf_process_state" Gauge None "1 for the state that the process is in: running, closed (it ended in order) or killed.",
    ProcessStart "perf_process_recording_start_seconds" Gauge Seconds "When the recording began, since the Unix epoch.",
    ProcessRecorded "perf_process_recorded_seconds" Counter Seconds "Time for which the process has recorded.",
    ProcessThreads "perf_process_threads" Counter None "Threads that called an annotated function, ended ones too.",
    ProcessInFlight "perf_process_in_flight_calls" Gauge None "Calls that have begun and not ended.",
    ProcessMeasuring "perf_process_measuring_seconds" Counter Seconds "Time that measuring took, over all threads. The other times are without it.",
    ProcessLost "perf_process_incomplete_calls" Counter None "Calls that are not recorded in full, by what is missing.",
    HeapLive "perf_heap_live_bytes" Gauge Bytes "Heap memory in use.",
    HeapPeak "perf_heap_peak_bytes" Gauge Bytes "Most heap memory in use at any time.",
    HeapAllocated "perf_heap_allocated_bytes" Counter Bytes "Heap memory allocated.",
    HeapAllocations "perf_heap_allocations" Counter None "Allocations.",
    HeapFrees "perf_heap_frees" Counter None "Deallocations.",
    Calls "perf_function_calls" Counter None "Calls that ended. Exact, also where timing is adaptive.",
    TimedCalls "perf_function_timed_calls" Counter None "Calls whose duration was measured, where timing is adaptive. The others are estimated from them.",
    Duration "perf_function_duration_seconds" Histogram Seconds "Durations of calls, estimates where timing is adaptive; of futures, from the first poll to the end.",
    Longest "perf_function_longest_call_seconds" Gauge Seconds "The longest call since the recording began.",
    Running "perf_function_running_seconds" Counter Seconds "Time in which a call was running, per thread. Of recursive calls only the outermost counts.",
    SelfTime "perf_function_self_seconds" Counter Seconds "Time in the function itself, without the annotated functions it called.",
    Waiting "perf_function_waiting_seconds" Counter Seconds "Time in which a call waited, itself or in what it called, for locks, channels, queries, files, requests; of futures, also the time outside their polls. In part an estimate where what waits has several callers.",
    SelfEstimated "perf_function_self_estimated" Gauge None "1 if the self time is partly an estimate, because its timing or that of a function it calls is adaptive.",
    InFlight "perf_function_in_flight_calls" Gauge None "Calls that have begun and not ended.",
    Oldest "perf_function_oldest_call_seconds" Gauge Seconds "How long the oldest call has run that has not ended; 0 if there is none.",
    Unwound "perf_function_unwound_calls" Counter None "Calls that ended by a panic passing through them.",
    Abandoned "perf_function_abandoned_calls" Counter None "Calls that never ended, because their guard was leaked or their stack abandoned.",
    Polls "perf_function_polls" Counter None "Polls of a future.",
    Busy "perf_function_polling_seconds" Counter Seconds "Time in polls of a future.",
    Cancelled "perf_function_cancelled_futures" Counter None "Futures dropped between their first poll and their end.",
    NeverPolled "perf_function_never_polled_futures" Counter None "Futures dropped without ever being polled.",
    Allocations "perf_function_allocations" Counter None "Allocations during calls.",
    Allocated "perf_function_allocated_bytes" Counter Bytes "Heap memory allocated during calls.",
    SelfAllocated "perf_function_self_allocated_bytes" Counter Bytes "Heap memory allocated by the function itself.",
    Results "perf_query_results" Counter None "Results of statements whose number of rows is known.",
    Rows "perf_query_rows" Counter None "Rows that these results returned or changed.",
    Depth "perf_channel_depth" Gauge None "Messages that waited in a channel when one of its ends last looked.",
    Deepest "perf_channel_deepest" Gauge None "Most messages that waited in a channel when one of its ends looked.",
    Capacity "perf_channel_capacity" Gauge None "Messages that a channel has room for, if it has a limit.",
    ResourceState "perf_resource_state" Gauge None "1 for the state that the resource is in.",
    ResourceInits "perf_resource_initialisations" Counter None "Successful initialisations.",
    ResourceFailures "perf_resource_failures" Counter None "Initialisations that failed, panicked or timed out.",
    ResourceInitTime "perf_resource_last_initialisation_seconds" Gauge Seconds "Duration of the last successful initialisation.",
    ResourceWaits "perf_resource_waits" Counter None "Accesses that waited for an initialisation.",
    ResourceAccesses "perf_resource_accesses" Counter None "Leases given. Accesses by reference are not counted.",
    ResourceLeases "perf_resource_leases" Gauge None "Leases that are out.",
    ResourceWeight "perf_resource_weight_bytes" Gauge Bytes "Size of the value.",
    ResourceIdle "perf_resource_idle_seconds" Gauge Seconds "Time since the value was last used.",
    ResourceEvictions "perf_resource_evictions" Counter None "Evictions of the value.",
    ResourceFreed "perf_resource_freed_bytes" Counter Bytes "Memory that evicted values held.",
    ResourceHealthy "perf_resource_healthy" Gauge None "The last result of the health check: 1 healthy, 0 not.",
    AlertRaised "perf_alert_raised" Counter None "How often the alert was raised.",
    AlertActive "perf_alert_active" Gauge None "1 from when the alert is raised until it is cleared.",
    AlertDropped "perf_alert_dropped_notifications" Counter None "Notifications that were dropped because earlier ones were waiting.",
    MonitorRss "perf_process_resident_memory_bytes" Gauge Bytes "Memory in RAM: the resident set.",
    MonitorPeakRss "perf_process_peak_resident_memory_bytes" Gauge Bytes "Highest resident set so far.",
    MonitorVirtual "perf_process_virtual_memory_bytes" Gauge Bytes "Address space.",
    MonitorPrivate "perf_process_private_memory_bytes" Gauge Bytes "Resident memory that is the process's own.",
    MonitorShared "perf_process_shared_memory_bytes" Gauge Bytes "Resident memory that others may share.",
    MonitorHeap "perf_process_heap_bytes" Gauge Bytes "Live bytes of the counting allocator.",
    MonitorCgroup "perf_process_cgroup_memory_bytes" Gauge Bytes "Memory of the cgroup.",
    MonitorCpu "perf_process_cpu_ratio" Gauge Ratio "Time on processors, as a share of one core.",
    MonitorCpuUser "perf_process_cpu_user_ratio" Gauge Ratio "Time on processors in the program, as a share of one core.",
    MonitorCpuSystem "perf_process_cpu_system_ratio" Gauge Ratio "Time on processors in the system, as a share of one core.",
    MonitorThreads "perf_process_system_threads" Gauge None "Threads, with those that call no annotated function.",
    MonitorFiles "perf_process_open_files" Gauge None "Open files, sockets and the like.",
    MonitorFaults "perf_process_page_faults_per_second" Gauge None "Page faults that read nothing from disk.",
    MonitorMajorFaults "perf_process_major_page_faults_per_second" Gauge None "Page faults that read from disk.",
    MonitorSwitches "perf_process_context_switches_per_second" Gauge None "Context switches because a thread waited.",
    MonitorPreemptions "perf_process_preemptions_per_second" Gauge None "Context switches because another thread was given the processor.",
    MonitorRead "perf_process_read_bytes_per_second" Gauge None "Bytes read by system calls.",
    MonitorWritten "perf_process_written_bytes_per_second" Gauge None "Bytes written by system calls.",
    MonitorMemoryPressure "perf_process_memory_pressure_ratio" Gauge Ratio "Share of time in which a task of the cgroup waited for memory.",
    MonitorCpuPressure "perf_process_cpu_pressure_ratio" Gauge Ratio "Share of time in which a task of the cgroup waited for a processor.",
    TokioWorkers "perf_tokio_workers" Gauge None "Worker threads of the runtimes of tokio.",
    TokioTasks "perf_tokio_alive_tasks" Gauge None "Tasks that have not ended.",
    TokioQueue "perf_tokio_global_queue_tasks" Gauge None "Tasks in the global queues.",
    TokioBusy "perf_tokio_busy_ratio" Gauge Ratio "Time in which workers were busy, as a share of one worker.",
    TokioBusiest "perf_tokio_busiest_worker_ratio" Gauge Ratio "Share of time in which the busiest worker was busy.",
    TokioParks "perf_tokio_parks_per_second" Gauge None "How often workers found nothing to do, and slept.",
}

/// A value of a metric.
#[derive(Clone, Debug)]
pub(crate) enum Value<'a> {
    Count(u64),
    /// Nanoseconds, which are written as seconds.
    Ns(u64),
    Real(f64),
    /// Durations, and their exact sum in nanoseconds.
    Histogram(Cow<'a, Latency>, u64),
}

impl From<u64> for Value<'_> {
    fn from(count: u64) -> Self {
        Value::Count(count)
    }
}

impl From<bool> for Value<'_> {
    fn from(is: bool) -> Self {
        Value::Count(u64::from(is))
    }
}

/// One value and what tells it from the others of its metric.
#[derive(Clone, Debug)]
pub(crate) struct Sample<'a> {
    pub(crate) labels: Labels,
    /// One label more.
    pub(crate) more: Option<(&'static str, &'static str)>,
    pub(crate) value: Value<'a>,
}

/// The samples of all metrics.
#[derive(Debug)]
pub(crate) struct Families<'a>(Vec<Vec<Sample<'a>>>);

impl Default for Families<'_> {
    fn default() -> Self {
        Families(Family::ALL.iter().map(|_| Vec::new()).collect())
    }
}

impl<'a> Families<'a> {
    /// Adds a sample.
    pub(super) fn add(
        &mut self,
        family: Family,
        labels: &Labels,
        more: Option<(&'static str, &'static str)>,
        value: impl Into<Value<'a>>,
    ) {
        self.0[family as usize].push(Sample { labels: labels.clone(), more, value: value.into() });
    }

    /// The metrics that have samples.
    pub(crate) fn iter(&self) -> impl Iterator<Item = (Family, &[Sample<'a>])> {
        let all = Family::ALL.iter().map(|&family| (family, self.0[family as usize].as_slice()));
        all.filter(|(_, samples)| !samples.is_empty())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_end_in_their_unit_and_are_valid() {
        for (place, family) in Family::ALL.iter().enumerate() {
            let (name, unit) = (family.name(), family.unit().name());
            assert!(name.ends_with(unit) && !name.ends_with("_total"), "{name}");
            assert!(name.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'_'), "{name}");
            assert!(family.help().ends_with('.'), "{name}");
            assert!(Family::ALL[..place].iter().all(|other| other.name() != name), "{name} is there twice");
        }
    }
}
