//! Where the stacks come from: a running process, one that has ended, a command to start, or a file to compare with.

use std::{
    fs, io,
    path::{Path, PathBuf},
    time::{Duration, Instant},
};

use super::{
    FlameArgs, program,
    program::Program,
    sampler::{Sampler, SamplerOptions, SamplingEnd},
    shown,
    signals::EndWish,
};
use crate::{
    Snapshot, State,
    command::{
        Outcome, Streams, input,
        live::{Target, find},
    },
    data::profile::StackProfile,
    recording::{Reading, Recording, RecordingError},
    view::{stacks::folded, text::plural},
};

/// How long a running process is looked at, unless somebody says otherwise.
const USUAL_TIME: Duration = Duration::from_secs(10);

/// How long to wait between two checks for a recording to appear.
const NOTICE: Duration = Duration::from_millis(1);

/// Stacks, and how the command ends when they are shown.
pub(super) struct Collected {
    /// `None` if there are none, as was said.
    pub(super) profile: Option<StackProfile>,
    pub(super) outcome: Outcome,
}

/// The stacks that the arguments ask for. Why there are none goes to standard error.
pub(super) fn collect(args: &FlameArgs, streams: &mut Streams<'_>) -> Option<Collected> {
    let Some(target) = &args.target else { return of_command(args, streams) };
    let (open_at, name) = match Target::new(target) {
        Target::File(path) => (path.clone(), path),
        Target::Process(pid) => match find::recording_of(pid) {
            Ok(found) => (found.open_at, found.name),
            Err(error) => {
                streams.error(error);
                return None;
            }
        },
    };
    let pid = match Target::new(target) {
        Target::Process(pid) => Some(pid),
        Target::File(_) => None,
    };
    of_recording(args, &open_at, &name, pid, streams)
}

fn of_recording(
    args: &FlameArgs,
    open_at: &Path,
    name: &Path,
    pid: Option<u32>,
    streams: &mut Streams<'_>,
) -> Option<Collected> {
    let is_live = open_at.is_file() && is_recording(open_at) && {
        Recording::open(open_at).is_ok_and(|recording| recording.writer_is_alive())
    };
    if !is_live {
        return of_file(open_at, streams).map(|(profile, outcome)| Collected { profile: Some(profile), outcome });
    }
    let wish = EndWish::watch().map_err(|error| streams.error(error)).ok()?;
    let until = Instant::now() + args.time.unwrap_or(USUAL_TIME);
    let id = find::file_id(open_at).ok().flatten();
    let run = look_at(args, open_at, pid, || Instant::now() >= until || wish.is_there());
    let (profile, end, reading) = run.map_err(|error| streams.error(format_args!("{}: {error}", shown(name)))).ok()?;
    if end == SamplingEnd::ProcessEnded {
        let replaced = find::file_id(name).is_ok_and(|now| now.is_some() && now != id);
        let and = if replaced { ", and another process records to this file by now" } else { "" };
        streams.warning(format_args!("{}: the process ended while it was looked at{and}", shown(name)));
    }
    let outcome = damages(name, &reading, streams);
    if profile.looks.samples == 0 {
        streams.error(format_args!(
            "{}: no thread of the process had an annotated function to show in {} looks",
            shown(name),
            profile.looks.looks
        ));
        return Some(Collected { profile: None, outcome: Outcome::Failed });
    }
    Some(Collected { profile: Some(profile), outcome })
}

/// Looks at a recording until `enough` says so or its process ends.
fn look_at(
    args: &FlameArgs,
    path: &Path,
    pid: Option<u32>,
    enough: impl FnMut() -> bool,
) -> Result<(StackProfile, SamplingEnd, Reading), RecordingError> {
    let mut recording = Recording::open(path)?;
    let options =
        SamplerOptions { period: Duration::from_secs(1) / args.rate, threads: args.threads, places: args.places };
    let pid = process_of(&recording, path, pid)?;
    let mut sampler = Sampler::new(&recording, pid, options)?;
    let end = sampler.run(&recording, enough)?;
    let reading = recording.read()?;
    Ok((sampler.take(&reading), end, reading))
}

/// The process that writes a recording, if it is on this machine: a process of the same id elsewhere is another one.
fn process_of(recording: &Recording, path: &Path, pid: Option<u32>) -> io::Result<Option<u32>> {
    let told = crate::recording::outside::OutsideStacks::of(recording)?.pid();
    let Some(id) = find::file_id(path)? else { return Ok(None) };
    let pid = u32::try_from(told).ok().filter(|told| pid.is_none_or(|pid| pid == *told));
    Ok(pid.filter(|&pid| find::recordings(pid).is_ok_and(|found| found.iter().any(|found| found.id == id))))
}

