//! The file of Callgrind: what the whole program cost, and each of its functions with what it called.
//!
//! A function is known by the name of its symbol, without the values of generic parameters. One that was inlined has no symbol; its
//! instructions lie in those of others, and debug information says which they are (`inlined.rs`).

use std::collections::{HashMap, HashSet};

use super::inlined::Inlined;
use crate::command::identity::without_hash;

/// Instructions, and misses of the first-level caches, of the last-level cache, and of the branch prediction.
pub(super) type Cost = [u64; 4];

/// The names of the costs.
pub(super) const COSTS: [&str; 4] = ["instructions", "L1 misses", "LL misses", "branch misses"];

/// For each cost the events of Callgrind that it is the sum of.
const EVENTS: [&[&str]; 4] = [&["Ir"], &["I1mr", "D1mr", "D1mw"], &["ILmr", "DLmr", "DLmw"], &["Bcm", "Bim"]];

/// The costs of a program.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Counted {
    /// Of all of it.
    pub(super) total: Cost,
    /// Whether misses were counted.
    pub(super) has_misses: bool,
    /// Of each function, with what it called. Calls of a recursive function by itself count once, directly.
    pub(super) functions: HashMap<String, Cost>,
    /// How often each function was called by its symbol.
    pub(super) calls: HashMap<String, u64>,
    /// Functions of which some calls were inlined.
    pub(super) inlined: HashSet<String>,
}

/// Which columns of a file make up a cost, and how many columns of positions stand in front of them.
struct Columns {
    positions: usize,
    has_addresses: bool,
    /// For each event, the cost that it adds to.
    costs: Vec<Option<usize>>,
}

impl Columns {
    fn read_header(&mut self, line: &str) {
        if let Some(positions) = line.strip_prefix("positions:") {
            self.positions = positions.split_whitespace().count();
            self.has_addresses = positions.split_whitespace().next() == Some("instr");
        } else if let Some(events) = line.strip_prefix("events:") {
            let cost = |event: &str| EVENTS.iter().position(|events| events.contains(&event));
            self.costs = events.split_whitespace().map(cost).collect();
        }
    }

    /// Adds up the events of a line; missing ones at its end are 0.
    fn cost<'a>(&self, events: impl Iterator<Item = &'a str>) -> Cost {
        let mut sum = Cost::default();
        for (event, &cost) in events.zip(&self.costs) {
            if let (Some(cost), Ok(event)) = (cost, event.parse::<u64>()) {
                sum[cost] = sum[cost].saturating_add(event);
            }
        }
        sum
    }
}

/// The name of the program that a file is about, without the hash that cargo adds.
pub(super) fn program(text: &str) -> &str {
    let command = text.lines().take_while(|line| !line.starts_with("fn=")).find_map(|line| line.strip_prefix("cmd:"));
    let path = command.and_then(|command| command.split_whitespace().next()).unwrap_or_default();
    without_hash(path.rsplit('/').next().unwrap_or_default())
}

impl Counted {
    /// Adds a file of Callgrind.
    pub(super) fn add(&mut self, text: &str, inlined: &mut Inlined<'_>) {
        // As it is in the oldest form of the format.
        let mut columns = Columns { positions: 1, has_addresses: false, costs: vec![Some(0)] };
        let (mut names, mut objects) = (HashMap::new(), HashMap::new());
        let (mut function, mut callee, mut object) = (String::new(), String::new(), String::new());
        let (mut address, mut calls, mut totals, mut summaries) = (0, None, None, None);
        for line in text.lines() {
            if let Some(name) = line.strip_prefix("fn=") {
                function = known(&mut names, name, |symbol| inlined.name_of(symbol));
            } else if let Some(name) = line.strip_prefix("cfn=") {
                callee = known(&mut names, name, |symbol| inlined.name_of(symbol));
            } else if let Some(name) = line.strip_prefix("ob=") {
                object = known(&mut objects, name, str::to_owned);
            } else if let Some(name) = line.strip_prefix("cob=") {
                known(&mut objects, name, str::to_owned);
            } else if let Some(number) = line.strip_prefix("calls=") {
                // The next line is what the calls cost.
                calls = number.split_whitespace().next().and_then(|number| number.parse::<u64>().ok()).or(Some(0));
            } else if line.starts_with(|first: char| first.is_ascii_digit() || "+-*".contains(first)) {
                if columns.has_addresses {
                    address = moved(address, line.split_whitespace().next().unwrap_or_default());
                }
                let words = line.split_whitespace().skip(columns.positions);
                let place = columns.has_addresses.then_some((&*object, address));
                let called = calls.take().map(|number| (&*callee, number));
                self.add_line(&function, called, columns.cost(words), inlined.at(place));
            } else if let Some(events) = line.strip_prefix("totals:") {
                add(totals.get_or_insert_default(), columns.cost(events.split_whitespace()));
            } else if let Some(events) = line.strip_prefix("summary:") {
                add(summaries.get_or_insert_default(), columns.cost(events.split_whitespace()));
            } else {
                columns.read_header(line);
                self.has_misses |= columns.costs.len() > 1;
            }
        }
        add(&mut self.total, totals.or(summaries).unwrap_or_default());
    }

    /// Adds a line: a cost of a function itself, or of its calls of another one, at a place where these functions were inlined.
    fn add_line(&mut self, function: &str, called: Option<(&str, u64)>, cost: Cost, inlined: &[String]) {
        let callee = called.map(|(callee, _)| callee);
        if let Some((callee, number)) = called {
            *entry(&mut self.calls, callee) += number;
        }
        for owner in [function].into_iter().chain(inlined.iter().map(String::as_str)) {
            if Some(owner) != callee {
                add(entry(&mut self.functions, owner), cost);
            }
        }
        for name in inlined.iter().filter(|name| !self.inlined.contains(*name)).collect::<Vec<_>>() {
            self.inlined.insert(name.clone());
        }
    }
}

