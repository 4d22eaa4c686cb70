//! Histories: what is kept, what two of them make together, which changes are found, and what is refused.
#![cfg(feature = "command")]
#![allow(clippy::unwrap_used, reason = "a helper's failure is the test's")]

mod programs;

use std::fs;

use fastrand::Rng;
use perf_report::{Kind, Snapshot, command::Outcome};
use programs::{Folder, function, process};

/// The name of a commit.
fn commit(number: u64) -> String {
    format!("{number:040x}")
}

/// Three runs of a commit, in which functions take so many ns, with some noise.
fn runs(folder: &Folder, number: u64, functions: &[(&str, u64)]) {
    runs_with(folder, number, functions, |_| {});
}

fn runs_with(folder: &Folder, number: u64, functions: &[(&str, u64)], change: impl Fn(&mut Snapshot)) {
    let mut rng = Rng::with_seed(number);
    for run in 1..=3 {
        let of = |&(name, ns): &(&str, u64)| {
            let ns = (ns as f64 * (0.985 + 0.03 * rng.f64())) as u64;
            function(name, &[(ns, 99), (ns * 2, 1)])
        };
        let mut snapshot = process(run, functions.iter().map(of).collect());
        snapshot.process.started_unix_ns += number * 1_000;
        snapshot.metadata.dirty = Some(false);
        snapshot.metadata.branch = Some("main".into());
        snapshot.metadata.cpu = Some("EPYC".into());
        change(&mut snapshot);
        folder.put(&format!("runs-{number}/run-{run}.json"), snapshot.to_json());
    }
}

fn add(folder: &Folder, history: &str, number: u64) {
    let time = 1_700_000_000 + number * 86_400;
    let line = format!("history add @{history} @runs-{number} --commit {} --time {time}", commit(number));
    let (outcome, _, errors) = folder.run(&line);
    assert_eq!((outcome, errors.as_str()), (Outcome::Complete, ""), "{number}");
}

/// A history of some commits. `app::parse` takes a fifth longer from one of them on.
fn history(commits: u64, slower_from: u64) -> Folder {
    let folder = Folder::new();
    for number in 1..=commits {
        let parse = if number >= slower_from { 1_200_000 } else { 1_000_000 };
        runs(&folder, number, &[("app::parse", parse), ("app::read", 40_000), ("app::a<b>\u{1b}[31m", 700)]);
        add(&folder, "history", number);
    }
    folder
}

#[test]
fn a_planted_step_is_found_at_its_commit_and_fails() {
    let folder = history(24, 21);
    let (outcome, output, errors) = folder.run("history check @history");
    assert_eq!((outcome, errors.as_str()), (Outcome::Found, ""), "{output}");
    insta::assert_snapshot!("check", output);
    let annotations = folder.run("history check @history --output github:-").1;
    assert!(
        annotations.starts_with("::error file=src/main.rs,line=1,title=perf-report history check"),
        "{annotations}"
    );
    assert_eq!(folder.run("history check @history --only app::read").0, Outcome::Complete);
    assert_eq!(folder.run("history check @history --newest 3").0, Outcome::Complete, "it is no news any more");
    assert_eq!(folder.run("history check @history --threshold 30%").0, Outcome::Complete);
}

#[test]
fn rows_beside_calls_are_there_if_they_are_named() {
    let folder = Folder::new();
    for number in 1..=24 {
        let ns = if number >= 21 { 1_200_000 } else { 1_000_000 };
        runs_with(&folder, number, &[("app::serve", ns), ("app::serve (poll)", ns / 10)], |snapshot| {
            snapshot.functions[1].kind = Kind::Poll;
        });
        add(&folder, "history", number);
    }
    // One change is told once.
    let (outcome, output, _) = folder.run("history check @history --metrics p50");
    assert!(outcome == Outcome::Found && output.contains("app::serve") && !output.contains("(poll)"), "{output}");
    let (outcome, output, _) = folder.run("history check @history --metrics p50 --only *(poll)");
    assert!(outcome == Outcome::Found && output.contains("app::serve (poll)"), "{output}");
    assert!(!folder.run("history show @history --only app::*").1.contains("(poll)"));
}

#[test]
fn trends_are_shown_on_a_terminal_in_a_browser_and_to_programs() {
    let folder = history(24, 21);
    insta::assert_snapshot!("show", folder.run("history show @history --metrics p50,calls").1);
    let json: serde_json::Value = serde_json::from_str(&folder.run("history show @history --format json").1).unwrap();
    let series = json["series"].as_array().unwrap();
    let parse = series.iter().find(|series| series["function"] == "app::parse" && series["metric"] == "p50").unwrap();
    assert_eq!(parse["changes"][0]["commit"], commit(21));
    assert_eq!((parse["values"].as_array().unwrap().len(), &parse["verdict"]), (24, &"worse".into()));
    assert_eq!(folder.run("history show @history --format html -o @page.html").0, Outcome::Complete);
    let page = fs::read_to_string(folder.path("page.html")).unwrap();
    assert_eq!(page.matches("<polyline").count(), 12, "a line per metric of three functions");
    assert!(page.contains("app::a&#60;b&#62;\\u{1b}[31m p50") && !page.contains('\u{1b}'), "{page}");
    assert!(page.contains("<title>0000000 of 2023-12-05: +"), "{page}");
}

