//! Annotated functions that did not run in the profile: one finding per file, so that a run of a small part of a program does not hide
//! the rest.

use std::collections::BTreeMap;

use super::{Context, Effect, Finding, Severity, finding};
use crate::{
    command::audit::{
        finding::NEVER_RAN,
        profile::name_place,
        source::{Item, ItemKind},
    },
    view::units,
};

pub(super) const NAME: &str = NEVER_RAN;

/// Most functions that a message names.
const NAMED: usize = 5;

pub(super) fn check(context: &Context<'_>) -> Vec<Finding> {
    let Some(profile) = context.profile else { return Vec::new() };
    let mut idle: BTreeMap<usize, Vec<&Item>> = BTreeMap::new();
    for (index, item) in profile.annotated() {
        let file = &context.files[index];
        let around = &file.items[item];
        // Of functions that a macro makes, one that ran is enough.
        let ran = profile.functions_of((index, item)).any(|function| profile.ran(function));
        if !ran && around.kind != ItemKind::Macro && !file.allows(NAME, &name_place(file, around)) {
            idle.entry(index).or_default().push(around);
        }
    }
    let mut found = Vec::new();
    for (index, mut items) in idle {
        items.sort_by_key(|item| item.name_line);
        let place = name_place(&context.files[index], items[0]);
        let shown: Vec<String> = items.iter().take(NAMED).map(|item| format!("`{}`", item.name)).collect();
        let more = items.len().saturating_sub(NAMED);
        let message = match (items.len(), more) {
            (1, _) => format!("{} is annotated and never ran in this profile", shown[0]),
            (count, 0) => format!("{count} annotated functions never ran in this profile: {}", shown.join(", ")),
            (count, more) => format!(
                "{} annotated functions never ran in this profile: {} and {} more",
                units::count(count as u64),
                shown.join(", "),
                units::count(more as u64)
            ),
        };
        let kind = (Severity::Low, Effect::Visibility, 0.0);
        found.push(
            finding(NAME, kind, &place, message)
                .help("record a run that needs them; leave the attribute out where none does"),
        );
    }
    found
}
