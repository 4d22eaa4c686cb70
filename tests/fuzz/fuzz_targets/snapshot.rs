//! Any bytes as a snapshot's JSON: read or refused; what was read can be shown, and written and read again without loss.
#![no_main]

use libfuzzer_sys::fuzz_target;
use perf_report::{Snapshot, Style, View};

fuzz_target!(|text: &[u8]| {
    if let Ok(snapshot) = Snapshot::from_json(text) {
        for view in View::ALL {
            let _ = view.render(&snapshot, &Style::plain().with_width(80));
        }
        assert_eq!(Snapshot::from_json(snapshot.to_json().as_bytes()).ok(), Some(snapshot));
    }
});