#[test]
fn nothing_is_found_where_nothing_changed() {
    let folder = history(24, 100);
    let (outcome, output, _) = folder.run("history check @history");
    assert!(outcome == Outcome::Complete && output.contains("nothing became worse"), "{output}");
}

/// A history of a program with fourteen functions, of which `app::hash` takes half as much again from a commit on.
fn young(commits: u64, slower_from: u64) -> Folder {
    let folder = Folder::new();
    let others = Vec::from_iter((1..=13).map(|number| format!("app::part_{number}")));
    for number in 1..=commits {
        let hash = if number >= slower_from { 150_000 } else { 100_000 };
        let mut functions = vec![("app::hash", hash)];
        functions.extend(others.iter().map(|name| (name.as_str(), 40_000)));
        runs(&folder, number, &functions);
        add(&folder, "history", number);
    }
    folder
}

#[test]
fn a_large_step_in_a_young_history_is_found_wherever_it_is() {
    for (commits, from) in [(8, 3), (8, 4), (8, 5), (8, 6), (8, 7), (9, 8), (14, 13)] {
        let folder = young(commits, from);
        for only in ["", " --only app::hash"] {
            let (outcome, output, errors) = folder.run(&format!("history check @history{only}"));
            assert_eq!((outcome, errors.as_str()), (Outcome::Found, ""), "{commits} {from}{only}: {output}");
            let since = format!("p50 of app::hash: worse since {} of", &commit(from)[..7]);
            assert!(output.contains(&since) && !output.contains("app::part"), "{commits} {from}{only}: {output}");
        }
    }
}

#[test]
fn a_young_history_says_how_large_a_step_it_shows() {
    let (outcome, output, _) = young(8, 100).run("history check @history");
    assert_eq!(outcome, Outcome::Complete, "{output}");
    insta::assert_snapshot!("young", output);
    // Two speeds from commit to commit: nothing would show even if it took twice as long.
    let folder = Folder::new();
    for number in 1..=8 {
        runs(&folder, number, &[("app::parse", if number % 2 == 0 { 2_000_000 } else { 1_000_000 })]);
        add(&folder, "history", number);
    }
    let (outcome, output, errors) = folder.run("history check @history --metrics p50");
    assert_eq!((outcome, output.as_str()), (Outcome::Failed, ""));
    assert!(errors.contains("in so few values, chance explains a step of any metric to twice its value"), "{errors}");
    assert_eq!(folder.run("history check @history --metrics p50,calls").0, Outcome::Complete, "calls can be judged");
}

#[test]
fn functions_that_did_not_run_at_the_newest_commit_are_not_judged() {
    let folder = Folder::new();
    for number in 1..=30 {
        let name = if number > 19 { "app::digest" } else { "app::hash" };
        runs(&folder, number, &[("app::parse", 1_000_000), (name, 40_000)]);
        add(&folder, "history", number);
    }
    let (outcome, output, errors) =
        folder.run("history check @history --output bencher:@measures.json --output junit:@cases.xml");
    assert_eq!((outcome, errors.as_str()), (Outcome::Complete, ""));
    insta::assert_snapshot!("gone", output);
    assert!(!fs::read_to_string(folder.path("measures.json")).unwrap().contains("app::hash"), "it has no value now");
    let cases = fs::read_to_string(folder.path("cases.xml")).unwrap();
    assert!(cases.contains("of app::hash was not judged, because the newest commit has no value of it"), "{cases}");
    let (outcome, _, errors) = folder.run("history check @history --only app::hash");
    assert_eq!(outcome, Outcome::Failed);
    assert!(errors.contains("nothing that is to be judged has a value at the newest commit: app::hash;"), "{errors}");
    let shown = folder.run("history show @history --only app::hash --metrics p50").1;
    assert!(shown.contains("–") && shown.contains("gone"), "{shown}");
}