fn add(sum: &mut Cost, cost: Cost) {
    for (sum, cost) in sum.iter_mut().zip(cost) {
        *sum = sum.saturating_add(cost);
    }
}

fn entry<'a, T: Default>(map: &'a mut HashMap<String, T>, name: &str) -> &'a mut T {
    // A file has a line for each instruction; a name is copied for the first of them alone.
    if !map.contains_key(name) {
        map.insert(name.to_owned(), T::default());
    }
    map.get_mut(name).unwrap_or_else(|| unreachable!("it was inserted above"))
}

/// An address that is given as such, or relative to that of the line before.
fn moved(address: u64, text: &str) -> u64 {
    let number = |text: &str| match text.strip_prefix("0x") {
        Some(digits) => u64::from_str_radix(digits, 16).unwrap_or(0),
        None => text.parse().unwrap_or(0),
    };
    match text.split_at_checked(1) {
        Some(("+", offset)) => address.wrapping_add(number(offset)),
        Some(("-", offset)) => address.wrapping_sub(number(offset)),
        Some(("*", "")) | None => address,
        _ => number(text),
    }
}

/// The name behind `(7) app::parse`, or behind `(7)` if it was given before.
fn known(names: &mut HashMap<String, String>, text: &str, read: impl Fn(&str) -> String) -> String {
    let (id, name) = text.split_once(' ').map_or((text, None), |(id, name)| (id, Some(name)));
    match name {
        Some(name) => {
            let name = read(name);
            names.insert(id.to_owned(), name.clone());
            name
        }
        None => names.get(id).cloned().unwrap_or_default(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn counted(text: &str) -> Counted {
        let mut counted = Counted::default();
        counted.add(text, &mut Inlined::new(&HashMap::new()));
        counted
    }

    #[test]
    fn the_total_of_a_file_is_that_of_all_its_parts() {
        assert_eq!(counted("events: Ir Dr\nfn=(1) main\n1 5 2\nsummary: 5 2\n").total[0], 5);
        assert_eq!(counted("events: Ir\nsummary: 5\n\ntotals: 5\npart: 2\ntotals: 7\n").total[0], 12);
        assert_eq!(counted("events: Ir\n").total[0], 0);
    }

    #[test]
    fn a_file_names_its_program() {
        let text = "version: 1\ncreator: callgrind-3.19.0\npid: 7\ncmd:  target/debug/deps/whole-0123456789abcdef --nocapture\nfn=(1) f\n";
        assert_eq!(program(text), "whole");
        assert_eq!((program("cmd: ./app\n"), program("fn=(1) f\ncmd: app\n"), program("")), ("app", "", ""));
    }

    #[test]
    fn functions_count_with_what_they_called() {
        let text = "events: Ir\nfl=(1) main.rs\nfn=(1) app::main\n1 5\n+2 1\ncfi=(2) lib.rs\ncfn=(2) app::parse::<u8>\n\
                    calls=2 7\n* 40\n\nfn=(2)\n7 30\ncfn=(2)\ncalls=1 7\n8 10\ncfn=(3) app::read::h0123456789abcdef\n\
                    calls=1 9\n8 10\nfn=(3)\n9 10\ntotals: 46\n";
        let counted = counted(text);
        let of = |name: &str| counted.functions.get(name).map(|cost| cost[0]);
        assert_eq!((counted.total[0], counted.has_misses), (46, false));
        assert_eq!([of("app::main"), of("app::parse"), of("app::read")], [Some(46), Some(40), Some(10)]);
        assert_eq!((counted.calls["app::parse"], counted.calls["app::read"]), (3, 1));
    }

    #[test]
    fn instances_of_a_generic_function_are_added_up_under_its_recorded_name() {
        let text = "events: Ir\nfn=(1) app::G<A>::sum\n1 5\nfn=(2) app::G<u8>::sum\n1 6\nfn=(3) app::main\n1 1\ncfn=(1)\ncalls=2 1\n1 5\n\
                    cfn=(2)\ncalls=1 1\n1 6\ntotals: 12\n";
        let wanted = ["app::G<_>::sum", "app::main"].map(|name| (name.to_owned(), "src/main.rs".to_owned())).into();
        let mut counted = Counted::default();
        counted.add(text, &mut Inlined::new(&wanted));
        assert_eq!((counted.functions["app::G<_>::sum"][0], counted.calls["app::G<_>::sum"]), (11, 3));
        assert_eq!(counted.functions["app::main"][0], 12);
    }

    #[test]
    fn misses_are_sums_of_events() {
        let text = "positions: instr line\nevents: Ir Dr Dw I1mr D1mr D1mw ILmr DLmr DLmw Bc Bcm Bi Bim\nfn=(1) f\n\
                    0x10 7 10 0 0 1 2 3 4 5 6 100 7 100 8\n+4 0 1\ntotals: 11 0 0 1 2 3 4 5 6 100 7 100 8\n";
        let counted = counted(text);
        assert_eq!(
            (counted.total, counted.functions["f"], counted.has_misses),
            ([11, 6, 15, 15], [11, 6, 15, 15], true)
        );
    }

    #[test]
    fn addresses_are_absolute_or_relative() {
        assert_eq!([moved(16, "+4"), moved(16, "-0x8"), moved(16, "*"), moved(16, "0x13ed0")], [20, 8, 16, 0x13ed0]);
    }
}
