//! The process that a file is about, read from the beginning of the file: a recording and a snapshot of one process must not
//! count as two processes.

use std::{
    collections::HashMap,
    fmt,
    fs::File,
    io::{BufReader, Read},
    path::{Path, PathBuf},
};

use serde::{
    Deserialize, Deserializer,
    de::{IgnoredAny, MapAccess, Visitor},
};

use crate::{
    Process, Snapshot,
    recording::{
        Recording,
        layout::{WORD_BYTES, header},
    },
};

/// The identity of a process: the time at which it began to record, and its id.
pub(super) type ProcessId = (u64, u32);

/// The identity of a process; `None` if it is not known when it began.
pub(super) fn process_id(process: &Process) -> Option<ProcessId> {
    (process.started_unix_ns != 0).then_some((process.started_unix_ns, process.pid))
}

/// The processes whose figures a snapshot holds: one, or those of a sum.
pub(super) fn process_ids(snapshot: &Snapshot) -> Vec<ProcessId> {
    match snapshot.sources.is_empty() {
        true => process_id(&snapshot.process).into_iter().collect(),
        false => snapshot.sources.iter().filter_map(|source| process_id(&source.process)).collect(),
    }
}

/// The beginning of a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Beginning {
    id: ProcessId,
    is_recording: bool,
    /// The recorded time that a snapshot covers; 0 for a recording, which always covers everything.
    recorded_ns: u64,
}

impl Beginning {
    /// Whether this file knows more about the process than another file of the same process.
    fn knows_more_than(&self, other: &Beginning) -> bool {
        (self.is_recording, self.recorded_ns) > (other.is_recording, other.recorded_ns)
    }
}

/// For each file, the place of the file that counts for its process: mostly its own.
///
/// A recording counts before a snapshot, because it holds everything up to the end of the process; of several snapshots the
/// latest counts. A file whose beginning cannot be read counts, and reading it whole then gives the error.
pub(super) fn counting(files: &[PathBuf]) -> Vec<usize> {
    let beginnings: Vec<Option<Beginning>> = files.iter().map(|file| beginning(file)).collect();
    let mut best: HashMap<ProcessId, usize> = HashMap::new();
    for (place, beginning) in beginnings.iter().enumerate() {
        let Some(beginning) = beginning else { continue };
        let best = best.entry(beginning.id).or_insert(place);
        if beginnings[*best].is_some_and(|best| beginning.knows_more_than(&best)) {
            *best = place;
        }
    }
    let of = |(place, beginning): (usize, &Option<Beginning>)| beginning.map_or(place, |beginning| best[&beginning.id]);
    beginnings.iter().enumerate().map(of).collect()
}

fn beginning(path: &Path) -> Option<Beginning> {
    // A pipe can be read only once.
    let mut file = File::open(path).ok().filter(|file| file.metadata().is_ok_and(|file| file.is_file()))?;
    let mut start = vec![0; 8];
    file.read_exact(&mut start).ok()?;
    if Recording::is_recording(&start) {
        let length = header::LEN * WORD_BYTES;
        file.take((length - start.len()) as u64).read_to_end(&mut start).ok()?;
        let word = |at: usize| start.get(at * WORD_BYTES..)?.first_chunk().map(|word| u64::from_ne_bytes(*word));
        let id = (word(header::START_UNIX_NS)?, u32::try_from(word(header::PID)?).ok()?);
        return (id.0 != 0).then_some(Beginning { id, is_recording: true, recorded_ns: 0 });
    }
    let mut found = None;
    let text = BufReader::new(start.as_slice().chain(file));
    // The visitor stops behind the process. The parser takes that for an error, but the process has been read by then.
    let _ = serde_json::Deserializer::from_reader(text).deserialize_map(Head { found: &mut found });
    let process = found?;
    Some(Beginning { id: process_id(&process)?, is_recording: false, recorded_ns: process.recorded_ns })
}

/// Reads a snapshot up to its process. A sum has no single process; the processes of a sum are compared when it is added.
struct Head<'a> {
    found: &'a mut Option<Process>,
}

impl<'de> Visitor<'de> for Head<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a snapshot")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        let mut process = None;
        while let Some(key) = map.next_key::<Key>()? {
            match key {
                Key::Process => process = Some(map.next_value()?),
                Key::Sources => return Ok(()),
                Key::Other if process.is_some() => break,
                Key::Other => drop(map.next_value::<IgnoredAny>()?),
            }
        }
        *self.found = process;
        Ok(())
    }
}

#[derive(Deserialize)]
#[serde(field_identifier, rename_all = "lowercase")]
enum Key {
    Process,
    Sources,
    #[serde(other)]
    Other,
}

/// The name of a program without the hash that cargo appends to tests and benchmarks, which changes with every build.
pub(super) fn without_hash(program: &str) -> &str {
    match program.rsplit_once('-') {
        Some((name, hash)) if hash.len() == 16 && hash.bytes().all(|byte| byte.is_ascii_hexdigit()) => name,
        _ => program,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::command::programs::{Folder, function, process};

    #[test]
    fn the_hash_of_a_build_is_not_part_of_a_programs_name() {
        assert_eq!(without_hash("bench-0123456789abcdef"), "bench");
        assert_eq!(without_hash("word-index"), "word-index");
    }

    #[test]
    fn a_snapshot_is_known_by_its_beginning_and_a_sum_is_not() {
        let folder = Folder::new();
        let one = process(7, vec![function("f", &[(1, 1)])]);
        folder.put("one.json", one.to_json());
        let known = beginning(&folder.path("one.json")).unwrap();
        assert_eq!((known.id, known.is_recording), ((one.process.started_unix_ns, 7), false));
        assert_eq!(known.recorded_ns, one.process.recorded_ns);

        let mut merge = crate::Merge::new();
        merge.add("one", one.clone());
        merge.add("two", process(8, vec![]));
        folder.put("sum.json", merge.finish().to_json());
        folder.put("other.json", "{\"process\":[]}");
        folder.put("short", "{");
        for name in ["sum.json", "other.json", "short", "missing"] {
            assert_eq!(beginning(&folder.path(name)), None, "{name}");
        }
    }

    #[test]
    fn of_two_snapshots_of_a_process_the_later_counts() {
        let folder = Folder::new();
        let mut snapshot = process(7, vec![]);
        folder.put("b.json", snapshot.to_json());
        snapshot.process.recorded_ns += 1;
        folder.put("a.json", snapshot.to_json());
        folder.put("c.json", process(8, vec![]).to_json());
        let path = |name| folder.path(name);
        assert_eq!(counting(&["a.json", "b.json", "c.json", "missing"].map(path)), [0, 0, 2, 3]);
    }
}
