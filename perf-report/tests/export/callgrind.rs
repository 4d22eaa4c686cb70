//! Callgrind's format, read as `callgrind_annotate` reads it. `.ci/exports` compares with that program itself.

use std::collections::HashMap;

use perf_report::{Caller, Function, Kind, Snapshot, Timing};
use proptest::{prelude::*, test_runner::RngSeed};

use crate::{
    export,
    invented::{hostile, named, ordinary},
    programs::process,
};

/// The figures of a function in a profile.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Figures {
    own: u64,
    /// The costs of its callers on the way to it.
    inclusive: u64,
    calls: u64,
}

/// Numbers that stand for names, as a reader learns them.
#[derive(Default)]
struct Numbers(HashMap<u64, String>);

impl Numbers {
    /// The name that `(7) name` or `(7)` stands for.
    fn name(&mut self, text: &str) -> String {
        let (number, name) = text.strip_prefix('(').and_then(|text| text.split_once(')')).expect("a number");
        let number: u64 = number.parse().unwrap();
        let name = match name.trim_start() {
            "" => self.0.get(&number).cloned().unwrap_or_else(|| panic!("{number} was not mentioned before")),
            name => name.to_owned(),
        };
        assert_eq!(self.0.entry(number).or_insert(name.clone()), &name, "{number} is two");
        name
    }
}

/// The functions of a profile by file and name, in the order in which they are mentioned.
#[derive(Default)]
struct Profile(Vec<((String, String), Figures)>);

impl Profile {
    fn place(&mut self, file: &str, name: String) -> usize {
        let key = (file.to_owned(), name);
        self.0.iter().position(|function| function.0 == key).unwrap_or_else(|| {
            self.0.push((key, Figures::default()));
            self.0.len() - 1
        })
    }
}

/// Reads a profile. Panics at a line that has no meaning.
fn read(text: &str) -> Vec<((String, String), Figures)> {
    let (head, body) = text.split_once("events: ns\n").expect("a line that names the events");
    assert!(head.starts_with("# callgrind format\nversion: 1\n"), "{head}");
    let (mut files, mut names, mut profile) = (Numbers::default(), Numbers::default(), Profile::default());
    let (mut file, mut callee_file) = (String::new(), String::new());
    let (mut function, mut callee, mut calls, mut total) = (0, 0, None::<u64>, None::<u64>);
    for line in body.lines().filter(|line| !line.is_empty()) {
        if let Some(text) = line.strip_prefix("fl=") {
            file = files.name(text);
        } else if let Some(text) = line.strip_prefix("fn=") {
            function = profile.place(&file, names.name(text));
        } else if let Some(text) = line.strip_prefix("cfi=") {
            callee_file = files.name(text);
        } else if let Some(text) = line.strip_prefix("cfn=") {
            callee = profile.place(&callee_file, names.name(text));
        } else if let Some(text) = line.strip_prefix("calls=") {
            let (count, _line) = text.split_once(' ').unwrap();
            calls = Some(count.parse().unwrap());
        } else if let Some(text) = line.strip_prefix("totals: ") {
            total = Some(text.parse().unwrap());
        } else {
            let (at, ns) = line.split_once(' ').unwrap_or_else(|| panic!("{line:?} has no meaning"));
            let (_at, ns): (u32, u64) = (at.parse().unwrap(), ns.parse().unwrap());
            match calls.take() {
                None => profile.0[function].1.own += ns,
                Some(calls) => {
                    profile.0[callee].1.inclusive += ns;
                    profile.0[callee].1.calls += calls;
                }
            }
        }
    }
    assert_eq!(total, Some(profile.0.iter().map(|function| function.1.own).sum()));
    profile.0
}

/// The expected figures of a function in a profile.
fn expected(function: &Function) -> Figures {
    let inclusive = function.futures.map_or(function.total_ns, |futures| futures.busy_ns);
    Figures { own: function.self_ns, inclusive, calls: function.calls }
}

/// Checks that the figures of a profile are those of the functions that ran, whatever they are called.
fn assert_figures(snapshot: &Snapshot) {
    let (text, _) = export("callgrind", snapshot);
    let mut found: Vec<Figures> = read(&text).into_iter().skip(1).map(|function| function.1).collect();
    let mut ran: Vec<Figures> = snapshot.functions.iter().filter(|function| function.calls > 0).map(expected).collect();
    let key = |figures: &Figures| (figures.own, figures.inclusive, figures.calls);
    found.sort_by_key(key);
    ran.sort_by_key(key);
    assert_eq!(found, ran, "{text}");
}

