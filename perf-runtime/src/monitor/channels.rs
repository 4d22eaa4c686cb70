//! How many messages wait in the program's channels, for the timeline and the alerts: as their ends have seen it last.
//!
//! The ends write it into the recording (`channels/depth.rs`), so a sample reads that and touches no channel.

use std::iter;

use perf_report::recording::layout::WORD_BYTES;
use perf_report::recording::layout::monitor::{
    CHANNEL_LIST, CHANNEL_NAME, CHANNEL_NAME_BYTES, CHANNEL_NEXT, CHANNEL_NUMBER,
};

#[cfg(feature = "waits")]
use crate::process::declarations;
use crate::process::site::{Kind, Site};
use crate::recording::Recording;
use crate::recording::memory::Words;

/// Channels over time at most: those that were seen first.
pub(crate) const CHANNELS: usize = 8;

/// A value per channel, `None` where there is none.
pub(crate) type Depths = [Option<u64>; CHANNELS];

/// The rows of a channel's ends are named as the channel, and these.
const ENDS: [&str; 2] = [" (send)", " (receive)"];

/// The channels that have a place in the timeline.
#[derive(Debug, Default)]
pub(crate) struct Channels {
    /// By number. Those of one name are one.
    names: Vec<String>,
}

impl Channels {
    /// The depths of now. Channels that are new get a place while there are any.
    pub(crate) fn depths(&mut self, recording: &Recording, block: Words) -> Depths {
        let mut latest: [Option<(u64, u64)>; CHANNELS] = [None; CHANNELS];
        for (name, site) in sites() {
            let Some(depth) = depth_of(recording, site) else { continue };
            let Some(number) = self.number(recording, block, &name) else { continue };
            latest[number] = latest[number].max(Some(depth));
        }
        latest.map(|latest| latest.map(|(_, depth)| depth))
    }

    /// The number of a channel: the one that an earlier monitor gave it, or a new one.
    fn number(&mut self, recording: &Recording, block: Words, name: &str) -> Option<usize> {
        if self.names.is_empty() {
            self.names = known(block);
        }
        let known = self.names.iter().position(|known| known == name);
        known.or_else(|| {
            let number = self.names.len();
            (number < CHANNELS && add(recording, block, number, name).is_some()).then(|| {
                self.names.push(name.to_owned());
                number
            })
        })
    }
}

/// Whether the program has made a channel of that name.
pub(crate) fn is_there(channel: &str) -> bool {
    sites().any(|(name, _)| name == channel)
}

/// How many messages wait in the channel of that name, as far as that was seen.
pub(crate) fn depth(recording: &Recording, channel: &str) -> Option<f64> {
    let of_it = sites().filter(|(name, _)| name == channel);
    of_it.filter_map(|(_, site)| depth_of(recording, site)).max().map(|(_, depth)| depth as f64)
}

/// When it was seen last, and what it was then.
fn depth_of(recording: &Recording, site: &Site) -> Option<(u64, u64)> {
    recording.latest_size(site.registered_id()?)
}

/// The rows of channels, and the names of these.
fn sites() -> impl Iterator<Item = (String, &'static Site)> {
    let channels = declared().filter(|site| site.description.kind == Kind::Channel);
    channels.map(|site| {
        let row = site.report_name();
        let name = ENDS.iter().find_map(|end| row.strip_suffix(end)).unwrap_or(&row);
        (name.to_owned(), site)
    })
}

#[cfg(feature = "waits")]
fn declared() -> impl Iterator<Item = &'static Site> {
    declarations::all()
}

/// Without a wrapper there are none.
#[cfg(not(feature = "waits"))]
fn declared() -> impl Iterator<Item = &'static Site> {
    iter::empty()
}

/// The names of the channels in a recording, by number.
fn known(block: Words) -> Vec<String> {
    let newest = block.twins().block(CHANNEL_LIST);
    let mut names: Vec<String> =
        iter::successors(newest, |words| words.twins().block(CHANNEL_NEXT)).map(name_of).collect();
    names.reverse();
    names
}

fn name_of(words: Words) -> String {
    let bytes = words.twins().get(CHANNEL_NAME_BYTES) as usize;
    let text = (0..bytes.div_ceil(WORD_BYTES)).flat_map(|word| words.get(CHANNEL_NAME + word).to_ne_bytes());
    String::from_utf8_lossy(&text.take(bytes).collect::<Vec<u8>>()).into_owned()
}

fn add(recording: &Recording, block: Words, number: usize, name: &str) -> Option<()> {
    let words = recording.allocate(CHANNEL_NAME + name.len().div_ceil(WORD_BYTES))?;
    if let Some(older) = block.twins().block(CHANNEL_LIST) {
        recording.link(words, CHANNEL_NEXT, older, recording.header());
    }
    words.set(CHANNEL_NUMBER, number as u64);
    words.set(CHANNEL_NAME_BYTES, name.len() as u64);
    words.twins().set(CHANNEL_NAME_BYTES, name.len() as u64);
    words.at(CHANNEL_NAME).write_text(name);
    recording.link(block, CHANNEL_LIST, words, recording.header());
    Some(())
}
