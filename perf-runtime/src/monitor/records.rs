//! Alerts in the recording. See [`layout::alert`](perf_report::recording::layout::alert).

use perf_report::monitor::{ActionKind, Impossible, Unit};
use perf_report::recording::layout::alert::{self, action, event};
use perf_report::recording::layout::{WORD_BYTES, monitor};

use super::action::Action;
use super::alert::Alert;
use crate::recording::Recording;
use crate::recording::memory::Words;

/// A place in the recording that may be taken to another thread.
#[derive(Clone, Copy, Debug)]
struct RecordAddress {
    recording: &'static Recording,
    offset: usize,
}

impl RecordAddress {
    fn of(recording: &'static Recording, words: Words) -> RecordAddress {
        RecordAddress { recording, offset: recording.offset(words) }
    }

    fn words(self) -> Words {
        self.recording.words(self.offset)
    }
}

/// An alert's record; nothing is kept where there was no room for it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct AlertRecord(Option<RecordAddress>);

impl AlertRecord {
    /// The record of an alert: the one that an earlier monitor left, or a new one.
    pub(crate) fn of(recording: &'static Recording, block: Option<Words>, alert: &Alert) -> AlertRecord {
        let words = block.and_then(|block| find_alert(block, alert).or_else(|| add_alert(recording, block, alert)));
        AlertRecord(words.map(|words| RecordAddress::of(recording, words)))
    }

    /// Notes whether it can be raised.
    pub(crate) fn note_impossible(self, why: Option<Impossible>) {
        if let AlertRecord(Some(record)) = self {
            let number = why.and_then(|why| Impossible::ALL.iter().position(|&known| known == why));
            record.words().set(alert::IMPOSSIBLE, number.map_or(0, |number| number as u64 + 1));
        }
    }

    /// Notes that the alert was raised, and returns the place for what comes of it, and how often that was.
    pub(crate) fn note_raised(self, now_ns: u64, value: f64) -> (EventRecord, u64) {
        let AlertRecord(Some(record)) = self else { return (EventRecord(None), 0) };
        let words = record.words();
        let raised = words.get(alert::RAISED);
        let place = words.at(alert::RING + (raised % alert::EVENTS as u64) as usize * event::LEN);
        (0..event::LEN).for_each(|word| place.set(word, 0));
        place.set(event::AT, now_ns);
        place.set(event::VALUE, value.to_bits());
        place.set(event::WORST, value.to_bits());
        words.publish(alert::RAISED, raised.wrapping_add(1));
        (EventRecord(Some((RecordAddress::of(record.recording, place), now_ns))), raised.wrapping_add(1))
    }

    /// Notes that a message about the alert was left out.
    pub(crate) fn note_dropped(self) {
        if let AlertRecord(Some(record)) = self {
            record.words().add(alert::DROPPED, 1);
        }
    }
}

fn find_alert(block: Words, wanted: &Alert) -> Option<Words> {
    let rule = wanted.to_string();
    let has_rule = |words: &Words| {
        let bytes = words.twins().get(alert::RULE_BYTES) as usize;
        let text = (0..bytes.div_ceil(WORD_BYTES)).flat_map(|word| words.get(alert::RULE + word).to_ne_bytes());
        bytes == rule.len() && text.take(bytes).eq(rule.bytes())
    };
    let newest = block.twins().block(monitor::ALERTS);
    std::iter::successors(newest, |words| words.twins().block(alert::NEXT)).find(has_rule)
}

fn add_alert(recording: &Recording, block: Words, added: &Alert) -> Option<Words> {
    let rule = added.to_string();
    let words = recording.allocate(alert::RULE + rule.len().div_ceil(WORD_BYTES))?;
    let unit = Unit::ALL.iter().position(|&unit| unit == added.watched.unit());
    if let Some(older) = block.twins().block(monitor::ALERTS) {
        recording.link(words, alert::NEXT, older, recording.header());
    }
    words.set(alert::UNIT, unit.unwrap_or(0) as u64);
    words.set(alert::RULE_BYTES, rule.len() as u64);
    words.twins().set(alert::RULE_BYTES, rule.len() as u64);
    words.at(alert::RULE).write_text(&rule);
    recording.link(block, monitor::ALERTS, words, recording.header());
    Some(words)
}

/// The place for one time that an alert was raised, and when that was: the ring may have come round since.
#[derive(Clone, Copy, Debug)]
pub(crate) struct EventRecord(Option<(RecordAddress, u64)>);

impl EventRecord {
    fn words(self) -> Option<Words> {
        self.0
            .map(|(place, at)| (place.words(), at))
            .filter(|&(words, at)| words.get(event::AT) == at)
            .map(|found| found.0)
    }

    pub(crate) fn note_worst(self, value: f64) {
        if let Some(words) = self.words() {
            words.set(event::WORST, value.to_bits());
        }
    }

    pub(crate) fn note_cleared(self, now_ns: u64) {
        if let Some(words) = self.words() {
            words.set(event::CLEARED, now_ns.max(1));
        }
    }

    /// Notes that an action begins, and returns the place for how it ends.
    pub(crate) fn begin_action(self, kind: &Action, now_ns: u64, rss: Option<u64>) -> ActionRecord {
        let Some(words) = self.words() else { return ActionRecord(None) };
        let begun = words.get(event::ACTIONS) as usize;
        if begun >= event::ACTION_COUNT {
            words.add(event::ACTIONS, 1);
            return ActionRecord(None);
        }
        let place = words.at(event::ACTION + begun * action::LEN);
        let kind = match kind {
            Action::Evict => ActionKind::Evict,
            Action::Trim => ActionKind::Trim,
            Action::Snapshot(_) => ActionKind::Snapshot,
            Action::Call(_) => ActionKind::Call,
            Action::Trace(..) => ActionKind::Trace,
        };
        let kind = ActionKind::ALL.iter().position(|&known| known == kind);
        place.set(action::KIND, kind.unwrap_or(0) as u64);
        place.set(action::AT, now_ns);
        place.set(action::BEFORE, rss.unwrap_or(monitor::NONE));
        place.set(action::AFTER, monitor::NONE);
        place.set(action::FREED, monitor::NONE);
        words.publish(event::ACTIONS, begun as u64 + 1);
        ActionRecord(Some((place, self)))
    }
}

/// The place for an action that has begun.
#[derive(Clone, Copy, Debug)]
pub(crate) struct ActionRecord(Option<(Words, EventRecord)>);

impl ActionRecord {
    pub(crate) fn end_action(self, took_ns: u64, done: bool, freed: Option<u64>, rss: Option<u64>) {
        if let Some((place, event)) = self.0
            && event.words().is_some()
        {
            place.set(action::DONE, u64::from(done));
            place.set(action::FREED, freed.unwrap_or(monitor::NONE));
            place.set(action::AFTER, rss.unwrap_or(monitor::NONE));
            place.publish(action::TOOK, took_ns + 1);
        }
    }
}
