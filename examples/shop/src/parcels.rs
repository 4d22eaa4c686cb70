//! Parcels: workers pack what was ordered, one after the other, and whoever orders waits if they are too far behind.

use std::sync::{Mutex, PoisonError};

use perf_runtime::channels::tokio::mpsc::{Receiver, Sender, channel};
use perf_runtime::{Named, lazy_resource, profile};
use tokio::task::JoinHandle;

/// Parcels that may wait to be packed.
const ROOM: usize = 32;

/// An order that was placed.
pub(crate) struct Parcel {
    pub(crate) order: i64,
    pub(crate) product: i64,
}

#[lazy_resource(name = "packers")]
static PACKERS: Packers = Packers::start();

struct Packers {
    /// `None` once the shop ends.
    sender: Mutex<Option<Sender<Parcel>>>,
    worker: Mutex<Option<JoinHandle<()>>>,
}

impl Packers {
    fn start() -> Packers {
        let (sender, receiver) = channel(ROOM).named("parcels");
        let worker = tokio::spawn(work(receiver));
        Packers { sender: Mutex::new(Some(sender)), worker: Mutex::new(Some(worker)) }
    }
}

async fn work(mut parcels: Receiver<Parcel>) {
    while let Some(parcel) = parcels.recv().await {
        pack(&parcel);
    }
}

/// Writes the label of a parcel.
#[profile]
fn pack(parcel: &Parcel) -> String {
    format!("order {}, product {}", parcel.order, parcel.product)
}

/// Hands a parcel to the packers.
pub(crate) async fn send(parcel: Parcel) {
    let sender = PACKERS.sender.lock().unwrap_or_else(PoisonError::into_inner).clone();
    if let Some(sender) = sender {
        // The other end goes with the last sender.
        let _ = sender.send(parcel).await;
    }
}

/// Waits until all parcels are packed.
pub(crate) async fn finish() {
    drop(PACKERS.sender.lock().unwrap_or_else(PoisonError::into_inner).take());
    let worker = PACKERS.worker.lock().unwrap_or_else(PoisonError::into_inner).take();
    if let Some(worker) = worker {
        let _ = worker.await;
    }
}
