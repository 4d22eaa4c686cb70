//! The file of Callgrind: how many instructions the whole program took, and each of its functions with what it called.
//!
//! A function is known by the name of its symbol, without the values of generic parameters. One that was inlined has no symbol, and
//! so no count of its own.

use std::collections::HashMap;

/// Instructions of a program.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Instructions {
    /// Of all of it.
    pub(super) total: u64,
    /// Of each function, with what it called. What a recursive function called of itself counts once, directly.
    pub(super) functions: HashMap<String, u64>,
}

impl Instructions {
    /// Adds a file of Callgrind.
    pub(super) fn add(&mut self, text: &str) {
        self.total += total(text).unwrap_or(0);
        let (mut names, mut function, mut callee, mut is_call) = (HashMap::new(), String::new(), String::new(), false);
        for line in text.lines() {
            if let Some(name) = line.strip_prefix("fn=") {
                function = known(&mut names, name);
            } else if let Some(name) = line.strip_prefix("cfn=") {
                callee = known(&mut names, name);
            } else if line.starts_with("calls=") {
                // The next line is what the calls cost.
                is_call = true;
            } else if line.starts_with(|first: char| first.is_ascii_digit() || "+-*".contains(first)) {
                let cost = line.split_whitespace().nth(1).and_then(|cost| cost.parse::<u64>().ok()).unwrap_or(0);
                if !(std::mem::take(&mut is_call) && callee == function) {
                    *self.functions.entry(function.clone()).or_insert(0) += cost;
                }
            }
        }
    }
}

/// The name behind `(7) app::parse`, or behind `(7)` if it was given before.
fn known(names: &mut HashMap<String, String>, text: &str) -> String {
    let (id, name) = text.split_once(' ').map_or((text, None), |(id, name)| (id, Some(name)));
    match name {
        Some(name) => {
            let name = plain(name);
            names.insert(id.to_owned(), name.clone());
            name
        }
        None => names.get(id).cloned().unwrap_or_default(),
    }
}

/// A symbol without what only tells instances of one function apart: values of generic parameters, a hash, the number of a
/// recursion.
fn plain(symbol: &str) -> String {
    let symbol = match symbol.rsplit_once("::h") {
        Some((name, hash)) if hash.len() == 16 && hash.bytes().all(|byte| byte.is_ascii_hexdigit()) => name,
        _ => symbol,
    };
    let symbol = symbol.split('\'').next().unwrap_or(symbol);
    let name = match symbol.strip_suffix('>').and_then(|rest| rest.split_once("::<")) {
        Some((name, _)) if !name.starts_with('<') => name,
        _ => symbol,
    };
    name.to_owned()
}

/// The instructions of a file: the first of its events, summed up over its parts.
fn total(text: &str) -> Option<u64> {
    let counts = |key: &str| {
        let lines =
            text.lines().filter_map(move |line| line.strip_prefix(key)?.split_whitespace().next()?.parse::<u64>().ok());
        lines.reduce(u64::saturating_add)
    };
    counts("totals:").or_else(|| counts("summary:"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_total_of_a_file_is_that_of_all_its_parts() {
        assert_eq!(total("events: Ir Dr\nfn=(1) main\n1 5 2\nsummary: 5 2\n"), Some(5));
        assert_eq!(total("summary: 5\n\ntotals: 5\npart: 2\ntotals: 7\n"), Some(12));
        assert_eq!(total("events: Ir\n"), None);
    }

    #[test]
    fn functions_count_with_what_they_called() {
        let text = "events: Ir\nfl=(1) main.rs\nfn=(1) app::main\n1 5\n+2 1\ncfi=(2) lib.rs\ncfn=(2) app::parse::<u8>\n\
                    calls=2 7\n* 40\n\nfn=(2)\n7 30\ncfn=(2)\ncalls=1 7\n8 10\ncfn=(3) app::read::h0123456789abcdef\n\
                    calls=1 9\n8 10\nfn=(3)\n9 10\ntotals: 46\n";
        let mut counted = Instructions::default();
        counted.add(text);
        let of = |name: &str| counted.functions.get(name).copied();
        assert_eq!(counted.total, 46);
        assert_eq!([of("app::main"), of("app::parse"), of("app::read")], [Some(46), Some(40), Some(10)]);
        assert_eq!(plain("<app::Index as core::fmt::Display>::fmt"), "<app::Index as core::fmt::Display>::fmt");
    }
}
