//! Handles each sample: adds it to the timeline, and shows it to the alerts. Knows no clock and no thread, so that
//! time can be simulated.

use std::sync::Arc;
use std::time::Duration;

use perf_report::monitor::Impossible;

use super::action::Action;
use super::alert::Alert;
use super::channels::{self, Channels};
use super::course::{AlertPhase, Bounds, Change, Course};
use super::event::{AlertEvent, AlertState};
use super::impossible::{self, Unseen};
use super::recent_calls::RecentCalls;
use super::records::{AlertRecord, EventRecord};
use super::resources;
use super::system::{Sample, System};
use super::timeline::Timeline;
use super::watched::{ChannelMetric, Watched};
use super::worker::Evicted;
use crate::process::message;
use crate::recording::Recording;
use crate::recording::memory::Words;

/// How long after evicting an alert that was not cleared by it has it tried again: by then more may be idle.
const AGAIN_NS: u64 = 1_000_000_000;

/// Something that happened to an alert, for the thread that deals with it.
#[derive(Debug)]
pub(crate) struct Job {
    pub(crate) event: AlertEvent,
    pub(crate) alert: Arc<Alert>,
    pub(crate) bounds: Bounds,
    /// Whether the alert was raised before, and only its evicting is to be tried again.
    pub(crate) again: bool,
    /// Where what is done is noted.
    pub(crate) record: EventRecord,
    /// The evictions since the alert was raised.
    pub(crate) evicted: Arc<Evicted>,
}

#[derive(Debug)]
pub(crate) struct Watcher {
    recording: &'static Recording,
    timeline: Option<Timeline>,
    channels: Channels,
    alerts: Vec<WatchedAlert>,
}

/// An alert and how it stands.
#[derive(Debug)]
struct WatchedAlert {
    alert: Arc<Alert>,
    rule: Arc<str>,
    course: Course,
    recent_calls: Option<RecentCalls>,
    record: AlertRecord,
    /// Why it can't be raised.
    impossible: Option<Impossible>,
    /// The last time it was raised.
    raised: Option<Raised>,
}

#[derive(Clone, Debug)]
struct Raised {
    record: EventRecord,
    evicted: Arc<Evicted>,
    since_ns: u64,
    number: u64,
    /// When it was last acted upon.
    acted_ns: u64,
}

impl Watcher {
    pub(crate) fn new(
        recording: &'static Recording,
        interval: Duration,
        alerts: Vec<Alert>,
        system: &System,
    ) -> Watcher {
        let timeline = Timeline::of(recording, interval.as_nanos() as u64, system);
        if timeline.is_none() {
            message::say(format_args!(
                "no room for the monitor's timeline; give the recording more with PERF_CAPACITY"
            ));
        }
        let block = timeline.as_ref().map(Timeline::block);
        let alerts = alerts.into_iter().map(|alert| WatchedAlert::new(recording, block, alert, system));
        Watcher { recording, timeline, channels: Channels::default(), alerts: alerts.collect() }
    }

    /// Takes a sample that was taken at a time since the recording began. Events are given to `send`, which says whether
    /// it takes it.
    pub(crate) fn take_sample(
        &mut self,
        now_ns: u64,
        took_ns: u64,
        sample: &Sample,
        mut send: impl FnMut(Job) -> bool,
    ) {
        #[cfg(feature = "allocations")]
        self.recording.note_heap();
        if let Some(timeline) = &mut self.timeline {
            let depths = self.channels.depths(self.recording, timeline.block());
            timeline.push(now_ns, took_ns, sample, &depths);
        }
        for watched in &mut self.alerts {
            watched.look_up(self.recording);
            let value = watched.value(self.recording, now_ns, sample);
            if let Some(job) = watched.take_value(now_ns, value) {
                let again = job.again;
                if !send(job) && !again {
                    watched.record.note_dropped();
                }
            }
        }
    }

    /// The alerts whose names nothing has had so far.
    pub(crate) fn unseen(&self) -> Vec<Unseen> {
        let unseen =
            |watched: &WatchedAlert| watched.unseen().map(|why| Unseen { alert: Arc::clone(&watched.alert), why });
        self.alerts.iter().filter_map(unseen).collect()
    }
}

impl WatchedAlert {
    fn new(recording: &'static Recording, block: Option<Words>, alert: Alert, system: &System) -> WatchedAlert {
        let bounds = Bounds::of(&alert, system.memory_bytes(), system.cores());
        let recent_calls = match &alert.watched {
            Watched::Function(_, name) => Some(RecentCalls::new(name, alert.window.as_nanos() as u64)),
            _ => None,
        };
        let impossible = impossible::reason(&alert, bounds, system);
        if let Some((_, why)) = &impossible {
            impossible::say(&alert, why);
        }
        let impossible = impossible.map(|(why, _)| why);
        let record = AlertRecord::of(recording, block, &alert);
        record.note_impossible(impossible);
        WatchedAlert {
            rule: alert.to_string().into(),
            course: Course::new(&alert, bounds),
            record,
            impossible,
            alert: Arc::new(alert),
            recent_calls,
            raised: None,
        }
    }

