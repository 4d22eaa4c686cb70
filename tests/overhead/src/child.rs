//! The measuring, in a process that holds one contender only and prints one line of figures.

use std::{
    hint::black_box,
    sync::Barrier,
    thread,
    time::{Duration, Instant},
};

use crate::{
    contenders::{self, Contender},
    figures::{Calls, Startup, Threads},
    process,
    workload::{Block, CALLS_PER_BLOCK, Shape},
};

/// Blocks between two looks at the clock: tenths of a millisecond, well below what a scheduler gives to one thread, so that
/// whatever else the machine does falls into few batches, of slow contenders too; and long enough for what a contender
/// does every few hundred calls to fall into all.
const BLOCKS_PER_BATCH: u64 = 5;

/// Makes `calls` calls in each of `threads` threads at once.
pub fn calls(contender: &'static Contender, shape: Shape, threads: usize, calls: u64) -> Calls {
    let Some(block) = contender.blocks.of(shape) else {
        panic!("{} is compared in the shape \"one function\" only", contender.name)
    };
    let drain = (contender.start)();
    let batches = (calls / CALLS_PER_BLOCK / BLOCKS_PER_BATCH).max(1);
    let calls_per_thread = batches * BLOCKS_PER_BATCH * shape.calls_per_block();

    let ready = Barrier::new(threads + 1);
    let work = || {
        let mut seed = batch(contender, block, 1, 1);
        ready.wait();
        let mut durations = Vec::new();
        for _ in 0..batches {
            let start = Instant::now();
            seed = batch(contender, block, BLOCKS_PER_BATCH, seed);
            durations.push(start.elapsed());
        }
        black_box(seed);
        median(durations)
    };
    let (batch_times, cpu_before) = thread::scope(|scope| {
        let workers: Vec<_> = (0..threads).map(|_| scope.spawn(work)).collect();
        let cpu_before = process::cpu_time();
        ready.wait();
        let join = |worker: thread::ScopedJoinHandle<'_, _>| worker.join().expect("a worker never panics");
        (workers.into_iter().map(join).collect::<Vec<Duration>>(), cpu_before)
    });
    let resident_kib = process::resident_kib();
    drain();
    let cpu = process::cpu_time() - cpu_before;

    let calls_made = (calls_per_thread + shape.calls_per_block()) * threads as u64;
    if let Err(error) = (contender.verify)(calls_made) {
        panic!("{}: {error}", contender.title);
    }
    let calls_per_batch = (BLOCKS_PER_BATCH * shape.calls_per_block()) as f64;
    let mean_batch = batch_times.iter().map(Duration::as_nanos).sum::<u128>() as f64 / threads as f64;
    Calls {
        wall_ns: mean_batch / calls_per_batch,
        cpu_ns: cpu.as_nanos() as f64 / (calls_per_thread * threads as u64) as f64,
        resident_kib,
    }
}

/// Makes a thousand calls in each of `count` threads, of which 20 live at a time.
pub fn short_threads(contender: &'static Contender, count: usize) -> Threads {
    const ALIVE: usize = 20;

    let drain = (contender.start)();
    for _ in 0..count.div_ceil(ALIVE) {
        thread::scope(|scope| {
            for _ in 0..ALIVE {
                scope.spawn(|| black_box(batch(contender, contender.blocks.simple, 1, 1)));
            }
        });
    }
    let resident_kib = process::resident_kib();
    drain();
    Threads { resident_kib }
}

/// From the decision to record to the end of the first recorded call, in a program with all the sites of this one.
pub fn startup() -> Startup {
    let start = Instant::now();
    let drain = contenders::start_recording();
    black_box(contenders::first_call());
    let first_call_us = start.elapsed().as_secs_f64() * 1e6;
    drain();
    Startup { first_call_us }
}

fn batch(contender: &Contender, block: Block, blocks: u64, mut seed: u64) -> u64 {
    for _ in 0..blocks {
        (contender.around)(&mut || seed = block(seed));
    }
    seed
}

fn median(mut durations: Vec<Duration>) -> Duration {
    durations.sort_unstable();
    durations[durations.len() / 2]
}
