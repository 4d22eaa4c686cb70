//! Makes one annotated call for every line on standard input and says how many it has made, until it is told how to end.

use std::io::{BufRead, stdin};
use std::process::abort;

use perf_runtime::profile;

#[profile]
fn work() {}

#[profile]
fn outer() {
    let mut made = 0;
    for line in stdin().lock().lines().map_while(Result::ok) {
        match line.as_str() {
            "abort" => abort(),
            "panic" => panic!("on purpose"),
            "overflow the stack" => drop(std::hint::black_box(deeper(1))),
            _ => work(),
        }
        made += 1;
        println!("{made}");
    }
}

#[expect(unconditional_recursion, reason = "on purpose")]
fn deeper(depth: u64) -> u64 {
    std::hint::black_box(deeper(std::hint::black_box(depth + 1)) + 1)
}

fn main() {
    if std::env::args().nth(1).as_deref() == Some("busy") {
        for _ in 0..2 {
            std::thread::spawn(|| {
                loop {
                    work();
                }
            });
        }
        println!("ready");
    }
    outer();
}
