//! The functions of the page: a row for each, with its percentiles and its distribution.

use serde::{Serialize, Serializer, ser::SerializeSeq};

use crate::{
    Depth, Function, Futures, Kind, Rows, TimeSource,
    view::{detail, measure::Percentile, text::escape},
};

/// Percentiles that the page knows, in billionths.
pub(super) const PERCENTILES: [u32; 12] = detail::PERCENTILES;

/// In place of the columns between the number of calls and the figures of futures.
const FIGURES_OF_CALLS: [(); 11] = [(); 11];

/// Bins of a distribution per doubling of the duration: as fine as a chart can show.
const BINS_PER_OCTAVE: f64 = 8.0;

/// A function. One that never ran has only its first four columns; a future of which no call has ended, nothing between them and its own.
pub(super) struct Row<'a> {
    pub(super) function: &'a Function,
    /// Its source file, -1 if there is none.
    pub(super) file: i64,
}

impl Serialize for Row<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let function = self.function;
        let mut row = serializer.serialize_seq(None)?;
        row.serialize_element(&escape(&function.name))?;
        row.serialize_element(&(function.kind.code() - Kind::ALL[0].code()))?;
        row.serialize_element(&if function.file.is_empty() { -1 } else { self.file })?;
        row.serialize_element(&function.line)?;
        if function.calls == 0 || function.latency.buckets().len() == 0 {
            if let Some(futures) = function.futures.filter(|_| function.calls == 0 && function.has_figures()) {
                row.serialize_element(&0)?;
                FIGURES_OF_CALLS.iter().try_for_each(|nothing| row.serialize_element(nothing))?;
                row.serialize_element(&figures(&futures))?;
            }
            return row.end();
        }
        let is_from_stacks = function.time_source == TimeSource::Sampled;
        let flags = u8::from(function.is_sampled())
            | u8::from(function.self_sampled) << 1
            | u8::from(is_from_stacks) << 2
            | u8::from(function.waiting_sampled) << 3;
        for number in [function.calls, function.timed_calls, function.unwound, flags.into(), function.total_ns] {
            row.serialize_element(&number)?;
        }
        for number in [function.self_ns, function.waiting_ns, function.mean_ns(), function.min_ns, function.max_ns] {
            row.serialize_element(&number)?;
        }
        row.serialize_element(&PERCENTILES.map(|it| function.quantile_ns(Percentile::new(it).quantile())))?;
        row.serialize_element(&bins(function))?;
        if let Some(futures) = function.futures {
            row.serialize_element(&figures(&futures))?;
        }
        if let Some(sizes) = sizes(function) {
            if function.futures.is_none() {
                row.serialize_element(&())?;
            }
            row.serialize_element(&sizes)?;
        }
        row.end()
    }
}

/// The figures of futures.
fn figures(futures: &Futures) -> [u64; 7] {
    let Futures { started, cancelled, polls, busy_ns, longest_poll_ns, bytes, never_polled } = *futures;
    [started, cancelled, polls, busy_ns, longest_poll_ns, bytes, never_polled]
}

/// How many results or messages there were, their rows or depths, and the greatest; of channels also how many have room, or nothing, and the
/// latest depth.
fn sizes(function: &Function) -> Option<Vec<Option<u64>>> {
    let of_rows = |rows: Rows| [rows.results, rows.sum, rows.most].map(Some).to_vec();
    let of_depth = |depth: Depth| {
        let [messages, sum, deepest, latest] = [depth.messages, depth.sum, depth.deepest, depth.latest].map(Some);
        vec![messages, sum, deepest, depth.capacity, latest]
    };
    function.rows.map(of_rows).or_else(|| function.depth.map(of_depth))
}

/// The distribution in bins: the first one's number, then counts, where -n stands for n empty bins.
fn bins(function: &Function) -> Vec<i64> {
    let mut bins: Vec<(i64, u64)> = Vec::new();
    for (ns, calls) in function.latency.buckets() {
        let bin = ((ns.max(1) as f64).log2() * BINS_PER_OCTAVE) as i64;
        match bins.last_mut() {
            Some(last) if last.0 == bin => last.1 = last.1.saturating_add(calls),
            _ => bins.push((bin, calls)),
        }
    }
    let mut out: Vec<i64> = bins.first().map(|first| first.0).into_iter().collect();
    let mut next = out.first().copied().unwrap_or(0);
    for (bin, calls) in bins {
        if bin > next {
            out.push(next - bin);
        }
        out.push(i64::try_from(calls).unwrap_or(i64::MAX));
        next = bin + 1;
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_stand_behind_the_futures() {
        let mut function = Function::new("f");
        (function.calls, function.rows) = (1, Some(Rows { results: 2, sum: 9, most: 5 }));
        function.latency.record(10, 1);
        let last = |function: &Function| {
            let text = crate::json::to_text(&Row { function, file: -1 });
            text[text.rfind("],").unwrap() + 2..].to_owned()
        };
        assert_eq!(last(&function), "null,[2,9,5]]");
        let depth = Depth { messages: 4, sum: 8, deepest: 3, capacity: None, latest: 1 };
        (function.rows, function.depth, function.futures) = (None, Some(depth), Some(Futures::default()));
        assert_eq!(last(&function), "[4,8,3,null,1]]");
    }

    #[test]
    fn futures_of_which_no_call_has_ended_have_their_figures_and_nothing_else() {
        let mut function = Function::new("f");
        function.kind = Kind::Future;
        let text = |function: &Function| crate::json::to_text(&Row { function, file: -1 });
        function.futures = Some(Futures::default());
        assert_eq!(text(&function), r#"["f",1,-1,0]"#);
        function.futures = Some(crate::Futures { never_polled: 3, bytes: 64, ..Futures::default() });
        let nothing = "null,".repeat(11);
        assert_eq!(text(&function), format!(r#"["f",1,-1,0,0,{nothing}[0,0,0,0,0,64,3]]"#));
    }

    #[test]
    fn bins_skip_what_is_empty() {
        let mut function = Function::new("f");
        for (ns, calls) in [(1, 3), (1_024, 5), (1_025, 1), (1_200, 2), (1 << 20, 1)] {
            function.latency.record(ns, calls);
        }
        assert_eq!(bins(&function), [0, 3, -79, 6, 2, -78, 1]);
        assert_eq!(bins(&Function::new("g")), [0_i64; 0]);
    }
}