    /// Looks for the row, or the channel, that has the name. While there is none, the recording tells that, and nobody says it: it may be
    /// made later.
    fn look_up(&mut self, recording: &Recording) {
        let why = match (&self.alert.watched, &mut self.recent_calls) {
            (Watched::Function(..), Some(calls)) => {
                if !calls.look_up(recording) {
                    return;
                }
                calls.misnamed().map(|names| impossible::misnamed(impossible::FUNCTION, names))
            }
            (Watched::Channel(_, name), _) if self.impossible != Some(Impossible::NotTold) => {
                (!channels::is_there(name)).then(|| impossible::misnamed(impossible::CHANNEL, &[]))
            }
            _ => return,
        };
        if let Some((Impossible::AmbiguousName, why)) = &why {
            impossible::say(&self.alert, why);
        }
        let why = why.map(|(why, _)| why);
        if self.impossible != why {
            self.impossible = why;
            self.record.note_impossible(why);
        }
    }

    /// Why its name means nothing, if it watches something that may be made while the program runs.
    fn unseen(&self) -> Option<String> {
        let what = match self.alert.watched {
            Watched::Function(..) => impossible::FUNCTION,
            Watched::Channel(..) => impossible::CHANNEL,
            _ => return None,
        };
        (self.impossible == Some(Impossible::UnknownName)).then(|| impossible::misnamed(what, &[]).1)
    }

    fn value(&mut self, recording: &Recording, now_ns: u64, sample: &Sample) -> Option<f64> {
        match (&self.alert.watched, &mut self.recent_calls) {
            (Watched::Metric(metric), _) => sample[*metric as usize].map(|value| value as f64),
            (&Watched::Function(figure, _), Some(calls)) => calls.figure(recording, now_ns, figure, self.course.bounds),
            (Watched::Function(..), None) => None,
            (Watched::Resource(figure, name), _) => {
                self.impossible.is_none().then(|| resources::figure(*figure, name)).flatten()
            }
            (Watched::Channel(ChannelMetric::Depth, name), _) => channels::depth(recording, name),
        }
    }

    fn take_value(&mut self, now_ns: u64, value: Option<f64>) -> Option<Job> {
        let before = self.course.phase;
        let is_idle = self.recent_calls.as_ref().is_some_and(|calls| calls.is_idle);
        let value = match before {
            // Nothing calls the function any more: whatever was wrong is over.
            AlertPhase::Raised { .. } if value.is_none() && is_idle => Some(self.course.bounds.clear),
            _ => value,
        };
        let change = self.course.take_value(now_ns, value);
        let value = match (value, self.course.phase) {
            (Some(value), _) => value,
            // Nothing is known at the moment, and so what was known last still holds.
            (None, AlertPhase::Raised { worst }) => worst,
            (None, AlertPhase::Calm { .. }) => return None,
        };
        let (state, worst, again) = match (change, self.course.phase) {
            (Change::Raised, _) => {
                let (record, number) = self.record.note_raised(now_ns, value);
                self.raised =
                    Some(Raised { record, evicted: Arc::default(), since_ns: now_ns, number, acted_ns: now_ns });
                (AlertState::Raised, value, false)
            }
            (Change::Cleared, _) => {
                let raised = self.raised.as_ref()?;
                raised.record.note_cleared(now_ns);
                let worst = if let AlertPhase::Raised { worst } = before { worst } else { value };
                let after = Duration::from_nanos(now_ns.saturating_sub(raised.since_ns));
                (AlertState::Cleared { after }, worst, false)
            }
            (Change::None, AlertPhase::Raised { worst }) => {
                let raised = self.raised.as_mut()?;
                raised.record.note_worst(worst);
                let due = now_ns.saturating_sub(raised.acted_ns) >= AGAIN_NS;
                if !due || !self.alert.actions.contains(&Action::Evict) {
                    return None;
                }
                raised.acted_ns = now_ns;
                (AlertState::Raised, worst, true)
            }
            (Change::None, AlertPhase::Calm { .. }) => return None,
        };
        let Raised { record, number, evicted, .. } = self.raised.clone()?;
        let unit = self.alert.watched.unit();
        let event = AlertEvent { rule: Arc::clone(&self.rule), state, unit, value, worst, number };
        Some(Job { event, alert: Arc::clone(&self.alert), bounds: self.course.bounds, again, record, evicted })
    }
}

#[cfg(test)]
mod tests {
    use perf_report::Snapshot;
    use perf_report::monitor::Metric;
    use perf_report::recording::{Now, read};

    use super::*;
    use crate::recording::memory::Memory;
    use crate::recording::test_origin;

    const SECOND: u64 = 1_000_000_000;
    const MIB: u64 = 1 << 20;

    fn watcher(alerts: &str) -> Watcher {
        let recording = Recording::start(Memory::heap(1 << 18), None, &test_origin()).unwrap();
        let alerts = super::super::expression::parse_all(alerts).0;
        Watcher::new(Box::leak(Box::new(recording)), Duration::from_secs(1), alerts, &System::new())
    }

