//! Which of the functions that can be annotated are.

use clap::ValueEnum;

use super::{
    estimates::Estimates,
    left::Left,
    measured::{Finding, Measured},
    source::Function,
};

/// The functions that `--select` chooses from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum Selection {
    /// Functions that are worth two readings of the clock, by an estimate from their source
    Auto,
    /// Every function that can be annotated
    All,
    /// Functions with `pub`, and those that implement traits
    Public,
}

/// Time from which on a call is worth being measured, in ns by the estimate.
const WORTH: f64 = 450.0;

/// The same for a callee of a hot function.
const WORTH_IF_HOT: f64 = 100.0;

/// Time beside a call of an annotated function from which on a function has a row of its own, in ns.
const MORE_THAN_FORWARDS: f64 = 15.0;

/// Calls of annotated functions, per call, up to which most calls end without one.
const SELDOM: f64 = 0.5;

/// Below this, a single expression is an accessor.
const ACCESSOR: f64 = 4.0;

/// Decides for each function: `None` to annotate it, or the reason why not.
pub(super) fn decide(functions: &[Function], selection: Selection, measured: Option<&Measured>) -> Vec<Option<Left>> {
    let mut estimates = Estimates::of(functions);
    let mut left: Vec<Option<Left>> = (0..functions.len())
        .map(|place| {
            let function = &functions[place];
            function.left.clone().or_else(|| match selection {
                Selection::All => None,
                Selection::Public => (!function.is_public).then_some(Left::Private),
                Selection::Auto => unworthy(function, estimates.inclusive(place), WORTH),
            })
        })
        .collect();
    if selection == Selection::Auto {
        leave_forwards(functions, &mut estimates, &mut left);
    }
    if let Some(measured) = measured {
        by_measurement(functions, &mut estimates, measured, &mut left);
    }
    left
}

/// Why a function is not worth being measured, if it is not.
fn unworthy(function: &Function, inclusive: f64, worth: f64) -> Option<Left> {
    let is_main = function.ident == "main" && function.owner.is_empty() && !function.name.contains("::main::");
    if is_main || function.is_future {
        return None;
    }
    if function.is_operator && !function.cost.loops {
        return Some(Left::Operator);
    }
    if function.is_inlined {
        return Some(Left::Inlined);
    }
    if function.takes_closure {
        return Some(Left::CallsBack);
    }
    match inclusive {
        cost if cost >= worth => None,
        cost if cost < ACCESSOR && function.cost.single => Some(Left::Accessor),
        _ => Some(Left::Tiny),
    }
}

/// Leaves out functions that add nothing to the functions that they call and that are annotated: they only pass the call on, or
/// most of their calls end before.
fn leave_forwards(functions: &[Function], estimates: &mut Estimates<'_>, left: &mut [Option<Left>]) {
    let chosen: Vec<bool> = left.iter().map(Option::is_none).collect();
    for place in 0..functions.len() {
        if !chosen[place] || functions[place].is_future || functions[place].ident == "main" {
            continue;
        }
        let own = estimates.own(place, &|callee| chosen[callee] && callee != place);
        if own < MORE_THAN_FORWARDS && estimates.is_one_call(place) && functions[place].cost.single {
            left[place] = Some(Left::Forwards);
        } else if own < WORTH && estimates.calls_of(place, &|callee| chosen[callee]) <= SELDOM {
            left[place] = Some(Left::MostlyTiny);
        }
    }
}

/// Lets measurements decide where there are any.
fn by_measurement(
    functions: &[Function],
    estimates: &mut Estimates<'_>,
    measured: &Measured,
    left: &mut [Option<Left>],
) {
    let mut wanted = vec![false; functions.len()];
    for (place, function) in functions.iter().enumerate() {
        if measured.finding(function) == Some(Finding::Hot) {
            estimates.called_by(place).into_iter().for_each(|callee| wanted[callee] = true);
        }
    }
    for (place, function) in functions.iter().enumerate() {
        if left[place].as_ref().is_some_and(|left| !left.is_choice()) {
            continue;
        }
        match measured.finding(function) {
            Some(Finding::TooSmall) => left[place] = Some(Left::MeasuredTiny),
            Some(Finding::Hot | Finding::Worth) => left[place] = None,
            // It was annotated and never ran: the source decides.
            Some(Finding::NeverRan) => {}
            None if wanted[place] => left[place] = unworthy(function, estimates.inclusive(place), WORTH_IF_HOT),
            None if measured.knows_crate(&function.name) => left[place] = Some(Left::NotMeasured),
            None => {}
        }
    }
}