#[test]
fn calls_self_and_inclusive_times_are_the_snapshots() {
    let (text, errors) = export("callgrind", &ordinary());
    insta::assert_snapshot!("callgrind", text.replace(env!("CARGO_PKG_VERSION"), "VERSION"));
    assert_eq!(errors, "note: the format callgrind has no place for percentiles, calls in flight\n");
    assert_figures(&ordinary());
}

#[test]
fn rows_beside_calls_are_no_functions() {
    for kind in [Kind::Hold, Kind::Age, Kind::Poll, Kind::Wake, Kind::Alone] {
        let mut snapshot = ordinary();
        let mut row = Function::new("beside");
        (row.kind, row.calls, row.total_ns) = (kind, 7, 900);
        snapshot.functions.push(row);
        let of = |snapshot| read(&export("callgrind", snapshot).0);
        assert_eq!(of(&snapshot), of(&ordinary()), "{kind:?}");
    }
}

#[test]
fn names_stay_names_and_apart() {
    let names = hostile();
    let snapshot = named(&names);
    assert_figures(&snapshot);
    let (text, _) = export("callgrind", &snapshot);
    let functions = read(&text);
    assert_eq!(functions.len(), names.len() + 1, "no two are one");
    assert!(!text.contains("\nfn=(9) forged") && !text.contains(['\r', '\0', '\u{1b}', '\u{202e}']), "{text}");
    for name in ["<A as B<C, D>>::f", "größe::数える", "same", "same#2", "same#3", "(unnamed)", "(unnamed)#2"] {
        assert!(functions.iter().any(|function| function.0.1 == name), "{name}");
    }
}

#[test]
fn callers_have_the_whole_also_where_some_are_unknown_or_only_estimated() {
    let mut snapshot = ordinary();
    // 30 calls that the table of callers had no room for.
    snapshot.functions[2].callers = vec![Caller::new(Some(0), 70, 200_000)];
    // An estimate that was corrected in the total alone.
    snapshot.functions[1].callers = vec![Caller::new(Some(0), 3, 130_001), Caller::new(Some(1), 20, 7)];
    assert_figures(&snapshot);
    let outside = export("callgrind", &snapshot).0;
    assert!(outside.contains("calls=30 20\n0 50000\n"), "{outside}");
}

/// A function of any name whose callers are some of eight, of which there may be fewer.
fn any_function() -> impl Strategy<Value = Function> {
    let time = || 0_u64..1 << 40;
    let caller = (prop::option::of(0_usize..8), 0_u64..1 << 30, time());
    let callers = prop::collection::vec(caller.prop_map(|(caller, calls, ns)| Caller::new(caller, calls, ns)), 1..5);
    (any::<[String; 2]>(), time(), time(), callers).prop_map(|([name, file], self_ns, time, callers)| {
        let calls = callers.iter().map(|caller| caller.calls).sum::<u64>() + 1;
        // The one call that has no caller takes what the others did not.
        with!(Function::new(name), { file, calls, timed_calls: calls, self_ns, total_ns: time, callers })
    })
}

proptest! {
    #![proptest_config(ProptestConfig { rng_seed: RngSeed::Fixed(1), cases: 100, ..ProptestConfig::default() })]

    #[test]
    fn any_graph_of_any_names_keeps_its_figures(mut functions in prop::collection::vec(any_function(), 1..8)) {
        let count = functions.len();
        for caller in functions.iter_mut().flat_map(|function| &mut function.callers) {
            caller.caller = caller.caller.filter(|&caller| caller < count);
        }
        assert_figures(&process(1, functions));
    }
}

#[test]
fn shares_of_adaptively_timed_calls_are_called_estimates() {
    let says = |snapshot: &Snapshot| export("callgrind", snapshot).0.contains("\ndesc: Estimates: calls by caller");
    let mut snapshot = ordinary();
    assert!(!says(&snapshot));
    let called = snapshot.functions.iter_mut().find(|function| function.calls > 1).unwrap();
    (called.timing, called.timed_calls) = (Timing::Adaptive, 1);
    assert!(says(&snapshot));
}
