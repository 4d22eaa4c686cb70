//! `metrics::histogram!` with the call's duration, recorded by the Prometheus exporter. The exporter keeps every sample
//! until its upkeep runs; as its documentation asks, a thread sees to that every five seconds.

use std::{
    thread,
    time::{Duration, Instant},
};

use metrics_exporter_prometheus::PrometheusBuilder;

use super::{Contender, Drain, Role, nothing_around, nothing_to_verify};
use crate::workload::{Blocks, simple};

/// The interval of the exporter's own upkeep thread, where it is installed with one.
const UPKEEP: Duration = Duration::from_secs(5);

struct Timer(Instant);

impl Drop for Timer {
    #[inline(always)]
    fn drop(&mut self) {
        metrics::histogram!("step").record(self.0.elapsed());
    }
}

simple! { [] [let _timer = Timer(Instant::now());] }

pub(super) const CONTENDER: Contender = Contender {
    name: "metrics",
    title: "metrics + Prometheus exporter",
    packages: &["metrics", "metrics-exporter-prometheus"],
    role: Role::Peer,
    grows: true,
    start,
    around: nothing_around,
    blocks: Blocks { simple, shapes: &[] },
    verify: nothing_to_verify,
};

fn start() -> Drain {
    let exporter = PrometheusBuilder::new().install_recorder().expect("no other recorder is installed");
    let upkeep = exporter.clone();
    thread::spawn(move || {
        loop {
            thread::sleep(UPKEEP);
            upkeep.run_upkeep();
        }
    });
    Box::new(move || exporter.run_upkeep())
}
