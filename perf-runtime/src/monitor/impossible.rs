//! Why an alert can't be raised, and saying so.

use std::sync::Arc;

use perf_report::monitor::{Impossible, Metric};

use super::alert::Alert;
use super::course::Bounds;
use super::resources;
use super::system::System;
use super::watched::Watched;
use crate::process::message;
use crate::sync::StaticList;

/// A row of a report that alerts watch, in a message.
pub(crate) const FUNCTION: &str = "annotated function, or anything else with a row,";

/// The same of a channel.
pub(crate) const CHANNEL: &str = "channel";

/// Says once in the process why an alert can't be raised.
///
/// Also for a forked child, and without a lock, which its parent may hold.
pub(crate) fn say(alert: &Alert, why: &str) {
    static SAID: StaticList<&'static str> = StaticList::empty();
    let text = format!("alert {alert} can't be raised: {why}");
    if !SAID.iter().any(|said| **said == text) {
        message::say(format_args!("{text}"));
        let text: &'static str = text.leak();
        SAID.find_or_add(|said| *said == text, || text);
    }
}

/// Why a name that is not exactly one thing's makes an alert impossible.
pub(crate) fn misnamed(what: &str, names: &[String]) -> (Impossible, String) {
    match names {
        [] => (Impossible::UnknownName, format!("the program has no {what} of this name; see the names in a report")),
        names => {
            let list = names.join(", ");
            let advice = "write as much of the path as tells them apart, or give them names of their own";
            (Impossible::AmbiguousName, format!("several have this name: {list}; {advice}"))
        }
    }
}

/// An alert whose name nothing had, and why that is so.
#[derive(Debug)]
pub(crate) struct Unseen {
    pub(crate) alert: Arc<Alert>,
    pub(crate) why: String,
}

/// Says which alerts have watched nothing, when nothing can be made any more that has the name. Those `to_come` go on watching.
pub(crate) fn say_unseen(unseen: &[Unseen], to_come: &[Alert]) {
    for Unseen { alert, why } in unseen {
        if !to_come.contains(alert) {
            say(alert, why);
        }
    }
}

/// Why an alert can't be raised, if so, and what to do about it.
pub(crate) fn reason(alert: &Alert, bounds: Bounds, system: &System) -> Option<(Impossible, String)> {
    match &alert.watched {
        Watched::Resource(figure, name) => {
            let names = resources::names(name);
            let untold = || resources::untold(*figure, name).map(|why| (Impossible::NoOption, why.into()));
            if names.len() == 1 { untold() } else { Some(misnamed("lazy resource", &names)) }
        }
        Watched::Metric(Metric::Heap) if !system.has(Metric::Heap) => Some((
            Impossible::NoCountingAllocator,
            "the counting allocator is not installed; see perf_runtime::allocations".into(),
        )),
        // A runtime may be watched later.
        Watched::Metric(metric) if metric.name().starts_with("tokio_") => (!cfg!(feature = "tasks-tokio")).then(|| {
            let why = format!("{} needs perf_runtime::tasks::watch, of the feature tasks-tokio", metric.name());
            (Impossible::NotTold, why)
        }),
        Watched::Metric(metric) if !system.has(*metric) => {
            Some((Impossible::NotTold, format!("the system does not tell {}", metric.name())))
        }
        Watched::Metric(_) if bounds.raise.is_nan() => Some((
            Impossible::NoLimit,
            "the system does not tell how much memory the process may use; write a number of bytes".into(),
        )),
        Watched::Channel(metric, _) => untold_depth(metric.name(), cfg!(feature = "depths")),
        // A row is looked for at each sample: it may be made later.
        Watched::Function(..) | Watched::Metric(_) => None,
    }
}

/// Why nothing tells the depth of a channel, in a build without the channels that do.
pub(crate) fn untold_depth(metric: &str, is_told: bool) -> Option<(Impossible, String)> {
    let features = "channel-async-channel, channel-crossbeam, channel-flume, channel-tokio";
    let why = || format!("{metric} needs a channel that tells it, of the features {features}");
    (!is_told).then(|| (Impossible::NotTold, why()))
}
