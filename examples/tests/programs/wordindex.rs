//! The word index: what it prints, and what its report says.

use perf_report::Timing;

use crate::run::{recorded, run};

const PROGRAM: &str = env!("CARGO_BIN_EXE_wordindex");

const OUTPUT: &str = "\
3964249 bytes, 720000 words, 509 different, on 6000 pages
   43169 the
   23757 and
   21163 of
   16439 to
   15243 that
   14410 it
   13035 a
   12325 in
   10486 we
    8663 for
vorpal + sword on 720 pages, first [13, 15, 20]
sea + ship + sword on 15 pages, first [13, 124, 156]
nation + liberty on 252 pages, first [8, 13, 21]
muse + fire + heaven on 33 pages, first [319, 397, 524]
perf on 0 pages, first []
";

#[test]
fn says_nothing_unless_asked() {
    assert_eq!(run(PROGRAM, &[]), (OUTPUT.to_owned(), String::new()));
}

#[test]
fn report_counts_every_call() {
    let run = recorded(PROGRAM);
    assert_eq!((run.stdout.as_str(), run.stderr.as_str()), (OUTPUT, ""));
    run.assert_whole();
    run.assert_calls(&[
        ("write_text", 1),
        ("Prose::learn", 1),
        ("Prose::page", 6000),
        ("Index::build", 1),
        ("Index::add_page", 6000),
        ("Index::add_word", 720_000),
        ("Index::most_frequent", 1),
        ("Index::search", 5),
        ("Index::pages_of", 11),
    ]);
}

#[test]
fn report_knows_the_callers() {
    let run = recorded(PROGRAM);
    assert_eq!(run.calls_by(Some("write_text"), "Prose::page"), 6000);
    assert_eq!(run.calls_by(Some("Index::build"), "Index::add_page"), 6000);
    assert_eq!(run.calls_by(Some("Index::add_page"), "Index::add_word"), 720_000);
    assert_eq!(run.calls_by(Some("Index::search"), "Index::pages_of"), 11);
    assert_eq!(run.calls_by(None, "Index::search"), 5);
}

#[test]
fn only_adaptive_figures_are_sampled() {
    let run = recorded(PROGRAM);
    let add_word = run.function("Index::add_word");
    assert_eq!(add_word.timing, Timing::Adaptive);
    assert!((1..add_word.calls).contains(&add_word.timed_calls), "timed {} calls", add_word.timed_calls);
    assert!(add_word.self_sampled);
    // Its caller's self time is what remains of an exact time without a sampled one.
    assert!(run.function("Index::add_page").self_sampled);
    for exact in ["Index::build", "Index::add_page", "Index::search"] {
        assert_eq!(run.function(exact).timing, Timing::Exact, "{exact}");
        assert_eq!(run.function(exact).timed_calls, run.function(exact).calls, "{exact}");
    }
    assert!(!run.function("Index::search").self_sampled);
}
