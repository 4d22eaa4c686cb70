//! Megabytes of text out of a few shipped passages, the same in every run.

use std::collections::{BTreeSet, HashMap};

use perf_runtime::profile;

/// Public-domain passages: the prologue of Henry V, the eighteenth sonnet, Jabberwocky, the openings of Moby-Dick and of
/// A Tale of Two Cities, the Gettysburg Address.
const PASSAGES: &str = include_str!("../data/passages.txt");

/// Writes pages in the manner of the passages: each word is followed by one that follows it there, picked at random but
/// from a fixed seed. So frequent words are frequent, rare ones are rare, and neighbours make some sense.
#[derive(Debug)]
pub struct Prose {
    /// Which words follow each; with the end of the passages leading back to their start, every word has a follower.
    followers: HashMap<&'static str, Vec<&'static str>>,
    last: &'static str,
    random: u64,
}

impl Prose {
    /// Learns the manner of the passages.
    #[profile]
    #[must_use]
    pub fn learn(seed: u64) -> Self {
        let passages: Vec<&str> = PASSAGES.split_whitespace().collect();
        let mut followers: HashMap<_, Vec<_>> = HashMap::new();
        for (&word, &follower) in passages.iter().zip(passages.iter().cycle().skip(1)) {
            followers.entry(word).or_default().push(follower);
        }
        Prose { followers, last: passages[0], random: seed }
    }

    /// Writes the next page.
    #[profile]
    pub fn page(&mut self, words: usize) -> String {
        let mut page = String::new();
        for number in 0..words {
            if number > 0 {
                page.push(if number % 12 == 0 { '\n' } else { ' ' });
            }
            page.push_str(self.last);
            let pick = self.pick();
            let followers = &self.followers[self.last];
            self.last = followers[pick % followers.len()];
        }
        page
    }

    /// The words of the passages, in lower case and in order, each once.
    #[must_use]
    pub fn vocabulary() -> Vec<String> {
        let vocabulary: BTreeSet<String> = words(PASSAGES).collect();
        vocabulary.into_iter().collect()
    }

    /// A random number, by SplitMix64.
    fn pick(&mut self) -> usize {
        self.random = self.random.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut mixed = self.random;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        ((mixed ^ (mixed >> 31)) >> 33) as usize
    }
}

/// The words of a text in lower case, without the punctuation around them.
pub fn words(text: &str) -> impl Iterator<Item = String> + '_ {
    text.split_whitespace()
        .map(|word| word.trim_matches(|letter: char| !letter.is_alphanumeric()))
        .filter(|word| !word.is_empty())
        .map(str::to_lowercase)
}
