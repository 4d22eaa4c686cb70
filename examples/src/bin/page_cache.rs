//! A server of pages that lie in files, with a cache that reads each file once: an evictable resource, which gives its memory back when it
//! is idle or when memory is short.
//!
//! ```sh
//! PERF_REPORT=json:direct.json cargo run --release --bin page_cache -- direct   # reads the file for every request
//! PERF_REPORT=json:cached.json cargo run --release --bin page_cache             # reads it once
//! cargo perf-report diff direct.json cached.json
//! ```
//!
//! The files are wrapped by `perf_runtime::io::profiled_as`. In the report you will see:
//!
//! - *page files: read* has as many calls as files were read, and their bytes. With `direct` it is most of the time of `page`; `diff` shows
//!   that time gone with the cache.
//! - *request log: write* is named as written in small pieces, because nobody has put a `BufWriter` below it. `buffered` as a further
//!   argument does.
//! - *CACHE* among the resources, with its weight, and one eviction.

use std::collections::HashMap;
use std::fs::{self, File};
use std::io::{self, BufWriter, Read, Write};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use perf_examples::Prose;
use perf_runtime::io::profiled_as;
use perf_runtime::{lazy_resource, profile};

const PAGES: usize = 40;
const WORDS_PER_PAGE: usize = 2_000;
const REQUESTS: usize = 4_000;

/// Pages that were read, by the path of their file.
#[derive(Default)]
struct Cache {
    pages: Mutex<HashMap<PathBuf, Arc<str>>>,
}

/// The bytes of a full cache. A weight is asked for when the value is made, which is when the cache is empty.
const FULL: usize = 512 << 10;

#[lazy_resource(evict(idle = "30s"), weight = |_| FULL)]
static CACHE: Cache = Cache::default();

impl Cache {
    /// The page in a file, read unless it is there.
    #[profile]
    fn page(&self, path: &Path) -> io::Result<Arc<str>> {
        // Other requests wait for the one that reads.
        let mut pages = self.pages.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(page) = pages.get(path) {
            return Ok(Arc::clone(page));
        }
        let page: Arc<str> = read_page(path)?.into();
        pages.insert(path.to_owned(), Arc::clone(&page));
        Ok(page)
    }
}

#[profile]
fn read_page(path: &Path) -> io::Result<String> {
    let mut text = String::new();
    profiled_as("page files", File::open(path)?).read_to_string(&mut text)?;
    Ok(text)
}

#[profile]
fn page(path: &Path, is_cached: bool) -> io::Result<Arc<str>> {
    if is_cached { CACHE.lease().page(path) } else { read_page(path).map(Arc::from) }
}

#[profile]
fn note(log: &mut dyn Write, number: usize, bytes: usize) -> io::Result<()> {
    writeln!(log, "{number} {bytes}")
}

fn main() -> io::Result<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let is_given = |word: &str| arguments.iter().any(|argument| argument == word);
    if let Some(unknown) = arguments.iter().find(|argument| !["direct", "buffered"].contains(&argument.as_str())) {
        return Err(io::Error::other(format!("unknown argument {unknown:?}: write direct, buffered, both or none")));
    }
    let _session = perf_runtime::session().start();
    let folder = std::env::temp_dir().join(format!("page-cache-{}", std::process::id()));
    fs::create_dir_all(&folder)?;
    let served = serve(&folder, !is_given("direct"), is_given("buffered"));
    fs::remove_dir_all(&folder)?;
    println!("{REQUESTS} requests, {} bytes", served?);
    Ok(())
}

/// Writes the pages, answers all requests, and returns how many bytes were served.
fn serve(folder: &Path, is_cached: bool, is_buffered: bool) -> io::Result<usize> {
    let mut prose = Prose::learn(3);
    let paths: Vec<PathBuf> = (0..PAGES).map(|number| folder.join(format!("page-{number}"))).collect();
    for path in &paths {
        fs::write(path, prose.page(WORDS_PER_PAGE))?;
    }
    let file = profiled_as("request log", File::create(folder.join("log"))?);
    let mut log: Box<dyn Write> = if is_buffered { Box::new(BufWriter::new(file)) } else { Box::new(file) };
    let mut bytes = 0;
    for number in 0..REQUESTS {
        if number == REQUESTS / 2 {
            // As an alert would, if memory were short.
            CACHE.evict();
        }
        let page = page(&paths[number * 7 % PAGES], is_cached)?;
        note(&mut *log, number, page.len())?;
        bytes += page.len();
    }
    log.flush()?;
    Ok(bytes)
}