/// The stacks in a file: those that a process sampled of itself, or folded ones.
pub(super) fn of_file(path: &Path, streams: &mut Streams<'_>) -> Option<(StackProfile, Outcome)> {
    let reading = match input::load(path, streams.input) {
        Ok(reading) => reading,
        Err(input::InputError::Snapshot(error)) => {
            // A file that is no snapshot may hold folded stacks.
            return match fs::read_to_string(path).ok().map(|text| folded::parse(&text)) {
                Some(Ok(profile)) => Some((profile, Outcome::Complete)),
                Some(Err(line)) => {
                    streams.error(format_args!(
                        "{}: neither a recording nor a snapshot nor folded stacks: {line}",
                        shown(path)
                    ));
                    None
                }
                None => {
                    streams.error(format_args!("{}: {error}", shown(path)));
                    None
                }
            };
        }
        Err(error) => {
            streams.error(format_args!("{}: {error}", shown(path)));
            return None;
        }
    };
    let outcome = damages(path, &reading, streams);
    let profile = StackProfile::of_own_samples(&reading.snapshot);
    if profile.is_none() {
        streams.error(format_args!("{}: {}", shown(path), no_stacks(&reading.snapshot)));
    }
    profile.map(|profile| (profile, outcome))
}

/// Why there are no stacks in a file, and how to get them.
fn no_stacks(snapshot: &Snapshot) -> String {
    let how = "start it with PERF_STACKS=99/s to have it sample them, or look at it while it runs: `cargo perf-report flame PID`, \
               `cargo perf-report flame -- COMMAND`";
    match snapshot.process.state {
        State::Running => format!("no stacks are in it; {how}"),
        _ => format!("the process has ended and sampled no stacks of itself; {how}"),
    }
}

fn damages(path: &Path, reading: &Reading, streams: &mut Streams<'_>) -> Outcome {
    for damage in &reading.damages {
        streams.warning(format_args!("{}: damaged: {damage}", shown(path)));
    }
    if reading.further_damages > 0 {
        streams.warning(format_args!("{}: {} more places are damaged", shown(path), reading.further_damages));
    }
    if reading.is_sound() { Outcome::Complete } else { Outcome::Partial }
}

fn is_recording(path: &Path) -> bool {
    use io::Read;
    let mut start = Vec::new();
    fs::File::open(path).and_then(|file| file.take(8).read_to_end(&mut start)).is_ok()
        && Recording::is_recording(&start)
}

/// Starts a command and looks at whatever records to the file it is told, one process after the other.
fn of_command(args: &FlameArgs, streams: &mut Streams<'_>) -> Option<Collected> {
    let name = program::shown(&args.command);
    // Earlier output belongs before that of the command.
    streams.output.flush().ok()?;
    let wish = EndWish::watch().map_err(|error| streams.error(error)).ok()?;
    let mut command = match Program::start(&args.command) {
        Ok(command) => command,
        Err(error) => {
            streams.error(format_args!("{name}: cannot be started: {error}"));
            return None;
        }
    };
    let until = args.time.map(|time| Instant::now() + time);
    let mut sum: Option<StackProfile> = None;
    let mut seen = None;
    loop {
        let enough = wish.is_there() || until.is_some_and(|until| Instant::now() >= until);
        if wish.is_terminated() {
            command.tell_to_end();
        }
        let ended = command.ended().ok()?.is_some();
        match fresh(&command.recording(), &mut seen) {
            Some(path) if !enough => {
                let run = look_at(args, &path, None, || {
                    wish.is_there() || until.is_some_and(|until| Instant::now() >= until)
                });
                match run {
                    Ok((profile, ..)) => sum = Some(sum.map_or(profile.clone(), |sum| sum.plus(&profile))),
                    Err(error) => streams.warning(format_args!("{name}: its recording: {error}")),
                }
                continue;
            }
            _ => {}
        }
        if ended || (enough && !wish.is_there()) {
            break;
        }
        std::thread::sleep(NOTICE);
    }
    // After its time it goes on without being looked at.
    let status = command.wait().map_err(|error| streams.error(error)).ok()?;
    let code = program::shell_status(status);
    if code != 0 {
        streams.warning(format_args!("{name}: {status}"));
    }
    let others = command.others().iter().filter(|path| is_recording(path)).count() as u64;
    if others > 0 {
        streams.warning(format_args!(
            "{name}: {others} other {} recorded at the same time and {} not shown; start each with PERF_RECORDING=FILE and look at its file",
            plural(others, "process", "processes"),
            plural(others, "is", "are"),
        ));
    }
    let profile = sum.filter(|profile| profile.looks.samples > 0);
    if profile.is_none() {
        streams.error(match seen {
            None => {
                format!("{name}: the command recorded nothing; it must be built with `#[profile]` on its functions")
            }
            Some(_) => format!("{name}: the command ended before its stacks could be looked at"),
        });
    }
    let outcome = match (code, &profile) {
        (0, Some(_)) => Outcome::Complete,
        (0, None) => Outcome::Failed,
        (code, _) => Outcome::CommandEnded(code),
    };
    Some(Collected { profile, outcome })
}

/// The recording of a process that was not seen before, if there is one.
fn fresh(path: &Path, seen: &mut Option<find::FileId>) -> Option<PathBuf> {
    let id = find::file_id(path).ok()??;
    (*seen != Some(id)).then(|| {
        *seen = Some(id);
        path.to_owned()
    })
}
