//! The timeline in the recording, where it outlives the process: a bounded number of points, each made of a number of samples
//! that doubles whenever the points have become too many. See [`layout::monitor`](perf_report::recording::layout::monitor).

use perf_report::recording::layout::monitor::{
    ACTIVE, AREAS, CHANNELS as CHANNEL_COUNT, CORES, INTERVAL_NS, LEN, MEMORY_BYTES, METRIC_LEN,
    METRICS as METRIC_COUNT, NONE, POINT_END, POINT_LENGTH, POINT_METRICS, POINT_SAMPLES, POINTS, SAMPLES, SAMPLING_NS,
    point_len,
};
use perf_report::recording::layout::{ALIGN, header};

use super::channels::{CHANNELS, Depths};
use super::system::{METRICS, Sample, System};
use crate::recording::Recording;
use crate::recording::memory::Words;

/// Points at most. Half as many are always there once that many samples were taken.
const MOST_POINTS: usize = 256;

/// Fewest points, in a small recording.
const LEAST_POINTS: usize = 32;

/// Values of a point: those of the process, then one per channel.
const LINES: usize = METRICS + CHANNELS;

const POINT: usize = point_len(LINES);

/// The room that a timeline takes at most, with its block, as `docs/monitor.md` states it.
const MOST_KIB: usize = 560;

// A new metric makes each point longer.
const _: () = assert!(
    (LEN + 2 * (MOST_POINTS * POINT).next_multiple_of(ALIGN)) * size_of::<u64>() <= MOST_KIB << 10,
    "the timeline has outgrown what its page states"
);

/// The monitor's block in the recording, and the point that is being filled. It has one writer.
#[derive(Debug)]
pub(crate) struct Timeline {
    block: Words,
    areas: [Words; 2],
    capacity: usize,
    /// The area in use.
    area: usize,
    /// Points in it that are complete.
    count: usize,
    /// Samples that a complete point has.
    stride: u64,
    open: Point,
    last_ns: Option<u64>,
}

impl Timeline {
    /// Goes on with the timeline of a recording, or begins it. `None` if there is no room.
    pub(crate) fn of(recording: &Recording, interval_ns: u64, system: &System) -> Option<Timeline> {
        let block = recording.header().twins().block_acquire(header::MONITOR).or_else(|| allocate(recording))?;
        let twins = block.twins();
        block.set(INTERVAL_NS, interval_ns);
        block.set(CORES, system.cores().into());
        block.set(MEMORY_BYTES, system.memory_bytes());
        let active = twins.get(ACTIVE);
        let (area, count) = ((active >> 32) as usize, active as u32 as usize);
        let mut timeline = Timeline {
            block,
            areas: [twins.block(AREAS)?, twins.block(AREAS + 1)?],
            capacity: twins.get(POINTS) as usize,
            area,
            count,
            stride: 1,
            open: Point::EMPTY,
            last_ns: None,
        };
        if let Some(last) = count.checked_sub(1) {
            let last = timeline.point(area, last);
            timeline.stride = last.get(POINT_SAMPLES).max(timeline.point(area, 0).get(POINT_SAMPLES)).max(1);
            timeline.last_ns = Some(last.get(POINT_END));
        }
        if timeline.count == timeline.capacity {
            timeline.halve();
        }
        Some(timeline)
    }

    /// The block, which the alerts are part of.
    pub(crate) fn block(&self) -> Words {
        self.block
    }

    /// Keeps a sample that was taken at a time since the recording began, and took so long to take.
    pub(crate) fn push(&mut self, now_ns: u64, took_ns: u64, sample: &Sample, depths: &Depths) {
        self.block.add(SAMPLES, 1);
        self.block.add(SAMPLING_NS, took_ns);
        self.open.add(now_ns.saturating_sub(self.last_ns.unwrap_or(now_ns)), now_ns, sample, depths);
        self.last_ns = Some(now_ns);
        self.open.write(self.point(self.area, self.count));
        self.publish(self.count + 1);
        if self.open.samples >= self.stride {
            self.open = Point::EMPTY;
            self.count += 1;
            if self.count == self.capacity {
                self.halve();
            }
        }
    }

    /// Merges all points by pairs into the other area. Readers have the old ones until one store shows them the new ones.
    fn halve(&mut self) {
        let other = 1 - self.area;
        for index in 0..self.capacity / 2 {
            let mut point = Point::read(self.point(self.area, 2 * index));
            point.append(&Point::read(self.point(self.area, 2 * index + 1)));
            point.write(self.point(other, index));
        }
        self.area = other;
        self.count = self.capacity / 2;
        self.stride = self.stride.saturating_mul(2);
        self.publish(self.count);
    }

