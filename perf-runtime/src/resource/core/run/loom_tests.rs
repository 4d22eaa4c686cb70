//! Runs in every order of those who drive them: `RUSTFLAGS='--cfg loom' cargo test -p perf-runtime --release --lib loom_tests`.
//!
//! A wake-up that is lost leaves a thread waiting, which loom finds.

use std::future::poll_fn;
use std::pin::pin;
use std::task::Wake;

use loom::sync::{Mutex, Notify};
use loom::thread;

use super::*;

/// A gate at which an initialiser waits.
struct Gate(Mutex<(bool, Option<Waker>)>);

impl Gate {
    fn closed() -> Arc<Gate> {
        Arc::new(Gate(Mutex::new((false, None))))
    }

    /// A run that waits for the gate.
    fn run(self: &Arc<Self>) -> Arc<Run> {
        let gate = Arc::clone(self);
        Run::new(poll_fn(move |context| {
            let mut gate = gate.0.lock().unwrap();
            if gate.0 {
                return Poll::Ready(());
            }
            gate.1 = Some(context.waker().clone());
            Poll::Pending
        }))
    }

    fn open(&self) {
        let waker = {
            let mut gate = self.0.lock().unwrap();
            gate.0 = true;
            gate.1.take()
        };
        waker.into_iter().for_each(Waker::wake);
    }
}

/// Wakes a thread of the model.
struct Unpark(Notify);

impl Wake for Unpark {
    fn wake(self: Arc<Self>) {
        self.0.notify();
    }
}

/// Drives a run to its end.
fn wait(run: Arc<Run>) {
    let unpark = Arc::new(Unpark(Notify::new()));
    let waker = Waker::from(Arc::clone(&unpark));
    let mut driver = pin!(run.drive());
    while driver.as_mut().poll(&mut Context::from_waker(&waker)).is_pending() {
        unpark.0.wait();
    }
}

/// Polls once, and gives up.
fn give_up(run: Arc<Run>) {
    let _ = pin!(run.drive()).poll(&mut Context::from_waker(Waker::noop()));
}

fn model(f: impl Fn() + Sync + Send + 'static) {
    let mut builder = loom::model::Builder::new();
    builder.preemption_bound = Some(3);
    builder.check(f);
}

#[test]
fn all_who_wait_go_on_when_the_run_has_ended() {
    model(|| {
        let gate = Gate::closed();
        let run = gate.run();
        let (theirs, opens) = (Arc::clone(&run), Arc::clone(&gate));
        let other = thread::spawn(move || wait(theirs));
        let opener = thread::spawn(move || opens.open());
        wait(run);
        other.join().unwrap();
        opener.join().unwrap();
    });
}

#[test]
fn one_that_gives_up_leaves_the_run_to_the_others() {
    model(|| {
        let gate = Gate::closed();
        let run = gate.run();
        let (theirs, opens) = (Arc::clone(&run), Arc::clone(&gate));
        let other = thread::spawn(move || give_up(theirs));
        let opener = thread::spawn(move || opens.open());
        wait(run);
        other.join().unwrap();
        opener.join().unwrap();
    });
}
