//! The header of a recording: whether it is one, and whose.

use super::{
    RecordingError,
    blocks::{Block, Blocks},
    layout::{
        CHECKSUM, MAGIC, OLDEST_VERSION, VERSION, WORD_BYTES,
        header::{self, STATE_CLOSED, STATE_RUNNING},
    },
    scale::Scale,
};
use crate::{Clock, ClockSource, Metadata, Process, State};

/// Whether the words begin with a header that this reader knows.
pub(super) fn check(words: &[u64]) -> Result<(), RecordingError> {
    let bytes = words.len() * WORD_BYTES;
    let first = [header::MAGIC, header::VERSION, header::CHECKSUM].map(|word| words.get(word).copied());
    let [Some(magic), Some(version), Some(checksum)] = first else { return Err(RecordingError::Truncated { bytes }) };
    if magic == MAGIC.swap_bytes() {
        return Err(RecordingError::ByteOrder);
    }
    if magic != MAGIC {
        return Err(RecordingError::Foreign);
    }
    if !(OLDEST_VERSION..=VERSION).contains(&version) {
        return Err(RecordingError::Version { found: version });
    }
    if checksum != CHECKSUM {
        return Err(RecordingError::Layout { found: checksum });
    }
    if words.len() < header::LEN {
        return Err(RecordingError::Truncated { bytes });
    }
    Ok(())
}

/// Reads where the figures come from, as far as the process noted it.
pub(super) fn metadata(head: &Block<'_>, blocks: &mut Blocks<'_>) -> Metadata {
    let bytes = head.get(header::FACTS_BYTES);
    match head.get(header::FACTS) {
        0 => Metadata::default(),
        offset => blocks
            .claim(header::FACTS, 0, offset, bytes.div_ceil(WORD_BYTES as u64), "facts about the process")
            .map_or_else(Metadata::default, |block| Metadata::from_recording(&block.text(0, bytes as usize))),
    }
}

/// Reads the process's description from the header.
pub(super) fn process(
    head: &Block<'_>,
    recorded_ns: u64,
    running: bool,
    scale: Scale,
    blocks: &mut Blocks<'_>,
) -> Process {
    let state = match head.get(header::STATE) {
        STATE_CLOSED => State::Closed,
        STATE_RUNNING if running => State::Running,
        STATE_RUNNING => State::Killed,
        state => {
            blocks.damage(header::STATE, || format!("unknown state {state}"));
            State::Killed
        }
    };
    let source = match head.get(header::CLOCK_SOURCE) {
        header::CLOCK_TSC => ClockSource::Tsc,
        header::CLOCK_CNTVCT => ClockSource::Cntvct,
        header::CLOCK_MONOTONIC => ClockSource::Monotonic,
        source => {
            blocks.damage(header::CLOCK_SOURCE, || format!("unknown clock {source}"));
            ClockSource::Tsc
        }
    };
    let bytes = head.get(header::PROGRAM_BYTES);
    let program = match head.get(header::PROGRAM) {
        0 => None,
        offset => blocks.claim(header::PROGRAM, 0, offset, bytes.div_ceil(WORD_BYTES as u64), "name of the program"),
    };
    Process {
        program: program.map_or_else(String::new, |block| block.text(0, bytes as usize)),
        pid: u32::try_from(head.get(header::PID)).unwrap_or(u32::MAX),
        started_unix_ns: head.get(header::START_UNIX_NS),
        recorded_ns,
        unrecorded_ns: head.get(header::UNRECORDED_NS),
        locks_noted: head.get(header::LOCKS_NOTED) == 1,
        state,
        clock: Clock { source, ns_per_tick: scale.ns_per_tick() },
        threads: head.get(header::THREADS),
    }
}
