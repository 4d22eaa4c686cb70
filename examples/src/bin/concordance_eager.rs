//! The twin of `concordance` that makes everything at start, as programs do without lazy resources: the same parts, the same
//! questions. Laziness saves the difference between their first lines.

#[path = "concordance/parts.rs"]
#[allow(dead_code, reason = "what only the twin needs")]
mod parts;

use std::thread;
use std::time::Instant;

use parts::{Config, Dictionary, Error, Index, Pool, QUESTIONS, count_in_database, open, remove_database};
use perf_runtime::profile;

struct Service {
    config: Config,
    dictionary: Dictionary,
    pool: Pool,
    index: Index,
}

fn main() -> Result<(), Error> {
    let start = Instant::now();
    let _session = perf_runtime::session().start();
    let service = Service::start()?;
    println!("ready to serve after {:.1?}", start.elapsed());

    println!("liveness: {}", service.answer("ping")?);
    println!("first answer after {:.1?}", start.elapsed());

    thread::scope(|scope| {
        let service = &service;
        let threads = QUESTIONS.chunks(2).map(|questions| {
            scope.spawn(move || questions.iter().map(|word| service.answer(word)).collect::<Result<Vec<_>, _>>())
        });
        let threads: Vec<_> = threads.collect();
        for (questions, thread) in QUESTIONS.chunks(2).zip(threads) {
            for (word, answer) in questions.iter().zip(thread.join().map_err(|_| "a thread panicked")??) {
                println!("{word}: {answer}");
            }
        }
        Ok::<(), Error>(())
    })?;
    println!("from the database: {}", service.answer("again")?);
    remove_database(&service.config);
    Ok(())
}

impl Service {
    #[profile]
    fn start() -> Result<Service, Error> {
        let config = Config::read();
        let dictionary = Dictionary::load(&config.text)?;
        let pool = open(&config, &dictionary)?;
        let index = Index::build(&pool)?;
        Ok(Service { config, dictionary, pool, index })
    }

    #[profile]
    fn answer(&self, question: &str) -> Result<String, Error> {
        match question {
            "ping" => Ok(String::from("pong")),
            "again" => Ok(count_in_database(&self.pool, 0)?.to_string()),
            word => {
                let Some(number) = self.dictionary.number(word) else { return Ok(String::from("no such word")) };
                Ok(self.index.count(number).to_string())
            }
        }
    }
}