    fn publish(&self, count: usize) {
        let active = (self.area as u64) << 32 | count as u64;
        self.block.twins().set(ACTIVE, active);
        self.block.publish(ACTIVE, active);
    }

    fn point(&self, area: usize, index: usize) -> Words {
        self.areas[area].at(index * POINT)
    }
}

fn allocate(recording: &Recording) -> Option<Words> {
    let block = recording.allocate(LEN)?;
    // Both areas take a 23rd of the recording at most.
    let points = recording.capacity() / (46 * POINT);
    let points = points.clamp(LEAST_POINTS, MOST_POINTS).next_multiple_of(2);
    for area in 0..2 {
        let words = recording.allocate((points * POINT).next_multiple_of(ALIGN))?;
        recording.link(block, AREAS + area, words, block);
    }
    block.set(POINTS, points as u64);
    block.twins().set(POINTS, points as u64);
    block.set(METRIC_COUNT, METRICS as u64);
    block.set(CHANNEL_COUNT, CHANNELS as u64);
    recording.link(recording.header(), header::MONITOR, block, recording.header());
    Some(block)
}

/// Samples of a piece of time, taken together.
#[derive(Clone, Copy, Debug)]
struct Point {
    end_ns: u64,
    length_ns: u64,
    samples: u64,
    metrics: [Summary; LINES],
}

/// The values of a metric in a point.
#[derive(Clone, Copy, Debug)]
struct Summary {
    min: u64,
    sum: u128,
    max: u64,
    last: u64,
    /// Samples that had a value.
    values: u64,
}

impl Point {
    const EMPTY: Point = Point {
        end_ns: 0,
        length_ns: 0,
        samples: 0,
        metrics: [Summary { min: u64::MAX, sum: 0, max: 0, last: 0, values: 0 }; LINES],
    };

    fn add(&mut self, length_ns: u64, now_ns: u64, sample: &Sample, depths: &Depths) {
        let mut one = Point { end_ns: now_ns, length_ns, samples: 1, ..Point::EMPTY };
        for (summary, value) in one.metrics.iter_mut().zip(sample.iter().chain(depths)) {
            if let Some(value) = *value {
                *summary = Summary { min: value, sum: value.into(), max: value, last: value, values: 1 };
            }
        }
        self.append(&one);
    }

    /// Appends a point that came after this one.
    fn append(&mut self, later: &Point) {
        self.end_ns = later.end_ns;
        // Saturating, as whoever can write the recording's file may have put anything there.
        self.length_ns = self.length_ns.saturating_add(later.length_ns);
        self.samples = self.samples.saturating_add(later.samples);
        for (ours, theirs) in self.metrics.iter_mut().zip(&later.metrics).filter(|both| both.1.values > 0) {
            *ours = Summary {
                min: ours.min.min(theirs.min),
                sum: ours.sum.saturating_add(theirs.sum),
                max: ours.max.max(theirs.max),
                last: theirs.last,
                values: ours.values.saturating_add(theirs.values),
            };
        }
    }

    fn write(&self, words: Words) {
        words.set(POINT_END, self.end_ns);
        words.set(POINT_LENGTH, self.length_ns);
        words.set(POINT_SAMPLES, self.samples);
        for (index, summary) in self.metrics.iter().enumerate() {
            let mean = summary.sum.checked_div(summary.values.into()).unwrap_or(0) as u64;
            let values = match summary.values {
                0 => [NONE; METRIC_LEN],
                _ => [summary.min, mean, summary.max, summary.last],
            };
            for (offset, value) in values.into_iter().enumerate() {
                words.set(POINT_METRICS + index * METRIC_LEN + offset, value);
            }
        }
    }

    /// Reads a complete point. Its metrics' means are taken to be means of all of its samples.
    fn read(words: Words) -> Point {
        let samples = words.get(POINT_SAMPLES);
        let mut point =
            Point { end_ns: words.get(POINT_END), length_ns: words.get(POINT_LENGTH), samples, ..Point::EMPTY };
        for (index, summary) in point.metrics.iter_mut().enumerate() {
            let value = |offset| words.get(POINT_METRICS + index * METRIC_LEN + offset);
            if value(0) != NONE {
                let sum = u128::from(value(1)) * u128::from(samples);
                *summary = Summary { min: value(0), sum, max: value(2), last: value(3), values: samples };
            }
        }
        point
    }
}

#[cfg(test)]
mod tests {
    use perf_report::monitor::Metric;
    use perf_report::recording::{Now, read};

    use super::*;
    use crate::recording::memory::Memory;
    use crate::recording::test_origin;

    const SECOND: u64 = 1_000_000_000;

