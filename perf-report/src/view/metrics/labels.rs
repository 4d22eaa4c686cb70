//! The labels that tell the samples of one metric apart.

use std::sync::Arc;

use super::Source;
use crate::view::text::escape;

/// The most characters of a label's value.
const LONGEST: usize = 400;

/// Names and values, in the order in which they are written.
#[derive(Clone, Debug, Default)]
pub(crate) struct Labels(pub(crate) Arc<Vec<(&'static str, String)>>);

impl Labels {
    /// Those of the exporter itself.
    pub(super) fn none() -> Labels {
        Labels::default()
    }

    /// Those of a process.
    pub(super) fn of_process(source: &Source<'_>) -> Labels {
        let process = &source.snapshot.process;
        let mut all = vec![("program", value(&process.program))];
        // A sum of several processes has no id.
        if source.snapshot.sources.is_empty() {
            all.push(("pid", process.pid.to_string()));
        }
        if let Some(recording) = source.recording {
            all.push(("recording", value(recording)));
        }
        Labels(Arc::new(all))
    }

    /// These and more, whose values are made harmless.
    pub(super) fn with<const N: usize>(&self, more: [(&'static str, &str); N]) -> Labels {
        let mut all = Vec::with_capacity(self.0.len() + N);
        all.extend_from_slice(&self.0);
        all.extend(more.map(|(name, text)| (name, value(text))));
        Labels(Arc::new(all))
    }
}

/// A value as all formats can hold it: no character acts on a terminal, and a very long one is cut.
pub(super) fn value(text: &str) -> String {
    let mut text = escape(text);
    if let Some((cut, _)) = text.char_indices().nth(LONGEST) {
        // Two long names that begin alike stay two.
        let hash = text
            .bytes()
            .fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3));
        text.truncate(cut);
        text += &format!("…{hash:016x}");
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_values_are_cut_and_stay_apart() {
        let [a, b] = ["a", "b"].map(|end| value(&("x".repeat(10_000) + end)));
        assert_ne!(a, b);
        assert_eq!((a.chars().count(), b.chars().count()), (LONGEST + 17, LONGEST + 17));
        assert_eq!(value("größe\u{1b}[31m"), "größe\\u{1b}[31m");
    }
}