#[test]
fn two_histories_make_the_same_one_in_whatever_order_they_are_merged() {
    let folder = Folder::new();
    for number in 1..=12 {
        runs(&folder, number, &[("app::parse", 1_000_000)]);
    }
    (1..=8).for_each(|number| add(&folder, "one", number));
    (5..=12).for_each(|number| add(&folder, "two", number));
    (1..=12).for_each(|number| add(&folder, "all", number));
    let (outcome, output, _) = folder.run("history add @one @two");
    assert_eq!((outcome, output.as_str()), (Outcome::Complete, "12 runs added; the history has 12 commits\n"));
    assert_eq!(folder.run("history add @two @one").1, "12 runs added; the history has 12 commits\n");
    assert_eq!(folder.run("history add @two @one").1, "0 runs added; the history has 12 commits\n");
    let shown = |name: &str| folder.run(&format!("history show @{name} --format json"));
    assert_eq!(shown("one"), shown("all"));
    assert_eq!(shown("two"), shown("all"));
    // A run counts once.
    let again = format!("history add @all @runs-3 --commit {} --time 1", commit(3));
    let (outcome, output, errors) = folder.run(&again);
    assert_eq!((outcome, output.as_str()), (Outcome::Complete, "0 runs added; the history has 12 commits\n"));
    assert_eq!(errors.matches("left out, because the history has it").count(), 3, "{errors}");
}

/// The runs of a commit as `bench --count --save` leaves them; the third was not counted.
fn counted_runs(folder: &Folder, number: u64, parse: u64) {
    runs(folder, number, &[("app::parse", 1_000_000), ("app::read", 40_000)]);
    let line = |run: u64| {
        let counted = format!(
            ",\"instructions\":{},\"instructions_of\":{{\"app::parse\":{parse},\"app::read\":777}},\"other_calls\":{{\"app::read\":[100,99]}}",
            parse + 500_000 + run
        );
        let counted = if run == 3 { "" } else { &counted };
        format!(
            "{{\"wall_ns\":1,\"user_ns\":1,\"system_ns\":1,\"peak_bytes\":1{counted},\"outcome\":{{\"status\":0}}}}\n"
        )
    };
    folder.put(&format!("runs-{number}/processes.jsonl"), (1..=3).map(line).collect::<String>());
    for run in 1..=3 {
        let name = |run: u64, digits: usize| folder.path(&format!("runs-{number}/run-{run:0digits$}.json"));
        fs::rename(name(run, 1), name(run, 4)).unwrap();
    }
}

#[test]
fn counted_instructions_are_kept_and_judged_by_a_threshold_of_their_own() {
    let folder = Folder::new();
    for number in 1..=24 {
        // One per cent more in the function: two thirds of that in the whole process.
        counted_runs(&folder, number, if number >= 21 { 1_010_000 } else { 1_000_000 });
    }
    (1..=14).for_each(|number| add(&folder, "one", number));
    (10..=24).for_each(|number| add(&folder, "two", number));
    (1..=24).for_each(|number| add(&folder, "all", number));
    let (outcome, output, errors) = folder.run("history check @all");
    assert_eq!((outcome, errors.as_str()), (Outcome::Found, ""), "{output}");
    let output = output.replace("\n  ", " ");
    let sentence = |function: &str| format!("instructions of {function}: worse since {} of", &commit(21)[..7]);
    assert!(output.contains(&sentence("app::parse")) && output.contains(&sentence("whole process")), "{output}");
    assert!(output.contains("+1.0%; changes of 0.5% and more count"), "{output}");
    let json = |name: &str| folder.run(&format!("history show @{name} --format json --metrics instructions")).1;
    let document: serde_json::Value = serde_json::from_str(&json("all")).unwrap();
    let names: Vec<&str> =
        document["series"].as_array().unwrap().iter().map(|one| one["function"].as_str().unwrap()).collect();
    assert_eq!(names, ["app::parse", "whole process"], "app::read made other calls when it was counted");
    let bencher = folder.run("history check @all --metrics instructions --output benchmark-action:-").1;
    assert!(
        bencher.contains("\"unit\":\"instructions\"") || bencher.contains("\"unit\": \"instructions\""),
        "{bencher}"
    );
    assert_eq!(folder.run("history check @all --counted-threshold 2%").0, Outcome::Complete);
    assert_eq!(folder.run("history check @all --metrics p50,total").0, Outcome::Complete);
    // Merged in either order, it is the same history.
    for (into, from) in [("one", "two"), ("two", "one")] {
        assert_eq!(folder.run(&format!("history add @{into} @{from}")).0, Outcome::Complete);
        assert_eq!(json(into), json("all"));
    }
}

#[test]
fn counts_that_are_missing_or_damaged_are_said() {
    let folder = history(9, 100);
    let (outcome, _, errors) = folder.run("history check @history --metrics instructions");
    assert_eq!(outcome, Outcome::Failed, "{errors}");
    assert!(
        errors.contains("no run of the history has counted instructions; make the runs with `bench --count --save"),
        "{errors}"
    );
    counted_runs(&folder, 10, 1_000_000);
    folder.put("runs-10/processes.jsonl", "{\"wall_ns\":1}\n");
    let (outcome, _, errors) = folder.run(&format!("history add @history @runs-10 --commit {} --time 7", commit(10)));
    assert_eq!(outcome, Outcome::Failed);
    assert!(errors.contains("processes.jsonl: line 1: missing field") && errors.contains("bench --save"), "{errors}");
}