    #[test]
    fn a_hundred_thousand_samples_take_the_room_of_a_few_hundred() {
        // With room for all points.
        let recording = Recording::start(Memory::heap(1 << 21), None, &test_origin()).unwrap();
        let before = recording.copy().len();
        let mut timeline = Timeline::of(&recording, SECOND, &System::new()).unwrap();
        let used = recording.copy().len();
        let bytes = (used - before) * size_of::<u64>();
        assert!(((MOST_KIB - 20) << 10..=MOST_KIB << 10).contains(&bytes), "{bytes} bytes");
        let page = include_str!("../../docs/monitor.md");
        assert!(page.contains(&format!("The timeline takes at most {MOST_KIB} KiB of the recording")));
        let mut sample = Sample::default();
        for second in 1..=100_000_u64 {
            // A slow wave, one spike, and a metric that is there at odd seconds only.
            sample[Metric::Rss as usize] = Some(if second == 77_777 { 1 << 40 } else { (second % 1000) << 20 });
            sample[Metric::Cpu as usize] = (second % 2 == 1).then_some(500_000);
            timeline.push(second * SECOND, 10_000, &sample, &Depths::default());
            if second % 9_973 == 0 {
                let reading = read(&recording.copy(), Now::LastTick).unwrap();
                assert!(reading.is_sound(), "{:?}", reading.damages);
                let monitor = reading.snapshot.monitor.unwrap();
                assert_eq!(monitor.spans.iter().map(|span| span.samples).sum::<u64>(), second, "no sample is lost");
            }
        }
        assert_eq!(recording.copy().len(), used, "nothing was allocated meanwhile");

        let monitor = read(&recording.copy(), Now::LastTick).unwrap().snapshot.monitor.unwrap();
        assert_eq!((monitor.samples, monitor.sampling_ns), (100_000, 1_000_000_000));
        assert!((128..=256).contains(&monitor.spans.len()), "{} points", monitor.spans.len());
        assert_eq!(monitor.spans.last().unwrap().end_ns, 100_000 * SECOND);
        assert!(monitor.spans.windows(2).all(|two| two[0].end_ns + two[1].length_ns == two[1].end_ns), "no gap");
        let metrics: Vec<_> = monitor.series.iter().map(|series| series.metric).collect();
        assert_eq!(metrics, [Metric::Rss, Metric::Cpu]);
        let [rss, cpu] = &monitor.series[..] else { unreachable!() };
        assert_eq!(rss.highest(), Some(1 << 40), "the spike is kept");
        let spike = rss.values.iter().position(|range| range.unwrap().max == 1 << 40).unwrap();
        let span = monitor.spans[spike];
        assert!((span.end_ns - span.length_ns..=span.end_ns).contains(&(77_777 * SECOND)), "and its time");
        assert_eq!(rss.last(), Some(0));
        let mean = rss.mean(&monitor.spans).unwrap() - (1 << 40) / 100_000;
        assert!(mean.abs_diff((999 << 20) / 2) < 1 << 20, "{mean}");
        assert_eq!(cpu.mean(&monitor.spans), Some(500_000));
    }

    #[test]
    fn a_second_monitor_goes_on_with_the_timeline() {
        let recording = Recording::start(Memory::heap(1 << 20), None, &test_origin()).unwrap();
        let mut sample = Sample::default();
        for round in 0..10_u64 {
            let mut timeline = Timeline::of(&recording, SECOND, &System::new()).unwrap();
            for second in 1..=100 {
                sample[Metric::Threads as usize] = Some(round);
                timeline.push((round * 100 + second) * SECOND, 0, &sample, &Depths::default());
            }
        }
        let reading = read(&recording.copy(), Now::LastTick).unwrap();
        assert!(reading.is_sound());
        let monitor = reading.snapshot.monitor.unwrap();
        assert_eq!(monitor.samples, 1000);
        assert_eq!(monitor.spans.iter().map(|span| span.samples).sum::<u64>(), 1000);
        assert_eq!(monitor.series[0].last(), Some(9));
    }

    #[test]
    fn a_small_recording_has_a_short_timeline() {
        let recording = Recording::start(Memory::heap(1 << 15), None, &test_origin()).unwrap();
        let mut timeline = Timeline::of(&recording, SECOND, &System::new()).unwrap();
        (1..1000).for_each(|second| timeline.push(second * SECOND, 0, &Sample::default(), &Depths::default()));
        let monitor = read(&recording.copy(), Now::LastTick).unwrap().snapshot.monitor.unwrap();
        assert!(monitor.spans.len() <= 32 && monitor.spans.iter().map(|span| span.samples).sum::<u64>() == 999);
    }
}
