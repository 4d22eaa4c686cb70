//! A service that counts words in a text: its configuration, dictionary, database and index are made when a question first
//! needs them, by whichever thread asks. Its twin `concordance_eager` makes them all at start.
//!
//! `PERF_REPORT=resources cargo run --release -p perf-examples --bin concordance` shows, beside when each was made, how long
//! that took and what it needed:
//!
//! - `CONFIG` → `DICTIONARY` → `POOL` → `INDEX` were learnt; nobody wrote them down.
//! - three threads asked at once and one initialised: the others are under `waited`.
//! - the index was evicted when it had been idle, with what that freed, and made again by the next question that needs it.
//! - at the end the database was closed and removed by the `on_shutdown` hook of the pool, before the configuration went.
//! - `THESAURUS` was never needed.

mod parts;

use std::thread;
use std::time::{Duration, Instant};

use parts::{Config, Dictionary, Error, Index, Pool, QUESTIONS, count_in_database, open, remove_database};
use perf_runtime::resource::ResourceState;
use perf_runtime::{lazy_resource, profile};

#[lazy_resource]
static CONFIG: Config = Config::read();

#[lazy_resource(weight = |dictionary| dictionary.len() * 32)]
static DICTIONARY: Result<Dictionary, std::io::Error> = Dictionary::load(&CONFIG.text);

#[lazy_resource(
    retry(times = 3, backoff = "50ms", max = "1s"),
    health = |pool| pool.get().is_ok(),
    on_shutdown = |_| remove_database(&CONFIG)
)]
static POOL: Result<Pool, Error> = open(&CONFIG, DICTIONARY.try_get()?);

#[lazy_resource(evict(idle = "100ms"), weight = |index| index.bytes())]
static INDEX: Result<Index, Error> = Index::build(POOL.try_get()?);

#[lazy_resource]
static THESAURUS: Result<Dictionary, std::io::Error> = Dictionary::load("thesaurus.txt".as_ref());

fn main() -> Result<(), Error> {
    let start = Instant::now();
    let _session = perf_runtime::session().start();
    println!("ready to serve after {:.1?}", start.elapsed());

    println!("liveness: {}", answer("ping")?);
    println!("first answer after {:.1?}", start.elapsed());

    let threads = QUESTIONS.chunks(2).map(|questions| {
        thread::spawn(move || questions.iter().map(|word| answer(word)).collect::<Result<Vec<_>, _>>())
    });
    let threads: Vec<_> = threads.collect();
    for (questions, thread) in QUESTIONS.chunks(2).zip(threads) {
        for (word, answer) in questions.iter().zip(thread.join().map_err(|_| "a thread panicked")??) {
            println!("{word}: {answer}");
        }
    }
    while INDEX.state() != ResourceState::Evicted {
        thread::sleep(Duration::from_millis(10));
    }
    println!("the index is gone; from the database: {}", answer("again")?);
    println!("the index is back: {}", answer("the")?);
    Ok(())
}

/// Answers a question. Only some need the index, and a liveness check needs nothing at all.
#[profile]
fn answer(question: &str) -> Result<String, Error> {
    match question {
        "ping" => Ok(String::from("pong")),
        "synonyms" => Ok(THESAURUS.try_get()?.len().to_string()),
        "again" => Ok(count_in_database(POOL.try_get()?, 0)?.to_string()),
        word => {
            let Some(number) = DICTIONARY.try_get()?.number(word) else { return Ok(String::from("no such word")) };
            Ok(INDEX.try_lease()?.count(number).to_string())
        }
    }
}
