//! The tables.

use comfy_table::{Cell, CellAlignment, Table, presets};

use crate::{
    comparison::{HARDER, Results, THREADS, in_shape},
    contenders::{ALL, Role},
    workload::Shape,
};

/// Prints what was measured.
pub fn print(results: &Results) {
    let plan = &results.plan;
    println!(
        "\nOne function, called again and again: ns per call, less the bare call; median of {} rounds of {} calls per thread.\n\
         CPU counts all threads of the process until the work of the calls is done. Memory is what the process has above\n\
         the bare one after {} and {} calls, in MiB (contenders that keep their calls: the first only).\n",
        plan.rounds,
        count(plan.calls),
        count(plan.some_calls),
        count(plan.many_calls),
    );
    println!("{}\n{}\n", simple(results), versions());
    println!("Harder shapes, 1 thread: ns per call, less the bare call in that shape.\n");
    println!("{}\n", harder(results));
    let [few, many] = plan.short_threads;
    println!(
        "Memory above the bare program's after {few} short threads {:.2} MiB, after {many} {:.2} MiB.",
        results.resident_after_threads("exact", few),
        results.resident_after_threads("exact", many),
    );
    println!("First recorded call in a program of more than 1,000 sites: {:.0} µs.", results.first_call_us());
    println!(
        "Debug build of an annotated byte-wise parser, not recording: {:.2} times its bare time.\n",
        results.debug_parser()
    );
}

fn simple(results: &Results) -> Table {
    let mut header = vec!["".to_owned()];
    for threads in THREADS {
        let plural = if threads == 1 { "thread" } else { "threads" };
        header.extend([format!("{threads} {plural}"), "CPU".to_owned(), "x rdtsc".to_owned()]);
    }
    header.extend([results.plan.some_calls, results.plan.many_calls].map(|calls| format!("MiB {}", count(calls))));
    let mut table = table(header);
    for contender in ALL.iter().filter(|contender| contender.role != Role::Bare) {
        let mut row = vec![contender.title.to_owned()];
        for threads in THREADS {
            row.push(format!("{:.1}", results.wall(contender.name, Shape::Simple, threads)));
            row.push(format!("{:.1}", results.cpu(contender.name, Shape::Simple, threads)));
            row.push(format!("{:.2}", results.clocks(contender.name, Shape::Simple, threads)));
        }
        for calls in [results.plan.some_calls, results.plan.many_calls] {
            row.push(results.resident(contender.name, calls).map_or("-".to_owned(), |mib| format!("{mib:.1}")));
        }
        table.add_row(cells(row));
    }
    table
}

fn harder(results: &Results) -> Table {
    let mut table = table(["", "two rdtsc", "perf", "x rdtsc", "perf, adaptive"].map(str::to_owned).to_vec());
    for shape in HARDER {
        let ns = |name| format!("{:.1}", results.wall(name, shape, 1));
        let is_measured = |name| in_shape(shape).any(|contender| contender.name == name);
        table.add_row(cells(vec![
            shape.title().to_owned(),
            ns("rdtsc"),
            ns("exact"),
            format!("{:.2}", results.clocks("exact", shape, 1)),
            if is_measured("adaptive") { ns("adaptive") } else { "-".to_owned() },
        ]));
    }
    let ns = |name| format!("{:.1}", results.wall_with_allocator(name));
    table.add_row(cells(vec![
        "allocations counted".to_owned(),
        ns("rdtsc"),
        ns("exact"),
        format!("{:.2}", results.clocks_with_allocator("exact")),
        ns("adaptive"),
    ]));
    table
}

/// A table with a header.
pub fn table(header: Vec<String>) -> Table {
    let mut table = Table::new();
    table.load_style(presets::UTF8_BORDERS_ONLY).set_header(cells(header));
    table
}

/// The first column is text, the others are numbers.
pub fn cells(texts: Vec<String>) -> impl Iterator<Item = Cell> {
    let alignment = |column| if column == 0 { CellAlignment::Left } else { CellAlignment::Right };
    texts.into_iter().enumerate().map(move |(column, text)| Cell::new(text).set_alignment(alignment(column)))
}

/// The peers' packages and what was measured of them.
fn versions() -> String {
    let packages = ALL.iter().flat_map(|contender| contender.packages);
    let with_version = |package: &&str| format!("{package} {}", version(package).unwrap_or("of unknown version"));
    packages.map(with_version).collect::<Vec<_>>().join(", ")
}

/// A package's version in the lock file.
pub fn version(package: &str) -> Option<&'static str> {
    let name = format!("name = \"{package}\"");
    let mut lines = include_str!("../Cargo.lock").lines().skip_while(|line| **line != name);
    lines.nth(1)?.strip_prefix("version = \"")?.strip_suffix('"')
}

/// A round number in few letters.
fn count(number: u64) -> String {
    match number {
        1_000_000.. => format!("{} M", number / 1_000_000),
        1_000.. => format!("{} k", number / 1_000),
        _ => number.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::{ALL, count, version};

    #[test]
    fn every_package_is_in_the_lock_file() {
        for package in ALL.iter().flat_map(|contender| contender.packages) {
            assert!(version(package).is_some(), "{package}");
        }
    }

    #[test]
    fn counts_are_short() {
        assert_eq!([20, 5_000, 100_000_000].map(count), ["20", "5 k", "100 M"]);
    }
}
