//! Profiles: how findings are joined to them, and in which order they come.

use perf_report::{Caller, Function, Futures, Kind, Resource, Snapshot};
use serde_json::Value;

use crate::{
    programs::process,
    support::{Crates, counted},
};

fn audit(crates: &Crates, profile: &Snapshot) -> Value {
    crates.put("run.json", profile.to_json());
    let ended = crates.audit("--format json --profile @run.json");
    assert_eq!((ended.status, ended.errors.as_str()), (0, ""), "{}", ended.output);
    serde_json::from_str(&ended.output).unwrap()
}

/// The finding of a check in a function.
fn of<'a>(document: &'a Value, check: &str, item: &str) -> &'a Value {
    let mut findings = document["findings"].as_array().unwrap().iter();
    findings
        .find(|finding| finding["check"] == check && finding["item"] == item)
        .unwrap_or_else(|| panic!("{check} {item}"))
}

#[test]
fn the_first_finding_is_worth_most() {
    let crates = Crates::fixture();
    let document = audit(&crates, &crates.profile());
    let first = &document["findings"][0];
    assert_eq!(
        (&first["check"], &first["item"]),
        (&"perf::construction_per_call".into(), &"planted::own::is_slug".into())
    );
    assert_eq!(first["stake"]["at_best_ns"], 400_000_000);
    assert_eq!(first["stake"]["calls"], 8_000);
    let all = document["profile"]["self_ns"].as_u64().unwrap() as f64;
    assert!((first["stake"]["at_best_share"].as_f64().unwrap() - 4e8 / all).abs() < 1e-9);
    let at_stake = |finding: &Value| finding["stake"]["at_best_ns"].as_u64().unwrap_or(0);
    let findings = document["findings"].as_array().unwrap();
    let without = findings.iter().position(|finding| at_stake(finding) == 0).unwrap();
    assert!(findings[without..].iter().all(|finding| at_stake(finding) == 0), "figures come first");
    let is_indirect = |finding: &Value| finding["effect"] == "upkeep" || finding["effect"] == "visibility";
    assert!(findings[without..].is_sorted_by_key(is_indirect), "what costs no time comes last");
}

#[test]
fn allocations_bound_what_a_finding_on_allocations_can_save() {
    let crates = Crates::fixture();
    let mut profile = crates.profile();
    let mut pushes = crates.measured("planted/src/allocations.rs", "pushes", &[(1_000_000_000, 1)]);
    pushes.allocations = Some(counted(10, 1_000));
    let mut formats = crates.measured("planted/src/allocations.rs", "formats", &[(1_000_000_000, 1)]);
    formats.allocations = Some(counted(0, 0));
    profile.functions.extend([pushes, formats]);
    let document = audit(&crates, &profile);
    let stake = |check, item| &of(&document, check, item)["stake"]["at_best_ns"];
    assert_eq!(*stake("clippy::format_push_string", "planted::allocations::pushes"), 10 * 500 + 1_000);
    assert_eq!(*stake("clippy::format_collect", "planted::allocations::formats"), 0);
}

