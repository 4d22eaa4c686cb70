//! Any words behind a valid beginning of a header: the reader ends, and what it gives can be shown.
#![no_main]

use libfuzzer_sys::fuzz_target;
use perf_report::{
    Style, View,
    recording::{
        Now,
        layout::{CHECKSUM, MAGIC, VERSION, header},
        read,
    },
};

fuzz_target!(|input: (u8, Vec<u64>)| {
    let (now, mut words) = input;
    // Without these three words hardly any input would come further than the first check.
    if words.len() > header::CHECKSUM {
        words[header::MAGIC] = MAGIC;
        words[header::VERSION] = VERSION;
        words[header::CHECKSUM] = CHECKSUM;
    }
    let now = match now % 3 {
        0 => Now::LastTick,
        1 => Now::LastSeen,
        _ => Now::Monotonic(u64::from(now) << 32),
    };
    if let Ok(reading) = read(&words, now) {
        assert!(reading.snapshot.functions.len() <= words.len() / 8);
        for view in View::ALL {
            let _ = view.render(&reading.snapshot, &Style::plain());
        }
    }
});
