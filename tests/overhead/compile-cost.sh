#!/bin/bash
# The cost of annotating 1,000 functions for a release build: the same crate bare, annotated, and annotated with the feature
# `enabled` off, each built again and again in turn, dependencies apart. Prints medians and their ratio to the bare, of the
# time that passed and of the processors' time; the latter is the one to believe on a machine that has other work to do.
#
#   tests/overhead/compile-cost.sh [rounds]
set -eu

rounds=${1:-7}
repository=$(cd "$(dirname "$0")/../.." && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# Functions of 5 to 15 lines: parsing, searching, text, arithmetic, errors; some methods, some generic.
generate() {
    awk -v attribute="$1" 'BEGIN {
        print "//! Generated."
        if (attribute != "") print "use perf_runtime::profile;"
        print "use std::collections::HashMap;"
        for (i = 0; i < 1000; i++) {
            print "/// Number " i "."
            if (i % 5 != 3) print attribute
            if (i % 5 == 0) {
                print "pub fn parse_" i "(line: &str) -> Result<(String, u64), String> {"
                print "    let mut parts = line.split(\x27,\x27);"
                print "    let key = parts.next().ok_or_else(|| format!(\"no key in {line}\"))?;"
                print "    let value = parts.next().ok_or_else(|| format!(\"no value in {line}\"))?;"
                print "    let value: u64 = value.trim().parse().map_err(|error| format!(\"{value}: {error}\"))?;"
                print "    if parts.next().is_some() {"
                print "        return Err(format!(\"more than " i " parts\"));"
                print "    }"
                print "    Ok((key.to_owned(), value + " i "))"
                print "}"
            } else if (i % 5 == 1) {
                print "pub fn count_" i "(text: &str) -> HashMap<String, usize> {"
                print "    let mut counts = HashMap::new();"
                print "    for word in text.split_whitespace().filter(|word| word.len() > " i % 7 ") {"
                print "        *counts.entry(word.to_lowercase()).or_insert(0) += 1;"
                print "    }"
                print "    counts.retain(|_, count| *count > " i % 3 ");"
                print "    counts"
                print "}"
            } else if (i % 5 == 2) {
                print "pub fn search_" i "(sorted: &[u64], wanted: u64) -> Option<usize> {"
                print "    let (mut low, mut high) = (0, sorted.len());"
                print "    while low < high {"
                print "        let middle = low + (high - low) / 2;"
                print "        match sorted[middle].wrapping_add(" i ").cmp(&wanted) {"
                print "            std::cmp::Ordering::Less => low = middle + 1,"
                print "            std::cmp::Ordering::Greater => high = middle,"
                print "            std::cmp::Ordering::Equal => return Some(middle),"
                print "        }"
                print "    }"
                print "    None"
                print "}"
            } else if (i % 5 == 3) {
                print "pub struct Window" i " { values: Vec<f64>, next: usize }"
                print "impl Window" i " {"
                print "    /// Puts a value in and gives the mean."
                print "    " attribute
                print "    pub fn push(&mut self, value: f64) -> f64 {"
                print "        if self.values.len() < " 16 + i % 9 " {"
                print "            self.values.push(value);"
                print "        } else {"
                print "            self.values[self.next] = value;"
                print "            self.next = (self.next + 1) % self.values.len();"
                print "        }"
                print "        self.values.iter().sum::<f64>() / self.values.len() as f64"
                print "    }"
                print "}"
            } else {
                print "pub fn hash_" i "(bytes: &[u8]) -> u64 {"
                print "    let mut state = 0xcbf2_9ce4_8422_2325_u64 ^ " i ";"
                print "    for chunk in bytes.chunks(8) {"
                print "        let word = chunk.iter().fold(0_u64, |word, byte| word << 8 | u64::from(*byte));"
                print "        state = (state ^ word).wrapping_mul(0x0100_0000_01b3).rotate_left(" 1 + i % 31 ");"
                print "    }"
                print "    state"
                print "}"
            }
        }
    }'
}

crate() { # name, attribute, dependency
    mkdir -p "$work/$1/src"
    generate "$2" >"$work/$1/src/lib.rs"
    cat >"$work/$1/Cargo.toml" <<TOML
[package]
name = "$1"
version = "0.0.0"
edition = "2024"

[dependencies]
$3

[workspace]
TOML
    cp "$repository/Cargo.lock" "$work/$1/"
    (cd "$work/$1" && CARGO_TARGET_DIR="$work/target-$1" cargo build --release --quiet)
}

runtime="perf-runtime = { path = \"$repository/perf-runtime\""
crate bare "" ""
crate annotated "#[profile]" "$runtime }"
crate off "#[profile]" "$runtime, default-features = false }"

measure() { # name: seconds that passed and of the processors, of one build of the crate alone
    touch "$work/$1/src/lib.rs"
    (
        cd "$work/$1"
        export CARGO_TARGET_DIR="$work/target-$1"
        TIMEFORMAT='%R %U %S'
        time cargo build --release --quiet 2>/dev/null
    ) 2>&1 | awk -v OFS='\t' '{ print $1, $2 + $3 }' >>"$work/$1.times"
}

round=0
while [ "$round" -lt "$rounds" ]; do
    for name in bare annotated off; do measure "$name"; done
    round=$((round + 1))
done

median() { # name, column
    cut -f "$2" "$work/$1.times" | sort -n | awk '{ at[NR] = $1 } END { print at[int((NR + 1) / 2)] }'
}
printf '%-10s %10s %6s %10s %6s\n' '' passed ratio processor ratio
for name in bare annotated off; do
    echo "$name $(median $name 1) $(median bare 1) $(median $name 2) $(median bare 2)"
done | awk '{ printf "%-10s %8.2f s %6.2f %8.2f s %6.2f\n", $1, $2, $2 / $3, $4, $4 / $5 }'
