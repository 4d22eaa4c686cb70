//! Names to suggest where no function has the name that was asked for.

/// Names that a message suggests at most.
const SUGGESTED: usize = 5;

/// How much less alike than the best a name may be and still be suggested.
const FARTHER: f64 = 0.2;

/// The names most like a text: first those that contain it, then those that are spelt or end almost like it.
pub(super) fn nearest<'a>(names: impl IntoIterator<Item = &'a str>, text: &str) -> Vec<String> {
    let wanted = text.replace(['*', '?', '[', ']'], "");
    let wanted = wanted.trim_matches(':').to_lowercase();
    let likeness = |name: &str| {
        let name = name.to_lowercase();
        let parts = wanted.split("::").count();
        let ends: Vec<&str> = name.split("::").collect();
        let end = ends[ends.len().saturating_sub(parts)..].join("::");
        let contains = !wanted.is_empty() && name.contains(&wanted);
        f64::from(u8::from(contains)) + strsim::jaro_winkler(&end, &wanted).max(strsim::jaro_winkler(&name, &wanted))
    };
    let mut names: Vec<(f64, &str)> = names.into_iter().map(|name| (likeness(name), name)).collect();
    names.sort_by(|a, b| b.0.total_cmp(&a.0).then(a.1.cmp(b.1)));
    names.dedup_by_key(|name| name.1);
    let best = names.first().map_or(0.0, |name| name.0);
    let near = names.into_iter().take(SUGGESTED).take_while(|name| name.0 >= best - FARTHER);
    near.map(|(_, name)| name.to_owned()).collect()
}

/// Names as a list that stays short, harmless for a terminal.
pub(super) fn listed(names: &[String]) -> String {
    let shown: Vec<String> = names.iter().take(2 * SUGGESTED).map(|name| name.escape_debug().to_string()).collect();
    let more = names.len() - shown.len();
    if more > 0 { format!("{} and {more} more", shown.join(", ")) } else { shown.join(", ") }
}
