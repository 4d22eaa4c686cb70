//! The parts of the two concordance services: configuration, dictionary, database, index. Nothing here knows when it is
//! made; `main.rs` makes each at first use, `../concordance_eager.rs` all before the first question.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::time::Duration;
use std::{env, fs, io};

use perf_examples::words;
use perf_runtime::profile;
use r2d2_sqlite::SqliteConnectionManager;
use r2d2_sqlite::rusqlite::{self, params};

/// A pool of connections to the database.
pub(crate) type Pool = r2d2::Pool<SqliteConnectionManager>;

/// Whatever can go wrong.
pub(crate) type Error = Box<dyn std::error::Error + Send + Sync>;

/// Where things are.
#[derive(Debug)]
pub(crate) struct Config {
    /// The text: `CONCORDANCE_TEXT`, or the shipped passages.
    pub(crate) text: PathBuf,
    /// The database, which is made for this process.
    pub(crate) database: PathBuf,
    /// How often the text is taken in, to be large enough for a service.
    pub(crate) editions: u32,
}

impl Config {
    /// Asks the environment.
    #[must_use]
    pub(crate) fn read() -> Config {
        let shipped = || Path::new(env!("CARGO_MANIFEST_DIR")).join("data/passages.txt");
        Config {
            text: env::var_os("CONCORDANCE_TEXT").map_or_else(shipped, PathBuf::from),
            database: env::temp_dir().join(format!("concordance-{}.sqlite", std::process::id())),
            editions: 60,
        }
    }
}

/// Each word of the text with a number.
#[derive(Debug)]
pub(crate) struct Dictionary {
    numbers: HashMap<String, u32>,
    lines: Vec<Vec<u32>>,
}

impl Dictionary {
    /// Reads the text.
    ///
    /// # Errors
    /// If there is none.
    #[profile]
    pub(crate) fn load(path: &Path) -> io::Result<Dictionary> {
        let text = fs::read_to_string(path)?;
        let mut numbers = HashMap::new();
        let lines = text.lines().map(|line| {
            let number = |word| {
                let next = numbers.len() as u32;
                *numbers.entry(word).or_insert(next)
            };
            words(line).map(number).collect()
        });
        let lines = lines.collect();
        Ok(Dictionary { numbers, lines })
    }

    /// The number of a word.
    #[must_use]
    pub(crate) fn number(&self, word: &str) -> Option<u32> {
        self.numbers.get(word).copied()
    }

    /// How many words there are.
    #[must_use]
    pub(crate) fn len(&self) -> usize {
        self.numbers.len()
    }
}

/// Makes the database, and a pool of connections to it.
///
/// # Errors
/// If it cannot be made.
#[profile]
pub(crate) fn open(config: &Config, dictionary: &Dictionary) -> Result<Pool, Error> {
    let pool = Pool::builder()
        .max_size(4)
        .connection_timeout(Duration::from_secs(5))
        .build(SqliteConnectionManager::file(&config.database).with_init(|connection| {
            connection.execute_batch("PRAGMA synchronous = OFF; PRAGMA journal_mode = WAL;")
        }))?;
    fill(&mut *pool.get()?, config.editions, dictionary)?;
    Ok(pool)
}

#[profile]
fn fill(connection: &mut rusqlite::Connection, editions: u32, dictionary: &Dictionary) -> rusqlite::Result<()> {
    connection.execute_batch("CREATE TABLE IF NOT EXISTS place (edition INTEGER, line INTEGER, word INTEGER)")?;
    let transaction = connection.transaction()?;
    {
        let mut insert = transaction.prepare("INSERT INTO place VALUES (?1, ?2, ?3)")?;
        for edition in 0..editions {
            for (line, words) in dictionary.lines.iter().enumerate() {
                for word in words {
                    insert.execute(params![edition, line as i64, word])?;
                }
            }
        }
    }
    transaction.execute("CREATE INDEX IF NOT EXISTS by_word ON place (word)", [])?;
    transaction.commit()
}

/// In which lines each word stands.
#[derive(Debug)]
pub(crate) struct Index {
    lines: HashMap<u32, Vec<(u32, u32)>>,
}

impl Index {
    /// Reads the whole database.
    ///
    /// # Errors
    /// If it cannot be read.
    #[profile]
    pub(crate) fn build(pool: &Pool) -> Result<Index, Error> {
        let connection = pool.get()?;
        let mut places = connection.prepare("SELECT word, edition, line FROM place ORDER BY word")?;
        let mut lines: HashMap<u32, Vec<(u32, u32)>> = HashMap::new();
        for row in places.query_map([], |row| Ok((row.get(0)?, (row.get(1)?, row.get(2)?))))? {
            let (word, place) = row?;
            lines.entry(word).or_default().push(place);
        }
        Ok(Index { lines })
    }

    /// How often a word stands anywhere.
    #[must_use]
    pub(crate) fn count(&self, word: u32) -> usize {
        self.lines.get(&word).map_or(0, Vec::len)
    }

    /// Bytes that it holds.
    #[must_use]
    pub(crate) fn bytes(&self) -> usize {
        let places: usize = self.lines.values().map(Vec::capacity).sum();
        places * size_of::<(u32, u32)>() + self.lines.capacity() * size_of::<(u32, Vec<(u32, u32)>)>()
    }
}

/// How often a word stands in the database, without an index in memory.
///
/// # Errors
/// If the database cannot be read.
#[profile]
pub(crate) fn count_in_database(pool: &Pool, word: u32) -> Result<usize, Error> {
    let connection = pool.get()?;
    let count: i64 = connection.query_row("SELECT count(*) FROM place WHERE word = ?1", [word], |row| row.get(0))?;
    Ok(usize::try_from(count)?)
}

/// Removes the database.
pub(crate) fn remove_database(config: &Config) {
    for end in ["", "-wal", "-shm"] {
        let mut path = config.database.clone().into_os_string();
        path.push(end);
        let _ = fs::remove_file(path);
    }
}

/// The questions: words to be counted.
pub(crate) const QUESTIONS: [&str; 6] = ["the", "whale", "harry", "summer", "nation", "times"];
