//! The buckets that durations are counted in: those of [`hdrhistogram`].

/// The longest duration in ns that the buckets tell apart: 4.8 hours.
pub const HIGHEST_NS: u64 = (1 << 44) - 1;

/// The index of a duration in ns among the HDR counts.
///
/// The counts have two significant digits, from 1 ns. Beyond [`HIGHEST_NS`] the index lies beyond the counts.
#[must_use]
#[inline(always)]
pub const fn bucket_index(ns: u64) -> usize {
    let octave = (u64::BITS - 8 - (ns | 0xff).leading_zeros()) as usize;
    (octave << 7) + (ns >> octave) as usize
}

/// The lowest duration in ns of the bucket with an index.
#[must_use]
pub const fn bucket_floor(index: usize) -> u64 {
    let octave = (index >> 7).saturating_sub(1);
    ((index - (octave << 7)) as u64) << octave
}

/// The highest duration in ns of the bucket with an index.
#[must_use]
pub const fn bucket_ceiling(index: usize) -> u64 {
    bucket_floor(index + 1) - 1
}

#[cfg(test)]
mod tests {
    use super::super::slot;
    use super::*;
    use hdrhistogram::Histogram;

    #[test]
    fn buckets_are_those_of_hdrhistogram() {
        let histogram = Histogram::<u64>::new_with_bounds(1, HIGHEST_NS, 2).unwrap();
        assert_eq!(histogram.distinct_values(), slot::PAGE_COUNT * slot::PAGE_LEN);
        let mut ns = 0_u64;
        while ns <= HIGHEST_NS {
            for value in [ns.saturating_sub(1), ns, ns + 1] {
                let floor = bucket_floor(bucket_index(value));
                assert_eq!(floor, histogram.lowest_equivalent(value), "{value} ns");
            }
            ns = ns + ns / 50 + 1;
        }
        assert_eq!(bucket_index(HIGHEST_NS) + 1, slot::PAGE_COUNT * slot::PAGE_LEN);
        assert!(bucket_index(u64::MAX) / slot::PAGE_LEN < slot::PAGE_ENTRY_COUNT);
        for index in [0, 127, 128, 4_863, bucket_index(u64::MAX)] {
            let (page, entry) = slot::waiting_place(slot::waiting(index));
            assert_eq!((page * slot::PAGE_LEN + entry, entry < slot::PAGE_LEN), (index, true));
        }
        let (page, entry) = slot::waiting_place(u64::MAX);
        assert!(page < slot::PAGE_ENTRY_COUNT && entry < slot::PAGE_LEN);
        const { assert!(slot::SELF_ALLOCATED < slot::LEN) };
    }
}
