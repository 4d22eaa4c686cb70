//! Where the figures of this process come from, as far as it knows without reading far or starting anything: its build, the
//! machine, and the facts of the user's own (`PERF_META`).

use perf_report::{Metadata, machine};

use crate::platform::host;
use crate::sync::StaticCell;

/// The user's facts, as the environment had them at the start.
static CUSTOM: StaticCell<Vec<(String, String)>> = StaticCell::none();

/// Notes the user's facts.
pub(crate) fn set_custom(facts: Vec<(String, String)>) {
    CUSTOM.set(Some(Box::leak(Box::new(facts))));
}

/// The facts about this process.
pub(crate) fn of_this_process() -> Metadata {
    let build = |fact: Option<&str>| fact.map(str::to_owned);
    let mut metadata = Metadata::default();
    metadata.rustc = build(option_env!("PERF_BUILD_RUSTC"));
    metadata.profile = build(option_env!("PERF_BUILD_PROFILE"));
    metadata.target = build(option_env!("PERF_BUILD_TARGET"));
    metadata.cpu = machine::cpu();
    metadata.host = host::name();
    metadata.custom.extend(CUSTOM.get().into_iter().flatten().cloned());
    metadata
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_command_knows_the_machine_by_the_same_name() {
        assert_eq!(of_this_process().host, machine::host());
    }
}
