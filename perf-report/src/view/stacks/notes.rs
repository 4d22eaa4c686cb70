//! How the stacks were taken and how far they can be trusted, for every format that has room for words.

use super::{StackProfile, ThreadState};
use crate::view::{
    text::plural,
    units::{count, duration, share},
};

/// In one line: `4,990 looks in 10.0 s (499 a second), 9,980 stacks; running 48.1%, waiting 51.9%`.
pub(crate) fn summary(profile: &StackProfile) -> String {
    let looks = &profile.looks;
    let all = profile.all();
    let mut parts = Vec::new();
    if looks.looks > 0 {
        let rate = looks.looks as f64 * 1e9 / looks.watched_ns.max(1) as f64;
        parts.push(format!(
            "{} {} in {} ({:.0} a second), {} {}",
            count(looks.looks),
            plural(looks.looks, "look", "looks"),
            duration(looks.watched_ns),
            rate,
            count(looks.samples),
            plural(looks.samples, "stack", "stacks"),
        ));
    }
    if all.ns(ThreadState::Unknown) < all.all_ns() {
        let told = ThreadState::ALL.into_iter().filter(|&state| all.ns(state) > 0);
        let told: Vec<String> =
            told.map(|state| format!("{} {}", state.name(), share(all.ns(state), all.all_ns()))).collect();
        parts.push(told.join(", "));
    }
    if parts.is_empty() { duration(all.all_ns()) } else { parts.join("; ") }
}

/// The limits of the stacks that a reader must know, a sentence or two each.
pub(crate) fn notes(profile: &StackProfile) -> Vec<String> {
    let looks = &profile.looks;
    let mut notes = Vec::new();
    if looks.late > 0 {
        let (were, they) = if looks.late == 1 { ("was", "it") } else { ("were", "they") };
        notes.push(format!(
            "{} {} {were} left out because {they} came too late ({} of those that were due).",
            count(looks.late),
            plural(looks.late, "look", "looks"),
            share(looks.late, looks.late.saturating_add(looks.looks)),
        ));
    }
    if looks.behind > 0 {
        notes.push(format!(
            "{} {} ({}) began more than 50 µs after {} due; such a look often finds that short work has ended, and sees too little of it.",
            count(looks.behind),
            plural(looks.behind, "look", "looks"),
            share(looks.behind, looks.looks),
            plural(looks.behind, "it was", "they were"),
        ));
    }
    if looks.in_motion > 0 || looks.dropped > 0 {
        notes.push(format!(
            "{} {} changed while being read ({}): the calls that stood still and the innermost one were kept; {} {} dropped.",
            count(looks.in_motion),
            plural(looks.in_motion, "stack", "stacks"),
            share(looks.in_motion, looks.samples),
            count(looks.dropped),
            plural(looks.dropped, "was", "were"),
        ));
    }
    if looks.folded > 0 {
        notes.push(format!("{} stacks found no room and count for an outer call.", count(looks.folded)));
    }
    if looks.cut > 0 {
        notes.push(format!("{} stacks were too deep to be kept whole.", count(looks.cut)));
    }
    if let Some(error) = profile.standard_error(0.5).filter(|_| looks.samples > 0) {
        notes.push(format!(
            "Shares come from samples: a share of 50% is within ± {:.1} points (one standard error).",
            error * 100.0
        ));
    }
    let all = profile.all();
    if !profile.is_own && looks.samples > 0 && all.ns(ThreadState::Unknown) == all.all_ns() {
        notes.push("The system did not tell whether the threads ran or waited: the process is another user's or on another machine.".into());
    }
    if profile.is_own {
        notes.push("The process sampled these stacks itself (PERF_STACKS), without the state of its threads.".into());
    }
    let seen = profile.nodes.iter().filter_map(|node| node.frame).any(|frame| profile.frames[frame].is_future);
    if seen {
        notes.push(
            "The stack of an async function is that of its poll: while it waits for another future, it has none."
                .into(),
        );
    }
    if looks.sampler_ns > 0 {
        notes.push(format!(
            "Looking took {} of a processor's time ({} of one core).",
            duration(looks.sampler_ns),
            share(looks.sampler_ns, looks.watched_ns)
        ));
    }
    notes
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::data::profile::tests::some;

    #[test]
    fn what_was_left_out_is_said() {
        let mut profile = some();
        assert_eq!(
            summary(&profile),
            "50 looks in 100 ms (500 a second), 100 stacks; running 30.0%, runnable 1.0%, waiting 69.0%"
        );
        assert_eq!(
            notes(&profile),
            ["Shares come from samples: a share of 50% is within ± 5.0 points (one standard error)."]
        );
        (profile.looks.late, profile.looks.in_motion, profile.looks.dropped) = (1, 9, 3);
        profile.looks.behind = 5;
        profile.frames[1].is_future = true;
        profile.looks.sampler_ns = 1_000_000;
        let notes = notes(&profile);
        assert_eq!(notes[0], "1 look was left out because it came too late (2.0% of those that were due).");
        assert_eq!(
            notes[1],
            "5 looks (10.0%) began more than 50 µs after they were due; such a look often finds that short work has ended, and sees too little of it."
        );
        assert_eq!(
            notes[2],
            "9 stacks changed while being read (9.0%): the calls that stood still and the innermost one were kept; 3 were dropped."
        );
        assert!(notes[4].starts_with("The stack of an async function is that of its poll"), "{notes:?}");
        assert_eq!(notes[5], "Looking took 1.00 ms of a processor's time (1.0% of one core).");
    }
}