#[test]
fn beyond_fifty_commits_only_sums_are_kept_and_nothing_is_forgotten() {
    let folder = Folder::new();
    for number in 1..=53 {
        runs(&folder, number, &[("app::parse", 1_000_000)]);
        add(&folder, "history", number);
    }
    let snapshots = |number| {
        let entries = fs::read_dir(folder.path(&format!("history/commits/{}", commit(number)))).unwrap();
        entries.filter(|entry| entry.as_ref().unwrap().path().is_file()).count()
    };
    assert_eq!([1, 3, 4, 53].map(snapshots), [0, 0, 3, 3]);
    assert!(folder.run("history show @history").1.starts_with("app: 53 commits up to "));
    let (one, other) = (commit(52), commit(53));
    let (outcome, ..) = folder.run(&format!("diff @history/commits/{one} @history/commits/{other}"));
    assert_eq!(outcome, Outcome::Complete, "the snapshots of two commits can be compared");
    let (outcome, _, errors) = folder.run(&format!("diff @history/commits/{} @history/commits/{other}", commit(1)));
    assert_eq!(outcome, Outcome::Failed);
    assert!(errors.contains("the history keeps whole snapshots of its newest 50 commits alone"), "{errors}");
}

#[test]
fn commits_recorded_on_another_processor_are_not_blamed() {
    let folder = Folder::new();
    for number in 1..=24 {
        let (cpu, ns) = if number > 12 { ("Xeon", 1_500_000) } else { ("EPYC", 1_000_000) };
        runs_with(&folder, number, &[("app::parse", ns)], |run| run.metadata.cpu = Some(cpu.into()));
        add(&folder, "history", number);
    }
    let (outcome, output, _) = folder.run("history check @history");
    assert_eq!(outcome, Outcome::Complete, "{output}");
    let output = output.replace("\n  ", " ");
    assert!(
        output.contains("Warning: 12 commits were left out") && output.contains("processor EPYC and Xeon"),
        "{output}"
    );
}

#[test]
fn what_cannot_be_judged_is_never_green() {
    let folder = history(5, 100);
    let mut messages = String::new();
    let mut fails = |line: &str| {
        let (outcome, _, errors) = folder.run(line);
        assert_eq!(outcome, Outcome::Failed, "{line}: {errors}");
        messages += &format!("{line}\n{errors}\n");
    };
    fails("history check @history");
    fails("history check @history --last 1");
    fails("history check @missing");
    fails("history check @runs-1");
    fails("history check @history --branch next");
    fails("history check @history --only app::prase");
    let add = "--commit 00000000000000000000000000000000000000aa";
    fails("history add @history @runs-1 --commit abc");
    fails(&format!("history add @history @runs-1 {add}"));
    fails(&format!("history add @runs-1 @runs-2 {add} --time 7"));
    fails(&format!("history add @history @missing {add} --time 7"));
    let write = |name: &str, change: &dyn Fn(&mut Snapshot)| {
        let mut snapshot = process(9, vec![function("app::parse", &[(1, 1)])]);
        change(&mut snapshot);
        folder.put(name, snapshot.to_json());
    };
    write("other.json", &|snapshot| snapshot.process.program = "other".into());
    fails(&format!("history add @history @other.json {add} --time 7"));
    write("dirty.json", &|snapshot| snapshot.metadata.dirty = Some(true));
    fails(&format!("history add @history @dirty.json {add} --time 7"));
    write("of-another.json", &|snapshot| snapshot.metadata.commit = Some(commit(7)));
    fails(&format!("history add @history @of-another.json {add} --time 7"));
    write("running.json", &|snapshot| snapshot.process.state = perf_report::State::Running);
    fails(&format!("history add @history @running.json {add} --time 7"));
    folder.put("foreign/history.json", "{\"history\":1,\"program\":\"other\"}");
    fails("history add @history @foreign");
    folder.put("newer/history.json", "{\"history\":9,\"program\":\"app\",\"galaxies\":[]}");
    fails("history add @history @newer");
    assert!(folder.run("history show @history").0 == Outcome::Complete, "nothing was added half-way");
    let sums = format!("history/commits/{}/sums/x.json", commit(1));
    folder.put(&sums, "{\"history\":1,");
    fails("history check @history");
    folder.put(&sums, "{\"history\":9}");
    fails("history show @history");
    let good = fs::read_dir(folder.path(&format!("history/commits/{}/sums", commit(2)))).unwrap().next().unwrap();
    folder.put(&sums, fs::read(good.unwrap().path()).unwrap());
    fails("history show @history");
    insta::assert_snapshot!(messages);
}
