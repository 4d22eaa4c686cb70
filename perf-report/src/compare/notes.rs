//! What limits a comparison, in words.

use super::{
    Basis, Compared, ComparedFigure, Options, Side,
    deals::{FEWEST_RUNS, smallest_p},
};
use crate::{ClockSource, State};

/// What limits the comparison.
pub(super) fn of(before: &Side, after: &Side, basis: Basis, options: &Options, compared: &[Compared]) -> Vec<String> {
    let mut notes = Vec::new();
    let runs = [before.runs(), after.runs()];
    if basis == Basis::WithinOneRun {
        let why = match before.runs().max(after.runs()) {
            1 => "There is one run a side".to_owned(),
            _ => format!(
                "There are {} runs and {}, and a verdict over runs needs {FEWEST_RUNS} a side, so each side is taken as one",
                before.runs(),
                after.runs()
            ),
        };
        notes.push(format!(
            "{why}: the verdicts rest on how calls vary within a run. How runs vary is unknown, commonly by several per cent and \
             on a busy machine by far more, so a change is a suspicion. For verdicts give 10 runs a side or more (perf-report \
             bench makes them)."
        ));
    } else if 5.0 * smallest_p(runs) > options.alpha {
        notes.push(format!(
            "With {} and {} runs only what is far apart in all of them can be told from chance. Give 10 runs a side or more.",
            runs[0], runs[1]
        ));
    }
    let is_untested =
        |figure: &ComparedFigure| figure.p.is_none() && (figure.before != figure.after || figure.after == 0.0);
    let untested = compared.iter().filter(|compared| compared.figures.iter().all(is_untested)).count();
    if untested > 0 {
        let functions = if untested == 1 { "function" } else { "functions" };
        notes.push(format!("{untested} {functions} ran in too few of the runs, or too seldom, to be tested."));
    }
    if compared.iter().any(|compared| compared.sampled) {
        notes.push("Figures marked ~ are sampled: estimates from the calls that were timed.".to_owned());
    }
    let mut all = before.runs.iter().chain(&after.runs);
    if let Some(run) = before.runs.iter().chain(&after.runs).find(|run| run.state != State::Closed) {
        let state = if run.state == State::Running { "was still running" } else { "was killed" };
        notes.push(format!("{} {state}, so its totals and calls are those up to then.", run.label));
    }
    let clock = before.runs.first().map(|run| run.clock);
    if let Some(run) = all.find(|run| Some(run.clock) != clock) {
        let name = |clock| match clock {
            ClockSource::Tsc => "the processor's counter",
            ClockSource::Cntvct => "the timer's counter",
            ClockSource::Monotonic => "the system's clock",
        };
        let first = clock.map_or("", name);
        notes.push(format!(
            "{} was timed by {}, others by {first}: durations below a microsecond cannot be compared.",
            run.label,
            name(run.clock)
        ));
    }
    notes
}
