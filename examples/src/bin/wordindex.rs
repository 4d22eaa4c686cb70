//! Counts the words of a text of four megabytes, indexes on which of its pages they stand, and looks some up.
//!
//! You will see in the report:
//!
//! - `Index::add_word` runs once per word of the text. It is so short that timing every call would be most of its cost,
//!   so it is annotated with `timing = adaptive`: its calls are counted exactly, its times are marked as sampled.
//! - `Index::add_page` calls it, and its self time is what splitting the page into words takes.
//! - `Prose::page`, which writes the text, stands in another crate; annotations of libraries are measured just the same.
//! - the caller view (`PERF_REPORT=callers`) shows that `Index::pages_of` is called by `Index::search` alone.
//!
//! `wordindex 300` takes a text of 300 pages instead of 6,000: `.ci/gate` counts its instructions, where a run takes fifty times longer.

use std::{collections::HashMap, process::ExitCode};

use perf_examples::{Prose, words};
use perf_runtime::profile;

/// Pages of the text, if no argument says otherwise.
const PAGES: u32 = 6000;
const WORDS_PER_PAGE: usize = 120;
const QUERIES: [&[&str]; 5] =
    [&["vorpal", "sword"], &["sea", "ship", "sword"], &["nation", "liberty"], &["muse", "fire", "heaven"], &["perf"]];

fn main() -> ExitCode {
    let Ok(pages) = std::env::args().nth(1).map_or(Ok(PAGES), |argument| argument.parse()) else {
        eprintln!("error: the argument is not a number of pages; write for example: wordindex 300");
        return ExitCode::from(2);
    };
    let text = write_text(pages);
    let index = Index::build(&text);

    let bytes: usize = text.iter().map(String::len).sum();
    println!("{bytes} bytes, {} words, {} different, on {} pages", index.words, index.postings.len(), text.len());
    for (word, count) in index.most_frequent(10) {
        println!("{count:>8} {word}");
    }
    for query in QUERIES {
        let pages = index.search(query);
        println!("{} on {} pages, first {:?}", query.join(" + "), pages.len(), &pages[..pages.len().min(3)]);
    }
    ExitCode::SUCCESS
}

#[profile]
fn write_text(pages: u32) -> Vec<String> {
    let mut prose = Prose::learn(1);
    (0..pages).map(|_| prose.page(WORDS_PER_PAGE)).collect()
}

/// Where each word stands.
#[derive(Default)]
struct Index {
    words: u64,
    postings: HashMap<String, Posting>,
}

/// Where one word stands.
#[derive(Default)]
struct Posting {
    count: u64,
    /// In ascending order, each once.
    pages: Vec<u32>,
}

#[profile]
impl Index {
    fn build(text: &[String]) -> Self {
        let mut index = Index::default();
        for (number, page) in (1..).zip(text) {
            index.add_page(number, page);
        }
        index
    }

    fn add_page(&mut self, number: u32, page: &str) {
        for word in words(page) {
            self.add_word(number, word);
        }
    }

    #[profile(timing = adaptive)]
    fn add_word(&mut self, page: u32, word: String) {
        self.words += 1;
        let posting = self.postings.entry(word).or_default();
        posting.count += 1;
        if posting.pages.last() != Some(&page) {
            posting.pages.push(page);
        }
    }

    /// The most frequent words with their counts; among equals in the order of the alphabet.
    fn most_frequent(&self, limit: usize) -> Vec<(&str, u64)> {
        let mut words: Vec<_> = self.postings.iter().map(|(word, posting)| (word.as_str(), posting.count)).collect();
        words.sort_unstable_by(|(word, count), (other, others)| others.cmp(count).then(word.cmp(other)));
        words.truncate(limit);
        words
    }

    /// The pages on which all the words stand.
    fn search(&self, words: &[&str]) -> Vec<u32> {
        let mut lists: Vec<&[u32]> = words.iter().map(|word| self.pages_of(word)).collect();
        lists.sort_unstable_by_key(|pages| pages.len());
        let Some((shortest, others)) = lists.split_first() else { return Vec::new() };
        let everywhere = |page: &u32| others.iter().all(|pages| pages.binary_search(page).is_ok());
        shortest.iter().copied().filter(everywhere).collect()
    }

    fn pages_of(&self, word: &str) -> &[u32] {
        self.postings.get(word).map_or(&[], |posting| &posting.pages)
    }
}
