//! A small program to be measured by `cargo perf-report bench`: `lookups NUMBER FILE [ANSWER]` looks so many words up, writes a letter
//! to the end of the file, which tells in which order it was run, and prints an answer.

use std::collections::HashMap;
use std::error::Error;
use std::fs::OpenOptions;
use std::hint::black_box;
use std::io::Write;

use perf_runtime::profile;

#[profile]
fn load() -> HashMap<String, usize> {
    (0..500).map(|number| (format!("word{number}"), number)).collect()
}

#[profile]
fn look_up(words: &HashMap<String, usize>, number: usize) -> usize {
    words[&format!("word{}", number % 500)]
}

fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = std::env::args().skip(1);
    let number: usize = arguments.next().ok_or("how many?")?.parse()?;
    let file = arguments.next().ok_or("which file?")?;
    let answer = arguments.next().unwrap_or_else(|| "found".into());
    let words = load();
    black_box((0..number).map(|number| look_up(&words, number)).sum::<usize>());
    let letter = if number > 100 { "m" } else { "f" };
    OpenOptions::new().create(true).append(true).open(file)?.write_all(letter.as_bytes())?;
    println!("{answer}");
    Ok(())
}
