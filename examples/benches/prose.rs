//! A criterion benchmark that tells, beside criterion's own numbers, which functions the time went to.
//!
//! `cargo bench -p perf-examples --bench prose`. Criterion measures each benchmark as it always does. A session records the
//! annotated functions meanwhile, and what happened between two snapshots is the table of that one benchmark.

use std::hint::black_box;

use criterion::{BatchSize, Criterion};
use perf_examples::{Prose, words};
use perf_report::{Style, View};
use perf_runtime::Report;

/// Runs a benchmark and prints the table of its annotated functions, criterion's warm-up included.
fn with_table(criterion: &mut Criterion, benchmark: impl FnOnce(&mut Criterion)) {
    let before = perf_runtime::snapshot();
    benchmark(criterion);
    if let (Some(before), Some(after)) = (before, perf_runtime::snapshot()) {
        println!("{}", View::Table.render(&after.since(&before), &Style::plain()));
    }
}

fn main() {
    // The tables are printed here, one per benchmark; the session itself has nothing more to say.
    let session = perf_runtime::session().report(Report::custom(|_| String::new())).start();
    let mut criterion = Criterion::default().configure_from_args();
    with_table(&mut criterion, |criterion| {
        criterion.bench_function("learn", |bencher| bencher.iter(|| Prose::learn(black_box(1))));
    });
    with_table(&mut criterion, |criterion| {
        criterion.bench_function("page", |bencher| {
            bencher.iter_batched_ref(
                || Prose::learn(1),
                |prose| words(&prose.page(120)).count(),
                BatchSize::SmallInput,
            );
        });
    });
    criterion.final_summary();
    session.finish();
}
