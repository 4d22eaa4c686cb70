//! `flame`: whole stacks of a process that records to a file.
//!
//! [`collect`] gets them: of a running process by looking at its recording at intervals ([`sampler`]), of one that has ended what it
//! sampled of itself, of a command by starting it ([`program`]). The result is one profile; this module selects from it and writes
//! it in the format that was asked for.

mod args;
mod collect;
mod program;
pub(super) mod sampler;
mod samples;
mod signals;
mod threads;
mod turns;

use std::{io, path::Path};

pub(super) use args::FlameArgs;
use args::Format;
use collect::Collected;

use super::{Outcome, Streams, runs};
use crate::{
    Style,
    data::profile::{StackProfile, ThreadState},
    view::stacks::{difference, folded, notes, page, pprof, speedscope, svg, text},
};

pub(super) fn run(args: &FlameArgs, streams: &mut Streams<'_>) -> io::Result<Outcome> {
    if let Some(refusal) = args.refusal() {
        streams.error(refusal);
        return Ok(Outcome::Failed);
    }
    let before = match args.against.as_deref().map(|path| collect::of_file(path, streams)) {
        Some(None) => return Ok(Outcome::Failed),
        before => before.flatten().map(|(profile, _)| profile),
    };
    let Some(Collected { profile, outcome }) = collect::collect(args, streams) else { return Ok(Outcome::Failed) };
    let Some(profile) = profile else { return Ok(outcome) };
    let profile = select(args, &profile);
    if profile.all().all_ns() == 0 && (args.running || args.waiting) {
        let wanted = if args.running { "ran or was runnable" } else { "waited" };
        streams.warning(format_args!("no stack that was seen {wanted}; leave --running and --waiting out to see all"));
    }
    let (before, profile) = match before {
        None => (None, profile),
        Some(before) => {
            let (before, profile) = folded::comparable(select(args, &before), profile);
            (Some(before), profile)
        }
    };
    let bytes = render(args, &profile, before.as_ref(), streams.style);
    if !matches!(args.format(), Format::Text | Format::Html) {
        // These have no room for words.
        tell(&profile, streams)?;
    }
    if args.output.is_none() && !args.command.is_empty() {
        // A command that runs has standard output for itself.
        streams.errors.write_all(&bytes)?;
        return Ok(outcome);
    }
    Ok(outcome.max(runs::deliver(runs::file_of(args.output.as_ref()), &bytes, streams)?))
}

/// The part of a profile that was asked for.
fn select(args: &FlameArgs, profile: &StackProfile) -> StackProfile {
    let merged = if args.threads { profile.clone() } else { profile.merged() };
    match (args.running, args.waiting) {
        (true, _) => merged.only(&[ThreadState::Running, ThreadState::Runnable]),
        (_, true) => merged.only(&[ThreadState::Waiting]),
        _ => merged,
    }
}

fn render(args: &FlameArgs, profile: &StackProfile, before: Option<&StackProfile>, detected: Style) -> Vec<u8> {
    let to_file = args.output.is_some() || !args.command.is_empty();
    let detected = if to_file { Style::plain() } else { detected };
    let style = Style {
        width: args.width.map_or(detected.width, |width| Some(width).filter(|&width| width > 0)),
        color: args.color.or_detected(detected.color),
    };
    match args.format() {
        Format::Text => match before {
            None => text::render(profile, &style).into_bytes(),
            Some(before) => difference::render(before, profile, &style).into_bytes(),
        },
        Format::Html => page::render(profile, before).into_bytes(),
        Format::Svg => svg::render(profile).into_bytes(),
        Format::Folded => folded::render(profile).into_bytes(),
        Format::Speedscope => speedscope::render(profile).into_bytes(),
        Format::Pprof => pprof::render(profile),
    }
}

/// Says on standard error how the stacks were taken.
fn tell(profile: &StackProfile, streams: &mut Streams<'_>) -> io::Result<()> {
    writeln!(streams.errors, "{}", notes::summary(profile))?;
    notes::notes(profile).iter().try_for_each(|note| writeln!(streams.errors, "{note}"))
}

/// How messages name a file.
fn shown(path: &Path) -> String {
    runs::shown(path)
}