    fn snapshot(watcher: &Watcher) -> Snapshot {
        let reading = read(&watcher.recording.copy(), Now::LastTick).unwrap();
        assert!(reading.is_sound(), "{:?}", reading.damages);
        reading.snapshot
    }

    fn rss(mib: u64) -> Sample {
        let mut sample = Sample::default();
        sample[Metric::Rss as usize] = Some(mib * MIB);
        sample
    }

    #[test]
    fn the_recording_tells_when_how_long_and_the_worst() {
        let mut watcher = watcher("rss > 500MiB for 2s clear 400MiB; threads > 3");
        let mut jobs = Vec::new();
        for (second, mib) in (1..).zip([100, 510, 520, 530, 612, 450, 399, 100, 501]) {
            watcher.take_sample(second * SECOND, 0, &rss(mib), |job| {
                jobs.push(job.event.to_string());
                true
            });
        }
        assert_eq!(
            jobs,
            [
                "alert raised: rss > 500MiB for 2s clear 400MiB (now 530MiB)",
                "alert cleared after 3.0s: rss > 500MiB for 2s clear 400MiB (now 399MiB, worst 612MiB)",
            ]
        );
        let [memory, threads] = &snapshot(&watcher).monitor.unwrap().alerts[..] else { panic!("two alerts") };
        assert_eq!((memory.rule.as_str(), memory.raised), ("rss > 500MiB for 2s clear 400MiB", 1));
        let event = &memory.events[0];
        assert_eq!((event.at_ns, event.cleared_ns), (4 * SECOND, Some(7 * SECOND)));
        assert_eq!((event.value, event.worst), ((530 * MIB) as f64, (612 * MIB) as f64));
        assert_eq!((threads.rule.as_str(), threads.raised), ("threads > 3", 0));
    }

    #[test]
    fn what_is_still_raised_stands_there_with_its_worst_value() {
        let mut watcher = watcher("rss > 500MiB");
        for (second, mib) in (1..).zip([501, 700, 600]) {
            watcher.take_sample(second * SECOND, 0, &rss(mib), |_| true);
        }
        let alert = snapshot(&watcher).monitor.unwrap().alerts.remove(0);
        assert_eq!((alert.events[0].cleared_ns, alert.events[0].worst), (None, (700 * MIB) as f64));
    }

    #[test]
    fn the_last_events_are_kept_and_all_are_counted() {
        let mut watcher = watcher("rss > 500MiB");
        for second in 1..=2_000 {
            watcher.take_sample(second * SECOND, 0, &rss(if second % 2 == 0 { 600 } else { 100 }), |_| second < 1_000);
        }
        let alert = snapshot(&watcher).monitor.unwrap().alerts.remove(0);
        assert_eq!((alert.raised, alert.events.len()), (1_000, 16));
        assert_eq!(alert.events.last().unwrap().at_ns, 2_000 * SECOND);
        assert!(alert.events.windows(2).all(|two| two[0].at_ns < two[1].at_ns));
        assert_eq!(alert.dropped, 1_001, "messages that were not taken");
    }

    #[test]
    fn what_evicting_did_not_clear_is_tried_again_once_a_second_and_said_once() {
        let mut watcher = watcher("rss > 500MiB then evict");
        let mut jobs = Vec::new();
        for tenth in 0..=35 {
            watcher.take_sample(tenth * SECOND / 10, 0, &rss(600), |job| {
                jobs.push((tenth, job.again));
                true
            });
        }
        assert_eq!(jobs, [(0, false), (10, true), (20, true), (30, true)]);
    }

    #[test]
    fn a_depth_that_no_channel_of_the_build_tells_is_said() {
        let mut watcher = watcher("depth(jobs) > 5");
        watcher.take_sample(SECOND, 0, &rss(1), |_| true);
        let alert = snapshot(&watcher).monitor.unwrap().alerts.remove(0);
        let why = if cfg!(feature = "depths") { Impossible::UnknownName } else { Impossible::NotTold };
        assert_eq!(alert.impossible, Some(why));
        let (reason, why) = impossible::untold_depth("depth", false).expect("no channel of the build tells it");
        assert!(reason == Impossible::NotTold && why.contains("channel-tokio"), "{why}");
        assert_eq!(impossible::untold_depth("depth", true), None);
    }

    #[test]
    fn a_monitor_after_another_goes_on_with_its_alerts() {
        let mut first = watcher("rss > 500MiB");
        first.take_sample(SECOND, 0, &rss(600), |_| true);
        let alerts = ["rss > 500MiB".parse().unwrap(), "rss > 5MiB".parse().unwrap()];
        let mut second = Watcher::new(first.recording, Duration::from_secs(1), alerts.into(), &System::new());
        second.take_sample(2 * SECOND, 0, &rss(600), |_| true);
        let alerts = snapshot(&second).monitor.unwrap().alerts;
        let raised: Vec<_> = alerts.iter().map(|alert| (alert.rule.as_str(), alert.raised)).collect();
        assert_eq!(raised, [("rss > 500MiB", 2), ("rss > 5MiB", 1)]);
    }
}
