//! Sentences about the limits of a comparison.

use super::{
    Basis, CompareOptions, Compared, MetricSource, Side, Verdict,
    counts::CountGaps,
    deals::{needed, smallest_p},
};
use crate::{ClockSource, State};

/// The sentences that apply to a comparison.
pub(super) fn of(
    before: &Side,
    after: &Side,
    basis: Basis,
    options: &CompareOptions,
    compared: &[Compared],
    gaps: &CountGaps,
) -> Vec<String> {
    let mut notes = Vec::new();
    notes.extend(few_runs([before.runs(), after.runs()], basis, options.alpha));
    notes.extend(few_counts(compared, options.alpha));
    match compared.iter().filter(|compared| compared.judged && compared.verdict == Verdict::Untested).count() {
        0 => {}
        1 => notes.push("1 row could not be tested, because it has values of too few runs or calls.".to_owned()),
        untested => {
            notes.push(format!(
                "{untested} rows could not be tested, because they have values of too few runs or calls."
            ));
        }
    }
    notes.extend(gaps.notes());
    notes.extend(unjudged(compared));
    if compared.iter().any(|compared| compared.sampled) {
        notes.push("Values marked ~ are estimates from the calls that were timed.".to_owned());
    }
    let all = || before.runs.iter().chain(&after.runs);
    if let Some(run) = all().find(|run| run.state != State::Closed) {
        let state = if run.state == State::Running { "was still running" } else { "was killed" };
        notes.push(format!("{} {state}, so its totals and calls are those up to that moment.", run.label));
    }
    notes.extend(different_circumstances(before, after));
    let clock = before.runs.first().map(|run| run.clock);
    if let Some(run) = all().find(|run| Some(run.clock) != clock) {
        let name = |clock| match clock {
            ClockSource::Tsc => "the processor's counter",
            ClockSource::Cntvct => "the timer's counter",
            ClockSource::Monotonic => "the system's clock",
        };
        notes.push(format!(
            "{} was timed by {}, other runs by {}; durations below a microsecond cannot be compared.",
            run.label,
            name(run.clock),
            clock.map_or("another clock", name)
        ));
    }
    notes
}

/// Says how many rows are shown without a verdict.
fn unjudged(compared: &[Compared]) -> Option<String> {
    let number = compared.iter().filter(|compared| !compared.judged).count();
    let (rows, are, them) = if number == 1 { ("row", "is", "it") } else { ("rows", "are", "them") };
    (number > 0).then(|| {
        format!(
            "{number} {rows} beside calls (holds, ages, polls, wakes, times alone) {are} not judged: --all shows {them}, and --only with the name, as \
             in --only '* (poll)', judges {them}."
        )
    })
}

/// Warns if runs differ in what changes the time of code, whatever the code.
fn different_circumstances(before: &Side, after: &Side) -> Option<String> {
    let first = before.runs.first()?;
    let other = before.runs.iter().chain(&after.runs).find_map(|run| {
        let differences = first.metadata.differences(&run.metadata);
        (!differences.is_empty()).then_some((run, differences))
    });
    let (run, differences) = other?;
    let differences: Vec<String> = differences.iter().map(ToString::to_string).collect();
    Some(format!(
        "Warning: {} and {} were not recorded under the same conditions ({}), so changes may come from there and not from the code.",
        first.label,
        run.label,
        differences.join("; ")
    ))
}

/// Says why a change of counts is a suspicion, where it is one.
fn few_counts(compared: &[Compared], alpha: f64) -> Option<String> {
    let is_suspicion = |compared: &Compared| {
        compared.source != MetricSource::Timed && matches!(compared.verdict, Verdict::SeemsWorse | Verdict::SeemsBetter)
    };
    compared.iter().any(is_suspicion).then(|| {
        format!(
            "Counts of so few runs are not tested: a change of a count by its threshold or more is a suspicion. For a verdict make {} runs or more on each \
             side (`bench --count -n {0}`).",
            needed(alpha)
        )
    })
}

fn few_runs([before, after]: [usize; 2], basis: Basis, alpha: f64) -> Option<String> {
    if basis == Basis::WithinOneRun {
        let why = match before.max(after) {
            1 => "There is one run on each side".to_owned(),
            _ => format!(
                "There are {before} runs before and {after} after, and a comparison of runs needs {} on each side, so each side is \
                 taken as one run",
                needed(alpha)
            ),
        };
        return Some(format!(
            "{why}. The verdicts know how calls vary within a run, but not how runs vary: by several per cent usually, and by far \
             more on a busy machine. So a change is only a suspicion. For verdicts give 10 runs or more on each side (`cargo \
             perf-report bench` makes them)."
        ));
    }
    (5.0 * smallest_p([before, after]) > alpha).then(|| {
        format!(
            "With {before} runs before and {after} after, a change is found only if the runs of both sides do not overlap. Give 10 \
             runs or more on each side."
        )
    })
}
