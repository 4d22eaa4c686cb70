//! Benchmarks of criterion: a plain one and a group.

use std::hint::black_box;

use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};

fn plain(criterion: &mut Criterion) {
    criterion.bench_function("digits of 10", |bencher| bencher.iter(|| harnesses::digits(black_box(10))));
}

fn grouped(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("group/a b");
    for end in [20_u64, 40] {
        group.throughput(Throughput::Elements(end));
        group.bench_with_input(BenchmarkId::new("digits", end), &end, |bencher, end| {
            bencher.iter(|| harnesses::digits(black_box(*end)));
        });
    }
    group.finish();
}

criterion_group!(benches, plain, grouped);
criterion_main!(benches);
