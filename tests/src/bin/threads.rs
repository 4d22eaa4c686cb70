//! Threads that are alive at the end, that come and go, and whose destructors call annotated functions.
#![allow(unsafe_code, reason = "destructors of thread-specific data are made by system calls")]

use std::cell::RefCell;
use std::sync::mpsc;
use std::thread;

use perf_runtime::profile;

#[profile]
fn work() {}

#[profile]
fn waits_for_ever(ready: &mpsc::Sender<()>) {
    let _ = ready.send(());
    loop {
        thread::park();
    }
}

fn main() {
    let number = std::env::args().nth(2).and_then(|number| number.parse().ok()).unwrap_or(0);
    match std::env::args().nth(1).unwrap_or_default().as_str() {
        "alive" => alive(),
        "short" => short(number),
        "destructors" => destructors(),
        other => panic!("no scenario {other}"),
    }
}

/// One thread waits in a call, one between calls; another one calls on.
fn alive() {
    let (ready, all_ready) = mpsc::channel();
    for number in 0..3 {
        let ready = ready.clone();
        thread::Builder::new()
            .name(format!("number {number}"))
            .spawn(move || {
                for _ in 0..1000 {
                    work();
                }
                match number {
                    0 => waits_for_ever(&ready),
                    1 => {
                        let _ = ready.send(());
                        loop {
                            thread::park();
                        }
                    }
                    _ => {
                        let _ = ready.send(());
                        loop {
                            work();
                        }
                    }
                }
            })
            .unwrap();
    }
    (0..3).for_each(|_| all_ready.recv().unwrap());
}

/// Four at a time.
fn short(number: usize) {
    for _ in 0..number / 4 {
        let threads: Vec<_> = (0..4).map(|_| thread::spawn(|| (0..3).for_each(|_| work()))).collect();
        threads.into_iter().for_each(|thread| thread.join().unwrap());
    }
}

struct Calls(u32);

impl Drop for Calls {
    fn drop(&mut self) {
        (0..self.0).for_each(|_| work());
    }
}

thread_local! {
    static EARLY: RefCell<Option<Calls>> = const { RefCell::new(None) };
    static LATE: RefCell<Option<Calls>> = const { RefCell::new(None) };
}

/// The destructor of thread-specific data: these run in rounds, after those of thread-locals, ours in the first.
extern "C" fn destructor(value: *mut libc::c_void) {
    work();
    let rounds = value.addr();
    if rounds > 1 {
        // SAFETY: the key was made before the threads.
        unsafe { libc::pthread_setspecific(key(), std::ptr::without_provenance(rounds - 1)) };
    }
}

fn key() -> libc::pthread_key_t {
    static KEY: std::sync::OnceLock<libc::pthread_key_t> = std::sync::OnceLock::new();
    *KEY.get_or_init(|| {
        let mut key = 0;
        // SAFETY: the pointer is to a live key, the destructor a function of this program.
        assert_eq!(unsafe { libc::pthread_key_create(&raw mut key, Some(destructor)) }, 0);
        key
    })
}

/// In each of 100 threads: 10 calls from one thread-local's destructor, 20 from another's, 3 from the system's, 1 in the
/// thread itself or none.
fn destructors() {
    for number in 0..100 {
        thread::spawn(move || {
            EARLY.set(Some(Calls(10)));
            if number % 2 == 0 {
                work();
            }
            LATE.set(Some(Calls(20)));
            // SAFETY: the key is made by `key`; the value is a number.
            unsafe { libc::pthread_setspecific(key(), std::ptr::without_provenance(3)) };
        })
        .join()
        .unwrap();
    }
    // The main thread's run at the exit.
    EARLY.set(Some(Calls(1000)));
}
