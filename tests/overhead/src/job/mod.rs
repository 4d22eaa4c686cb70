//! A real job in the comparison: the crate csv reads and writes 23 MB, with an attribute on every function of the crate.
//!
//! ```text
//! sources    cargo fetches csv and csv-core, whose sources this repository does not hold
//!    │
//! annotate   puts a contender's attribute before every function
//!    │
//! build      one program per way to annotate, from `job/main.rs`
//!    │
//! run        one process per row and round, in turns
//!    │
//! table      times, memory, shares and notes side by side
//! ```

mod annotate;
mod build;
mod notes;
mod rows;
mod run;
mod sources;
mod table;

use std::{env, fs, io, path::Path};

pub use annotate::annotated;

use self::{
    rows::ROWS,
    run::{Runs, write_input},
};
use crate::verdicts;

/// Builds all programs, runs them in turns over some rounds, and prints what came of it. Returns whether all limits held.
///
/// # Errors
///
/// Cargo could not fetch or build a program, or a program failed.
pub fn compare(rounds: usize) -> io::Result<bool> {
    let program = env::current_exe()?;
    let target = program
        .parent()
        .and_then(Path::parent)
        .ok_or_else(|| io::Error::other("this program lies in no target folder"))?;
    let folder = target.join("job");
    fs::create_dir_all(&folder)?;
    let sources = sources::fetch(&folder)?;
    let programs = build::all(&folder, &sources)?;
    let input = folder.join("input.csv");
    write_input(&input)?;

    let mut runs: Vec<Runs> = ROWS.iter().map(Runs::of).collect();
    for round in 0..rounds {
        eprintln!("job: round {} of {rounds}", round + 1);
        for runs in &mut runs {
            if round == 0 || !runs.row.is_heavy {
                runs.add(&programs, &input, &folder)?;
            }
        }
    }
    table::print(&runs, &programs, rounds);
    notes::print(&runs, &folder)?;
    let verdicts = table::verdicts(&runs);
    verdicts::print(&verdicts);
    Ok(verdicts.iter().all(verdicts::Verdict::held))
}
