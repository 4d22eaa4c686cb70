//! A map server under memory pressure, in a few seconds: its maps load on first use, and when they hold too much memory, those
//! that were not used for longest are evicted. Meanwhile a burst of work keeps a processor busy, and requests that have to load
//! a map again are slow. All three raise an alert.
//!
//! ```sh
//! cargo run --release --bin pressure
//! PERF_REPORT=json:pressure.json cargo run --release --bin pressure
//! PERF_MONITOR=100ms PERF_ALERT='threads > 100' cargo run --release --bin pressure
//! ```

use std::alloc::System;
use std::error::Error;
use std::hint::black_box;
use std::sync::mpsc::{self, Receiver};
use std::thread;
use std::time::{Duration, Instant};

use perf_runtime::allocations::CountingAllocator;
use perf_runtime::monitor::{Alert, AlertEvent, Monitor, Watched};
use perf_runtime::{lazy_resource, profile};

/// Counts what the program allocates, and what each annotated function does.
#[global_allocator]
static ALLOCATOR: CountingAllocator<System> = CountingAllocator::new(System);

/// Points along each side of a map.
const SIDE: usize = 2048;

/// Heights of a landscape: 16 MiB.
struct Map {
    heights: Vec<u32>,
}

impl Map {
    #[profile]
    fn load(number: u32) -> Map {
        let height = |point: usize| (point as u32).wrapping_mul(2_654_435_761 ^ number) >> 20;
        Map { heights: (0..SIDE * SIDE).map(height).collect() }
    }

    fn bytes(&self) -> usize {
        self.heights.len() * size_of::<u32>()
    }

    fn height(&self, x: usize, y: usize) -> u32 {
        self.heights[y % SIDE * SIDE + x % SIDE]
    }
}

#[lazy_resource(evict, weight = |map| map.bytes())]
static NORTH: Map = Map::load(1);
#[lazy_resource(evict, weight = |map| map.bytes())]
static EAST: Map = Map::load(2);
#[lazy_resource(evict, weight = |map| map.bytes())]
static SOUTH: Map = Map::load(3);
#[lazy_resource(evict, weight = |map| map.bytes())]
static WEST: Map = Map::load(4);

#[profile]
fn request(number: usize) -> u32 {
    let place = (number * 37, number * 53);
    match number / 25 % 4 {
        0 => NORTH.lease().height(place.0, place.1),
        1 => EAST.lease().height(place.0, place.1),
        2 => SOUTH.lease().height(place.0, place.1),
        _ => WEST.lease().height(place.0, place.1),
    }
}

/// The alerts so far.
struct Told {
    alerts: Receiver<AlertEvent>,
    events: Vec<AlertEvent>,
}

impl Told {
    /// Prints what has come, and keeps it.
    fn listen(&mut self) {
        for event in self.alerts.try_iter() {
            println!("{event}");
            self.events.push(event);
        }
    }

    fn has(&self, rule: &str, raised: bool) -> bool {
        self.events.iter().any(|event| event.rule() == rule && event.is_raised() == raised)
    }
}

/// Keeps a processor busy until that is noticed. Where others have most of the machine, it may not be.
#[profile]
fn burst(told: &mut Told) {
    let began = Instant::now();
    while !told.has(BUSY, true) && began.elapsed() < Duration::from_secs(2) {
        black_box((0..10_000_u32).fold(0, |sum, n| black_box(sum ^ n)));
        told.listen();
    }
}

/// Requests at a steady pace until what is to be shown has happened, or patience ends.
fn serve(told: &mut Told) -> usize {
    let began = Instant::now();
    for number in 0.. {
        black_box(request(number));
        if number == 300 {
            burst(told);
        }
        told.listen();
        let shown = told.has(MEMORY, true) && told.has(MEMORY, false) && told.has(SLOW, true);
        if number >= 600 && shown || began.elapsed() > Duration::from_secs(60) {
            return number + 1;
        }
        thread::sleep(Duration::from_millis(3));
    }
    unreachable!("the numbers do not end")
}

const MEMORY: &str = "heap > 40MiB clear 24MiB then evict, trim";
const BUSY: &str = "cpu > 70% for 100ms clear 50%";
const SLOW: &str = "p99(request) > 2ms over 1s";

fn main() -> Result<(), Box<dyn Error>> {
    let (sender, alerts) = mpsc::channel();
    // An alert is a text, or is built: this is `SLOW`.
    let slow = Alert::above(Watched::p99("request"), Duration::from_millis(2)).over(Duration::from_secs(1));
    let monitor = Monitor::every(Duration::from_millis(20)).alert(MEMORY.parse()?).alert(BUSY.parse()?).alert(slow);
    let session = perf_runtime::session().monitor(monitor.alerts_to(sender)).start();
    let requests = serve(&mut Told { alerts, events: Vec::new() });
    println!("{requests} requests");
    session.finish();
    Ok(())
}