#[test]
fn allocations_that_were_not_counted_come_behind_what_is_certain() {
    let main = "fn main() {\n    let mut text = String::new();\n    for one in 0..3_u32 {\n        text += &format!(\"{one}\");\n    }\n    \
                println!(\"{text}{:?}\", [3].iter().nth(0));\n}\n";
    let crates = Crates::package("texts", main);
    let mut outer = crate::programs::function("texts::main", &[(14_000_000, 1)]);
    (outer.module, outer.line) = ("texts".into(), 1);
    let checks = |document: &Value| {
        let findings = document["findings"].as_array().unwrap().iter();
        findings.map(|finding| finding["check"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
    };
    let [texts, nth] = ["clippy::format_push_string", "clippy::iter_nth"];
    assert_eq!(checks(&audit(&crates, &process(1, vec![outer.clone()]))), [nth, texts]);
    let output = crates.audit("--profile @run.json").output;
    let note = "at best 14.0 ms (100%) saved in texts::main (1 call, 14.0 ms self time, allocations not counted)";
    assert!(output.contains(note), "{output}");
    outer.allocations = Some(counted(1_000_000, 1_000_000));
    assert_eq!(checks(&audit(&crates, &process(1, vec![outer]))), [texts, nth], "they are certain");
    assert!(!crates.audit("--profile @run.json").output.contains("not counted"));
}

#[test]
fn a_large_future_costs_no_more_than_its_bytes_take_to_move() {
    let main = "async fn large() -> u8 {\n    let all = [1_u8; 20_000];\n    std::future::ready(()).await;\n    all[7]\n}\n\n\
                async fn once() -> u8 {\n    large().await\n}\n\nasync fn often() -> u8 {\n    let mut sum = 0;\n    for _ in 0..9 {\n        \
                sum += large().await;\n    }\n    sum\n}\n\nfn main() {\n    drop(once());\n    drop(often());\n}\n";
    let crates = Crates::package("moved", main);
    let measured = |name: &str, line| {
        let mut function = crate::programs::function(&format!("moved::{name}"), &[(100_000_000, 3)]);
        (function.module, function.line, function.kind) = ("moved".into(), line, Kind::Future);
        function.futures.insert(Futures::default()).started = 3;
        function
    };
    let document = audit(&crates, &process(1, vec![measured("once", 7), measured("often", 11)]));
    let at_best = |item| of(&document, "clippy::large_futures", item)["stake"]["at_best_ns"].as_u64().unwrap();
    let bound = at_best("moved::once");
    assert!((60_000..70_000).contains(&bound), "{bound}");
    assert_eq!(at_best("moved::often"), 300_000_000, "how often the loop turns, nobody knows");
}

#[test]
fn code_that_is_not_annotated_counts_for_what_calls_it() {
    let crates = Crates::fixture();
    let mut profile = crates.profile();
    profile.functions.push(crates.measured("planted/src/moves.rs", "passes", &[(70_000_000, 3)]));
    profile.functions.push(crates.measured("planted/src/moves.rs", "takes", &[(30_000_000, 1)]));
    let document = audit(&crates, &profile);
    let called = &of(&document, "clippy::large_types_passed_by_value", "planted::moves::by_value")["stake"];
    assert_eq!((&called["relation"], &called["at_best_ns"]), (&"called".into(), &210_000_000.into()));
    let by_type = &of(&document, "clippy::large_enum_variant", "planted::moves::Uneven")["stake"];
    for function in &mut profile.functions {
        (function.calls, function.self_ns) = (0, 0);
    }
    crates.put("run.json", profile.to_json());
    let text = crates.audit("--limit 1000 --profile @run.json").output;
    assert!(text.contains("planted::moves::passes, which calls this, did not run"), "{text}");
    assert_eq!((&by_type["relation"], &by_type["function"]), (&"type".into(), &"planted::moves::takes".into()));
}

#[test]
fn a_function_called_once_may_make_what_it_needs() {
    let crates = Crates::fixture();
    let found = |calls| {
        let mut profile = crates.profile();
        profile.functions.push(crates.measured("planted/src/own.rs", "settings", &[(1_000_000, calls)]));
        let document = audit(&crates, &profile);
        let mut findings = document["findings"].as_array().unwrap().clone();
        findings.retain(|finding| finding["item"] == "planted::own::settings");
        findings.len()
    };
    assert_eq!((found(1), found(2)), (0, 1));
    // A constructor that is called often is worth a finding too, and so is a look at the environment.
    let mut profile = crates.profile();
    profile.functions.push(crates.measured("spared/src/own.rs", "new", &[(1_000, 50)]));
    profile.functions.push(crates.measured("spared/src/own.rs", "region", &[(200, 5_000)]));
    let document = audit(&crates, &profile);
    of(&document, "perf::construction_per_call", "spared::own::Filter::new");
    of(&document, "perf::construction_per_call", "spared::own::region");
}

#[test]
fn functions_that_moved_are_joined_by_name_and_said() {
    let crates = Crates::fixture();
    let mut profile = crates.profile();
    // Locks and queries have no place in the sources, and are not missed there.
    profile.functions.retain(|function| !function.kind.is_wait() && function.kind != Kind::Hold);
    let mut query = crate::programs::function("SELECT 1", &[(1_000, 3)]);
    query.kind = Kind::Query;
    profile.functions.push(query);
    let count = profile.functions.len() - 1;
    for function in &mut profile.functions {
        function.line += 3;
    }
    let mut removed = crates.measured("planted/src/own.rs", "idle", &[]);
    (removed.name, removed.line) = ("planted::own::removed".into(), 900);
    profile.functions.push(removed);
    let document = audit(&crates, &profile);
    assert_eq!(document["findings"][0]["stake"]["at_best_ns"], 400_000_000);
    assert_eq!(document["profile"]["functions"]["gone"], 1);
    let moved = document["profile"]["functions"]["moved"].as_u64().unwrap();
    assert_eq!(moved + document["profile"]["functions"]["exact"].as_u64().unwrap(), count as u64);
    let note = document["notes"][0].as_str().unwrap();
    assert!(
        note.starts_with("The sources changed since the profile: ")
            && note.contains(" and were joined by name, 1 is gone."),
        "{note}"
    );
    profile.functions.retain(|function| function.name.ends_with("removed") || function.name.ends_with("idle"));
    for function in &mut profile.functions {
        function.line -= if function.name.ends_with("idle") { 3 } else { 0 };
    }
    let document = audit(&crates, &profile);
    let note = document["notes"][0].as_str().unwrap();
    let gone = "The sources changed since the profile: 1 of its 2 functions is gone. Record again for exact figures.";
    assert_eq!(note, gone);
}

#[test]
fn a_profile_of_other_sources_is_said() {
    let crates = Crates::fixture();
    let mut other = Function::new("elsewhere::run");
    (other.module, other.file, other.line) = ("elsewhere".into(), "src/other.rs".into(), 3);
    (other.calls, other.self_ns) = (1, 1_000);
    let document = audit(&crates, &process(1, vec![other]));
    let note = document["notes"][0].as_str().unwrap();
    assert!(
        note.starts_with("The profile is from other sources: none of its 1 function is in these crates."),
        "{note}"
    );
    assert!(document["findings"].as_array().unwrap().iter().all(|finding| finding["stake"].is_null()));
}

#[test]
fn profiles_of_a_directory_are_added_up() {
    let crates = Crates::fixture();
    crates.put("runs/1.json", crates.profile().to_json());
    let mut second = crates.profile();
    second.process.pid = 8;
    crates.put("runs/2.json", second.to_json());
    let ended = crates.audit("--format json --profile @runs");
    let document: Value = serde_json::from_str(&ended.output).unwrap();
    assert_eq!(document["findings"][0]["stake"]["at_best_ns"], 800_000_000);
}

#[test]
fn the_start_shows_what_an_other_order_would_save() {
    let crates = Crates::fixture();
    let mut profile = crates.profile();
    for (name, begins, took) in [("app::INDEX", 10, 300), ("app::POOL", 310, 200)] {
        let mut resource = Resource::new(name);
        resource.initialisations = 1;
        resource.first_use_ns = Some(begins * 1_000_000);
        resource.first_init_ns = took * 1_000_000;
        profile.resources.push(resource);
    }
    let document = audit(&crates, &profile);
    assert_eq!(document["startup"]["spent_ns"], 500_000_000);
    assert_eq!(document["startup"]["critical_path"][0], "app::INDEX");
    assert_eq!(document["startup"]["advice"][0]["saves_ns"], 200_000_000);
    let text = crates.audit("--limit 1 --profile @run.json").output;
    assert!(text.contains("Start: 500 ms in initialisers; no order takes less than 300 ms"), "{text}");
    assert!(text.contains("takes 300 ms instead of 500 ms."), "{text}");
}

#[test]
fn a_start_that_is_not_annotated_counts_for_no_more_than_the_time_around_it() {
    let main = "fn main() {\n    let help = build_help();\n    if std::env::args().len() > 1 {\n        println!(\"{help}\");\n    }\n}\n\n\
                fn build_help() -> String {\n    \"help\".repeat(3)\n}\n";
    let crates = Crates::package("start", main);
    let measured = |name: &str, line, total_ns, self_ns| {
        let mut function = crate::programs::function(&format!("start::{name}"), &[(total_ns, 1)]);
        (function.module, function.line, function.self_ns) = ("start".into(), line, self_ns);
        function
    };
    let outer = measured("main", 1, 466_000_000, 65_000_000);
    let document = audit(&crates, &process(1, vec![outer.clone()]));
    let stake = &of(&document, "perf::eager_start", "start::main")["stake"];
    assert_eq!((&stake["function"], &stake["at_best_ns"]), (&"start::main".into(), &65_000_000.into()));
    let document = audit(&crates, &process(1, vec![outer, measured("build_help", 8, 35_000_000, 5_000_000)]));
    let stake = &of(&document, "perf::eager_start", "start::main")["stake"];
    assert_eq!((&stake["function"], &stake["at_best_ns"]), (&"start::build_help".into(), &35_000_000.into()));
}

#[test]
fn functions_that_a_macro_makes_are_joined_by_its_call() {
    let main = r#"struct Sum(u64);

macro_rules! adding {
    ($name:ident, $by:expr) => {
        fn $name(&mut self, rows: &[u64]) {
            self.0 += rows.len() as u64 + $by;
        }
    };
}

impl Sum {
    adding!(add_small, *[3_u64].iter().nth(0).unwrap());
    adding!(add_large, *[5_u64].iter().nth(0).unwrap());
}

fn main() {
    let mut sum = Sum(0);
    sum.add_small(&[1]);
    sum.add_large(&[1]);
    println!("{}", sum.0);
}
"#;
    let crates = Crates::package("made", main);
    let made = |name: &str, line, ns| {
        let mut function = crate::programs::function(&format!("made::Sum::{name}"), &[(ns, 1)]);
        (function.module, function.line) = ("made".into(), line);
        function
    };
    let document =
        audit(&crates, &process(1, vec![made("add_small", 12, 1_000_000), made("add_large", 13, 9_000_000)]));
    assert_eq!(document["profile"]["functions"]["exact"], 2, "{document:#}");
    let first = &document["findings"][0];
    assert_eq!((&first["check"], &first["place"]["line"]), (&"clippy::iter_nth".into(), &13.into()));
    assert_eq!(first["stake"]["at_best_ns"], 9_000_000);
}

#[test]
fn measured_waits_are_at_stake_where_they_were_waited_for() {
    let crates = Crates::fixture();
    let mut profile = crates.profile();
    let insert = profile.functions.iter().position(|one| one.name.ends_with("own::insert")).unwrap();
    let mut query = crate::programs::function("INSERT INTO rows VALUES (?)", &[(1_000_000, 3_000)]);
    query.kind = Kind::Query;
    query.callers = vec![Caller::new(Some(insert), 2_000, 2_000_000_000), Caller::new(None, 1_000, 1_000_000_000)];
    profile.functions.push(query);
    let document = audit(&crates, &profile);
    let first = &document["findings"][0];
    assert_eq!(first["check"], "perf::query_in_loop");
    assert_eq!(first["stake"]["waits"][0]["calls"], 2_000);
    assert_eq!(first["stake"]["waits"][0]["ns"], 2_000_000_000_u64);
    let own = first["stake"]["self_ns"].as_u64().unwrap();
    assert_eq!(first["stake"]["at_best_ns"], own + 2_000_000_000);
    // All who wait for the lock wait for the query.
    let held = of(&document, "perf::query_under_lock", "planted::own::store");
    assert_eq!(held["stake"]["waits"][0]["kind"], "lock");
    assert_eq!(held["stake"]["waits"][0]["ns"], 10_000_000);
    assert!(held["message"].as_str().unwrap().contains("`planted::NAMES` is held while this sends queries"), "{held}");
    // Nor is one whose holds took longer than the polls of a query, but not as long as the query.
    let (mut of_future, mut of_pool) = (profile.clone(), profile.clone());
    let names = ["planted::INSERT INTO rows VALUES (?)", "planted::NAMES (held)"];
    let at = |name: &str| profile.functions.iter().position(|one| one.name == name).unwrap();
    let [query, hold] = names.map(at);
    let function = &mut of_future.functions[query];
    function.futures.insert(Futures::default()).started = 5;
    function.callers[0].total_ns = 5_000;
    (function.sum_ns, function.max_ns) = (100_000_000, 20_000_000);
    let finds = |profile: &Snapshot| {
        let document = audit(&crates, profile);
        let findings = document["findings"].as_array().unwrap();
        findings.iter().any(|finding| finding["check"] == "perf::query_under_lock")
    };
    assert!(!finds(&of_future), "a hold of 12 ms is not as long as a query of 20 ms");
    of_future.functions[query].sum_ns = 50_000_000;
    assert!(finds(&of_future), "but as one of 10 ms");
    // To wait for a connection is no query, however short it is.
    of_pool.functions[hold] = crate::programs::function(names[1], &[(5_000_000, 5)]);
    of_pool.functions[hold].kind = Kind::Hold;
    let caller = of_pool.functions[query].callers[0].caller;
    let mut pool = crate::programs::function("pool rows", &[(1_000, 50)]);
    (pool.kind, pool.callers) = (Kind::Query, vec![Caller::new(caller, 50, 50_000)]);
    of_pool.functions.push(pool);
    assert!(!finds(&of_pool), "the waits would make the mean query shorter than the hold");
    // A lock that was never held for as long as a query is no finding.
    for function in profile.functions.iter_mut().filter(|one| one.kind == Kind::Hold) {
        *function = crate::programs::function(&function.name, &[(1_000, 5)]);
        function.kind = Kind::Hold;
    }
    let document = audit(&crates, &profile);
    let findings = document["findings"].as_array().unwrap();
    assert!(findings.iter().all(|finding| finding["check"] != "perf::query_under_lock"));
}
